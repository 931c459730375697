import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { Value } from '../../values.js';
import type { ColumnData, ConstraintData, IndexData } from '../sqlalchemy/data.js';
import { dataOf } from '../sqlalchemy/data.js';
import { enumTypes, lowerColumn, tableConstraints } from '../sqlalchemy/definitions.js';
import { itemsOf } from '../sqlalchemy/given.js';
import { tableData } from '../sqlalchemy/tables.js';
import type { TableData } from '../sqlalchemy/tables.js';
import { insertRows, rowsOfValue, type Row } from '../sqlalchemy/writes.js';
import { table as reference } from '../build.js';
import type { Outcome, Site } from './site.js';

/** `op.create_table('t', Column(...), ..., UniqueConstraint(...))`: types of its enumerations first, then the table, then its indexes. */
export function createTable(site: Site, table: QualifiedName): Outcome {
  const { given, location, naming, ctx } = site;
  const columns: ColumnData[] = [];
  const constraints: ConstraintData[] = [];
  const indexes: IndexData[] = [];
  for (const { value } of given.rest) {
    const column = dataOf(value, 'column', ctx);
    const constraint = dataOf(value, 'constraint', ctx);
    const index = dataOf(value, 'index', ctx);
    if (column) columns.push({ ...column, foreignKeys: column.foreignKeys.filter(({ useAlter }) => useAlter !== true) });
    else if (constraint) constraints.push(...(constraint.useAlter === true ? [] : [constraint]));
    else if (index) indexes.push(index);
  }
  if (site.call.arguments.open) return `not all columns of "${table.name}" are known`;
  const place = { table, naming, isModel: false };
  const own = tableConstraints(constraints, place);
  const key = own.find((constraint) => constraint.kind === 'primaryKey');
  const primaryKey = key?.columns ?? columns.filter((column) => column.primaryKey).flatMap(({ name }) => name ?? []);
  const lowered = columns.flatMap((data) => (data.name === undefined ? [] : [lowerColumn(data.name, data, place, primaryKey)]));
  const implied = key || primaryKey.length === 0 ? [] : tableConstraints([{ constraint: { kind: 'primaryKey', columns: primaryKey, location }, final: false }], place);
  const create: Operation = {
    kind: 'createTable',
    definition: { name: table, columns: lowered.map(({ column }) => column), constraints: [...implied, ...own, ...lowered.flatMap((each) => each.constraints)], location },
    ifNotExists: given.flag('if_not_exists') === true, temporary: false, like: [], inherits: [], partitioned: given.has('postgresql_partition_by'), location,
  };
  const created = [...lowered.flatMap((each) => each.indexes), ...indexes.map(({ index }) => index)];
  return [
    ...enumTypes(columns, location).map((type) => [type]), [create],
    ...created.map((index): Operation[] => [{ kind: 'createIndex', table, index, ifNotExists: false, location: index.location }]),
  ];
}

/** The table that `op.create_table()` gives back, for `op.bulk_insert()`. */
export function createdTable(site: Site, name: QualifiedName): TableData {
  const declared = site.given.rest.flatMap(({ value }) => dataOf(value, 'column', site.ctx)?.name ?? []);
  return { name, alias: name.name, declared };
}

/** `op.drop_table(...)`. */
export function dropTable({ given, location }: Site, table: QualifiedName): Outcome {
  return [[{ kind: 'dropRelation', relation: 'table', name: table, ifExists: given.flag('if_exists') === true, cascade: false, location }]];
}

/** `op.rename_table(...)`. */
export function renameTable({ given, location }: Site, table: QualifiedName): Outcome {
  const to = given.text('new_table_name');
  return to === undefined ? 'the new name of the table is not known' : [[{ kind: 'renameRelation', relation: 'table', name: table, to, ifExists: false, location }]];
}

/** `op.bulk_insert(table, [{...}, ...])`: rows that are not known may leave any column out. */
export function bulkInsert(site: Site): Outcome {
  const { given, ctx, location } = site;
  const data = tableData(given.value('table'), ctx);
  if (!data) return 'the table is not known';
  const rows = given.value('rows');
  const known = rows && rowsOf(rows, site);
  if (known?.length === 0) return [];
  const base = { kind: 'insert' as const, target: reference(data.name, undefined, location), columns: [], returning: [], with: [], location };
  const entries = known ?? [{ entries: (data.declared ?? []).map((column) => ({ column, value: { kind: 'unknown', reason: 'a value that is not known' } as const, location })) }];
  return [[{ kind: 'query', query: insertRows(base, entries, ctx), location }]];
}

function rowsOf(rows: Value, { ctx }: Site): readonly Row[] | undefined {
  const found = itemsOf(rows, ctx)?.flatMap((row) => rowsOfValue(row, undefined, ctx));
  return found?.every(({ open }) => open === undefined) ? found : undefined;
}
