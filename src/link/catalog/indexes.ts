import type { Location } from '../../facts/location.js';
import type { CreateIndex, RenameIndex } from '../../facts/operation.js';
import type { IndexDefinition } from '../../facts/schema.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing, requireVersion } from './environment.js';
import { indexColumnNames } from './index-names.js';
import { createdHere, isOpen, isSystemColumn, originAt, requireFreeRelation, useRelation } from './lookup.js';
import { chooseRelationName, findIndexTable, keyOf, nameAddition, relationAt, searchedSchemas } from './names.js';
import { partitionsOf } from './inheritance.js';
import { columnNames } from './references.js';
import { nameText, reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Index, Table } from './types.js';
import { requireOperatorClass } from './type-names.js';

/** CREATE INDEX. @throws Rejection 25001, 42P01, 42809, 0A000, 42703, 42704, 42P07 */
export function createIndex(catalog: Catalog, operation: CreateIndex, env: ApplyEnvironment): void {
  const { index, location } = operation;
  if (index.concurrently && env.inTransaction) {
    reject('25001', 'CREATE INDEX CONCURRENTLY cannot run inside a transaction block', location, {
      suggestion: 'Leave out CONCURRENTLY, or let this migration run outside of a transaction.',
    });
  }
  if (index.nullsNotDistinct) requireVersion(15, 'NULLS NOT DISTINCT', location, env);
  const table = useRelation(catalog, operation.table, location, env);
  if (!table) return;
  if (table.kind === 'view' || table.kind === 'foreignTable') reject('42809', `cannot create index on relation "${table.name}"`, location);
  if (index.concurrently && table.partitioned) {
    reject('0A000', `cannot create index on partitioned table "${table.name}" concurrently`, location);
  }
  requireIndexColumns(table, index);
  if (index.unique) requirePartitionKey(table, index.keys.flatMap((key) => key.column ?? []), location);
  const name = index.name ?? generatedIndexName(catalog, table, index);
  if (operation.ifNotExists && relationAt(catalog, table.schema, name) !== undefined) return;
  requireFreeRelation(catalog, table.schema, name, location, 'Add IF NOT EXISTS, or drop the first one.');
  addIndex(catalog, table, index, name, env);
}

/** Refuses a unique key that leaves the partition key out. @throws Rejection 0A000 */
export function requirePartitionKey(table: Table, columns: readonly string[], location: Location): void {
  const missing = table.partitionKey?.find((column) => !columns.includes(column));
  if (missing === undefined) return;
  reject('0A000', 'unique constraint on partitioned table must include all partitioning columns', location, {
    suggestion: `Add "${missing}", which is part of the partition key of "${table.name}".`,
  });
}

function generatedIndexName(catalog: Catalog, table: Table, index: IndexDefinition): string {
  return chooseRelationName(catalog, table.schema, table.name, nameAddition(indexColumnNames(index.keys, index.include)), 'idx', false);
}

/** Adds the index to the table and, under generated names, to its partitions. */
export function addIndex(catalog: Catalog, table: Table, definition: IndexDefinition, name: string, env: ApplyEnvironment): void {
  const { location, ...facts } = definition;
  const index: Index = { ...facts, name, concurrently: definition.concurrently, origin: originAt(env, location) };
  editTable(catalog, keyOf(table)).indexes.push(index);
  if (!table.partitioned) return;
  for (const partition of partitionsOf(catalog, table)) {
    if (partition.indexes.some((other) => sameIndex(other, index))) continue;
    addIndex(catalog, partition, definition, generatedIndexName(catalog, partition, definition), env);
  }
}

/** Whether two indexes are over the same keys, so that one serves for the other. */
export function sameIndex(left: Index, right: Index): boolean {
  return left.unique === right.unique && left.method === right.method && left.keys.length === right.keys.length
    && left.where === undefined && right.where === undefined
    && left.keys.every((key, position) => key.column !== undefined && key.column === right.keys[position]!.column);
}

function requireIndexColumns(table: Table, index: IndexDefinition): void {
  const plain = [...index.keys.flatMap((key) => key.column ?? []), ...index.include];
  const inExpressions = [...index.keys.flatMap((key) => key.expression ?? []), ...(index.where ? [index.where] : [])].flatMap(columnNames);
  for (const name of [...plain, ...inExpressions]) {
    if (table.columns.has(name) || isOpen(table) || isSystemColumn(name)) continue;
    reject('42703', `column "${name}" does not exist`, index.location, createdHere(`"${table.name}" was created`, table.created));
  }
  for (const name of plain) requireOperatorClass(table.columns.get(name)?.type, index.method, index.location);
}

/**
 * DROP INDEX. Dropping the index of a constraint is refused.
 * @throws Rejection 25001, 42704, 42809, 2BP01
 */
