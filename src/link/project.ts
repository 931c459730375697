import type { Fix } from '../facts/edit.js';
import type { Tightening } from './edits/index.js';
import type { Config } from '../config/types.js';
import type { SchemaAddition, UnreadChanges } from '../discover/types.js';
import type { Directive, FileFacts, MigrationKind, TransactionMode } from '../facts/file.js';
import type { Answer, Location, Notice } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import type { ModelTable } from '../facts/schema.js';
import type { Query } from '../facts/query.js';
import type { Catalog, Column, Policy, Table } from './catalog/types.js';
import type { ReferenceVerdict } from './scope/types.js';

/**
 * What the whole project says: the only thing that rules, reports and commands read.
 * Facts are one per table; several facts of one place (a loop over tables) become one finding in check.
 * Display names: the bare name for schema `public`, else `schema.name`; with upper case or odd characters as they are, unquoted.
 */
export interface Project {
  readonly config: Config;
  readonly tenancy: Tenancy;
  /** The final states: one for each separate history of migrations, or set of models without migrations. Largest first. */
  readonly databases: readonly Database[];
  /** Every relation of every final state that has a class; sorted by name. */
  readonly tables: readonly ClassifiedTable[];
  /** In the order they run. */
  readonly migrations: readonly Migration[];
  /** Faults of the histories themselves: missing journal entries, duplicate numbers. */
  readonly historyFaults: readonly HistoryFault[];
  readonly appliedOperations: readonly AppliedOperation[];
  readonly notNullChanges: readonly NotNullChange[];
  readonly backfills: readonly Backfill[];
  readonly nullChecks: readonly NullCheck[];
  readonly rowDeletions: readonly RowDeletion[];
  readonly regressions: readonly Regression[];
  readonly drifts: readonly Drift[];
  readonly interpolations: readonly Interpolation[];
  readonly irreversibilities: readonly Irreversibility[];
  readonly policies: readonly PolicyFact[];
  readonly sessionSettings: readonly SessionSetting[];
  readonly queries: readonly QueryFact[];
  readonly handlers: readonly HandlerFact[];
  readonly models: readonly ModelTable[];
  readonly directives: readonly Directive[];
  readonly notices: readonly Notice[];
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly coverage: Coverage;
}

/** One database as the project's files describe it. */
export interface Database {
  /** The folders of migrations, or the model files, it was built from. */
  readonly sources: readonly string[];
  readonly catalog: Catalog;
}

/** The tenancy in force: configured, or inferred from the catalog. */
export interface Tenancy {
  readonly levels: readonly TenancyLevel[];
  readonly inferred: boolean;
  /** One sentence on what was assumed, for the report's first line. */
  readonly explanation: string;
}

export interface TenancyLevel {
  /** As configured or as found; matching ignores case and underscores (`account_id`, `accountId`, `"accountId"`). */
  readonly columns: readonly string[];
  /** Name of the root table as it stands in the catalog; absent when none is known. */
  readonly root?: string;
  readonly proof?: 'membership';
}

export type TableClass = 'root' | 'tenant' | 'child' | 'global' | 'ignored' | 'unclassified' | 'view';

export interface ClassifiedTable {
  readonly table: Table;
  /** Display name. */
  readonly name: string;
  readonly class: TableClass;
  readonly hybrid: boolean;
  /** Allowed to lack the column (`tables.viaParent`). */
  readonly viaParent: boolean;
  /** The table's own tenant columns, outermost level first; empty for a child that lacks it. */
  readonly tenantColumns: readonly Column[];
  /** Those of them that no row can hold NULL in: NOT NULL, or a validated CHECK that no NULL passes. */
  readonly neverNull: readonly Column[];
  /** The name to use when the table lacks the column: as its level is named elsewhere. */
  readonly tenantColumnName: string;
  /** The root table its tenant column names, when it is in the catalog. */
  readonly root?: { readonly table: Table; readonly name: string; readonly key?: Column };
  /** Every set of columns that is unique: primary key, unique constraints, unique indexes. */
  readonly uniqueKeys: readonly UniqueKey[];
  /** Its foreign keys and declared references, with what they lead to. */
  readonly references: readonly Reference[];
  /** Shortest foreign-key path to a table that has the tenant column, or to the root; empty when there is none. */
  readonly path: readonly PathStep[];
  /** Whether a trigger keeps its (innermost) tenant column from being changed. */
  readonly tenantKept: Answer;
  /** What a migration that is not read may have added to it: not known to be missing. */
  readonly unread: ReadonlySet<SchemaAddition>;
  readonly location: Location;
}

