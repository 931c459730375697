import type { AddConstraint, DropConstraint, RenameConstraint, ValidateConstraint } from '../../facts/operation.js';
import type { CheckDefinition, ConstraintDefinition, NotNullDefinition } from '../../facts/schema.js';
import type { ApplyEnvironment } from './environment.js';
import { isBefore } from './environment.js';
import { addForeignKey } from './foreign-keys.js';
import { childrenOf, parentsOf, withDescendants } from './inheritance.js';
import { foreignKeyOver, removeIndex, renameIndexOf } from './indexes.js';
import { addExclusion, addKey } from './keys.js';
import { alteredTable, assumeColumn, createdHere, isOpen, isSystemColumn, originAt, requireFreeRelation } from './lookup.js';
import { chooseConstraintName, displayName, hasConstraint, keyOf } from './names.js';
import { setNotNull } from './not-null.js';
import { columnNames } from './references.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { containsSubquery } from './expressions.js';
import type { Catalog, Table } from './types.js';

/** ALTER TABLE ... ADD CONSTRAINT. @throws Rejection */
export function applyAddConstraint(catalog: Catalog, operation: AddConstraint, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (table) addConstraint(catalog, keyOf(table), operation.constraint, env);
}

/** Adds one constraint of any kind to the table. @throws Rejection */
export function addConstraint(catalog: Catalog, key: string, constraint: ConstraintDefinition, env: ApplyEnvironment): void {
  switch (constraint.kind) {
    case 'primaryKey':
    case 'unique': return addKey(catalog, key, constraint, env);
    case 'foreignKey': return addForeignKey(catalog, key, constraint, env);
    case 'check': return addCheck(catalog, key, constraint, env);
    case 'notNull': return addNotNull(catalog, key, constraint, env);
    case 'exclusion': return addExclusion(catalog, key, constraint, env);
  }
}

function addNotNull(catalog: Catalog, key: string, definition: NotNullDefinition, env: ApplyEnvironment): void {
  setNotNull(catalog, key, definition.column, originAt(env, definition.location), env, definition.name, definition.notValid);
}

/** CHECK. @throws Rejection 42703, 0A000, 42710 */
export function addCheck(catalog: Catalog, key: string, definition: CheckDefinition, env: ApplyEnvironment): void {
  const table = editTable(catalog, key);
  const columns = columnNames(definition.expression);
  for (const column of columns) requireCheckColumn(table, column, definition, env);
  if (containsSubquery(definition.expression)) reject('0A000', 'cannot use subquery in check constraint', definition.location);
  const name = definition.name
    ?? chooseConstraintName(catalog, table.schema, table.name, columns.length === 1 ? columns[0] : undefined, 'check');
  if (hasConstraint(table, name)) {
    reject('42710', `constraint "${name}" for relation "${table.name}" already exists`, definition.location);
  }
  const check = { name, expression: definition.expression, validated: !definition.notValid, origin: originAt(env, definition.location) };
  for (const below of withDescendants(catalog, table)) {
    const target = editTable(catalog, below);
    if (!target.checks.some((other) => other.name === name)) target.checks.push({ ...check });
  }
}

function requireCheckColumn(table: Table, column: string, definition: CheckDefinition, env: ApplyEnvironment): void {
  if (table.columns.has(column) || isSystemColumn(column)) return;
  if (!isOpen(table)) {
    reject('42703', `column "${column}" does not exist`, definition.location, createdHere(`"${displayName(table)}" was created`, table.created));
  }
  assumeColumn(table, column, env);
}

/** Whether a constraint of that name can be altered: a NOT NULL has a name since PostgreSQL 18. */
function isConstraint(table: Table, name: string, env: ApplyEnvironment): boolean {
  return hasConstraint(table, name) && !(isBefore(18, env) && [...table.columns.values()].some((column) => column.notNullName === name));
}

/** VALIDATE CONSTRAINT. @throws Rejection 42P01, 42704, 42809 */
export function validateConstraint(catalog: Catalog, operation: ValidateConstraint, env: ApplyEnvironment): void {
  const found = alteredTable(catalog, operation, env);
  if (!found) return;
  const { name, location } = operation;
  if (!isConstraint(found, name, env)) {
    if (isOpen(found)) return;
    reject('42704', `constraint "${name}" of relation "${found.name}" does not exist`, location);
  }
  if (found.primaryKey?.name === name || [...found.uniques, ...found.exclusions].some((key) => key.name === name)) {
    reject('42809', `cannot validate constraint "${name}" of relation "${found.name}"`, location);
  }
  for (const key of withDescendants(catalog, found)) validateIn(editTable(catalog, key), name, env);
}

function validateIn(table: Table, name: string, env: ApplyEnvironment): void {
  for (const foreignKey of table.foreignKeys) if (foreignKey.name === name) foreignKey.validated = true;
  for (const check of table.checks) {
    if (check.name === name && !check.validated) Object.assign(check, { validated: true, validatedOrigin: env.origin });
  }
  for (const column of table.columns.values()) {
    if (column.notNullName === name && !column.notNull) Object.assign(column, { notNull: true, notNullOrigin: env.origin });
  }
}

