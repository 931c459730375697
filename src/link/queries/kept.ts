import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Assignment, FromItem, Query, SelectQuery, UpdateQuery } from '../../facts/query.js';
import { conjuncts } from '../backfill/walk.js';
import type { Table } from '../catalog/types.js';
import type { Resolution } from '../resolve/types.js';

/** An UPDATE of a table with a tenant column, its names resolved. */
interface Update {
  readonly query: UpdateQuery;
  readonly table: Table;
  readonly resolution: Resolution;
}

/**
 * Whether an UPDATE that sets the tenant column moves no row: it sets the value that the rows are asked for, or it fills only rows that have none
 * (`c IS NULL`, here or where the rows were looked up by their primary key).
 * @param assignment the SET of that column
 */
export function keepsTenant(update: Update, assignment: Assignment): boolean {
  const { query, resolution } = update;
  return conjuncts(query.where).some((term) => {
    if (isNullTest(term, assignment.column)) return (columnOf(term, resolution)?.item ?? query.target) === query.target;
    return asksFor(update, term, assignment) || namesUnfilled(update, term, assignment.column) || wasAskedFor(update, term, assignment);
  });
}

/** `c = :v` where `c` is set to `:v`. */
function asksFor({ query, resolution }: Update, term: Expression, { column, value }: Assignment): boolean {
  if (term.kind !== 'operator' || term.operator !== '=' || term.left === undefined || value?.kind !== 'parameter') return false;
  const isSame = (side: Expression): boolean => isSameParameter(side, value);
  const isColumn = (side: Expression): boolean => {
    const found = side.kind === 'column' ? resolution.bindings.get(side) : undefined;
    return found?.item === query.target && found.name === column;
  };
  return (isColumn(term.left) && isSame(term.right)) || (isColumn(term.right) && isSame(term.left));
}

/** The row was looked up by the value before: `key = (SELECT key FROM t WHERE ... AND c = :v)`, or `key = :k` and a row of that key and that value is there. */
function wasAskedFor({ query, table, resolution }: Update, term: Expression, assignment: Assignment): boolean {
  const isOfTable = (inner: Query): inner is SelectQuery => inner.kind === 'select' && inner.from.length === 1 && inner.from[0]!.kind === 'table' && resolution.tables.get(inner.from[0]!) === table;
  const asks = (inner: SelectQuery, value: Expression | undefined, column: string): boolean => conjuncts(inner.where).some((each) => {
    const sides = each.kind === 'operator' && each.operator === '=' && each.left !== undefined ? [each.left, each.right] : [];
    return sides.some((side) => side.kind === 'column' && side.path.at(-1) === column) && sides.some((side) => isSameParameter(side, value));
  });
  const [key] = table.primaryKey?.columns ?? [];
  if (key === undefined || (table.primaryKey?.columns.length ?? 0) > 1) return false;
  if (term.kind === 'subquery' && term.form === 'exists' && isOfTable(term.query)) {
    const inner = term.query;
    return asks(inner, assignment.value, assignment.column) && conjuncts(query.where).some((each) => each.kind === 'operator' && each.operator === '=' && each.left !== undefined
      && [[each.left, each.right], [each.right, each.left]].some(([own, other]) => isKey({ query, table, resolution }, own) && asks(inner, other, key)));
  }
  if (term.kind !== 'operator' || term.operator !== '=' || term.left === undefined) return false;
  return [[term.left, term.right], [term.right, term.left]].some(([own, other]) => other?.kind === 'subquery' && other.form === 'scalar' && isKey({ query, table, resolution }, own)
    && isOfTable(other.query) && asks(other.query, assignment.value, assignment.column));
}

function isSameParameter(side: Expression, value: Expression | undefined): boolean {
  return side.kind === 'parameter' && value?.kind === 'parameter' && side.name === value.name;
}

/** `key = source.key`, `key IN (SELECT key ...)`, of a source that reads only rows of the same table whose tenant column is NULL. */
function namesUnfilled(update: Update, term: Expression, column: string): boolean {
  if (term.kind === 'subquery' && term.form === 'any' && term.operator === '=') {
    return isKey(update, term.left) && readsUnfilled(update, term.query, 0, column);
  }
  if (term.kind !== 'operator' || term.operator !== '=' || term.left === undefined) return false;
  return [[term.left, term.right], [term.right, term.left]].some(([own, other]) => {
    const found = other?.kind === 'column' && isKey(update, own) ? update.resolution.bindings.get(other) : undefined;
    const source = found && sourceOf(update.query, found.item);
    const position = source?.kind === 'select' ? source.targets.findIndex(({ alias, expression }) => (alias ?? nameOf(expression)) === found?.name) : -1;
    return source !== undefined && position >= 0 && readsUnfilled(update, source, position, column);
  });
}

function isKey({ query, table, resolution }: Update, side: Expression | undefined): boolean {
  const found = side?.kind === 'column' ? resolution.bindings.get(side) : undefined;
  return found?.item === query.target && table.primaryKey?.columns.join() === found.name;
}

function sourceOf(query: Query, item: FromItem): Query | undefined {
  if (item.kind === 'derived') return item.query;
  return item.kind === 'table' && item.name.schema === undefined ? query.with.find(({ name, columns }) => name === item.name.name && columns.length === 0)?.query : undefined;
}

/** Whether what a query gives at a position is the key of rows of the table whose column is NULL. */
function readsUnfilled({ table, resolution }: Update, source: Query, position: number, column: string): boolean {
  if (source.kind !== 'select') return false;
  const given = source.targets[position]?.expression;
  const row = given?.kind === 'column' ? resolution.bindings.get(given) : undefined;
  if (row?.table !== table || table.primaryKey?.columns.join() !== row.name) return false;
  return conjuncts(source.where).some((term) => isNullTest(term, column) && columnOf(term, resolution)?.item === row.item);
}

function isNullTest(term: Expression, column: string): boolean {
  return term.kind === 'nullTest' && !term.negated && term.operand.kind === 'column' && term.operand.path.at(-1) === column;
}

function columnOf(term: Expression, resolution: Resolution): ReturnType<Resolution['bindings']['get']> {
  return term.kind === 'nullTest' ? resolution.bindings.get(term.operand as ColumnExpression) : undefined;
}

function nameOf(expression: Expression): string | undefined {
  return expression.kind === 'column' ? expression.path.at(-1) : undefined;
}
