import { conditionOf } from './expressions.js';
import type { Machine } from './machine.js';
import { unknownValue, type Condition, type Value } from './values.js';

/** `any(...)`, `all(...)` over a list: its items joined by OR or AND; a test of each of several rows is a look-up among them. */
export function quantified(m: Machine, list: Value, name: 'any' | 'all'): Value {
  const inner = m.read(list);
  if (inner.kind !== 'list') return unknownValue(name);
  const operands: Condition[] = [];
  for (const { value, maybe, repeated } of inner.items) {
    const condition = conditionOf(m, value);
    const found = repeated ? foundAmong(m, condition) : maybe ? undefined : condition;
    if (found === undefined || (repeated && name === 'all')) return unknownValue(name);
    operands.push(found);
  }
  return { kind: 'condition', condition: { operator: name === 'any' ? 'or' : 'and', operands } };
}

/** `row.name == 'x'` of any row: `'x'` is among the names; of several tests that a row stands, each one for itself. */
export function foundAmong(m: Machine, condition: Condition): Condition | undefined {
  if (condition.operator === 'truthy') {
    const inner = m.read(condition.value);
    return inner.kind === 'condition' ? foundAmong(m, inner.condition) : undefined;
  }
  if (condition.operator === 'and') {
    const operands = condition.operands.flatMap((operand) => foundAmong(m, operand) ?? []);
    return operands.length === 0 ? undefined : { operator: 'and', operands };
  }
  if (condition.operator !== 'equal') return undefined;
  const [left, right] = [m.read(condition.left), m.read(condition.right)];
  if (left.kind === 'field' && !left.many) return { operator: 'in', left: condition.right, right: { ...left, many: true } };
  return right.kind === 'field' && !right.many ? { operator: 'in', left: condition.left, right: { ...right, many: true } } : undefined;
}
