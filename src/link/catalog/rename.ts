import type { RenameColumn, RenameRelation, SetSchema } from '../../facts/operation.js';
import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { TableReference } from '../../facts/query.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing } from './environment.js';
import { childrenOf, requireOwnColumn } from './inheritance.js';
import { locateIndex, renameIndex } from './indexes.js';
import { assumeColumn, createdHere, isOpen, requireFreeRelation, useRelation, useSchema } from './lookup.js';
import { displayName, findTable, keyOf, searchedSchemas, tableKey } from './names.js';
import type { Rewriter } from './references.js';
import { boundTable, isOfBase, rewrite } from './references.js';
import { nameText, reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog, Table } from './types.js';

/** ALTER TABLE | VIEW | SEQUENCE ... RENAME TO. ALTER TABLE serves for every kind. @throws Rejection 42P01, 42809, 42P07 */
export function renameRelation(catalog: Catalog, operation: RenameRelation, env: ApplyEnvironment): void {
  const { name, to, location } = operation;
  if (!findTable(catalog, name, env.searchPath)) {
    const key = sequenceKey(catalog, name, env);
    if (key !== undefined) return renameSequence(catalog, key, to, operation);
    if (locateIndex(catalog, name, env)) return renameIndex(catalog, { ...operation, kind: 'renameIndex' }, env);
    if (operation.relation === 'sequence') return;
  }
  const table = useRelation(catalog, name, location, env, operation.ifExists);
  if (!table) return;
  if (!table.assumed && operation.relation !== 'table' && operation.relation !== table.kind) {
    const word = operation.relation === 'materializedView' ? 'materialized view' : operation.relation === 'foreignTable' ? 'foreign table' : operation.relation;
    reject('42809', `"${table.name}" is not a ${word}`, location);
  }
  requireFreeRelation(catalog, table.schema, to, location);
  moveTable(catalog, table, table.schema, to);
}

function sequenceKey(catalog: Catalog, name: RenameRelation['name'], env: ApplyEnvironment): string | undefined {
  return searchedSchemas(name, env.searchPath).map((schema) => tableKey(schema, name.name)).find((key) => catalog.sequences.has(key));
}

function renameSequence(catalog: Catalog, key: string, to: string, operation: RenameRelation): void {
  const schema = key.slice(0, -operation.name.name.length - 1);
  requireFreeRelation(catalog, schema, to, operation.location);
  catalog.sequences.set(tableKey(schema, to), catalog.sequences.get(key)!);
  catalog.sequences.delete(key);
}

/** ALTER ... SET SCHEMA; indexes, constraints and owned sequences go along. @throws Rejection 42P01, 3F000, 42P07 */
export function setSchema(catalog: Catalog, operation: SetSchema, env: ApplyEnvironment): void {
  const { name, to, location } = operation;
  useSchema(catalog, to, location, env);
  const table = findTable(catalog, name, env.searchPath);
  if (!table) return moveOther(catalog, operation, env);
  if (table.schema === to) return;
  if (catalog.tables.has(tableKey(to, table.name))) {
    reject('42P07', `relation "${table.name}" already exists in schema "${to}"`, location);
  }
  moveTable(catalog, table, to, table.name);
}

/** Functions, types and sequences move by the same operation; only tables fail for certain. */
function moveOther(catalog: Catalog, operation: SetSchema, env: ApplyEnvironment): void {
  const { name, to } = operation;
  for (const schema of searchedSchemas(name, env.searchPath)) {
    const from = tableKey(schema, name.name);
    const target = tableKey(to, name.name);
    for (const map of [catalog.types, catalog.functions, catalog.sequences] as Map<string, unknown>[]) {
      if (!map.has(from)) continue;
      map.set(target, map.get(from));
      map.delete(from);
      return;
    }
  }
  if (!operation.ifExists && isMissing(env, name, 'table')) reject('42P01', `relation "${nameText(name)}" does not exist`, operation.location);
}

