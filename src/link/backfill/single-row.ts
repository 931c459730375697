import type { Expression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import { withoutCasts } from './walk.js';

/** Aggregates and window functions that take one value of several. */
export const picks: ReadonlySet<string> = new Set(['min', 'max', 'any_value', 'array_agg', 'string_agg', 'first_value', 'last_value', 'mode']);

/** Whether a query gives at most one row, whatever the data. */
export function isSingleRow(query: Query): boolean {
  if (query.kind === 'insert') return query.source === undefined || (query.source.kind === 'values' && query.source.rows.length === 1);
  if (query.kind === 'values') return query.rows.length === 1;
  return query.kind === 'select' && (isOne(query.limit) || query.from.length === 0 || (query.groupBy.length === 0 && query.targets.some(({ expression }) => isAggregate(expression))));
}

/** The limit is the constant 1. */
export function isOne(limit: Expression | undefined): boolean {
  return limit !== undefined && withoutCasts(limit).kind === 'constant' && Number((withoutCasts(limit) as { value: unknown }).value) === 1;
}

function isAggregate(expression: Expression): boolean {
  return expression.kind === 'call' && (picks.has(expression.name.at(-1)!) || expression.name.at(-1) === 'count') && !expression.over;
}
