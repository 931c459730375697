import type { Table } from '../../link/catalog/types.js';
import type { Migration } from '../../link/project.js';
import type { Sql } from '../sql.js';
import type { PlannedFile, PlannedMigration } from '../types.js';

export const DIALECTS = ['sql', 'prisma', 'drizzle', 'supabase', 'alembic', 'knex', 'typeorm'] as const;
export type DialectId = (typeof DIALECTS)[number];

/** What is there already: the new migrations continue it. */
export interface Past {
  /** In the order they run; those of the same kind. */
  readonly migrations: readonly Migration[];
  /** The text of a file of the project; undefined when there is none. */
  readonly text: (file: string) => string | undefined;
  /** The folder of the migrations, relative to the project's root. */
  readonly dir: string;
  readonly now: Date;
}

/** The language and the conventions that migrations are written in. */
export interface Dialect {
  readonly id: DialectId;
  /** As people call it. */
  readonly name: string;
  readonly sql: Sql;
  /** How a migration can run outside of a transaction: it says so, or it holds a single statement; not at all, each in one of its own, or all in one. */
  readonly outside: 'file' | 'single' | 'each' | 'never';
  readonly foreignKeyName: (table: Table, column: string, root: Table, key: string) => string;
  readonly indexName: (table: Table, columns: readonly string[]) => string;
  readonly uniqueName: (table: Table, columns: readonly string[]) => string;
  readonly render: (migrations: readonly PlannedMigration[], past: Past) => PlannedFile[];
}