/** Gives a table another key, and tells everything that refers to it. */
function moveTable(catalog: Catalog, table: Table, schema: string, name: string): void {
  const from = keyOf(table);
  const to = tableKey(schema, name);
  rewriteStored(catalog, renamingTable(table, schema, name));
  moveSequences(catalog, table, schema, to);
  const moved = editTable(catalog, from);
  catalog.tables.delete(from);
  catalog.tables.set(to, Object.assign(moved, { schema, name }));
  for (const [key, other] of catalog.tables) {
    if (!other.parents.includes(from) && !other.foreignKeys.some((foreignKey) => foreignKey.table === from)) continue;
    const own = editTable(catalog, key);
    own.parents = own.parents.map((parent) => (parent === from ? to : parent));
    for (const foreignKey of own.foreignKeys) if (foreignKey.table === from) foreignKey.table = to;
  }
  for (const [index, grant] of catalog.grants.entries()) if (grant.table === from) catalog.grants[index] = { ...grant, table: to };
}

function moveSequences(catalog: Catalog, table: Table, schema: string, to: string): void {
  const from = keyOf(table);
  for (const [key, sequence] of [...catalog.sequences]) {
    if (sequence.ownedBy?.table !== from) continue;
    catalog.sequences.delete(key);
    const name = key.slice(table.schema.length + 1);
    catalog.sequences.set(tableKey(schema, name), { ...sequence, ownedBy: { ...sequence.ownedBy, table: to } });
  }
}

function renamingTable(table: Table, schema: string, name: string): Rewriter {
  const isIt = (reference: TableReference): boolean => reference.name.schema === table.schema && reference.name.name === table.name;
  return {
    table: (reference) => (isIt(reference)
      ? { ...reference, name: { schema, name }, alias: reference.alias ?? reference.name.name } : undefined),
    column: (column, scope) => {
      if (column.path.length < 2 || column.path.at(-2) !== table.name) return undefined;
      if (isOfBase(column, scope) && boundTable(column, scope) === table) return { ...column, path: [name, column.path.at(-1)!] };
      return column.path.length > 2 ? { ...column, path: column.path.slice(-2) } : undefined;
    },
  };
}

/** RENAME COLUMN, carried into everything that names the column. @throws Rejection 42P01, 42703, 42701, 42P16 */
export function renameColumn(catalog: Catalog, operation: RenameColumn, env: ApplyEnvironment): void {
  const table = useRelation(catalog, operation.table, operation.location, env, operation.ifTableExists);
  if (!table) return;
  const { column, to, location } = operation;
  if (!table.columns.has(column) && !isOpen(table)) {
    reject('42703', `column "${column}" does not exist`, location, createdHere(`"${displayName(table)}" was created`, table.created));
  }
  requireOwnColumn(catalog, table, column, 'rename', location);
  const existing = table.columns.get(to);
  if (existing) {
    reject('42701', `column "${to}" of relation "${table.name}" already exists`, location, createdHere('the column was added', existing.added));
  }
  if (!table.columns.has(column)) assumeColumn(editTable(catalog, keyOf(table)), to, env);
  renameIn(catalog, catalog.tables.get(keyOf(table))!, column, to);
}

function renameIn(catalog: Catalog, table: Table, from: string, to: string): void {
  const key = keyOf(table);
  rewriteStored(catalog, renamingColumn(table, from, to));
  const own = editTable(catalog, key);
  own.columns = new Map([...own.columns].map(([name, column]) => (name === from ? [to, { ...column, name: to }] : [name, column])));
  const renamed = (names: readonly string[]): string[] => names.map((name) => (name === from ? to : name));
  for (const constraint of [own.primaryKey, ...own.uniques, ...own.foreignKeys]) if (constraint) constraint.columns = renamed(constraint.columns);
  if (own.partitionKey) own.partitionKey = renamed(own.partitionKey);
  own.exclusions = own.exclusions.map((exclusion) => ({ ...exclusion, columns: renamed(exclusion.columns) }));
  own.indexes = own.indexes.map((index) => ({
    ...index, include: renamed(index.include), keys: index.keys.map((part) => (part.column === from ? { column: to } : part)),
  }));
  own.triggers = own.triggers.map((trigger) => ({ ...trigger, updateOf: renamed(trigger.updateOf) }));
  renameReferences(catalog, key, renamed);
  renameOwnedSequences(catalog, key, from, to);
  for (const child of childrenOf(catalog, own)) if (child.columns.has(from)) renameIn(catalog, child, from, to);
}

