import type { Location } from '../../facts/location.js';
import type { ExclusionDefinition, IndexDefinition, PrimaryKeyDefinition, UniqueDefinition } from '../../facts/schema.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing, requireVersion } from './environment.js';
import { partitionsOf } from './inheritance.js';
import { requirePartitionKey, sameIndex } from './indexes.js';
import { assumeColumn, createdHere, isOpen, originAt, requireFreeRelation } from './lookup.js';
import { chooseRelationName, displayName, findIndexTable, hasConstraint, keyOf, nameAddition } from './names.js';
import { setNotNull } from './not-null.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { requireOperatorClass } from './type-names.js';
import type { Catalog, Index, Table } from './types.js';

type KeyDefinition = PrimaryKeyDefinition | UniqueDefinition;

/** PRIMARY KEY or UNIQUE, with the index that backs it. @throws Rejection 42P16, 42703, 42701, 42P07, 42710, 42704, 42809, 55000 */
export function addKey(catalog: Catalog, key: string, definition: KeyDefinition, env: ApplyEnvironment): void {
  const table = editTable(catalog, key);
  if (definition.kind === 'primaryKey' && table.primaryKey) {
    reject('42P16', `multiple primary keys for table "${table.name}" are not allowed`, definition.location,
      createdHere('the first primary key was declared', table.primaryKey.origin));
  }
  if (definition.kind === 'unique' && definition.nullsNotDistinct) requireVersion(15, 'NULLS NOT DISTINCT', definition.location, env);
  if (definition.usingIndex !== undefined) return adoptIndex(catalog, table, definition, definition.usingIndex, env);
  requireKeyColumns(table, definition, env);
  requirePartitionKey(table, definition.columns, definition.location);
  const name = definition.name ?? generatedKeyName(catalog, table, definition.kind, definition.columns);
  requireFreeConstraint(catalog, table, name, definition.location);
  install(catalog, key, definition, name, env);
}

function generatedKeyName(catalog: Catalog, table: Table, kind: KeyDefinition['kind'], columns: readonly string[]): string {
  return kind === 'primaryKey'
    ? chooseRelationName(catalog, table.schema, table.name, undefined, 'pkey', true)
    : chooseRelationName(catalog, table.schema, table.name, nameAddition(columns), 'key', true);
}

function requireKeyColumns(table: Table, definition: KeyDefinition, env: ApplyEnvironment): void {
  const seen = new Set<string>();
  for (const column of definition.columns) {
    if (!table.columns.has(column)) {
      if (!isOpen(table)) {
        reject('42703', `column "${column}" named in key does not exist`, definition.location,
          createdHere(`"${displayName(table)}" was created`, table.created));
      }
      assumeColumn(table, column, env);
    }
    if (seen.has(column)) {
      const what = definition.kind === 'primaryKey' ? 'primary key' : 'unique';
      reject('42701', `column "${column}" appears twice in ${what} constraint`, definition.location);
    }
    seen.add(column);
    requireOperatorClass(table.columns.get(column)?.type, 'btree', definition.location);
  }
}

function requireFreeConstraint(catalog: Catalog, table: Table, name: string, location: Location): void {
  requireFreeRelation(catalog, table.schema, name, location);
  if (hasConstraint(table, name)) reject('42710', `constraint "${name}" for relation "${table.name}" already exists`, location);
}

function install(catalog: Catalog, key: string, definition: KeyDefinition, name: string, env: ApplyEnvironment): void {
  const table = editTable(catalog, key);
  const origin = originAt(env, definition.location);
  const nullsNotDistinct = definition.kind === 'unique' && definition.nullsNotDistinct;
  table.indexes.push({
    name, constraint: name, unique: true, keys: definition.columns.map((column) => ({ column })), include: [], method: 'btree',
    nullsNotDistinct, concurrently: false, origin,
  });
  const constraint = { kind: definition.kind, name, columns: [...definition.columns], nullsNotDistinct, origin };
  if (definition.kind === 'primaryKey') table.primaryKey = constraint;
  else table.uniques.push(constraint);
  if (definition.kind === 'primaryKey') for (const column of definition.columns) setNotNull(catalog, key, column, origin, env);
  for (const partition of partitionsOf(catalog, table)) inheritKey(catalog, partition, definition, env);
}