/** A foreign key (or declared reference) as rules see it. */
export interface Reference {
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
  readonly toClass: TableClass;
  readonly toTenantColumn?: string;
  /** Those of `columns` that name one row of the target by themselves: without the tenant column where the rest is unique there. */
  readonly rowColumns: readonly string[];
  readonly enforced: boolean;
  readonly location: Location;
}

/** A unique set of columns, whatever declared it. */
export interface UniqueKey {
  readonly kind: 'primaryKey' | 'constraint' | 'index';
  readonly name: string;
  /** Plain columns; for an index with expressions also the columns inside them. */
  readonly columns: readonly string[];
  readonly hasExpressions: boolean;
  /** A partial index, or NULLs keep rows apart: not a key for joins. */
  readonly partial: boolean;
  readonly location: Location;
}

/** One hop of a backfill path: `attachments.session_id → sessions.id`. Table names as displayed. */
export interface PathStep {
  readonly table: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
  readonly nullable: boolean;
  /** Of the last hop: the tenant column of the table it ends at, or the root's key. */
  readonly endColumn?: string;
}

export interface Migration {
  readonly index: number;
  /** Which history it belongs to, counted from 0: each runs on a database of its own. */
  readonly history: number;
  readonly kind: MigrationKind;
  readonly file: string;
  /** What the tool orders by: number, timestamp, journal tag, revision. */
  readonly id: string;
  readonly transaction: TransactionMode;
  readonly direction: 'up' | 'down';
  /** Its separate down file, where it has one. */
  readonly down?: string;
  /** It runs, but its file is not read: what it creates and fills is unknown. */
  readonly opaque?: true;
  readonly unread?: UnreadChanges;
}

export interface HistoryFault {
  readonly location: Location;
  readonly message: string;
  readonly suggestion: string;
  readonly related: readonly Evidence[];
}

/** One step of the reasoning behind an answer: a place and what stands there. */
export interface Evidence {
  readonly location: Location;
  readonly message: string;
}

/** An operation as it was replayed, with what the catalog said at that moment. */
export interface AppliedOperation {
  readonly operation: Operation;
  readonly location: Location;
  readonly migration: number;
  /** Whether it runs: `no` for a branch that is not taken, `unknown` for one that depends on data. */
  readonly runs: Answer;
  /** Set when PostgreSQL rejects it whatever the data: SQLSTATE and message. */
  readonly failure?: Failure;
  /** Set when it could not be understood and touches (or may touch) tenant tables. */
  readonly notUnderstood?: string;
  /** Display names of the tables concerned, in order, without repetition. */
  readonly tables: readonly string[];
  /** For operations on one known table: its state before; read-only. */
  readonly before?: TableSnapshot;
}

/** What rules about locks and rewrites need to know of the table an operation works on. */
export interface TableSnapshot {
  /** Key in the catalog. */
  readonly key: string;
  readonly createdInSameMigration: boolean;
  readonly mayHoldRows: boolean;
  readonly column?: { readonly name: string; readonly notNull: boolean; readonly validatedNotNullCheck: boolean };
}

export interface Failure {
  /** SQLSTATE, e.g. 42P01. */
  readonly code: string;
  /** In PostgreSQL's words where they are known. */
  readonly message: string;
  /** The name or clause at fault inside the statement. */
  readonly location: Location;
  readonly suggestion?: string;
  readonly related: readonly Evidence[];
}

