import type { ForeignKeyDefinition } from '../../facts/schema.js';
import type { ApplyEnvironment } from './environment.js';
import { isBefore } from './environment.js';
import { sameSet } from './indexes.js';
import { assumeColumn, createdHere, isOpen, originAt, useRelation } from './lookup.js';
import { chooseConstraintName, displayName, hasConstraint, keyOf, nameAddition } from './names.js';
import { partitionsOf } from './inheritance.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { canReference, formatType } from './type-names.js';
import type { Catalog, ForeignKey, Table } from './types.js';

/**
 * FOREIGN KEY / REFERENCES (PostgreSQL's ATAddForeignKeyConstraint).
 * @throws Rejection 42P01, 42809, 42703, 42830, 42704, 42804, 42710
 */
export function addForeignKey(catalog: Catalog, key: string, definition: ForeignKeyDefinition, env: ApplyEnvironment): void {
  const referenced = useRelation(catalog, definition.references, definition.location, env)!;
  if (referenced.kind !== 'table') reject('42809', `referenced relation "${referenced.name}" is not a table`, definition.location);
  const table = editTable(catalog, key);
  rejectPersistence(table, referenced, definition.location);
  if (definition.notValid && table.partitioned && isBefore(18, env)) {
    reject('42809', `cannot add NOT VALID foreign key on partitioned table "${table.name}" referencing relation "${referenced.name}"`, definition.location);
  }
  requireColumns(table, definition.columns, definition, env);
  const referencedColumns = resolveReferencedColumns(catalog, referenced, definition, env);
  if (referencedColumns.length > 0 && referencedColumns.length !== definition.columns.length) {
    reject('42830', 'number of referencing and referenced columns for foreign key disagree', definition.location);
  }
  const name = definition.name ?? chooseConstraintName(catalog, table.schema, table.name, nameAddition(definition.columns), 'fkey');
  if (hasConstraint(table, name)) {
    reject('42710', `constraint "${name}" for relation "${table.name}" already exists`, definition.location);
  }
  requireComparable(table, referenced, definition, referencedColumns, name);
  attach(catalog, key, foreignKeyOf(definition, name, keyOf(referenced), referencedColumns, env));
}

function rejectPersistence(table: Table, referenced: Table, location: ForeignKeyDefinition['location']): void {
  if (table.temporary === referenced.temporary || referenced.assumed) return;
  const kind = table.temporary ? 'temporary' : 'permanent';
  reject('42P16', `constraints on ${kind} tables may reference only ${kind} tables`, location);
}

function foreignKeyOf(definition: ForeignKeyDefinition, name: string, table: string, referencedColumns: readonly string[], env: ApplyEnvironment): ForeignKey {
  const { onDelete, onUpdate, match, enforced, notValid, location } = definition;
  return {
    name, table, onDelete, onUpdate, match, enforced, columns: [...definition.columns], referencedColumns: [...referencedColumns],
    validated: !notValid, origin: originAt(env, location),
  };
}

/** Adds the key to the table and its partitions: they share its name unless they use it already. */
function attach(catalog: Catalog, key: string, foreignKey: ForeignKey): void {
  const table = editTable(catalog, key);
  const name = hasConstraint(table, foreignKey.name)
    ? chooseConstraintName(catalog, table.schema, table.name, nameAddition(foreignKey.columns), 'fkey') : foreignKey.name;
  table.foreignKeys.push({ ...foreignKey, name });
  for (const partition of partitionsOf(catalog, table)) attach(catalog, keyOf(partition), foreignKey);
}

/** Gives a new partition the foreign keys of its parent, unless it has an equal one. */
export function inheritForeignKeys(catalog: Catalog, key: string, parent: Table): void {
  for (const foreignKey of parent.foreignKeys) {
    const own = catalog.tables.get(key)!.foreignKeys;
    if (own.some((other) => other.table === foreignKey.table && other.columns.join() === foreignKey.columns.join())) continue;
    attach(catalog, key, foreignKey);
  }
}

function requireColumns(table: Table, columns: readonly string[], definition: ForeignKeyDefinition, env: ApplyEnvironment): void {
  for (const column of columns) {
    if (table.columns.has(column)) continue;
    if (!isOpen(table)) {
      reject('42703', `column "${column}" referenced in foreign key constraint does not exist`, definition.location,
        createdHere(`"${displayName(table)}" was created`, table.created));
    }
    assumeColumn(table, column, env);
  }
}

function resolveReferencedColumns(catalog: Catalog, referenced: Table, definition: ForeignKeyDefinition, env: ApplyEnvironment): readonly string[] {
  if (definition.referencedColumns.length === 0) {
    if (referenced.primaryKey) return referenced.primaryKey.columns;
    if (isOpen(referenced)) return [];
    reject('42704', `there is no primary key for referenced table "${referenced.name}"`, definition.location, {
      ...createdHere(`"${displayName(referenced)}" was created`, referenced.created),
      suggestion: 'Name the referenced columns, or give the table a primary key.',
    });
  }
  requireColumns(editTable(catalog, keyOf(referenced)), definition.referencedColumns, definition, env);
  if (!isOpen(referenced) && !hasUniqueKey(referenced, definition.referencedColumns)) {
    reject('42830', `there is no unique constraint matching given keys for referenced table "${referenced.name}"`, definition.location, {
      ...createdHere(`"${displayName(referenced)}" was created`, referenced.created),
      suggestion: `Add a unique constraint on ${displayName(referenced)} (${definition.referencedColumns.join(', ')}).`,
    });
  }
  return definition.referencedColumns;
}

/** Whether a whole, plain unique index covers exactly these columns. */
function hasUniqueKey(table: Table, columns: readonly string[]): boolean {
  return table.indexes.some((index) => index.unique && !index.where && sameSet(index.keys.map((key) => key.column ?? ''), columns));
}

function requireComparable(
  table: Table, referenced: Table, definition: ForeignKeyDefinition, referencedColumns: readonly string[], name: string,
): void {
  for (const [position, columnName] of definition.columns.entries()) {
    const from = table.columns.get(columnName)?.type;
    const to = referenced.columns.get(referencedColumns[position] ?? '')?.type;
    if (!from || !to || canReference(from, to)) continue;
    reject('42804', `foreign key constraint "${name}" cannot be implemented`, definition.location, {
      ...createdHere(`the referenced column is ${formatType(to)}: declared`, referenced.columns.get(referencedColumns[position]!)?.added),
      suggestion: `Key columns "${columnName}" and "${referencedColumns[position]}" are of incompatible types: ${formatType(from)} and ${formatType(to)}.`,
    });
  }
}