function renameReferences(catalog: Catalog, key: string, renamed: (names: readonly string[]) => string[]): void {
  for (const [otherKey, other] of catalog.tables) {
    if (!other.foreignKeys.some((foreignKey) => foreignKey.table === key)) continue;
    for (const foreignKey of editTable(catalog, otherKey).foreignKeys) {
      if (foreignKey.table === key) foreignKey.referencedColumns = renamed(foreignKey.referencedColumns);
    }
  }
}

function renameOwnedSequences(catalog: Catalog, table: string, from: string, to: string): void {
  for (const [key, sequence] of catalog.sequences) {
    if (sequence.ownedBy?.table === table && sequence.ownedBy.column === from) catalog.sequences.set(key, { ...sequence, ownedBy: { table, column: to } });
  }
}

function renamingColumn(table: Table, from: string, to: string): Rewriter {
  const key = keyOf(table);
  return {
    column: (column, scope) => {
      if (column.path.at(-1) !== from) return undefined;
      const bound = boundTable(column, scope);
      const isRow = column.path.length === 2 && (column.path[0] === 'new' || column.path[0] === 'old') && scope.items.some((item) => item.base && item.table === table);
      return (bound && keyOf(bound) === key) || isRow ? renamedTo(column, to) : undefined;
    },
  };
}

function renamedTo(column: ColumnExpression, to: string): ColumnExpression {
  return { ...column, path: [...column.path.slice(0, -1), to] };
}

/** Rewrites every stored expression: views, policies, checks, indexes, trigger conditions, generated columns. */
function rewriteStored(catalog: Catalog, rewriter: Rewriter): void {
  const names = { catalog, searchPath: [] };
  for (const [key, table] of [...catalog.tables]) {
    const change = <T extends Expression | undefined>(expression: T): T => (expression === undefined ? expression : rewrite(expression, rewriter, names, table) as T);
    const own = rewritten(table, change);
    if (table.view) {
      const query = rewrite(table.view.query, rewriter, names);
      if (query !== table.view.query) own.view = { ...table.view, query };
    }
    if (Object.keys(own).length > 0) catalog.tables.set(key, { ...table, ...own });
  }
}

/** The lists of the table in which an expression changes. */
function rewritten(table: Table, change: <T extends Expression | undefined>(expression: T) => T): Partial<Table> {
  const lists: Partial<Table> = {};
  const checks = replaced(table.checks, (check) => changed(check, { expression: change(check.expression) }));
  const policies = replaced(table.policies, (policy) => changed(policy, { using: change(policy.using), withCheck: change(policy.withCheck) }));
  const triggers = replaced(table.triggers, (trigger) => changed(trigger, { when: change(trigger.when) }));
  const indexes = replaced(table.indexes, (index) => changed(index, {
    where: change(index.where), keys: replaced(index.keys as { expression?: Expression }[], (part) => changed(part, { expression: change(part.expression) })) ?? index.keys,
  }));
  const columns = replaced([...table.columns.values()], (column) => changed(column, { generation: change(column.generation) }));
  if (checks) lists.checks = checks;
  if (policies) lists.policies = policies;
  if (triggers) lists.triggers = triggers;
  if (indexes) lists.indexes = indexes;
  if (columns) lists.columns = new Map(columns.map((column) => [column.name, column]));
  return lists;
}

function changed<T extends object>(item: T, values: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const different = Object.entries(values).filter(([name, value]) => value !== undefined && value !== item[name as keyof T]);
  return different.length === 0 ? item : { ...item, ...Object.fromEntries(different) };
}

function replaced<T>(items: readonly T[], change: (item: T) => T): T[] | undefined {
  const mapped = items.map(change);
  return mapped.some((item, index) => item !== items[index]) ? mapped : undefined;
}
