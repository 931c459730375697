import { isSource } from './library.js';
import type { Machine } from './machine.js';
import type { FunctionValue, Value } from './values.js';
import type { Arguments } from './library.js';

const DEEPEST = 4;

/**
 * Whether a call can come to run a query: the function speaks of what leads to one, or it is handed something that does
 * (a client, a row with methods of its own, a function that speaks of one).
 */
export function mayQuery(m: Machine, fn: FunctionValue, given: Arguments): boolean {
  const { reach } = m;
  if (reach === undefined || reach.reaches(fn.function.location)) return true;
  const values = [...fn.self ? [fn.self] : [], ...given.positional, ...given.named.values(), ...(given.unplaced ?? []).map(({ value }) => value)];
  return values.some((value) => leadsToQueries(m, value, 0));
}

function leadsToQueries(m: Machine, value: Value, depth: number): boolean {
  if (depth > DEEPEST) return false;
  const inner = m.read(value);
  const each = (part: Value): boolean => leadsToQueries(m, part, depth + 1);
  switch (inner.kind) {
    case 'library': return isSource(m.libraryNamed(inner.library));
    case 'external': return isSource(m.libraryBehind(inner));
    case 'function': return m.reach!.reaches(inner.function.location) || (inner.self !== undefined && each(inner.self)) || inner.bound?.some(each) === true;
    case 'classValue': return m.reach!.reaches(inner.class.location);
    case 'instance': return m.reach!.reaches(inner.class.class.location) || [...inner.fields.values()].some(each);
    case 'object': return inner.entries.some((entry) => each(entry.value));
    case 'list': return inner.items.some((item) => each(item.value));
    case 'union': return inner.options.some((option) => each(option.value));
    case 'row': case 'rowList': return inner.result.entity !== undefined;
    case 'input': return inner.type !== undefined && m.reach!.reachesType(inner.type.scope.file, inner.type.type);
    case 'namespace': return true;
    default: return false;
  }
}
