import type { CodeCall } from '../../facts/code.js';
import type { Call } from './library.js';
import type { Value } from './values.js';

/** The last name of what is called, as written. */
export function nameOfCallee(callee: CodeCall['callee']): Pick<Call, 'name'> {
  return callee.kind === 'member' ? { name: callee.property } : callee.kind === 'name' ? { name: callee.name } : {};
}

/** What a reader of a message calls that which a call gives. */
export function nameOfCall(callee: Value): string {
  if (callee.kind === 'input') return `${callee.name}(...)`;
  return callee.kind === 'external' ? `${callee.path.join('.') || callee.module}(...)` : 'the result of a call';
}