/** A column becoming NOT NULL on a table that already exists: the question of the two not-null rules. */
export interface NotNullChange {
  readonly table: string;
  readonly column: string;
  readonly isTenantColumn: boolean;
  readonly form: 'set not null' | 'add column not null' | 'validated check' | 'primary key' | 'model';
  readonly location: Location;
  readonly migration: number;
  /** `no`: the table was created in the same migration and nothing was inserted, or is otherwise provably empty. */
  readonly mayHoldRows: Answer;
  /** Where the column was last added, nullable. */
  readonly added?: Location;
  /** What fills the column between its addition and this change. */
  readonly filledBy: readonly Filling[];
  /** Why no verification is needed, when none is: a default at ADD COLUMN, a table made here, already NOT NULL, a validated CHECK. */
  readonly needsNoVerify?: string;
  /** The check after the last backfill that aborts, in the same migration (or a validated CHECK anywhere before). */
  readonly verifiedBy?: Location;
  /** The backfills in this migration provably leave no NULL (for option `allowTotalBackfill`). */
  readonly totalBackfill: boolean;
  /** A check that exists but cannot abort stands in place of a verify (then `verify-must-abort` reports it, not this). */
  readonly weakCheck?: Location;
  /** Only runs if a count of NULLs is zero: leaves the column nullable in silence. */
  readonly skippedWhenNullsRemain?: boolean;
  readonly evidence: readonly Evidence[];
  /** What can stand in its place and holds on a table with rows: one for each parent that can fill the column. */
  readonly sequences?: readonly Fix[];
}

export interface Filling {
  readonly location: Location;
  readonly migration: number;
  readonly coverage: 'total' | 'partial' | 'unknown';
  readonly how: 'update' | 'default' | 'insert' | 'delete' | 'trigger' | 'generated';
}

/** One statement that fills a column of the existing rows of one table. */
export interface Backfill {
  readonly table: string;
  readonly isTenantColumn: boolean;
  readonly column: string;
  readonly location: Location;
  readonly migration: number;
  readonly coverage: 'total' | 'partial' | 'unknown';
  /** For `partial`: how NULLs can remain, in words (`sessions.user_id is nullable`). */
  readonly leavesNull: readonly Evidence[];
  /** It is the last one of its column before NOT NULL or the end of the history. */
  readonly isLast: boolean;
  /** An aborting verify follows it, in its migration or a later one before NOT NULL. */
  readonly verifiedLater: boolean;
  /** Why the tenant written is arbitrary. */
  readonly ambiguous?: { readonly reason: string; readonly location: Location };
  /** Tenant columns it reads that are not there or not filled yet. */
  readonly unready: readonly { readonly table: string; readonly column: string; readonly reason: string; readonly location: Location }[];
  /** RLS is FORCEd on these tables while it runs, and nothing lifts it. */
  readonly hiddenByRls: readonly Evidence[];
  /** The table existed before this migration and is rewritten by one statement in the transaction that changes the schema. */
  readonly rewritesWholeTable: boolean;
}

/** A test whether NULLs remain in a column of one table. */
export interface NullCheck {
  readonly table: string;
  readonly isTenantColumn: boolean;
  readonly column: string;
  readonly location: Location;
  readonly migration: number;
  readonly aborts: Answer;
  /** Why it cannot abort. */
  readonly reason?: 'notice' | 'bare select' | 'comment' | 'swallowed' | 'skips not null' | 'not validated' | 'no reaction';
  readonly hiddenByRls: readonly Evidence[];
}

/** Rows without a tenant are deleted instead of assigned. */
export interface RowDeletion {
  readonly table: string;
  readonly column: string;
  readonly location: Location;
  readonly migration: number;
}

/** A protection of a tenant table that a later migration takes away and the final state does not give back. */
export interface Regression {
  readonly table: string;
  readonly what: 'tenant column' | 'not null' | 'foreign key' | 'unique' | 'index' | 'row security' | 'forced row security' | 'policy';
  readonly location: Location;
  readonly migration: number;
  /** Where the protection had been given. */
  readonly origin?: Location;
  readonly name?: string;
}

/** Two declarations of one table disagree on its tenant column. */
export interface Drift {
  readonly table: string;
  readonly column: string;
  readonly aspect: 'existence' | 'nullability' | 'default' | 'type' | 'unique' | 'index';
  readonly location: Location;
  readonly message: string;
  readonly other: Evidence;
}

/** A value that is not a constant pasted into SQL text. */
export interface Interpolation {
  readonly location: Location;
  readonly migration?: number;
  /** What is pasted: `current_setting('app.default')`, `p_name`. */
  readonly expression: string;
  readonly statement: string;
}

/** An effect that the down part of its migration does not undo, or a migration without a down part among others that have one. */
export interface Irreversibility {
  readonly location: Location;
  readonly tables: readonly string[];
  /** What the down part never does (`drops the table "notes"`); absent when there is no down part. */
  readonly never?: string;
  readonly down?: Location;
}

