import type { CodeModule, CodeStatement, Implementation } from '../facts/code.js';

/** Classes that stand in for others while a program is tested, or does without. */
const STANDS_IN = /^(?:in-?memory|fake|mock|stub|dummy|null|noop)|(?:fake|mock|stub|inmemory)$/i;

/** What the classes at the top of a module implement or extend. */
export function implementationsIn(body: readonly CodeStatement[]): Pick<CodeModule, 'implementations'> {
  const imported = new Map(body.flatMap((each) => (each.kind === 'import' ? each.bindings.map(({ local, imported: theirs }) => [local, /^(?:default|\*)$/.test(theirs) ? local : theirs] as const) : [])));
  const implementations = body.flatMap((each): Implementation[] => {
    if (each.kind !== 'class' || each.class.name === undefined || STANDS_IN.test(each.class.name)) return [];
    const interfaces = (each.class.interfaces ?? []).flatMap((type) => (type.kind === 'named' ? type.path.at(-1) ?? [] : []));
    const bases = each.class.bases.flatMap((base) => (base.kind === 'name' ? base.name : []));
    return [...interfaces, ...bases].map((name) => ({ class: each.class.name!, of: imported.get(name) ?? name }));
  });
  return implementations.length === 0 ? {} : { implementations };
}
