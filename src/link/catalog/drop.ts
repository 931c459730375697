import type { DropColumn, DropRelation } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { dropOwnedSequences } from './columns.js';
import { parts } from './expressions.js';
import type { Dependent } from './dependents.js';
import { describe, foreignKeysTo, generatedFrom, policiesOver, triggersOver, viewsOver } from './dependents.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing } from './environment.js';
import { childrenOf, requireOwnColumn } from './inheritance.js';
import { dropIndex, indexUses } from './indexes.js';
import { alteredTable, createdHere, isOpen, useTable } from './lookup.js';
import { displayName, findTable, keyOf, relationAt, searchedSchemas, tableKey } from './names.js';
import { columnNames } from './references.js';
import { nameText, reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Column, RelationKind, Table } from './types.js';

const words: Readonly<Record<DropRelation['relation'], string>> = {
  table: 'table', view: 'view', materializedView: 'materialized view', index: 'index', sequence: 'sequence', foreignTable: 'foreign table',
};

/** DROP TABLE | VIEW | MATERIALIZED VIEW | INDEX | SEQUENCE. @throws Rejection 25001, 42P01, 42704, 42809, 2BP01 */
export function dropRelation(catalog: Catalog, operation: DropRelation, env: ApplyEnvironment): void {
  const { relation, name, location } = operation;
  if (relation === 'index') {
    if (operation.concurrently && env.inTransaction) {
      reject('25001', 'DROP INDEX CONCURRENTLY cannot run inside a transaction block', location, {
        suggestion: 'Leave out CONCURRENTLY, or let this migration run outside of a transaction.',
      });
    }
    return dropIndex(catalog, name, operation.ifExists, operation.cascade, location, env);
  }
  if (relation === 'sequence') return dropSequence(catalog, operation, env);
  const table = findTable(catalog, name, env.searchPath);
  if (!table) {
    rejectOtherKind(catalog, operation, env);
    if (!operation.ifExists && isMissing(env, name, 'table')) {
      reject('42P01', `${words[relation]} "${nameText(name)}" does not exist`, location, { suggestion: `Write DROP ${words[relation].toUpperCase()} IF EXISTS, or correct the name.` });
    }
    return;
  }
  requireKind(table, relation, operation);
  dropTable(catalog, table, operation);
}

function rejectOtherKind(catalog: Catalog, operation: DropRelation, env: ApplyEnvironment): void {
  const found = searchedSchemas(operation.name, env.searchPath).map((schema) => relationAt(catalog, schema, operation.name.name));
  if (found.some((type) => type === 'index' || type === 'sequence')) {
    reject('42809', `"${operation.name.name}" is not a ${words[operation.relation]}`, operation.location);
  }
}

function requireKind(table: Table, relation: RelationKind | 'index' | 'sequence', operation: DropRelation): void {
  if (table.assumed || table.kind === relation) return;
  reject('42809', `"${table.name}" is not a ${words[operation.relation]}`, operation.location, {
    ...createdHere(`the ${words[table.kind]} was created`, table.created), suggestion: `Use DROP ${words[table.kind].toUpperCase()} to remove it.`,
  });
}

function isOwner(owner: { table: string; column: string } | undefined, table: Table, column: Column): boolean {
  return owner?.table === keyOf(table) && owner.column === column.name;
}

function dropSequence(catalog: Catalog, operation: DropRelation, env: ApplyEnvironment): void {
  const { name, location } = operation;
  const key = searchedSchemas(name, env.searchPath).map((schema) => tableKey(schema, name.name)).find((candidate) => catalog.sequences.has(candidate));
  if (key === undefined) {
    if (findTable(catalog, name, env.searchPath)) reject('42809', `"${name.name}" is not a sequence`, location);
    if (!operation.ifExists && isMissing(env, name, 'sequence')) reject('42P01', `sequence "${nameText(name)}" does not exist`, location);
    return;
  }
  const owner = catalog.sequences.get(key)!.ownedBy;
  const users = [...catalog.tables.values()].flatMap((table) => [...table.columns.values()]
    .filter((column) => (isOwner(owner, table, column) && (column.default || column.generated === 'identity')) || drawsFrom(column, name.name))
    .map((column) => ({ key: keyOf(table), column: column.name })));
  if (users.length > 0 && !operation.cascade) reject('2BP01', `cannot drop sequence ${name.name} because other objects depend on it`, location);
  for (const user of users) delete editTable(catalog, user.key).columns.get(user.column)!.default;
  catalog.sequences.delete(key);
}

/** Whether the column's default is nextval of the sequence. */
function drawsFrom(column: Column, sequence: string): boolean {
  for (const part of parts(column.default?.expression)) {
    if (part.kind === 'constant' && typeof part.value === 'string' && part.value.replaceAll('"', '').split('.').at(-1) === sequence) return true;
  }
  return false;
}

function dropTable(catalog: Catalog, table: Table, operation: DropRelation): void {
  const key = keyOf(table);
  const dependents = [...viewsOver(catalog, key), ...foreignKeysTo(catalog, key), ...policiesOver(catalog, key)]
    .filter((dependent) => !isPartitionOf(catalog, dependent.table, key));
  const children = childrenOf(catalog, table).filter((child) => !child.isPartition).map((child): Dependent => ({ kind: 'table', table: child }));
  requireCascade(`${words[table.kind]} ${table.name}`, [...dependents, ...children], operation);
  removeTable(catalog, table);
}

