import type { DropNotNull, SetNotNull } from '../../facts/operation.js';
import type { ApplyEnvironment } from './environment.js';
import { isBefore } from './environment.js';
import { parentsOf, withDescendants } from './inheritance.js';
import { alteredTable, useColumn } from './lookup.js';
import { chooseConstraintName, hasConstraint, keyOf } from './names.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Column, Origin, Table } from './types.js';

/** ALTER COLUMN ... SET NOT NULL; it reaches the table's children. @throws Rejection 42P01, 42703 */
export function applySetNotNull(catalog: Catalog, operation: SetNotNull, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  useColumn(editTable(catalog, keyOf(table)), operation.column, operation.location, env);
  setNotNull(catalog, keyOf(table), operation.column, env.origin, env);
}

/**
 * Makes a column NOT NULL, under the constraint name PostgreSQL 18 gives (`t_c_not_null`) or the one written.
 * @param notValid the constraint waits for VALIDATE: the column may still hold NULLs
 * @throws Rejection 42703, 42710
 */
export function setNotNull(
  catalog: Catalog, key: string, columnName: string, origin: Origin, env: ApplyEnvironment, name?: string, notValid = false,
): void {
  const table = editTable(catalog, key);
  const column = useColumn(table, columnName, origin.location, env);
  if (name !== undefined && column.notNullName !== name && hasConstraint(table, name)) {
    reject('42710', `constraint "${name}" for relation "${table.name}" already exists`, origin.location);
  }
  if (name !== undefined && column.notNullName !== undefined && column.notNullName !== name) {
    reject('55000', `cannot create not-null constraint "${name}" on column "${columnName}" of table "${table.name}"`, origin.location);
  }
  mark(catalog, table, column, origin, name, notValid);
  const given = column.notNullName;
  for (const below of withDescendants(catalog, table).slice(1)) {
    const child = editTable(catalog, below);
    const own = child.columns.get(columnName);
    if (own && !own.notNull) mark(catalog, child, own, origin, given, notValid);
  }
}

function mark(catalog: Catalog, table: Table, column: Column, origin: Origin, name: string | undefined, notValid: boolean): void {
  column.notNullName ??= name ?? chooseConstraintName(catalog, table.schema, table.name, column.name, 'not_null');
  if (notValid || column.notNull) return;
  column.notNull = true;
  column.notNullOrigin = origin;
}

/** ALTER COLUMN ... DROP NOT NULL. @throws Rejection 42P01, 42703, 42P16 */
export function dropNotNull(catalog: Catalog, operation: DropNotNull, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const column = useColumn(editTable(catalog, keyOf(table)), operation.column, operation.location, env);
  if (!column.notNull && column.notNullName === undefined) return;
  if (table.primaryKey?.columns.includes(column.name)) reject('42P16', `column "${column.name}" is in a primary key`, operation.location);
  if (column.generated === 'identity') {
    reject('42601', `column "${column.name}" of relation "${table.name}" is an identity column`, operation.location);
  }
  if ((table.isPartition || !isBefore(18, env)) && parentsOf(catalog, table).some((parent) => parent.columns.get(column.name)?.notNull)) {
    reject('42P16', table.isPartition ? `column "${column.name}" is marked NOT NULL in parent table`
      : `cannot drop inherited constraint "${column.notNullName}" of relation "${table.name}"`, operation.location);
  }
  for (const key of withDescendants(catalog, table)) clear(editTable(catalog, key).columns.get(column.name));
}

function clear(column: Column | undefined): void {
  if (!column) return;
  column.notNull = false;
  delete column.notNullName;
  delete column.notNullOrigin;
}
