import type { CreateExtension, CreateSchema, CreateSequence, DropSchema, Grant, Harmless, RoleChange, SetOwner } from '../../facts/operation.js';
import { removeTable } from './drop.js';
import type { ApplyEnvironment } from './environment.js';
import { requireUnique } from './functions.js';
import { isMissing, isPlatformSchema } from './environment.js';
import { createdHere, requireFreeRelation, schemaFor, useRelation } from './lookup.js';
import { findTable, keyOf, relationAt, tableKey } from './names.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import type { Catalog } from './types.js';
import { removeType } from './user-types.js';

/** CREATE SCHEMA. @throws Rejection 42P06 */
export function createSchema(catalog: Catalog, operation: CreateSchema, env: ApplyEnvironment): void {
  if (catalog.schemas.has(operation.name)) {
    if (operation.ifNotExists) return;
    reject('42P06', `schema "${operation.name}" already exists`, operation.location, {
      ...createdHere('the schema was created', catalog.schemas.get(operation.name)), suggestion: 'Write CREATE SCHEMA IF NOT EXISTS.',
    });
  }
  catalog.schemas.set(operation.name, env.origin);
}

/** DROP SCHEMA: what is in it needs CASCADE. @throws Rejection 3F000, 2BP01 */
export function dropSchema(catalog: Catalog, operation: DropSchema, env: ApplyEnvironment): void {
  const { name, location } = operation;
  if (!catalog.schemas.has(name)) {
    if (!operation.ifExists && isMissing(env, { name }, 'schema')) reject('3F000', `schema "${name}" does not exist`, location);
    return;
  }
  const tables = [...catalog.tables.values()].filter((table) => table.schema === name);
  const others = [catalog.types, catalog.functions, catalog.sequences] as Map<string, unknown>[];
  const members = others.map((map) => [...map.keys()].filter((key) => key.startsWith(`${name}.`)));
  if (!operation.cascade && (tables.length > 0 || members.some((keys) => keys.length > 0))) {
    reject('2BP01', `cannot drop schema ${name} because other objects depend on it`, location, { suggestion: 'Drop what is in it first, or add CASCADE.' });
  }
  for (const table of tables) removeTable(catalog, table);
  for (const key of members[0]!) removeType(catalog, key, env);
  for (const [index, map] of others.entries()) for (const key of members[index]!) map.delete(key);
  catalog.schemas.delete(name);
}

/** CREATE SEQUENCE. @throws Rejection 42P07, 3F000 */
export function createSequence(catalog: Catalog, operation: CreateSequence, env: ApplyEnvironment): void {
  const schema = schemaFor(catalog, operation.name, operation.location, env);
  const { name } = operation.name;
  if (operation.ifNotExists && relationAt(catalog, schema, name) !== undefined) return;
  requireFreeRelation(catalog, schema, name, operation.location, 'Write CREATE SEQUENCE IF NOT EXISTS.');
  catalog.sequences.set(tableKey(schema, name), env.origin);
}

/** CREATE EXTENSION: what it brings is not known, so its schema counts as given. */
export function createExtension(catalog: Catalog, operation: CreateExtension, env: ApplyEnvironment): void {
  catalog.extensions.set(operation.name, env.origin);
  if (operation.schema !== undefined && !catalog.schemas.has(operation.schema) && !isPlatformSchema(operation.schema)) {
    catalog.schemas.set(operation.schema, env.origin);
  }
}

/** CREATE/ALTER/DROP ROLE. Roles belong to the whole server, so an unknown one is no fault. @throws Rejection 42710 */
export function changeRole(catalog: Catalog, operation: RoleChange, env: ApplyEnvironment): void {
  const { name, location, action } = operation;
  const existing = catalog.roles.get(name);
  if (action === 'drop') {
    if (existing && isRoleInUse(catalog, name)) {
      reject('2BP01', `role "${name}" cannot be dropped because some objects depend on it`, location);
    }
    catalog.roles.delete(name);
    return;
  }
  if (action === 'create' && existing) {
    reject('42710', `role "${name}" already exists`, location, createdHere('the role was created', existing.origin));
  }
  catalog.roles.set(name, {
    bypassRls: operation.bypassRls ?? existing?.bypassRls ?? false, superuser: operation.superuser ?? existing?.superuser ?? false, origin: env.origin,
  });
}

function isRoleInUse(catalog: Catalog, name: string): boolean {
  const granted = new Set<string>();
  for (const grant of catalog.grants) {
    if (grant.grantee !== name || !catalog.tables.has(grant.table)) continue;
    if (!grant.revoke) granted.add(grant.table);
    else if (grant.privileges.includes('all')) granted.delete(grant.table);
  }
  return granted.size > 0
    || [...catalog.tables.values()].some((table) => table.owner === name || table.policies.some((policy) => policy.roles.includes(name)));
}

/** GRANT and REVOKE on tables. A table that is not known is passed over. @throws Rejection 42P01 */
export function grant(catalog: Catalog, operation: Grant, env: ApplyEnvironment): void {
  for (const name of operation.tables) {
    const table = useRelation(catalog, name, operation.location, env, !isMissing(env, name, 'table') || relationIsSequence(catalog, name, env));
    if (!table) continue;
    for (const grantee of operation.grantees) {
      catalog.grants.push({ privileges: operation.privileges, table: keyOf(table), grantee, revoke: operation.revoke, origin: env.origin });
    }
  }
}

function relationIsSequence(catalog: Catalog, name: Grant['tables'][number], env: ApplyEnvironment): boolean {
  const schemas = name.schema === undefined ? env.searchPath : [name.schema];
  return schemas.some((schema) => catalog.sequences.has(tableKey(schema, name.name)));
}

/** OWNER TO. @throws Rejection 42P01 */
export function setOwner(catalog: Catalog, operation: SetOwner, env: ApplyEnvironment): void {
  if (relationIsSequence(catalog, operation.table, env) && !findTable(catalog, operation.table, env.searchPath)) return;
  const table = useRelation(catalog, operation.table, operation.location, env, operation.ifTableExists);
  if (table) editTable(catalog, keyOf(table)).owner = operation.owner;
}

/** Statements that PostgreSQL refuses inside a transaction block. */
const outsideTransactions = new Set([
  'VACUUM', 'ALTER SYSTEM', 'CREATE DATABASE', 'DROP DATABASE', 'CREATE TABLESPACE', 'DROP TABLESPACE', 'REINDEX CONCURRENTLY', 'REINDEX DATABASE',
  'REINDEX SYSTEM', 'REINDEX SCHEMA', 'CREATE SUBSCRIPTION', 'DROP SUBSCRIPTION',
]);

/** A statement without effect on the catalog may still be refused for its transaction, or for a name that is not unique. @throws Rejection 25001, 42725 */
export function harmless(catalog: Catalog, operation: Harmless, env: ApplyEnvironment): void {
  requireUnique(catalog, operation.routines ?? [], operation.location, env);
  const name = operation.name.toUpperCase();
  if (env.inTransaction && outsideTransactions.has(name)) {
    reject('25001', `${name} cannot run inside a transaction block`, operation.location, {
      suggestion: 'Let this migration run outside of a transaction.',
    });
  }
}