function isPartitionOf(catalog: Catalog, table: Table, key: string): boolean {
  return table.isPartition && table.parents.some((parent) => parent === key || isPartitionOf(catalog, catalog.tables.get(parent) ?? table, key));
}

/** @throws Rejection 2BP01 */
function requireCascade(what: string, dependents: readonly Dependent[], operation: DropRelation | DropColumn): void {
  if (operation.cascade || dependents.length === 0) return;
  reject('2BP01', `cannot drop ${what} because other objects depend on it`, operation.location, {
    suggestion: `${dependents.map(describe).join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on it: drop that first, or add CASCADE.`,
  });
}

/** Takes a relation out of the catalog, with everything that cannot be without it. */
export function removeTable(catalog: Catalog, table: Table): void {
  const key = keyOf(table);
  if (!catalog.tables.has(key)) return;
  const dependents = [...viewsOver(catalog, key), ...foreignKeysTo(catalog, key), ...policiesOver(catalog, key)];
  const children = childrenOf(catalog, table);
  catalog.tables.delete(key);
  dropOwnedSequences(catalog, key);
  for (const child of children) removeTable(catalog, child);
  for (const dependent of dependents) removeDependent(catalog, dependent);
}

function removeDependent(catalog: Catalog, dependent: Dependent): void {
  const key = keyOf(dependent.table);
  if (!catalog.tables.has(key)) return;
  if (dependent.kind === 'view' || dependent.kind === 'table') return removeTable(catalog, dependent.table);
  const table = editTable(catalog, key);
  switch (dependent.kind) {
    case 'policy': table.policies = table.policies.filter((policy) => policy.name !== dependent.policy.name); break;
    case 'foreignKey': table.foreignKeys = table.foreignKeys.filter((foreignKey) => foreignKey.name !== dependent.name); break;
    case 'trigger': table.triggers = table.triggers.filter((trigger) => trigger.name !== dependent.name); break;
    case 'column': removeColumn(catalog, table, dependent.name); break;
  }
}

/** DROP COLUMN: indexes, keys and checks over it go too; views, policies, triggers and other tables' keys need CASCADE. @throws Rejection 42P01, 42703, 42P16, 2BP01 */
export function dropColumn(catalog: Catalog, operation: DropColumn, env: ApplyEnvironment): void {
  const table = alteredTable(catalog, operation, env);
  if (!table) return;
  const { column, location } = operation;
  if (!table.columns.has(column)) {
    if (operation.ifExists || isOpen(table)) return;
    reject('42703', `column "${column}" of relation "${table.name}" does not exist`, location, {
      ...createdHere(`"${displayName(table)}" was created`, table.created), suggestion: 'Write DROP COLUMN IF EXISTS, or correct the name.',
    });
  }
  requireOwnColumn(catalog, table, column, 'drop', location);
  requireCascade(`column ${column} of table ${table.name}`, columnDependents(catalog, table, column), operation);
  removeColumn(catalog, table, column);
}

function columnDependents(catalog: Catalog, table: Table, column: string): readonly Dependent[] {
  const key = keyOf(table);
  return [
    ...viewsOver(catalog, key, column), ...policiesOver(catalog, key, column), ...generatedFrom(table, column), ...triggersOver(table, column),
    ...foreignKeysTo(catalog, key, column).filter((dependent) => dependent.kind === 'foreignKey' && !ownKeyGoes(table, dependent, column)),
  ];
}

/** A foreign key of the table itself goes with its own column. */
function ownKeyGoes(table: Table, dependent: Dependent & { kind: 'foreignKey' }, column: string): boolean {
  if (keyOf(dependent.table) !== keyOf(table)) return false;
  return table.foreignKeys.find((foreignKey) => foreignKey.name === dependent.name)!.columns.includes(column);
}

/** Takes a column off a table and its children, with everything that cannot be without it. */
export function removeColumn(catalog: Catalog, table: Table, column: string): void {
  for (const dependent of columnDependents(catalog, table, column)) removeDependent(catalog, dependent);
  const own = editTable(catalog, keyOf(table));
  own.columns.delete(column);
  own.indexes = own.indexes.filter((index) => !indexUses(index, column));
  if (own.primaryKey?.columns.includes(column)) delete own.primaryKey;
  own.uniques = own.uniques.filter((key) => !key.columns.includes(column) && own.indexes.some((index) => index.constraint === key.name));
  if (own.primaryKey && !own.indexes.some((index) => index.constraint === own.primaryKey!.name)) delete own.primaryKey;
  own.foreignKeys = own.foreignKeys.filter((foreignKey) => !foreignKey.columns.includes(column));
  own.checks = own.checks.filter((check) => !columnNames(check.expression).includes(column));
  own.exclusions = own.exclusions.filter((exclusion) => own.indexes.some((index) => index.constraint === exclusion.name));
  dropOwnedSequences(catalog, keyOf(own), column);
  for (const child of childrenOf(catalog, own)) if (child.columns.has(column)) removeColumn(catalog, child, column);
}

/** TRUNCATE: the table must exist. @throws Rejection 42P01, 42809 */
export function truncate(catalog: Catalog, table: QualifiedName, location: DropColumn['location'], env: ApplyEnvironment): void {
  useTable(catalog, table, location, env);
}
