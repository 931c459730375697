import type { CodeModule } from '../../facts/code.js';

const known = new WeakMap<CodeModule, ReadonlySet<string>>();

/** The names that functions of a module assign to: what such a variable of the module holds depends on which of them ran. */
export function reassignedNames(module: CodeModule): ReadonlySet<string> {
  let names = known.get(module);
  if (names === undefined) {
    const found = new Set<string>();
    collect(module.body, false, found);
    known.set(module, names = found);
  }
  return names;
}

function collect(node: unknown, inFunction: boolean, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, inFunction, names);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { kind, target, parameters } = node as { kind?: string; target?: { kind?: string; name?: string }; parameters?: unknown };
  if (inFunction && kind === 'assignment' && target?.kind === 'name' && target.name !== undefined) names.add(target.name);
  const inside = inFunction || (kind === undefined && parameters !== undefined);
  for (const key in node) if (key !== 'location') collect((node as Record<string, unknown>)[key], inside, names);
}