export function dropIndex(
  catalog: Catalog, name: { readonly schema?: string; readonly name: string }, ifExists: boolean, cascade: boolean, location: Location, env: ApplyEnvironment,
): void {
  const found = locateIndex(catalog, name, env);
  if (!found) {
    rejectOtherRelation(catalog, name, location, env);
    if (!ifExists && isMissing(env, name, 'index')) {
      reject('42704', `index "${nameText(name)}" does not exist`, location, { suggestion: 'Write DROP INDEX IF EXISTS, or correct the name.' });
    }
    return;
  }
  const index = found.indexes.find((candidate) => candidate.name === name.name)!;
  if (index.constraint !== undefined) {
    reject('2BP01', `cannot drop index ${nameText(name)} because constraint ${index.constraint} on table ${found.name} requires it`, location, {
      suggestion: `Drop the constraint instead: ALTER TABLE ${found.name} DROP CONSTRAINT ${index.constraint}.`,
    });
  }
  const parent = found.parents.map((key) => catalog.tables.get(key)).find((candidate) => candidate?.partitioned && candidate.indexes.some((other) => sameIndex(other, index)));
  if (parent) {
    const required = parent.indexes.find((other) => sameIndex(other, index))!;
    reject('2BP01', `cannot drop index ${nameText(name)} because index ${required.name} requires it`, location);
  }
  const dependent = foreignKeyOver(catalog, found, index);
  if (dependent && !cascade) {
    reject('2BP01', `cannot drop index ${nameText(name)} because other objects depend on it`, location, {
      suggestion: `Drop the foreign key "${dependent.constraint}" of "${dependent.table}" first.`,
    });
  }
  removeIndex(catalog, found, index);
}

function rejectOtherRelation(catalog: Catalog, name: { readonly schema?: string; readonly name: string }, location: Location, env: ApplyEnvironment): void {
  if (searchedSchemas(name, env.searchPath).some((schema) => ['table', 'sequence'].includes(relationAt(catalog, schema, name.name) ?? ''))) {
    reject('42809', `"${name.name}" is not an index`, location);
  }
}

/** Takes the index off the table and off its partitions, with the foreign keys that rest on it. */
export function removeIndex(catalog: Catalog, table: Table, index: Index): void {
  const own = editTable(catalog, keyOf(table));
  own.indexes = own.indexes.filter((candidate) => candidate.name !== index.name);
  dropForeignKeysOver(catalog, table, index);
  if (!table.partitioned) return;
  for (const partition of partitionsOf(catalog, table)) {
    const copy = partition.indexes.find((candidate) => sameIndex(candidate, index));
    if (copy) removeIndex(catalog, partition, copy);
  }
}

function dropForeignKeysOver(catalog: Catalog, table: Table, index: Index): void {
  for (;;) {
    const dependent = foreignKeyOver(catalog, table, index);
    if (!dependent) return;
    const owner = editTable(catalog, dependent.key);
    owner.foreignKeys = owner.foreignKeys.filter((foreignKey) => foreignKey.name !== dependent.constraint);
  }
}

/** A foreign key that needs this unique index because no other one covers the columns it references. */
export function foreignKeyOver(catalog: Catalog, table: Table, index: Index): { key: string; table: string; constraint: string } | undefined {
  if (!index.unique || index.where || index.keys.some((key) => key.column === undefined)) return undefined;
  const covered = index.keys.map((key) => key.column!);
  const others = (catalog.tables.get(keyOf(table)) ?? table).indexes.filter((other) => other.name !== index.name && other.unique && !other.where);
  for (const [key, referencing] of catalog.tables) {
    for (const foreignKey of referencing.foreignKeys) {
      if (foreignKey.table !== keyOf(table) || !sameSet(foreignKey.referencedColumns, covered)) continue;
      if (others.some((other) => sameSet(foreignKey.referencedColumns, other.keys.map((part) => part.column ?? '')))) continue;
      return { key, table: referencing.name, constraint: foreignKey.name };
    }
  }
  return undefined;
}

/** Whether two column lists hold the same names, in any order. */
export function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}

/** The table that has the index a name refers to. */
export function locateIndex(catalog: Catalog, name: { readonly schema?: string; readonly name: string }, env: ApplyEnvironment): Table | undefined {
  for (const schema of searchedSchemas(name, env.searchPath)) {
    const table = findIndexTable(catalog, schema, name.name);
    if (table) return table;
  }
  return undefined;
}

/** ALTER INDEX ... RENAME TO: a constraint's index and the constraint share their name. @throws Rejection 42704, 42P07 */
export function renameIndex(catalog: Catalog, operation: RenameIndex, env: ApplyEnvironment): void {
  const table = locateIndex(catalog, operation.name, env);
  if (!table) {
    if (!operation.ifExists && isMissing(env, operation.name, 'index')) {
      reject('42P01', `relation "${nameText(operation.name)}" does not exist`, operation.location);
    }
    return;
  }
  requireFreeRelation(catalog, table.schema, operation.to, operation.location);
  renameIndexOf(editTable(catalog, keyOf(table)), operation.name.name, operation.to);
}

/** Renames an index and the constraint it backs; `table` is the caller's own copy. */
export function renameIndexOf(table: Table, from: string, to: string): void {
  const index = table.indexes.find((candidate) => candidate.name === from)!;
  index.name = to;
  if (index.constraint === undefined) return;
  index.constraint = to;
  for (const constraint of [table.primaryKey, ...table.uniques]) if (constraint?.name === from) constraint.name = to;
  table.exclusions = table.exclusions.map((exclusion) => (exclusion.name === from ? { ...exclusion, name: to } : exclusion));
}

/** Indexes that use a column: they go with it. */
export function indexUses(index: Index, column: string): boolean {
  if (index.include.includes(column) || index.keys.some((key) => key.column === column)) return true;
  const expressions = [...index.keys.flatMap((key) => key.expression ?? []), ...(index.where ? [index.where] : [])];
  return expressions.some((expression) => columnNames(expression).includes(column));
}

