import type { Location } from '../../facts/location.js';
import type { QualifiedName } from '../../facts/query.js';
import { tooNew } from '../../facts/version.js';
import type { OutputColumn } from '../resolve/types.js';
import { reject } from './rejection.js';
import type { Origin } from './types.js';

/** `triggerFunction`: a function that a trigger runs; what makes it stands beside the trigger, as nothing but a program makes use of it. */
export type ObjectKind = 'table' | 'type' | 'function' | 'triggerFunction' | 'schema' | 'index' | 'sequence';

/** What PostgreSQL knows when it runs one operation, besides the catalog. */
export interface ApplyEnvironment {
  /** Schemas in the order they are searched. */
  readonly searchPath: readonly string[];
  /** Where the operation stands; every fact it makes keeps this (with its own, more precise location). */
  readonly origin: Origin;
  /** Major version of PostgreSQL; the newest when absent. */
  readonly version?: number;
  readonly inTransaction: boolean;
  /** Columns of the query of CREATE TABLE AS and CREATE VIEW, in order; absent when they are not known. */
  readonly asColumns?: readonly OutputColumn[];
  /**
   * Whether an object the catalog lacks is known not to exist (`missing`: PostgreSQL fails), or may have been made
   * outside of the recorded history (`external`: it is assumed). Everything is external when this is absent.
   */
  readonly isKnownMissing?: (name: QualifiedName, kind: ObjectKind) => 'missing' | 'external';
}

/** Whether the server is older than a major version. */
export function isBefore(version: number, env: Pick<ApplyEnvironment, 'version'>): boolean {
  return env.version !== undefined && env.version < version;
}

/** Refuses what a server of an older major version does not have. @throws Rejection 42601 */
export function requireVersion(version: number, feature: string, location: Location, env: ApplyEnvironment): void {
  if (isBefore(version, env)) reject('42601', tooNew({ feature, version }, env.version!), location);
}

const platformSchemas = new Set([
  'auth', 'storage', 'extensions', 'graphql', 'graphql_public', 'realtime', 'vault', 'cron', 'net', 'pgsodium', 'pgsodium_masks',
  'pgbouncer', 'pgmq', 'supabase_functions', 'supabase_migrations', 'information_schema', 'pg_catalog', 'pg_toast', 'pg_temp', 'tiger',
  'topology', 'hdb_catalog', 'neon_auth', 'drizzle',
]);

/** Whether a schema is made and filled by PostgreSQL itself or by a hosting platform. */
export function isPlatformSchema(schema: string): boolean {
  return platformSchemas.has(schema) || schema.startsWith('supabase_') || schema.startsWith('pg_') || schema.startsWith('_timescaledb');
}

/** Whether an object that the catalog lacks is certain not to exist. */
export function isMissing(env: ApplyEnvironment, name: QualifiedName, kind: ObjectKind): boolean {
  if (name.schema !== undefined && isPlatformSchema(name.schema)) return false;
  if (kind === 'schema' && isPlatformSchema(name.name)) return false;
  return env.isKnownMissing?.(name, kind) === 'missing';
}
