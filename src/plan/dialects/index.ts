import { posix } from 'node:path';
import { entryOf } from '../../entry.js';
import { UsageError } from '../../errors.js';
import type { MigrationKind } from '../../facts/file.js';
import type { Migration } from '../../link/project.js';
import { alembicDialect } from './alembic.js';
import { drizzleDialect } from './drizzle.js';
import { knexDialect } from './knex.js';
import { prismaDialect } from './prisma.js';
import { sqlDialect } from './sql.js';
import { supabaseDialect } from './supabase.js';
import type { Dialect, DialectId } from './types.js';
import { typeormDialect } from './typeorm.js';

const ALL: Readonly<Record<DialectId, Dialect>> = {
  sql: sqlDialect, prisma: prismaDialect, drizzle: drizzleDialect, supabase: supabaseDialect, alembic: alembicDialect, knex: knexDialect, typeorm: typeormDialect,
};

/** The dialect of a name. */
export function dialectOf(id: DialectId): Dialect {
  return ALL[id];
}

/**
 * The dialect a history is written in.
 * @param kind that of its last migration; undefined for a database that only models describe
 * @param orm that of its models
 * @throws UsageError for a kind that plan does not write
 */
export function detectDialect(kind: MigrationKind | undefined, orm: string | undefined): Dialect {
  if (kind !== undefined && Object.hasOwn(ALL, kind)) return ALL[kind as DialectId];
  if (kind !== undefined) throw new UsageError(`${kind} migrations are not written by plan: --dialect sql prints them as plain SQL`);
  const byOrm: Readonly<Record<string, DialectId>> = { prisma: 'prisma', drizzle: 'drizzle', typeorm: 'typeorm', sqlalchemy: 'alembic' };
  return ALL[entryOf(byOrm, orm ?? '') ?? 'sql'];
}

/** The folder of a history's migrations: that of the tool, not of the single migration. */
export function folderOf({ file, kind }: Migration): string {
  const folder = posix.dirname(file);
  return kind === 'prisma' || (kind === 'drizzle' && posix.basename(file) === 'migration.sql') ? posix.dirname(folder) : folder;
}
