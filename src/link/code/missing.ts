import { parameterNames } from '../parameters.js';
import { checkedParameters } from './checked.js';
import { countedBy } from './collections.js';
import type { Frame, Machine } from './machine.js';
import { UNCHANGED, type Snapshot } from './state.js';
import type { Condition, Fact, Value } from './values.js';

/** The input (its key) or row (its result) whose being there a condition asks for, and whether it is when the condition holds. */
function asked(m: Machine, condition: Condition, isThere = true): { readonly of: string | number; readonly isThere: boolean } | undefined {
  if (condition.operator === 'not') return asked(m, condition.operand, !isThere);
  if (condition.operator === 'equal') return isZero(m, condition.right) ? asked(m, { operator: 'truthy', value: condition.left }, !isThere) : undefined;
  if (condition.operator === 'compare' && condition.sign === '>') return isZero(m, condition.right) ? asked(m, { operator: 'truthy', value: condition.left }, isThere) : undefined;
  if (condition.operator !== 'truthy' && condition.operator !== 'nullish') return undefined;
  const value = m.read(condition.value);
  if (value.kind === 'condition' && condition.operator === 'truthy') return asked(m, value.condition, isThere);
  // A list of which there is something: what was checked was its items.
  const of = value.kind === 'input' ? countedBy(value.key) ?? value.key : value.kind === 'row' && value.path.length === 0 ? value.result.id : undefined;
  return of === undefined ? undefined : { of, isThere: (condition.operator === 'truthy') === isThere };
}

function isZero(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  return inner.kind === 'constant' && inner.value === 0;
}

/** What is found out of an input or a row where it is there. Where it is not, there is nothing to check: an input counts as checked against others. */
function checked(m: Machine, key: string | number, facts: readonly Fact[]): void {
  if (typeof key === 'number') return m.settle([{ ...UNCHANGED, facts: facts.filter((fact) => fact.kind === 'holds' && fact.about?.result === key) }]);
  for (const fact of facts) {
    if (fact.kind !== 'holds') continue;
    const names = parameterNames(fact.expression);
    if (names.size > 1 && (names.has(key) || names.has(`${key}[]`))) m.state.add({ kind: 'holds', expression: checkedParameters(names, fact.expression.location) });
  }
}

/** `if (folderId) { ... }`: what was checked of a value where it is given is known after it. */
export function checkedIfGiven(m: Machine, condition: Condition, yes: Snapshot, no: Snapshot): void {
  const found = asked(m, condition);
  if (typeof found?.of === 'string') checked(m, found.of, (found.isThere ? yes : no).facts);
}

/** `if (!folderId) return;`: notes of the returns of each branch that the value is missing there. `yes`, `no`: those that the branches have made. */
export function leftIfMissing(m: Machine, condition: Condition, yes: Frame['returns'], no: Frame['returns']): void {
  const found = yes.length + no.length > 0 ? asked(m, condition) : undefined;
  if (found) for (const each of found.isThere ? no : yes) each.missing ??= found.of;
}

/** What all returns of a function have checked of a value, but those where it is missing. */
export function checkedUnlessMissing(m: Machine, returns: Frame['returns']): void {
  for (const key of new Set(returns.flatMap(({ missing }) => missing ?? []))) {
    const [first, ...rest] = returns.filter(({ missing }) => missing !== key);
    if (first) checked(m, key, first.snapshot.facts.filter((fact) => rest.every(({ snapshot }) => snapshot.facts.includes(fact))));
  }
}
