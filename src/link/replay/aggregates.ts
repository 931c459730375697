import type { CallExpression, Expression } from '../../facts/expression.js';
import { evaluate, type Scope } from './evaluate.js';
import { concatenate } from './text.js';
import { mapTree, walkTree } from './tree.js';
import { array, constant, isKnown, isNull, numberOf, textOf, truth } from './values.js';

const aggregates = new Set(['count', 'array_agg', 'string_agg', 'min', 'max', 'sum', 'bool_or', 'bool_and', 'every', 'avg', 'json_agg', 'jsonb_agg', 'jsonb_object_agg', 'json_object_agg']);

/** The aggregate calls of one select item, sub-queries left out. */
export function aggregateCalls(expression: Expression): CallExpression[] {
  const calls: CallExpression[] = [];
  walkTree(expression, (node) => {
    if (node.kind === 'subquery') return false;
    if (node.kind === 'call' && isAggregate(node as CallExpression)) calls.push(node as CallExpression);
    return true;
  });
  return calls;
}

function isAggregate(call: CallExpression): boolean {
  return !call.over && aggregates.has(call.name.at(-1)!);
}

/**
 * A select item over all rows of a query.
 * @param rows a scope for each row
 * @returns undefined when a value it needs is not known
 */
export function computeAggregates(expression: Expression, rows: readonly Scope[], scope: Scope): Expression | undefined {
  let failed = false;
  const computed = mapTree(expression, (node) => {
    if (node.kind === 'subquery') return node;
    if (node.kind !== 'call' || !isAggregate(node as CallExpression)) return undefined;
    const value = aggregate(node as CallExpression, rows);
    if (!value) failed = true;
    return value;
  });
  return failed ? undefined : evaluate(computed, scope);
}

function aggregate(call: CallExpression, rows: readonly Scope[]): Expression | undefined {
  const at = call.location;
  const kept = call.filter ? rows.filter((row) => truth(evaluate(call.filter!, row)) === 'yes') : rows;
  if (call.star) return constant(kept.length, at);
  const first = call.arguments[0];
  if (!first) return undefined;
  let values = kept.map((row) => evaluate(first, row));
  if (!values.every(isKnown)) return undefined;
  if (call.distinct) values = [...new Map(values.map((value) => [textOf(value), value])).values()];
  if (call.orderBy?.length) values = [...values].sort((a, b) => ((textOf(a) ?? '') < (textOf(b) ?? '') ? -1 : 1));
  const present = values.filter((value) => !isNull(value));
  const numbers = present.map(numberOf);
  switch (call.name.at(-1)) {
    case 'count': return constant(present.length, at);
    case 'array_agg': return values.length === 0 ? constant(null, at) : array(values, at);
    case 'string_agg': {
      const separator = call.arguments[1];
      if (present.length === 0 || !separator) return constant(null, at);
      return concatenate(present.flatMap((value, index) => (index === 0 ? [value] : [evaluate(separator, kept[0]!), value])), at);
    }
    case 'bool_or': return constant(present.length === 0 ? null : present.some((value) => truth(value) === 'yes'), at);
    case 'bool_and': case 'every': return constant(present.length === 0 ? null : present.every((value) => truth(value) === 'yes'), at);
    case 'sum': case 'max': case 'min': {
      if (present.length === 0) return constant(null, at);
      if (numbers.some((number) => number === undefined)) return present.length === 1 && call.name.at(-1) !== 'sum' ? present[0] : undefined;
      const list = numbers as number[];
      return constant(call.name.at(-1) === 'sum' ? list.reduce((a, b) => a + b, 0) : call.name.at(-1) === 'max' ? Math.max(...list) : Math.min(...list), at);
    }
    default: return undefined;
  }
}
