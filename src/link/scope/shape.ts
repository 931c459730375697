import type { CallExpression, Expression } from '../../facts/expression.js';
import type { SelectQuery } from '../../facts/query.js';
import { partsOf } from '../resolve/walk.js';
import type { Domains } from './domains.js';
import type { Frame } from './frame.js';
import type { ColumnOf } from './graph.js';
import { isSingleRow } from './single-row.js';
import { bare, columnOf, isAggregate } from './values.js';

/** Columns of GROUP BY: those of every set that it groups by, and those of any; outside of its sets a column is NULL (PostgreSQL manual, 7.2.4). */
interface Grouping {
  readonly all: readonly ColumnOf[];
  readonly some: readonly ColumnOf[];
}

const SETS: ReadonlySet<string> = new Set(['rollup', 'cube', 'grouping sets', 'empty grouping set']);

/** Whether one of the sets may be the empty one, which gives a row of nothing. */
export function mayGroupNothing(query: SelectQuery): boolean {
  return query.groupBy.length > 0 && query.groupBy.every(mayBeEmpty);
}

function mayBeEmpty(item: Expression): boolean {
  if (item.kind === 'row') return item.items.length === 0;
  return item.kind === 'other' && (item.name === 'grouping sets' ? item.parts.some(mayBeEmpty) : SETS.has(item.name));
}

function groupingOf(items: readonly Expression[], frame: Frame): Grouping {
  const parts = items.map((item) => groupingOfItem(item, frame));
  return { all: parts.flatMap(({ all }) => all), some: parts.flatMap(({ some }) => some) };
}

function groupingOfItem(item: Expression, frame: Frame): Grouping {
  if (item.kind !== 'other' || !SETS.has(item.name)) {
    const columns = (item.kind === 'row' ? item.items : [item]).flatMap((each) => columnOf(each, frame) ?? []);
    return { all: columns, some: columns };
  }
  const parts = item.parts.map((each) => groupingOfItem(each, frame));
  const some = parts.flatMap((part) => part.some);
  return { all: item.name === 'grouping sets' ? some.filter((column) => parts.every(({ all }) => includes(all, column))) : [], some };
}

function includes(columns: readonly (ColumnOf | undefined)[], { ref, name }: ColumnOf): boolean {
  return columns.some((each) => each?.ref === ref && each.name === name);
}

function hasSets(query: SelectQuery): boolean {
  return query.groupBy.some((item) => item.kind === 'other' || (item.kind === 'row' && item.items.length === 0));
}

/** The terms of HAVING that hold of all rows of the groups which are shown: they speak of columns that are not NULL for a group of several values. */
export function havingOfRows(having: Expression, query: SelectQuery, frame: Frame): { readonly rows: readonly Expression[]; readonly rest: readonly Expression[] } {
  if (query.groupBy.length === 0) return { rows: [], rest: [having] };
  if (!hasSets(query)) return { rows: [having], rest: [] };
  const { all, some } = groupingOf(query.groupBy, frame);
  const terms = having.kind === 'and' ? having.operands : [having];
  const isOfRows = (term: Expression): boolean => columnsOf(term, frame)?.every((column) => includes(isEquality(term) ? some : all, column)) === true;
  return { rows: terms.filter(isOfRows), rest: terms.filter((term) => !isOfRows(term)) };
}

/** It is never true of NULL. */
function isEquality(term: Expression): boolean {
  return term.kind === 'operator' && term.operator === '=' && [term.left, term.right].every((side) => side !== undefined && ['column', 'parameter', 'constant'].includes(bare(side).kind));
}

/** The columns that a condition asks of a group itself; undefined where a sub-select may ask for others. */
function columnsOf(condition: Expression, frame: Frame): ColumnOf[] | undefined {
  const columns: ColumnOf[] = [];
  const open = [condition];
  for (let each = open.pop(); each; each = open.pop()) {
    if (each.kind === 'subquery' || each.kind === 'other') return undefined;
    const column = columnOf(each, frame);
    if (column) columns.push(column);
    if (each.kind !== 'call' || !isAggregate(each)) open.push(...partsOf(each));
  }
  return columns;
}

/** How an output column shows a column of the rows inside. */
export interface Showing {
  /** What the reader asks of it, if not for NULL, may be asked of the rows inside as well. */
  readonly reached: boolean;
  /** It is NULL only where the column is. */
  readonly same: boolean;
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

/** Rows that are equal in it are of one tenant. */
function isTenantOfRow({ ref, name }: ColumnOf, domains: Domains): boolean {
  return ref.owned?.table.columns.get(name)?.notNull === true && domains.isTenantColumn(ref.owned.classified, name);
}

/** How the columns of a query are shown by its select list. */
export function showingOf(query: SelectQuery, frame: Frame, domains: Domains): (column: ColumnOf) => Showing {
  const sets = hasSets(query) ? groupingOf(query.groupBy, frame) : undefined;
  // Of one row at most LIMIT and OFFSET choose none.
  const isChosen = ((query.limit || query.offset) && !isSingleRow(query, frame)) || isUngroupedAggregate(query);
  const windows = outerCalls([...query.targets.map((target) => target.expression), ...query.orderBy, ...query.distinctOn]).flatMap((call) => (call.over ? [call.over.partitionBy] : []));
  const lists = [...windows, ...(query.distinctOn.length > 0 ? [query.distinctOn] : [])].map((list) => list.map((item) => columnOf(bare(item), frame)));
  return (column) => ({
    reached: !isChosen && (sets === undefined || includes(sets.some, column)) && lists.every((list) => includes(list, column) || list.some((each) => each?.ref === column.ref && isTenantOfRow(each, domains))),
    same: sets === undefined || includes(sets.all, column),
  });
}

/** The column that an expression gives, or NULL: `CASE WHEN p THEN c END`, `NULLIF(c, x)`. */
export function columnOrNull(expression: Expression, frame: Frame): ColumnOf | undefined {
  const inner = bare(expression);
  if (inner.kind === 'call' && inner.name.at(-1) === 'nullif') return columnOf(inner.arguments[0]!, frame);
  if (inner.kind !== 'case') return undefined;
  const results = [...inner.branches.map(({ then }) => then), ...(inner.otherwise ? [inner.otherwise] : [])].filter((each) => { const result = bare(each); return result.kind !== 'constant' || result.value !== null; });
  const [first, ...rest] = results.map((each) => columnOf(each, frame));
  return first && rest.every((each) => each !== undefined && includes([first], each)) ? first : undefined;
}