/** DROP CONSTRAINT: with its index, and with CASCADE the foreign keys that rest on it. @throws Rejection 42P01, 42704, 42P16, 2BP01 */
export function dropConstraint(catalog: Catalog, operation: DropConstraint, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const { name, location } = operation;
  if (!isConstraint(table, name, env)) {
    if (operation.ifExists || isOpen(table)) return;
    reject('42704', `constraint "${name}" of relation "${table.name}" does not exist`, location, {
      ...createdHere(`"${displayName(table)}" was created`, table.created), suggestion: 'Write DROP CONSTRAINT IF EXISTS, or correct the name.',
    });
  }
  if (isInheritedConstraint(catalog, table, name)) {
    reject('42P16', `cannot drop inherited constraint "${name}" of relation "${table.name}"`, location);
  }
  const index = table.indexes.find((candidate) => candidate.constraint === name);
  const dependent = index && foreignKeyOver(catalog, table, index);
  if (dependent && !operation.cascade) {
    reject('2BP01', `cannot drop constraint ${name} on table ${table.name} because other objects depend on it`, location, {
      suggestion: `Drop the foreign key "${dependent.constraint}" of "${dependent.table}" first, or add CASCADE.`,
    });
  }
  rejectKeptNotNull(table, name, operation);
  if (index) removeIndex(catalog, table, index);
  const keys = index ? table.partitioned ? withDescendants(catalog, table) : [keyOf(table)] : withDescendants(catalog, table);
  for (const key of keys) removeConstraint(editTable(catalog, key), name, index?.keys.map((part) => part.column ?? ''));
}

/** In PostgreSQL 18 a column of the primary key keeps its NOT NULL. */
function rejectKeptNotNull(table: Table, name: string, operation: DropConstraint): void {
  const column = [...table.columns.values()].find((candidate) => candidate.notNullName === name);
  if (!column) return;
  if (table.primaryKey?.columns.includes(column.name)) reject('42P16', `column "${column.name}" is in a primary key`, operation.location);
  if (column.generated === 'identity') {
    reject('42601', `column "${column.name}" of relation "${table.name}" is an identity column`, operation.location);
  }
}

function removeConstraint(table: Table, name: string, keyColumns: readonly string[] | undefined): void {
  const sameKey = (columns: readonly string[]): boolean => keyColumns !== undefined && columns.join() === keyColumns.join();
  if (table.primaryKey && (table.primaryKey.name === name || (table.isPartition && sameKey(table.primaryKey.columns) && !backed(table, table.primaryKey.name)))) {
    delete table.primaryKey;
  }
  table.uniques = table.uniques.filter((key) => key.name !== name && backed(table, key.name));
  table.foreignKeys = table.foreignKeys.filter((key) => key.name !== name);
  table.checks = table.checks.filter((check) => check.name !== name);
  table.exclusions = table.exclusions.filter((exclusion) => exclusion.name !== name);
  for (const column of table.columns.values()) {
    if (column.notNullName !== name) continue;
    column.notNull = false;
    delete column.notNullName;
    delete column.notNullOrigin;
  }
}

function backed(table: Table, constraint: string): boolean {
  return table.indexes.some((index) => index.constraint === constraint);
}

function isInheritedConstraint(catalog: Catalog, table: Table, name: string): boolean {
  return parentsOf(catalog, table).some((parent) => parent.checks.some((check) => check.name === name)
    || (table.isPartition && parent.foreignKeys.some((key) => key.name === name))
    || [...parent.columns.values()].some((column) => column.notNullName === name));
}

/** RENAME CONSTRAINT. @throws Rejection 42P01, 42704, 42710, 42P07 */
export function renameConstraint(catalog: Catalog, operation: RenameConstraint, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const { name, to, location } = operation;
  if (!isConstraint(table, name, env)) {
    if (isOpen(table)) return;
    reject('42704', `constraint "${name}" for table "${table.name}" does not exist`, location);
  }
  if (isInheritedConstraint(catalog, table, name)) reject('42P16', `cannot rename inherited constraint "${name}"`, location);
  if (table.indexes.some((index) => index.constraint === name)) {
    requireFreeRelation(catalog, table.schema, to, location);
    renameIndexOf(editTable(catalog, keyOf(table)), name, to);
    return;
  }
  if (hasConstraint(table, to)) reject('42710', `constraint "${to}" for relation "${table.name}" already exists`, location);
  for (const key of childrenOf(catalog, table).length > 0 ? withDescendants(catalog, table) : [keyOf(table)]) {
    const own = editTable(catalog, key);
    for (const constraint of [...own.foreignKeys, ...own.checks]) if (constraint.name === name) constraint.name = to;
    for (const column of own.columns.values()) if (column.notNullName === name) column.notNullName = to;
  }
}

