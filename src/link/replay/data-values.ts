import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Query, SelectQuery } from '../../facts/query.js';
import { aggregateCalls } from './aggregates.js';
import { outputName } from './catalog-output.js';
import { unknownValue } from './frame.js';
import type { Machine } from './machine.js';
import { walkTree } from './tree.js';
import { constant, isKnown, operation } from './values.js';

/** The values of a query over data, each as the scalar sub-query that would give it. */
export function queryAsValues(query: Query, machine: Machine, at: Location): { readonly name: string; readonly value: Expression }[] {
  if (query.kind === 'select') {
    if (query.targets.some(({ expression }) => expression.kind === 'star')) return starValues(query, machine, at);
    return query.targets.map((target) => ({ name: target.alias ?? outputName(target.expression), value: scalar({ ...query, targets: [target] }) }));
  }
  if (query.kind === 'values' || query.kind === 'set') return [{ name: '?column?', value: scalar(query) }];
  return query.returning.map(({ alias, expression }) => {
    const name = alias ?? outputName(expression);
    return { name, value: isKnown(expression) ? expression : unknownValue(name, at) };
  });
}

function scalar(query: Query): Expression {
  if (query.kind === 'select' && query.from.length === 0 && !query.where && query.targets.length === 1 && query.with.length === 0) return query.targets[0]!.expression;
  return { kind: 'subquery', form: 'scalar', query, location: query.location };
}

function starValues(query: SelectQuery, machine: Machine, at: Location): { name: string; value: Expression }[] {
  const columns = machine.resolve(query, { inProgram: true }, new Set()).columns ?? [];
  return columns.map(({ name }) => ({
    name, value: scalar({ ...query, targets: [{ expression: { kind: 'column', path: [name], location: at } }] }),
  }));
}

/**
 * The test on data that stands behind computed values, as a condition that is true when rows were found: `count > 0`, or EXISTS.
 * @param query the query that gives the values, where it is at hand
 * @returns undefined when no table is read
 */
export function testsOf(query: Query | undefined, values: readonly Expression[], at: Location): Expression | undefined {
  if (query) {
    if (query.kind === 'set') return { kind: 'subquery', form: 'exists', query, location: query.location };
    if (query.kind !== 'select' || query.from.length === 0) return undefined;
    const counted = query.targets.find(({ expression }) => aggregateCalls(expression).length > 0);
    if (!counted) return { kind: 'subquery', form: 'exists', query, location: query.location };
    return positive({ kind: 'subquery', form: 'scalar', query: { ...query, targets: [counted] }, location: query.location }, counted.expression, at);
  }
  for (const value of values) {
    let found: Expression | undefined;
    walkTree(value, (node) => {
      if (found || node.kind !== 'subquery') return !found;
      const { query: inner, form } = node as Extract<Expression, { kind: 'subquery' }>;
      if (form === 'scalar' || form === 'exists') found = form === 'exists' ? node as Expression : testsOf(inner, [], at);
      return false;
    });
    if (found) return found;
  }
  return undefined;
}

function positive(value: Expression, target: Expression, at: Location): Expression {
  const numeric = target.kind === 'call' && isNumberCall(target);
  return numeric ? operation('>', value, constant(0, at), at) : { kind: 'nullTest', operand: value, negated: true, location: at };
}

function isNumberCall(call: CallExpression): boolean {
  return ['count', 'sum'].includes(call.name.at(-1)!);
}