/** Gives a partition the key of its parent, under a generated name, unless it has an equal one. */
function inheritKey(catalog: Catalog, partition: Table, definition: KeyDefinition, env: ApplyEnvironment): void {
  const own = definition.kind === 'primaryKey' ? [partition.primaryKey] : partition.uniques;
  if (own.some((key) => key?.columns.join() === definition.columns.join())) return;
  install(catalog, keyOf(partition), definition, generatedKeyName(catalog, partition, definition.kind, definition.columns), env);
}

/** Gives a new partition the keys of its parent. */
export function inheritKeys(catalog: Catalog, key: string, parent: Table, env: ApplyEnvironment): void {
  for (const constraint of [parent.primaryKey, ...parent.uniques]) {
    if (!constraint) continue;
    const { columns, nullsNotDistinct, origin } = constraint;
    const definition: KeyDefinition = constraint.kind === 'primaryKey'
      ? { kind: 'primaryKey', columns, location: origin.location }
      : { kind: 'unique', columns, nullsNotDistinct, location: origin.location };
    inheritKey(catalog, catalog.tables.get(key)!, definition, env);
  }
}

/** ADD CONSTRAINT ... USING INDEX: an index becomes the constraint's and takes its name. */
function adoptIndex(catalog: Catalog, table: Table, definition: KeyDefinition, indexName: string, env: ApplyEnvironment): void {
  const { location } = definition;
  if (table.partitioned) {
    reject('0A000', 'ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables', location);
  }
  const index = table.indexes.find((candidate) => candidate.name === indexName);
  if (!index) return rejectUnknownIndex(catalog, table, indexName, definition, env);
  requireAdoptable(index, location);
  const name = definition.name ?? indexName;
  if (name !== indexName) requireFreeRelation(catalog, table.schema, name, location);
  index.name = name;
  index.constraint = name;
  const columns = index.keys.map((key) => key.column!);
  const constraint = { kind: definition.kind, name, columns, nullsNotDistinct: index.nullsNotDistinct, origin: originAt(env, location) };
  if (definition.kind === 'unique') {
    table.uniques.push(constraint);
    return;
  }
  table.primaryKey = constraint;
  for (const column of columns) setNotNull(catalog, keyOf(table), column, originAt(env, location), env);
}

function rejectUnknownIndex(catalog: Catalog, table: Table, indexName: string, definition: KeyDefinition, env: ApplyEnvironment): void {
  if (findIndexTable(catalog, table.schema, indexName)) {
    reject('55000', `"${indexName}" is not an index for table "${table.name}"`, definition.location);
  }
  if (!isOpen(table) && isMissing(env, { schema: table.schema, name: indexName }, 'index')) {
    reject('42704', `index "${indexName}" does not exist`, definition.location);
  }
}

function requireAdoptable(index: Index, location: Location): void {
  if (index.constraint !== undefined) reject('55000', `index "${index.name}" is already associated with a constraint`, location);
  if (!index.unique) reject('42809', `"${index.name}" is not a unique index`, location);
  if (index.keys.some((key) => key.column === undefined)) reject('42809', `index "${index.name}" contains expressions`, location);
  if (index.where) reject('42809', `"${index.name}" is a partial index`, location);
}

/** EXCLUDE, with its index. @throws Rejection 42P07, 42710 */
export function addExclusion(catalog: Catalog, key: string, definition: ExclusionDefinition, env: ApplyEnvironment): void {
  const table = editTable(catalog, key);
  const name = definition.name ?? chooseRelationName(catalog, table.schema, table.name, nameAddition(definition.columns), 'excl', true);
  requireFreeConstraint(catalog, table, name, definition.location);
  const origin = originAt(env, definition.location);
  const keys = definition.columns.map((column) => ({ column }));
  table.exclusions.push({ ...definition, name, origin });
  table.indexes.push({
    name, constraint: name, unique: false, keys, include: [], method: 'gist', nullsNotDistinct: false, concurrently: false, origin,
  });
}

/** Gives a new partition the plain indexes of its parent that it lacks; `add` creates one under a generated name. */
export function inheritIndexes(catalog: Catalog, key: string, parent: Table, add: (index: IndexDefinition) => void): void {
  for (const index of parent.indexes) {
    if (index.constraint !== undefined) continue;
    if (catalog.tables.get(key)!.indexes.some((own) => sameIndex(own, index))) continue;
    const { name: _name, origin, ...definition } = index;
    add({ ...definition, location: origin.location });
  }
}
