import type { CodeType } from '../../facts/code.js';
import type { Machine } from './machine.js';
import { isProxy } from './proxies.js';
import type { Scope } from './scope.js';
import type { Value } from './values.js';

/** Whether what is said of a value's type says more of it than how it came about: it is not known, or a Proxy. */
export function isToldByType(value: Value): boolean {
  return value.kind === 'input' || value.kind === 'unknown' || isProxy(value);
}

/** What is not known is what the code says it is: `container.resolve('em') as EntityManager`, `container.resolve<EntityManager>('em')`, what a function returns that says of which type it is. */
export function asserted(m: Machine, value: Value, type: CodeType | undefined, scope: Scope): Value {
  const inner = m.read(value);
  // What a caller sends is not what the code calls it.
  if (type === undefined || !isToldByType(inner) || (inner.kind === 'input' && inner.trust === 'untrusted')) return value;
  const known = m.typed({ type, scope });
  const told = known && m.read(known);
  if (told?.kind === 'library' || told?.kind === 'instance') return known!;
  return told?.kind === 'input' && inner.kind === 'input' && inner.type === undefined ? { ...inner, type: told.type } : value;
}
