import type { AddColumn, ChangeGenerated, DropDefault, SetDefault } from '../../facts/operation.js';
import type { ColumnDefinition } from '../../facts/schema.js';
import type { ApplyEnvironment } from './environment.js';
import { addConstraint } from './constraints.js';
import { columnNames } from './references.js';
import { containsSubquery } from './expressions.js';
import { childrenOf, withDescendants } from './inheritance.js';
import { alteredTable, createdHere, isOpen, isSystemColumn, originAt, useColumn } from './lookup.js';
import { chooseConstraintName, chooseRelationName, displayName, keyOf, tableKey } from './names.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Column, Origin, Table } from './types.js';
import { requireType } from './type-names.js';

/** ADD COLUMN with its constraints; children get the column too. @throws Rejection 42P01, 42701, 42704, 42P16 and those of its constraints */
export function addColumn(catalog: Catalog, operation: AddColumn, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const { column, location } = operation;
  const existing = table.columns.get(column.name);
  if (existing && operation.ifNotExists) return;
  if (table.isPartition) reject('42809', 'cannot add column to a partition', location);
  if (existing && !(table.assumed && existing.type.name === 'unknown')) {
    reject('42701', `column "${column.name}" of relation "${table.name}" already exists`, location, {
      ...createdHere('the column was added', existing.added), suggestion: 'Write ADD COLUMN IF NOT EXISTS, or drop the second one.',
    });
  }
  requireColumn(catalog, column, env);
  insertColumn(catalog, table, columnOf(catalog, table, column, env));
  requireGeneration(catalog.tables.get(keyOf(table))!, column);
  for (const constraint of operation.constraints) addConstraint(catalog, keyOf(table), constraint, env);
}

/** Checks that a column can be declared so. @throws Rejection 42701, 42704, 0A000 */
export function requireColumn(catalog: Catalog, column: ColumnDefinition, env: ApplyEnvironment): void {
  if (isSystemColumn(column.name)) {
    reject('42701', `column name "${column.name}" conflicts with a system column name`, column.location);
  }
  requireType(catalog, column.type, column.location, env);
  if (column.generation && containsSubquery(column.generation)) {
    reject('0A000', 'cannot use subquery in column generation expression', column.location);
  }
  if (!column.default) return;
  const { expression, location } = column.default;
  if (containsSubquery(expression)) reject('0A000', 'cannot use subquery in DEFAULT expression', location);
  if (columnNames(expression).length > 0) reject('0A000', 'cannot use column reference in DEFAULT expression', location);
}

/** Checks what a generated column is computed from. @throws Rejection 42703, 42P17 */
export function requireGeneration(table: Table, definition: ColumnDefinition): void {
  if (!definition.generation || isOpen(table)) return;
  for (const name of columnNames(definition.generation)) {
    const source = table.columns.get(name);
    if (!source && !isSystemColumn(name)) {
      reject('42703', `column "${name}" does not exist`, definition.location, createdHere(`"${displayName(table)}" was created`, table.created));
    }
    if (source?.generation) {
      reject('42P17', `cannot use generated column "${name}" in column generation expression`, definition.location, {
        suggestion: 'A generated column cannot reference another generated column.',
      });
    }
  }
}

/** Children get the column as it is, under the parent's names. */
function insertColumn(catalog: Catalog, table: Table, column: Column): void {
  editTable(catalog, keyOf(table)).columns.set(column.name, column);
  for (const child of childrenOf(catalog, table)) {
    if (!child.columns.has(column.name)) insertColumn(catalog, child, { ...column });
  }
}

/** A column as its declaration states it, with the name of its NOT NULL and the sequence it owns. */
export function columnOf(catalog: Catalog, table: Table, definition: ColumnDefinition, env: ApplyEnvironment): Column {
  const origin = originAt(env, definition.location);
  const column: Column = { name: definition.name, type: definition.type, notNull: false, added: origin };
  if (definition.default) column.default = definition.default;
  if (definition.generated) column.generated = definition.generated;
  if (definition.identityAlways) column.identityAlways = true;
  if (definition.generation) column.generation = definition.generation;
  if (definition.annotatedNullable !== undefined) column.annotatedNullable = definition.annotatedNullable;
  if (definition.nullabilityUnsaid) column.nullabilityUnsaid = true;
  if (definition.notNull) {
    column.notNull = true;
    column.notNullOrigin = originAt(env, definition.notNullLocation ?? definition.location);
    column.notNullName = definition.notNullName ?? chooseConstraintName(catalog, table.schema, table.name, definition.name, 'not_null');
  }
  if (ownsSequence(definition)) addOwnedSequence(catalog, table, definition.name, origin);
  return column;
}

