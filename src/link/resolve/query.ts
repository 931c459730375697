import type { CommonTableExpression, Query, SelectQuery, SetQuery, ValuesQuery } from '../../facts/query.js';
import { checkBoolean, commonType } from './checks.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { resolveFrom } from './from.js';
import { checkGrouping } from './grouping.js';
import { resolveDistinctOn, resolveGroupBy, resolveOrderBy, resolveSetOrder } from './order.js';
import type { CommonTable } from './scope.js';
import { Scope } from './scope.js';
import { resolveTargets } from './targets.js';
import type { Output } from './value.js';
import { settle } from './value.js';
import { resolveValue } from './values.js';
import { resolveDelete, resolveInsert, resolveMerge, resolveUpdate } from './write.js';

/** Resolves one query in the names of the scopes around it. @returns its output columns, when they are known */
export function resolveBlock(query: Query, parent: Scope | undefined, context: Context): readonly Output[] | undefined {
  const scope = new Scope(query, parent);
  resolveWith(query, scope, context);
  switch (query.kind) {
    case 'select': return resolveSelect(query, scope, context);
    case 'values': return resolveValues(query, scope, context);
    case 'set': return resolveSet(query, scope, context);
    case 'insert': return resolveInsert(query, scope, context);
    case 'update': return resolveUpdate(query, scope, context);
    case 'delete': return resolveDelete(query, scope, context);
    case 'merge': return resolveMerge(query, scope, context);
  }
}

function resolveWith(query: Query, scope: Scope, context: Context): void {
  const seen = new Set<string>();
  for (const cte of query.with) {
    if (seen.has(cte.name)) context.fail(failure('42712', `WITH query name "${cte.name}" specified more than once`, cte.location));
    seen.add(cte.name);
    scope.laterNames.add(cte.name);
    if (query.recursive) scope.commonTables.set(cte.name, { name: cte.name });
  }
  for (const cte of query.with) {
    const common: CommonTable = scope.commonTables.get(cte.name) ?? { name: cte.name };
    const columns = context.within(undefined, () => resolveCommonTable(cte, common, query.recursive === true, scope, context));
    if (columns) common.columns = columns;
    scope.commonTables.set(cte.name, common);
    scope.laterNames.delete(cte.name);
  }
}

function resolveCommonTable(cte: CommonTableExpression, common: CommonTable, recursive: boolean, scope: Scope, context: Context): readonly Output[] | undefined {
  if (!recursive || cte.query.kind !== 'set') return named(cte, resolveBlock(cte.query, scope, context), context);
  const inner = new Scope(cte.query, scope);
  resolveWith(cte.query, inner, context);
  const columns = resolveSet(cte.query, inner, context, (left) => {
    const known = named(cte, left, context, false);
    if (known) common.columns = known.map((column) => (column.nullable === 'no' ? { ...column, nullable: 'unknown' } : column));
  });
  return named(cte, columns, context);
}

function named(cte: CommonTableExpression, columns: readonly Output[] | undefined, context: Context, report = true): Output[] | undefined {
  if (!columns) return undefined;
  if (report && cte.columns.length > columns.length) {
    context.fail(failure('42P10', `WITH query "${cte.name}" has ${columns.length} columns available but ${cte.columns.length} columns specified`, cte.location));
  }
  const added = (cte.addedColumns ?? []).map((name): Output => ({ name, nullable: 'no' }));
  return [...settle(columns).map((column, index) => ({ ...column, name: cte.columns[index] ?? column.name })), ...added];
}

function resolveSelect(query: SelectQuery, scope: Scope, context: Context): readonly Output[] | undefined {
  resolveFrom(query.from, scope, context);
  const columns = context.within(undefined, () => resolveTargets(query.targets, scope, context));
  if (query.where) condition(query.where, 'WHERE', scope, context);
  if (query.having) condition(query.having, 'HAVING', scope, context);
  const groups = context.within('GROUP BY', () => resolveGroupBy(query, scope, context));
  context.within(undefined, () => {
    resolveOrderBy(query, columns, scope, context);
    resolveDistinctOn(query, columns, scope, context);
  });
  resolveLimits(query, scope, context);
  checkGrouping(query, groups, scope, context);
  return columns;
}

/** Resolves a WHERE or HAVING condition. */
export function condition(expression: NonNullable<SelectQuery['where']>, clause: 'WHERE' | 'HAVING', scope: Scope, context: Context): void {
  context.within(clause, () => checkBoolean(resolveValue(expression, scope, context), clause, expression.location, context));
}

function resolveLimits(query: Pick<SelectQuery, 'limit' | 'offset'>, scope: Scope, context: Context): void {
  for (const expression of [query.limit, query.offset]) if (expression) context.within(undefined, () => resolveValue(expression, scope, context));
}

function resolveValues(query: ValuesQuery, scope: Scope, context: Context): readonly Output[] {
  const rows = context.within('VALUES', () => query.rows.map((row) => row.map((item) => resolveValue(item, scope, context))));
  const width = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== width);
  if (uneven > 0) context.fail(failure('42601', 'VALUES lists must all be the same length', query.rows[uneven]![0]?.location ?? query.location));
  const columns = Array.from({ length: width }, (_, index): Output => {
    const name = `column${index + 1}`;
    const cells = rows.map((row) => row[index]).filter((cell) => cell !== undefined);
    const nullable = cells.some((cell) => cell.nullable === 'yes') ? 'yes' : cells.every((cell) => cell.nullable === 'no') ? 'no' : 'unknown';
    if (cells.every((cell) => cell.literal)) return { name, literal: true, nullable };
    if (context.insertedValues.has(query)) return { name, nullable };
    const type = commonType(cells, 'VALUES', query.rows.flatMap((row) => row[index] ?? []), context);
    return type ? { name, type, nullable } : { name, nullable };
  });
  resolveSetOrder(query.orderBy, columns, scope, context, false);
  resolveLimits(query, scope, context);
  return columns;
}

function resolveSet(
  query: SetQuery, scope: Scope, context: Context, afterLeft?: (columns: readonly Output[] | undefined) => void,
): readonly Output[] | undefined {
  const left = context.within(undefined, () => resolveBlock(query.left, scope, context));
  afterLeft?.(left);
  const right = context.within(undefined, () => resolveBlock(query.right, scope, context));
  const columns = combineArms(query, left, right, context);
  resolveSetOrder(query.orderBy, columns, scope, context, true);
  resolveLimits(query, scope, context);
  return columns;
}

function combineArms(query: SetQuery, left: readonly Output[] | undefined, right: readonly Output[] | undefined, context: Context): readonly Output[] | undefined {
  if (!left || !right) return undefined;
  const word = query.operator.toUpperCase();
  if (left.length !== right.length) {
    context.fail(failure('42601', `each ${word} query must have the same number of columns`, query.right.location));
    return left;
  }
  return left.map((column, index) => {
    const other = right[index]!;
    const type = commonType([column, other], word, query.right.location, context);
    const nullable = column.nullable === 'yes' || (other.nullable === 'yes' && query.operator === 'union') ? 'yes'
      : column.nullable === 'no' && (other.nullable === 'no' || query.operator !== 'union') ? 'no' : 'unknown';
    const source = column.source && other.source && column.source.table === other.source.table && column.source.column === other.source.column;
    return { name: column.name, ...(type ? { type } : {}), nullable, ...(source ? { source: column.source } : {}) };
  });
}
