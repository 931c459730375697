import type { CodeExpression } from '../../facts/code.js';
import { settled } from './caught.js';
import { evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import { memberOf } from './members.js';
import type { Scope } from './scope.js';
import type { Value } from './values.js';

/** What functions of the project are held by. */
const HOLDERS: ReadonlySet<Value['kind']> = new Set(['instance', 'namespace', 'object', 'classValue']);

/**
 * Runs `f();`, `void f();` or `f().catch(log);` of an async function of the project that nobody waits for: its queries are sent, but what it finds out stops nothing here.
 * @returns false when the expression is anything else, and nothing was run
 */
export function runUnawaited(m: Machine, node: CodeExpression, scope: Scope): boolean {
  if (m.language !== 'javascript' || !isAsyncCall(m, node, scope)) return false;
  settled(m, node, scope);
  return true;
}

function isAsyncCall(m: Machine, node: CodeExpression, scope: Scope): boolean {
  if (node.kind === 'unary' && node.operator === 'void') return isAsyncCall(m, node.operand, scope);
  if (node.kind !== 'call') return false;
  if (node.callee.kind === 'member' && /^(?:then|catch|finally)$/.test(node.callee.property)) return isAsyncCall(m, node.callee.object, scope);
  const called = calledFunction(m, node.callee, scope);
  return called?.kind === 'function' && called.function.async && !called.function.generator;
}

/** What is called, where looking it up runs nothing. */
function calledFunction(m: Machine, callee: CodeExpression, scope: Scope): Value | undefined {
  if (callee.kind === 'name') return scope.find(callee.name) === undefined ? undefined : m.read(evaluate(m, callee, scope));
  if (callee.kind !== 'member' || (callee.object.kind !== 'name' && callee.object.kind !== 'this')) return undefined;
  const object = evaluate(m, callee.object, scope);
  return HOLDERS.has(m.read(object).kind) ? m.read(memberOf(m, object, callee.property, callee.propertyLocation)) : undefined;
}
