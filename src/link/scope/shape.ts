import type { CallExpression, Expression } from '../../facts/expression.js';
import type { SelectQuery } from '../../facts/query.js';
import { partsOf } from '../resolve/walk.js';
import type { Frame } from './frame.js';
import type { ColumnOf } from './graph.js';
import { isSingleRow } from './single-row.js';
import { bare, columnOf, isAggregate } from './values.js';

/** GROUP BY of plain expressions, of grouping sets (which may hold the empty one), or none. */
export function isGrouped(query: SelectQuery): 'plain' | 'sets' | undefined {
  if (query.groupBy.length === 0) return undefined;
  return query.groupBy.some((item) => item.kind === 'other' || (item.kind === 'row' && item.items.length === 0)) ? 'sets' : 'plain';
}

function outerCalls(roots: readonly Expression[]): CallExpression[] {
  const calls: CallExpression[] = [];
  const open = [...roots];
  for (let each = open.pop(); each; each = open.pop()) {
    if (each.kind === 'call') calls.push(each);
    for (const part of partsOf(each)) open.push(part);
  }
  return calls;
}

/** One row whatever there is: an aggregate without GROUP BY. */
export function isUngroupedAggregate(query: SelectQuery): boolean {
  if (query.groupBy.length > 0) return false;
  return query.having !== undefined || outerCalls([...query.targets.map((target) => target.expression), ...query.orderBy]).some(isAggregate);
}

/** Whether a condition of the reader on this output column may be tested on the rows inside as well. */
export function reachTest(query: SelectQuery, frame: Frame): (column: ColumnOf) => boolean {
  // Of one row at most LIMIT and OFFSET choose none.
  if (((query.limit || query.offset) && !isSingleRow(query, frame)) || isUngroupedAggregate(query) || isGrouped(query) === 'sets') return () => false;
  const windows = outerCalls([...query.targets.map((target) => target.expression), ...query.orderBy, ...query.distinctOn]).flatMap((call) => (call.over ? [call.over.partitionBy] : []));
  const lists = [...windows, ...(query.distinctOn.length > 0 ? [query.distinctOn] : [])].map((list) => list.map((item) => columnOf(bare(item), frame)));
  return (column) => lists.every((list) => list.some((item) => item?.ref === column.ref && item.name === column.name));
}
