import type { CaseExpression, Expression, OperatorExpression } from '../../facts/expression.js';
import { asArray } from './functions.js';
import { operands } from './text.js';
import { constant, isKnown, negate, numberOf, operation, textOf } from './values.js';

/**
 * Tests of values that were gathered over undecided branches: `total > 0` where total is a sum of counts, `bad > 0` where bad was
 * raised by one in some branches, `array_length(missing, 1) > 0`, `message <> ''`. They are taken apart into the conditions of
 * the branches, in time linear in the number of branches.
 * @returns undefined when the comparison is of another kind
 */
export function decideAccumulator(comparison: OperatorExpression): Expression | undefined {
  const { left, right, operator } = comparison;
  if (!left || isKnown(left) || !isKnown(right)) return undefined;
  const bound = numberOf(right);
  if (bound === undefined) {
    const empty = textOf(right) === '' || asArray(right)?.length === 0;
    if (!empty || (operator !== '<>' && operator !== '=' && operator !== '!=')) return undefined;
    return signed(nonEmpty(left), operator === '=');
  }
  const list = sizeOf(left);
  const test = zeroTest(operator, bound);
  if (!test || (!list && left.kind !== 'case' && left.kind !== 'operator')) return undefined;
  return signed(list ? nonEmpty(list) : positive(left), test === 'zero');
}

/** IS [NOT] NULL of `array_length(x, 1)`, which is NULL for an empty array. */
export function decideEmptiness(operand: Expression, negated: boolean): Expression | undefined {
  const subject = operand.kind === 'call' && operand.name.at(-1) === 'array_length' ? operand.arguments[0] : undefined;
  return subject ? signed(nonEmpty(subject), !negated) : undefined;
}

function signed(condition: Expression | undefined, negated: boolean): Expression | undefined {
  return condition && negated ? negate(condition) : condition;
}

/** Whether a comparison of a number that is never negative asks for zero or for more. */
function zeroTest(operator: string, bound: number): 'positive' | 'zero' | undefined {
  if ((operator === '>' && bound === 0) || (operator === '>=' && bound === 1) || ((operator === '<>' || operator === '!=') && bound === 0)) return 'positive';
  if ((operator === '=' && bound === 0) || (operator === '<' && bound === 1) || (operator === '<=' && bound === 0)) return 'zero';
  return undefined;
}

function sizeOf(value: Expression): Expression | undefined {
  if (value.kind !== 'call') return undefined;
  const name = value.name.at(-1)!;
  if (name === 'coalesce' && value.arguments.length === 2 && numberOf(value.arguments[1]!) === 0) return sizeOf(value.arguments[0]!);
  return ['array_length', 'cardinality', 'length', 'char_length', 'array_upper'].includes(name) ? value.arguments[0] : undefined;
}

/** The condition under which a number that is never negative is above zero; undefined when it is not made of known parts. */
function positive(value: Expression): Expression | undefined {
  if (lowerBound(value) === undefined) return undefined;
  if (lowerBound(value)! > 0) return constant(true, value.location);
  if (value.kind === 'case') return overBranches(value, positive);
  if (value.kind === 'operator' && value.operator === '+' && value.left) return either(positive(value.left), positive(value.right), value);
  if (value.kind === 'constant') return constant((numberOf(value) ?? 0) > 0, value.location);
  return operation('>', value, constant(0, value.location), value.location);
}

/** The condition under which a text or an array is not empty. */
function nonEmpty(value: Expression): Expression | undefined {
  if (value.kind === 'case') return overBranches(value, nonEmpty);
  if (isKnown(value)) return constant((asArray(value)?.length ?? textOf(value)?.length ?? 0) > 0 && textOf(value) !== '', value.location);
  if (value.kind === 'array') return constant(value.items.length > 0, value.location);
  if (value.kind === 'call' && ['array_append', 'array_prepend'].includes(value.name.at(-1)!)) return constant(true, value.location);
  if (value.kind === 'call' && value.name.at(-1) === 'array_cat') return either(nonEmpty(value.arguments[0]!), nonEmpty(value.arguments[1]!), value);
  if (value.kind === 'operator' && value.operator === '||') {
    const parts = operands(value);
    if (parts.some((part) => (isKnown(part) && textOf(part) !== '' && textOf(part) !== '{}') || part.kind === 'array')) return constant(true, value.location);
    return parts.map(nonEmpty).reduce((a, b) => either(a, b, value));
  }
  return undefined;
}

function either(a: Expression | undefined, b: Expression | undefined, at: Expression): Expression | undefined {
  if (!a || !b) return undefined;
  if (a.kind === 'constant') return a.value === true ? a : b;
  if (b.kind === 'constant') return b.value === true ? b : a;
  const flat = [a, b].flatMap((side) => (side.kind === 'or' ? side.operands : [side]));
  return { kind: 'or', operands: flat, location: at.location };
}

function both(a: Expression, b: Expression): Expression {
  if (b.kind === 'constant') return b.value === true ? a : b;
  return { kind: 'and', operands: [a, b], location: a.location };
}

function overBranches(value: CaseExpression, test: (branch: Expression) => Expression | undefined): Expression | undefined {
  let result = value.otherwise ? test(value.otherwise) : undefined;
  for (const { when, then } of [...value.branches].reverse()) {
    const taken = test(then);
    if (!taken || !result) return undefined;
    if (taken.kind === 'constant' && taken.value === true) result = either(when, result, value);
    else result = either(both(when, taken), both(negate(when), result), value);
  }
  return result;
}

const bounds = new WeakMap<Expression, { readonly bound: number | undefined }>();

/** A number the value is never below; shared parts are looked at once. */
function lowerBound(value: Expression): number | undefined {
  const known = bounds.get(value);
  if (known) return known.bound;
  const bound = computeLowerBound(value);
  bounds.set(value, { bound });
  return bound;
}

function computeLowerBound(value: Expression): number | undefined {
  switch (value.kind) {
    case 'constant': return numberOf(value);
    case 'case': return lowest([...value.branches.map(({ then }) => then), ...(value.otherwise ? [value.otherwise] : [])]);
    case 'operator': {
      if (value.operator !== '+' || !value.left) return undefined;
      const [a, b] = [lowerBound(value.left), lowerBound(value.right)];
      return a === undefined || b === undefined ? undefined : a + b;
    }
    case 'call': return value.name.at(-1) === 'coalesce' ? lowest(value.arguments) : undefined;
    case 'cast': return lowerBound(value.operand);
    case 'subquery': {
      const target = value.form === 'scalar' && value.query.kind === 'select' ? value.query.targets[0]?.expression : undefined;
      return target?.kind === 'call' && target.name.at(-1) === 'count' ? 0 : undefined;
    }
    default: return undefined;
  }
}

function lowest(values: readonly Expression[]): number | undefined {
  const list = values.map(lowerBound);
  return list.length === 0 || list.includes(undefined) ? undefined : Math.min(...(list as number[]));
}
