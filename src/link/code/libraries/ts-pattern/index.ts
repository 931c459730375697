import type { Call, Context, Library } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { client, exportedPath } from '../sql-client.js';
import { selected, verdictOf } from './patterns.js';

const NAME = 'ts-pattern';

/** One `.with(...)`, `.when(...)`. */
interface Case {
  readonly patterns: readonly Value[];
  /** It also asks something else. */
  readonly guarded: boolean;
  readonly handler: Value;
}

interface Match {
  readonly subject: Value;
  readonly cases: readonly Case[];
}

/** `match(value).with(pattern, handler)...`: each handler that may be the one is a path of its own (ts-pattern's reference, "match", ".with", ".otherwise"). */
export const tsPatternLibrary: Library = {
  name: NAME,
  modules: [NAME],
  incidental: true,
  leads: () => false,
  call: (callee, call) => {
    const [subject] = call.arguments.positional;
    if (callee.kind === 'library') return undefined;
    const name = exportedPath(callee).at(-1);
    if (name === 'match' && subject !== undefined) return client(NAME, 'match', { subject, cases: [] } satisfies Match);
    return exportedPath(callee).length > 1 ? client(NAME, 'pattern', { name, args: call.arguments.positional }) : undefined;
  },
  method: (object, name, call, ctx) => {
    if (object.kind === 'library') return object.type === 'match' ? step(object, name, call, ctx) : object;
    return exportedPath(object).length > 0 ? client(NAME, 'pattern', { name, args: call.arguments.positional }) : undefined;
  },
};

function step(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const match = object.data as Match;
  const args = call.arguments.positional;
  switch (name) {
    case 'with': return { ...object, data: { ...match, cases: [...match.cases, ...caseOf(args, ctx)] } satisfies Match };
    case 'when': return { ...object, data: { ...match, cases: [...match.cases, ...args.slice(1, 2).map((handler) => ({ patterns: [], guarded: true, handler }))] } satisfies Match };
    case 'returnType': case 'narrow': return object;
    case 'otherwise': return decided(match, args[0], call, ctx);
    case 'exhaustive': case 'run': return decided(match, undefined, call, ctx);
    default: return undefined;
  }
}

/** `.with(pattern, handler)`, `.with(pattern, guard, handler)`, `.with(a, b, handler)`. */
function caseOf(args: readonly Value[], ctx: Context): Case[] {
  const handler = args.at(-1);
  if (handler === undefined) return [];
  const guarded = args.length === 3 && ctx.read(args[1]!).kind === 'function';
  return [{ patterns: guarded ? args.slice(0, 1) : args.slice(0, -1), guarded, handler }];
}

function decided({ subject, cases }: Match, otherwise: Value | undefined, call: Call, ctx: Context): Value {
  const works: (() => Value)[] = [];
  let isCertain = false;
  for (const each of cases) {
    const verdicts = each.patterns.map((pattern) => verdictOf(pattern, subject, ctx));
    if (verdicts.length > 0 && verdicts.every((verdict) => verdict === 'no')) continue;
    works.push(() => ctx.invoke(each.handler, [...selected(each.patterns, subject, call.location, ctx), subject], call.location));
    isCertain = !each.guarded && verdicts.includes('yes');
    if (isCertain) break;
  }
  if (!isCertain && otherwise !== undefined) works.push(() => ctx.invoke(otherwise, [subject], call.location));
  const [first, ...rest] = ctx.oneOf(works, call.location);
  if (first === undefined) return unknownValue('a match without a case');
  return rest.length === 0 ? first : { kind: 'union', options: [first, ...rest].map((value) => ({ value, facts: [] })) };
}
