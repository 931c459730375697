import type { SqlType } from '../facts/expression.js';
import type { ReferentialAction } from '../facts/schema.js';
import type { Catalog, Table } from '../link/catalog/types.js';
import type { ClassifiedTable, UniqueKey } from '../link/project.js';

/** What the user asked for; everything beyond the column, its foreign key and its index is on request. */
export interface PlanRequest {
  /** Display names; empty: every table that needs it. */
  readonly tables: readonly string[];
  /** Column names in order of preference, by table: `--via psa_post_log.connection_id`. */
  readonly via: ReadonlyMap<string, readonly string[]>;
  /** Where two foreign keys are equally good: take the first, and abort the migration unless they agree. */
  readonly agree: boolean;
  /** The tenant of rows that no foreign key assigns. */
  readonly defaultTenant?: string;
  readonly unique: boolean;
  readonly rls: boolean;
  readonly immutable: boolean;
  readonly online: boolean;
  readonly batched: boolean;
  /** All in one migration. */
  readonly single: boolean;
}

/** One foreign key on the way to the tenant: each row of `table` names one row of `to`. */
export interface Hop {
  readonly table: ClassifiedTable;
  readonly columns: readonly string[];
  readonly to: ClassifiedTable;
  readonly toColumns: readonly string[];
}

/** Where a table's rows can read their tenant. */
export interface Source {
  /** Never empty. The first starts at the table itself. */
  readonly hops: readonly Hop[];
  /** The column at the end that holds the tenant. */
  readonly column: string;
  /** Every row has a parent at the end: no hop is nullable. */
  readonly always: boolean;
  /** Every row finds a tenant: the column at the end is never NULL either. */
  readonly total: boolean;
}

/** The missing tenant column of one table, and how it is filled. */
export interface TablePlan {
  readonly table: ClassifiedTable;
  readonly column: string;
  readonly type: SqlType;
  /** The column is missing; otherwise it is there, and nullable. */
  readonly adds: boolean;
  /** Its NULL rows are shared on purpose (`tables.hybrid`): it stays nullable. */
  readonly staysNullable: boolean;
  /** In the order they are tried; each fills what the earlier ones left. */
  readonly sources: readonly Source[];
  /** Rows that the sources leave may inherit from their parent row in the same table. */
  readonly selfReference?: Hop;
  /** The tenant of all remaining rows. */
  readonly defaultTenant?: string;
  /** The sources must agree, or the migration aborts. */
  readonly guarded: boolean;
  /** Why these sources, for `--report`. */
  readonly reason: string;
  readonly root?: { readonly table: Table; readonly key: string; readonly onDelete: ReferentialAction };
  readonly hasForeignKey: boolean;
  readonly hasIndex: boolean;
}

/** A table for which no migration is written, and why. */
export interface Refusal {
  readonly table: ClassifiedTable;
  readonly reason: string;
}

/** What is missing in one database, parents before children. */
export interface Decisions {
  readonly catalog: Catalog;
  readonly plans: readonly TablePlan[];
  readonly refused: readonly Refusal[];
}

/** One thing a migration does, independent of the language it is written in. */
export type Step =
  | { readonly kind: 'addColumn'; readonly plan: TablePlan }
  | { readonly kind: 'addForeignKey'; readonly plan: TablePlan; readonly name: string; readonly validated: boolean }
  /** `part`: only one of its statements. */
  | { readonly kind: 'fill'; readonly plan: TablePlan; readonly batched: boolean; readonly part?: number }
  | { readonly kind: 'verify'; readonly plans: readonly TablePlan[] }
  | { readonly kind: 'setNotNull'; readonly plan: TablePlan }
  | { readonly kind: 'addNotNullCheck'; readonly plan: TablePlan; readonly name: string }
  | { readonly kind: 'validate'; readonly table: Table; readonly name: string }
  | { readonly kind: 'dropNotNullCheck'; readonly plan: TablePlan; readonly name: string }
  | { readonly kind: 'createIndex'; readonly plan: TablePlan; readonly name: string; readonly concurrently: boolean }
  | { readonly kind: 'replaceUnique'; readonly plan: TablePlan; readonly old: UniqueKey; readonly name: string; readonly nullsNotDistinct: boolean }
  | { readonly kind: 'rowSecurity'; readonly table: Table; readonly change: 'ENABLE' | 'FORCE' | 'NO FORCE' }
  | { readonly kind: 'policy'; readonly plan: TablePlan; readonly name: string; readonly tenant: string; readonly roles: readonly string[] }
  | { readonly kind: 'immutable'; readonly plan: TablePlan; readonly function: string; readonly trigger: string; readonly creates: boolean };

/** One migration, before it has a number and a language. */
export interface PlannedMigration {
  /** Words for its name and its first line: `account_id on sessions and 2 more tables`. */
  readonly title: string;
  readonly steps: readonly Step[];
  /** It must run outside of a transaction. */
  readonly outsideTransaction: boolean;
}

/** A file to be written. */
export interface PlannedFile {
  /** Relative to the folder of the migrations. */
  readonly path: string;
  readonly text: string;
  /** It belongs to the tool (a journal) and is there already: it is completed, not replaced. */
  readonly completes?: true;
}
