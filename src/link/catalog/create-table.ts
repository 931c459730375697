import type { CreateTable } from '../../facts/operation.js';
import type { ConstraintDefinition } from '../../facts/schema.js';
import { columnOf, requireColumn, requireGeneration } from './columns.js';
import { addConstraint } from './constraints.js';
import type { ApplyEnvironment } from './environment.js';
import { copyLike, copyLikeKeys } from './like.js';
import { originAt, requireFreeRelation, requireFreeType, schemaFor, useTable } from './lookup.js';
import { relationAt, tableKey } from './names.js';
import { inheritColumns, inheritPartition } from './partitions.js';
import { reject } from './rejection.js';
import { newTable } from './state.js';
import type { Catalog, Table } from './types.js';

/** CREATE TABLE in all its forms (LIKE, INHERITS, PARTITION OF, AS). @throws Rejection */
export function createTable(catalog: Catalog, operation: CreateTable, env: ApplyEnvironment): void {
  const { definition, location } = operation;
  const { name } = definition.name;
  const schema = schemaFor(catalog, definition.name, location, env, operation.temporary);
  const key = tableKey(schema, name);
  if (operation.ifNotExists && relationAt(catalog, schema, name) !== undefined) return;
  requireFreeRelation(catalog, schema, name, location, 'Write CREATE TABLE IF NOT EXISTS, or drop the first one.');
  requireFreeType(catalog, schema, name, location);
  const table = shell(catalog, operation, schema, env);
  catalog.tables.set(key, table);
  inheritColumns(catalog, table, operation, env);
  for (const like of operation.like) copyLike(catalog, table, like, location, env);
  addOwnColumns(catalog, table, operation, env);
  addQueryColumns(table, operation, env);
  addConstraints(catalog, key, definition.constraints, env);
  for (const like of operation.like) copyLikeKeys(catalog, key, like, env);
  if (operation.partitionOf) inheritPartition(catalog, key, useTable(catalog, operation.partitionOf, location, env)!, env);
}

function shell(catalog: Catalog, operation: CreateTable, schema: string, env: ApplyEnvironment): Table {
  const { definition } = operation;
  const before = catalog.tables.get(tableKey(schema, definition.name.name));
  return {
    ...newTable(schema, definition.name.name, originAt(env, definition.location)),
    kind: operation.foreign ? 'foreignTable' : 'table',
    temporary: operation.temporary,
    partitioned: operation.partitioned,
    ...(operation.partitionKey && { partitionKey: operation.partitionKey }),
    // A table that was used before: IF NOT EXISTS may find another one in place.
    open: before !== undefined && operation.ifNotExists,
    insertedIn: before?.insertedIn ?? new Set(),
  };
}

function addOwnColumns(catalog: Catalog, table: Table, operation: CreateTable, env: ApplyEnvironment): void {
  const declared = new Set<string>();
  for (const definition of operation.definition.columns) {
    if (declared.has(definition.name) || (table.columns.has(definition.name) && table.parents.length === 0)) {
      reject('42701', `column "${definition.name}" specified more than once`, definition.location);
    }
    declared.add(definition.name);
    if (operation.partitionOf) continue;
    requireColumn(catalog, definition, env);
    const inherited = table.columns.get(definition.name);
    const column = columnOf(catalog, table, definition, env);
    if (inherited?.notNull && !column.notNull) Object.assign(column, { notNull: true, notNullName: inherited.notNullName, notNullOrigin: inherited.notNullOrigin });
    table.columns.set(definition.name, column);
  }
  for (const definition of operation.definition.columns) requireGeneration(table, definition);
}

function addQueryColumns(table: Table, operation: CreateTable, env: ApplyEnvironment): void {
  if (!operation.asQuery) return;
  if (!env.asColumns) {
    table.open = true;
    return;
  }
  const names = operation.definition.columns.map((column) => column.name);
  table.columns.clear();
  for (const [position, output] of env.asColumns.entries()) {
    const name = names[position] ?? output.name;
    if (table.columns.has(name)) reject('42701', `column "${name}" specified more than once`, operation.location);
    table.columns.set(name, { name, type: output.type ?? { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: false, added: env.origin });
  }
}

const order: readonly ConstraintDefinition['kind'][] = ['check', 'notNull', 'primaryKey', 'unique', 'exclusion', 'foreignKey'];

/** Adds the constraints in the order PostgreSQL makes them, on which generated names depend. */
function addConstraints(catalog: Catalog, key: string, constraints: readonly ConstraintDefinition[], env: ApplyEnvironment): void {
  rejectSecondPrimaryKey(catalog.tables.get(key)!, constraints);
  rejectRepeatedCheck(constraints);
  for (const kind of order) {
    for (const constraint of withoutRedundant(constraints)) if (constraint.kind === kind) addConstraint(catalog, key, constraint, env);
  }
}

function rejectSecondPrimaryKey(table: Table, constraints: readonly ConstraintDefinition[]): void {
  const second = constraints.filter((constraint) => constraint.kind === 'primaryKey')[1];
  if (second) reject('42P16', `multiple primary keys for table "${table.name}" are not allowed`, second.location);
}

function rejectRepeatedCheck(constraints: readonly ConstraintDefinition[]): void {
  const names = new Set<string>();
  for (const constraint of constraints) {
    if (constraint.kind !== 'check' || constraint.name === undefined) continue;
    if (names.has(constraint.name)) reject('42710', `check constraint "${constraint.name}" already exists`, constraint.location);
    names.add(constraint.name);
  }
}

/** PostgreSQL makes one index of several equal keys in one CREATE TABLE; the first name that was written stays. */
function withoutRedundant(constraints: readonly ConstraintDefinition[]): readonly ConstraintDefinition[] {
  const kept: ConstraintDefinition[] = [];
  for (const constraint of [...constraints].sort((left, right) => rank(left) - rank(right))) {
    const twin = kept.findIndex((other) => sameKey(other, constraint));
    if (twin < 0) kept.push(constraint);
    else if (kept[twin]!.name === undefined && constraint.name !== undefined) kept[twin] = { ...kept[twin]!, name: constraint.name };
  }
  return kept;
}

function rank(constraint: ConstraintDefinition): number {
  return constraint.kind === 'primaryKey' ? 0 : 1;
}

function sameKey(left: ConstraintDefinition, right: ConstraintDefinition): boolean {
  if ((left.kind !== 'primaryKey' && left.kind !== 'unique') || right.kind !== 'unique') return false;
  if (left.kind === 'unique' && left.nullsNotDistinct !== right.nullsNotDistinct) return false;
  return left.columns.join('\0') === right.columns.join('\0');
}