/** Makes the sequence of a serial or identity column. */
export function addOwnedSequence(catalog: Catalog, table: Table, column: string, origin: Origin): void {
  const name = chooseRelationName(catalog, table.schema, table.name, column, 'seq', false);
  catalog.sequences.set(tableKey(table.schema, name), { ...origin, ownedBy: { table: keyOf(table), column } });
}

function ownsSequence(definition: ColumnDefinition): boolean {
  const value = definition.default?.expression;
  return definition.generated === 'identity' || (value?.kind === 'call' && value.name.at(-1) === 'nextval' && value.arguments.length === 0);
}

/** ALTER COLUMN ... SET DEFAULT. @throws Rejection 42P01, 42703, 42601, 0A000 */
export function setDefault(catalog: Catalog, operation: SetDefault, env: ApplyEnvironment): void {
  const { location } = operation;
  changeColumns(catalog, operation, env, (column, table) => {
    rejectGenerated(column, table, location);
    column.default = operation.default;
  });
  if (columnNames(operation.default.expression).length > 0) reject('0A000', 'cannot use column reference in DEFAULT expression', location);
  if (containsSubquery(operation.default.expression)) reject('0A000', 'cannot use subquery in DEFAULT expression', location);
}

/** ALTER COLUMN ... DROP DEFAULT. @throws Rejection 42P01, 42703, 42601 */
export function dropDefault(catalog: Catalog, operation: DropDefault, env: ApplyEnvironment): void {
  changeColumns(catalog, operation, env, (column, table) => {
    rejectGenerated(column, table, operation.location);
    delete column.default;
  });
}

function rejectGenerated(column: Column, table: Table, location: SetDefault['location']): void {
  if (column.generated === 'identity') reject('42601', `column "${column.name}" of relation "${table.name}" is an identity column`, location);
  if (column.generated) reject('42601', `column "${column.name}" of relation "${table.name}" is a generated column`, location);
}

/** ADD/DROP IDENTITY, SET/DROP EXPRESSION. @throws Rejection 42P01, 42703, 55000 */
export function changeGenerated(catalog: Catalog, operation: ChangeGenerated, env: ApplyEnvironment): void {
  changeColumns(catalog, operation, env, (column, table) => {
    if (operation.generated === undefined) {
      rejectNotGenerated(column, table, operation);
      delete column.generated;
      delete column.identityAlways;
      delete column.generation;
      dropOwnedSequences(catalog, keyOf(table), column.name);
      return;
    }
    if (operation.generated === 'identity' && column.generated !== 'identity') addIdentity(catalog, table, column, operation, env);
    column.generated = operation.generated;
    // SET GENERATED may have made it BY DEFAULT.
    delete column.identityAlways;
  });
}

function rejectNotGenerated(column: Column, table: Table, operation: ChangeGenerated): void {
  if (column.generated || operation.ifExists || isOpen(table)) return;
  reject('55000', `column "${column.name}" of relation "${table.name}" is not an identity column`, operation.location);
}

function addIdentity(catalog: Catalog, table: Table, column: Column, operation: ChangeGenerated, env: ApplyEnvironment): void {
  const { location } = operation;
  if (!column.notNull && !table.assumed) {
    reject('55000', `column "${column.name}" of relation "${table.name}" must be declared NOT NULL before identity can be added`, location);
  }
  if (column.default) reject('55000', `column "${column.name}" of relation "${table.name}" already has a default value`, location);
  addOwnedSequence(catalog, table, column.name, originAt(env, location));
}

/** Drops the sequences that belong to the column, or to the whole table when none is named. */
export function dropOwnedSequences(catalog: Catalog, table: string, column?: string): void {
  for (const [key, sequence] of catalog.sequences) {
    if (sequence.ownedBy?.table === table && (column === undefined || sequence.ownedBy.column === column)) catalog.sequences.delete(key);
  }
}

/** Changes one column of the operation's table and of everything below it. @throws Rejection 42P01, 42703 */
function changeColumns(
  catalog: Catalog, operation: SetDefault | DropDefault | ChangeGenerated, env: ApplyEnvironment, change: (column: Column, table: Table) => void,
): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  useColumn(editTable(catalog, keyOf(table)), operation.column, operation.location, env);
  for (const key of withDescendants(catalog, table)) {
    const own = editTable(catalog, key);
    const column = own.columns.get(operation.column);
    if (column) change(column, own);
  }
}
