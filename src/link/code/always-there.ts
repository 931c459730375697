import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { SelectQuery, TableReference } from '../../facts/query.js';
import { tablesNamed } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import type { Machine } from './machine.js';
import type { Result } from './values.js';

/**
 * Whether a row is certainly found: it is looked up by nothing but the key that a foreign key of a row which was found names, or by the row's own key.
 * `const survey = await find(id); const workspace = await findById(survey.workspaceId)`.
 */
export function isAlwaysThere(m: Machine, { rows }: Result): boolean {
  const [from, ...others] = rows?.from ?? [];
  const where = rows?.where;
  if (from?.kind !== 'table' || others.length > 0 || where?.kind !== 'operator' || where.operator !== '=' || rows!.offset !== undefined || rows!.groupBy.length > 0) return false;
  const key = where.left?.kind === 'column' ? where.left.path.at(-1)! : undefined;
  const named = nameOfRow(m, where.right);
  if (key === undefined || named === undefined) return false;
  const [to, by] = [tableOf(m, from), tableOf(m, named.table)];
  if (to === undefined || by === undefined) return false;
  if (to === by && named.column === key) return true;
  return by.columns.get(named.column)?.notNull === true && by.foreignKeys.some(({ columns, referencedColumns, table, validated, enforced }) => validated && enforced
    && columns.join() === named.column && referencedColumns.join() === key && table === `${to.schema}.${to.name}`);
}

/** The column of a row that was found before, which a value is. */
function nameOfRow(m: Machine, value: Expression): { readonly table: TableReference; readonly column: string } | undefined {
  if (value.kind !== 'subquery' || value.form !== 'scalar' || value.query.kind !== 'select') return undefined;
  const field = m.borrowed.get(value.query);
  const column = value.query.targets[0]?.expression;
  if (field === undefined || field.many || (field.maybe && !m.state.isPresent(field.result.id)) || column?.kind !== 'column') return undefined;
  const table = tableWith(value.query, column);
  return table && { table, column: column.path.at(-1)! };
}

/** The only table that a query reads, where a column is of it. */
export function tableWith({ from }: SelectQuery, { path }: ColumnExpression): TableReference | undefined {
  const [only, ...others] = from;
  if (only?.kind !== 'table' || others.length > 0) return undefined;
  return path.length === 1 || path.at(-2) === (only.alias ?? only.name.name) ? only : undefined;
}

function tableOf(m: Machine, { name }: TableReference): Table | undefined {
  const [only, ...others] = tablesNamed(m.catalogs, name);
  return others.length === 0 ? only : undefined;
}
