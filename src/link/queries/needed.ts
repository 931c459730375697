import type { Expression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import { conjuncts } from '../backfill/walk.js';

/** The parameters that a query compares something with to come to any row: where one of them is NULL there is none. */
export function neededParameters(query: Query): ReadonlySet<string> {
  if (query.kind !== 'select' && query.kind !== 'update' && query.kind !== 'delete') return new Set();
  return new Set(conjuncts(query.where).flatMap((term) => (term.kind === 'operator' && term.operator === '=' && term.left !== undefined ? [term.left, term.right] : []))
    .flatMap((side) => (side.kind === 'parameter' ? [side.name] : [])));
}

/** The expression where some parameters are not NULL: `x = :p OR :p IS NULL` is `x = :p`, and so is `x IS NOT DISTINCT FROM :p`. What it does not concern is the same object. */
export function whereGiven<T>(value: T, names: ReadonlySet<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((each: unknown) => whereGiven(each, names));
    return (items.every((each, index) => each === value[index]) ? value : items) as T;
  }
  const expression = value as unknown as Expression;
  if (expression.kind === 'or') {
    const left = expression.operands.filter((each) => !isNullTest(each, names));
    if (left.length > 0 && left.length < expression.operands.length) return whereGiven((left.length === 1 ? left[0] : { ...expression, operands: left }) as T, names);
  }
  if (expression.kind === 'distinct' && expression.negated && isOneOf(expression.right, names)) return whereGiven({ kind: 'operator', operator: '=', left: expression.left, right: expression.right, location: expression.location } as T, names);
  let changed: Record<string, unknown> | undefined;
  for (const key in value) {
    const part = key === 'location' ? value[key] : whereGiven(value[key], names);
    if (part !== value[key]) changed = { ...changed ?? value, [key]: part };
  }
  return (changed ?? value) as T;
}

function isNullTest(term: Expression, names: ReadonlySet<string>): boolean {
  return term.kind === 'nullTest' && !term.negated && isOneOf(term.operand, names);
}

function isOneOf(expression: Expression, names: ReadonlySet<string>): boolean {
  return expression.kind === 'parameter' && names.has(expression.name);
}
