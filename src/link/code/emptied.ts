import type { CodeExpression, IfStatement, Pattern } from '../../facts/code.js';
import type { Machine } from './machine.js';
import { bind } from './patterns.js';
import type { Scope } from './scope.js';
import { unionOf } from './state.js';
import { nullValue, type Value } from './values.js';

/**
 * Python's `if ids: ids = own(ids)`, `if data.get("ids", []): data["ids"] = ...`: where the branch is not taken, what was given names nothing.
 * The place holds None or no items then, so that what is done with it later is done with what the branch has put there.
 * @param given what the condition has read
 */
export function emptied(m: Machine, { test, then, otherwise, location }: IfStatement, given: Value, scope: Scope): void {
  if (m.language !== 'python' || otherwise.length > 0) return;
  const set = then.find((each) => each.kind === 'declare' && each.form === 'assign' && isPlace(each.target, test));
  if (set?.kind !== 'declare' || !isGiven(m, given)) return;
  const nothing = unionOf([nullValue, m.allocate({ kind: 'list', form: 'list', items: [], location })].map((value) => ({ value, facts: [] })));
  bind(m, set.target, nothing, scope.functionScope, false);
}

function isGiven(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  const options = inner.kind === 'union' ? inner.options.map((option) => m.read(option.value)) : [inner];
  return options.some(({ kind }) => kind === 'input') && options.every(({ kind }) => kind === 'input' || kind === 'constant' || kind === 'list');
}

/** Whether an expression reads what a pattern sets: a name, an item of a dict that has one. */
function isPlace(target: Pattern, read: CodeExpression): boolean {
  if (target.kind === 'name') return read.kind === 'name' && read.name === target.name;
  if (target.kind !== 'target' || target.expression.kind !== 'index') return false;
  const { object, index } = target.expression;
  const [from, key] = read.kind === 'index' ? [read.object, read.index] : read.kind === 'call' && read.callee.kind === 'member' && read.callee.property === 'get' ? [read.callee.object, read.arguments[0]?.value] : [];
  return from?.kind === 'name' && object.kind === 'name' && from.name === object.name && key?.kind === 'literal' && index.kind === 'literal' && key.value === index.value;
}