/** A policy of a tenant table in the final state, and whose rows it lets through. */
export interface PolicyFact {
  readonly policy: Policy;
  readonly table: ClassifiedTable;
  /** It widens what sessions of the application may see: permissive, and for roles that policies bind. */
  readonly appliesToApplication: boolean;
  /** Whether only rows of the session's tenant can be read or changed; absent when it lets nothing be read. */
  readonly reads?: Strictness;
  /** Whether rows can only be written to the session's tenant; absent when it lets nothing be written. */
  readonly writes?: Strictness;
}

/** Whether a condition lets only rows of the session's own tenant through. */
export type Strictness =
  | { readonly answer: 'strict' }
  | { readonly answer: 'lax'; readonly reason: string; readonly location: Location }
  | { readonly answer: 'unknown'; readonly reason: string };

/** One query of application code, a seed, a function or a view. */
export interface QueryFact {
  readonly origin: 'file' | 'seed' | 'function' | 'view' | 'code';
  /** `a query file`, `function "f"`, `view "v"`. */
  readonly where: string;
  readonly location: Location;
  /** Absent when it could not be understood; then `unknown` says why. */
  readonly query?: Query;
  readonly unknown?: string;
  /** The system's own (system paths, triggers, what policies and migrations call): the query rules are off. */
  readonly system: boolean;
  /** One for each reference of a tenant, child or root table. */
  readonly references: readonly QueryReference[];
  readonly missingTenants: readonly TenantWrite[];
  readonly reassignments: readonly TenantWrite[];
  readonly literals: readonly TenantLiteral[];
  readonly untrustedTenants: readonly UntrustedTenant[];
  readonly foreignIds: readonly ForeignId[];
  readonly routine?: { readonly name: string; readonly definer: boolean; readonly location: Location };
  readonly view?: { readonly name: string; readonly invoker: boolean; readonly materialized: boolean };
  /** Of application code. */
  readonly code?: { readonly library: string; readonly access?: 'scoped' | 'unscoped'; readonly inHandler: boolean };
  /** It is judged by one of the ways in which others call its function: which one. */
  readonly way?: number;
  /** That way: where it begins, and each call that leads to the query. */
  readonly calls?: readonly Location[];
}

/** The answer for one reference; `enforced`: policies pin it, whatever the query says. */
export interface QueryReference extends Omit<ReferenceVerdict, 'table'> {
  readonly table: ClassifiedTable;
  readonly enforced: boolean;
  /** How it can be pinned by a change of the text. */
  readonly tightening?: Tightening;
}

/** A write that gives the tenant column no value, or another one. */
export interface TenantWrite {
  readonly table: ClassifiedTable;
  readonly column: string;
  readonly how: 'leaves out' | 'writes NULL to' | 'sets';
  readonly location: Location;
}

/** A literal that stands where the tenant belongs. */
export interface TenantLiteral {
  readonly table: ClassifiedTable;
  readonly column: string;
  readonly literal: string;
  readonly location: Location;
}

/** A reference that only an unchecked input of the request pins. */
export interface UntrustedTenant {
  readonly table: ClassifiedTable;
  /** As written: `req.headers.x-tenant`. */
  readonly input: string;
  readonly location: Location;
}

/** The id of another tenant table's row, stored as the caller gave it. */
export interface ForeignId {
  readonly table: ClassifiedTable;
  readonly column: string;
  /** Display name of the table it refers to. */
  readonly to: string;
  readonly input: string;
  readonly location: Location;
}

/** A handler that a file of `queries.handlers` exports. */
export interface HandlerFact {
  readonly name: string;
  readonly location: Location;
  readonly wrapped: boolean;
  readonly wrappers: readonly string[];
}

/** The tenant setting given a value that outlives the transaction, in application code. */
export interface SessionSetting {
  readonly name: string;
  /** `function "f"`, `a query file`. */
  readonly where: string;
  readonly location: Location;
  /** Of set_config, the argument that says so. */
  readonly flag?: Location;
}

export interface Coverage {
  readonly filesRead: number;
  readonly filesSkipped: number;
  readonly tablesClassified: number;
  readonly tablesUnclassified: number;
  readonly migrations: number;
  readonly statements: number;
  readonly statementsNotUnderstood: number;
  readonly queries: number;
  readonly queriesScoped: number;
  readonly queriesUnscoped: number;
  readonly queriesUnknown: number;
  /** No query was looked for: none is known, which says nothing of the project. */
  readonly schemaOnly?: boolean;
}

export type { Policy };
