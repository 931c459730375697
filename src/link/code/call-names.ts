import type { CodeCall } from '../../facts/code.js';
import type { Call } from './library.js';
import type { Value } from './values.js';

/** The last name of what is called, as written. */
export function nameOfCallee(callee: CodeCall['callee']): Pick<Call, 'name'> {
  return callee.kind === 'member' ? { name: callee.property } : callee.kind === 'name' ? { name: callee.name } : {};
}

/** What a hash function has given. */
export const HASHED = /(?<=hash\w*|sha\d+|digest)\(\.\.\.\)$/i;

/** What a reader of a message calls that which a call gives. A hash that is written otherwise (in hexadecimal digits, say) is one all the same. @param given the arguments */
export function nameOfCall(callee: Value, given: readonly Value[]): string {
  const [only, ...more] = given;
  if (only?.kind === 'input' && more.length === 0 && HASHED.test(only.name)) return only.name;
  if (callee.kind === 'input') return `${callee.name}(...)`;
  return callee.kind === 'external' ? `${callee.path.join('.') || callee.module}(...)` : 'the result of a call';
}

/** `a.b.c` of plain names; undefined for anything else. */
export function dottedPath(node: CodeCall['callee']): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind === 'this') return 'this';
  if (node.kind === 'call') return dottedPath(node.callee);
  const object = node.kind === 'member' ? dottedPath(node.object) : undefined;
  return node.kind === 'member' && object !== undefined ? (object === 'this' || object === 'self' ? node.property : `${object}.${node.property}`) : undefined;
}
