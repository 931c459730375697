import type { CodeModule } from './code.js';
import type { Location, Notice } from './location.js';
import type { Statement } from './operation.js';
import type { PrismaFile } from './prisma.js';
import type { ModelTable } from './schema.js';

export type MigrationKind =
  | 'sql' | 'prisma' | 'drizzle' | 'supabase' | 'alembic' | 'django' | 'knex' | 'kysely' | 'typeorm' | 'sequelize' | 'mikro-orm' | 'node-pg-migrate';

/** What a file is to the project. */
export type FileRole =
  | { readonly type: 'migration'; readonly kind: MigrationKind; readonly source: number; readonly direction: 'up' | 'down' }
  | { readonly type: 'model' }
  | { readonly type: 'query' }
  | { readonly type: 'seed' }
  | { readonly type: 'source' };

export type Language = 'sql' | 'prisma' | 'typescript' | 'javascript' | 'python' | 'json';

/** A file that was found, before it is read. `path` is POSIX and relative to the project's root. */
export interface SourceFile {
  readonly path: string;
  readonly language: Language;
  readonly role: FileRole;
  /** The database a model or migration belongs to, where the project holds several: the folder they have in common. */
  readonly group?: string;
}

/** Whether a migration runs inside one transaction. */
export type TransactionMode = 'file' | 'none';

/** A `tenantlint-disable...` comment. */
export interface Directive {
  readonly kind: 'disable-next-line' | 'disable-line' | 'disable' | 'enable';
  /** Empty: every rule. */
  readonly rules: readonly string[];
  readonly reason?: string;
  readonly location: Location;
}

/**
 * Everything one file says, with exact locations. Pure data: the same text gives the same facts,
 * so it can be cached by content and computed in a worker.
 */
export interface FileFacts {
  readonly file: string;
  readonly language: Language;
  readonly role: FileRole;
  /** Offset of the first character of each line; index 0 is line 1. */
  readonly lineStarts: readonly number[];
  readonly length: number;
  /** Statements to run when migrating up (or the whole file, where it is not a migration). */
  readonly statements: readonly Statement[];
  /** The down part of a migration that keeps both in one file; absent when the file has no such part. */
  readonly down?: readonly Statement[];
  /** What the file itself says about its transaction (`-- +goose NO TRANSACTION`, ...). */
  readonly transaction?: TransactionMode;
  readonly models: readonly ModelTable[];
  /** A .prisma file as written: its models are complete only together with the other files of the schema. */
  readonly prisma?: PrismaFile;
  readonly notices: readonly Notice[];
  readonly directives: readonly Directive[];
  /** Comments that hold SQL about NULLs (`IS NULL`), runs of line comments joined; markers taken away. */
  readonly comments?: readonly { readonly text: string; readonly location: Location }[];
  /** The file was found but not read (too long, not written for PostgreSQL); a notice says why. */
  readonly unread?: boolean;
  /** Of a file of an application language: its syntax, as far as the evaluator needs it. */
  readonly code?: CodeModule;
  /** Statements the grammar rejected; they are also notices. */
  readonly rejected: number;
}
