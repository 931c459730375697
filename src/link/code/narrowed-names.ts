import type { CodeExpression } from '../../facts/code.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { unionOf } from './state.js';
import type { Condition, Value } from './values.js';

/**
 * What a branch knows of the names that its condition tests: `if ids:`, `if row is not None:`, `if not found:`, `if a and b:`.
 * Where a name stands for one of several, those that the condition rules out are no longer among them. Of Python alone: in
 * JavaScript the compiler's types say so where a project has them.
 * @param outcome whether the condition holds in the branch
 */
export function narrowNames(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  if (m.language !== 'python') return;
  if (test.kind === 'unary' && test.operator === 'not') return narrowNames(m, test.operand, !outcome, scope);
  if (test.kind === 'logical' && (test.operator === 'and') === outcome && test.operator !== 'nullish') {
    narrowNames(m, test.left, outcome, scope);
    return narrowNames(m, test.right, outcome, scope);
  }
  if (test.kind === 'name') return narrow(m, test.name, scope, (value) => ({ operator: 'truthy', value }), outcome);
  if (test.kind !== 'binary' || test.left.kind !== 'name' || test.right.kind !== 'literal' || test.right.value !== null) return;
  if (test.operator === 'is' || test.operator === '==') narrow(m, test.left.name, scope, (value) => ({ operator: 'nullish', value }), outcome);
  if (test.operator === 'is not' || test.operator === '!=') narrow(m, test.left.name, scope, (value) => ({ operator: 'nullish', value }), !outcome);
}

function narrow(m: Machine, name: string, scope: Scope, condition: (value: Value) => Condition, outcome: boolean): void {
  const slot = scope.find(name);
  const held = typeof slot === 'number' ? m.state.slot(slot) : undefined;
  if (held?.kind !== 'union') return;
  const options = held.options.filter(({ value }) => m.path(() => m.assume(condition(value), outcome)).live);
  if (options.length > 0 && options.length < held.options.length) m.write({ kind: 'reference', slot: slot as number }, unionOf(options));
}
