import type { Location } from '../../facts/location.js';
import type { CreateTable } from '../../facts/operation.js';
import type { ConstraintDefinition } from '../../facts/schema.js';
import { addOwnedSequence } from './columns.js';
import { addConstraint } from './constraints.js';
import type { ApplyEnvironment } from './environment.js';
import { indexColumnNames } from './index-names.js';
import { addIndex } from './indexes.js';
import { useRelation } from './lookup.js';
import { chooseConstraintName, chooseRelationName, findTable, nameAddition } from './names.js';
import { reject } from './rejection.js';
import type { Catalog, Table } from './types.js';

type Like = CreateTable['like'][number];

function includes(like: Like, option: string): boolean {
  return (like.including.includes('all') || like.including.includes(option)) && !like.including.includes(`excluding ${option}`);
}

/** LIKE source: its columns with their NOT NULLs, defaults where asked for (PostgreSQL manual, CREATE TABLE). @throws Rejection 42P01, 42701 */
export function copyLike(catalog: Catalog, table: Table, like: Like, location: Location, env: ApplyEnvironment): void {
  const source = useRelation(catalog, like.table, location, env)!;
  if (source.open) table.open = true;
  for (const column of source.columns.values()) {
    if (table.columns.has(column.name)) reject('42701', `column "${column.name}" specified more than once`, location);
    const copy = { ...column, added: env.origin };
    if (column.notNull) copy.notNullOrigin = env.origin;
    if (column.generated === 'identity' ? !includes(like, 'identity') : !includes(like, 'generated')) delete copy.generated;
    if (column.generated === undefined && !includes(like, 'defaults')) delete copy.default;
    if (column.generated !== undefined && copy.generated === undefined) delete copy.default;
    if (column.notNull && column.notNullName === undefined) {
      copy.notNullName = chooseConstraintName(catalog, table.schema, table.name, column.name, 'not_null');
    }
    if (copy.generated === 'identity') addOwnedSequence(catalog, table, column.name, env.origin);
    table.columns.set(column.name, copy);
  }
}

/** LIKE source INCLUDING CONSTRAINTS and INCLUDING INDEXES: checks keep their names, keys and indexes get generated ones. */
export function copyLikeKeys(catalog: Catalog, key: string, like: Like, env: ApplyEnvironment): void {
  const source = findTable(catalog, like.table, env.searchPath);
  if (!source) return;
  const { location } = env.origin;
  if (includes(like, 'constraints')) {
    for (const check of source.checks) {
      addConstraint(catalog, key, { kind: 'check', name: check.name, expression: check.expression, notValid: false, location }, env);
    }
  }
  if (!includes(like, 'indexes')) return;
  for (const constraint of keyDefinitions(source, location)) addConstraint(catalog, key, constraint, env);
  for (const { name: _name, origin: _origin, constraint, ...index } of source.indexes) {
    if (constraint !== undefined) continue;
    const table = catalog.tables.get(key)!;
    const name = chooseRelationName(catalog, table.schema, table.name, nameAddition(indexColumnNames(index.keys, index.include)), 'idx', false);
    addIndex(catalog, table, { ...index, location }, name, env);
  }
}

function keyDefinitions(source: Table, location: Location): readonly ConstraintDefinition[] {
  const definitions: ConstraintDefinition[] = [];
  if (source.primaryKey) definitions.push({ kind: 'primaryKey', columns: source.primaryKey.columns, location });
  for (const { columns, nullsNotDistinct } of source.uniques) definitions.push({ kind: 'unique', columns, nullsNotDistinct, location });
  for (const { columns } of source.exclusions) definitions.push({ kind: 'exclusion', columns, location });
  return definitions;
}
