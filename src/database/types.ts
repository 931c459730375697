import type { TransactionMode } from '../facts/file.js';
import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';

/** A session on one database: embedded or on a server. */
export interface Connection {
  /** Runs statements without parameters. @throws what PostgreSQL reports, see `databaseError` */
  readonly run: (sql: string) => Promise<void>;
  /** Runs one query. @throws what PostgreSQL reports */
  readonly rows: <T>(sql: string, parameters?: readonly unknown[]) => Promise<T[]>;
  /** Rows one statement returned or changed. */
  readonly affected: (sql: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** One statement of a migration as it is sent. */
export interface RunStatement {
  readonly sql: string;
  /** Where it stands in the file. */
  readonly location: Location;
  /** `sql` is the text at `location`, letter for letter: positions inside of it are positions in the file. */
  readonly verbatim: boolean;
  /** What it does, where that is known: tells the sub-command at fault, and what BEGIN and COMMIT do. */
  readonly operations: readonly Operation[];
}

/** One migration as it is run. */
export interface RunMigration {
  readonly file: string;
  readonly transaction: TransactionMode;
  readonly statements: readonly RunStatement[];
  /** It is written in a language that is not read: what it does is not run, and what comes later may need it. */
  readonly opaque?: boolean;
}

/** Which columns hold the tenant, for rows that belong to one, and for what is looked at after a migration. */
export interface RunTenancy {
  /** The bare name of the root table. */
  readonly root?: string;
  readonly isTenantColumn: (table: { readonly schema: string; readonly name: string }, column: string) => boolean;
  /** Tables whose rows belong to nobody though a foreign key leads to a tenant: the configuration says so. */
  readonly isShared?: (table: { readonly schema: string; readonly name: string }) => boolean;
}

export interface RunOptions {
  readonly tenancy?: RunTenancy;
  /** `sparse` (default): NULL wherever it is allowed; `full`: no NULLs; `none`: tables stay as the migrations leave them. */
  readonly rows?: 'sparse' | 'full' | 'none';
  /** What each session starts with, as SQL: the settings a platform gives it. */
  readonly session?: string;
  /** Whoever runs the migrations is bound by no policy (Supabase's `postgres` has BYPASSRLS). */
  readonly bypassesRls?: boolean;
  /** Extensions that the database does not have: what fails for want of them is no failure of a migration. */
  readonly missing?: readonly string[];
  /** Told before each migration. */
  readonly progress?: (done: number, total: number) => void;
}

/** A place of one migration: its index in the run, and where in its file. */
export interface RunPlace {
  readonly migration: number;
  readonly location: Location;
}

/** A statement that PostgreSQL refused. */
export interface RunFailure extends RunPlace {
  /** The whole statement. */
  readonly statement: Location;
  /** SQLSTATE. */
  readonly code: string;
  /** PostgreSQL's words; its DETAIL where there is one. */
  readonly message: string;
  readonly detail?: string;
  /** It runs once the tables are empty: the rows decide. */
  readonly dependsOnRows: boolean;
  /** Another statement of the same migration failed before: perhaps only a consequence. */
  readonly follows: boolean;
  /** The statement was sent as it stands in the file. */
  readonly verbatim: boolean;
  /** Display name of the table and column at fault, where PostgreSQL tells them. */
  readonly table?: string;
  readonly column?: string;
}

/** A tenant column that still holds NULLs after the last migration that added or filled it. */
export interface RemainingNulls extends RunPlace {
  readonly table: string;
  readonly column: string;
  readonly nulls: number;
  readonly rows: number;
  /** The migration changed some of its NULLs: it fills the column, though not all of it. */
  readonly filled: boolean;
}

/** Rows whose tenant differs from that of the row they refer to, since this migration. */
export interface MixedTenants extends RunPlace {
  readonly table: string;
  readonly column: string;
  /** Columns of the foreign key to the parent. */
  readonly through: readonly string[];
  readonly parent: string;
  readonly parentColumn: string;
  readonly rows: number;
}

/** Rows that a statement gives another tenant when the same rows stand in the opposite order. */
export interface OrderDependence extends RunPlace {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
  readonly of: number;
}

/** Rows without a tenant that a statement does not see when the owner, bound by FORCE ROW LEVEL SECURITY, runs it. */
export interface HiddenRows extends RunPlace {
  readonly table: string;
  readonly column?: string;
  /** Of a backfill: the rows left out. Absent for a verification, which passes. */
  readonly rows?: number;
}

/** Rows of a table that is still there and that this migration removed. */
export interface RowsLost extends RunPlace {
  readonly table: string;
  readonly before: number;
  readonly after: number;
}

/** What a run of migrations on populated tables showed. Table names are display names. */
export interface RunResult {
  readonly migrations: number;
  readonly statements: number;
  readonly failures: readonly RunFailure[];
  readonly remainingNulls: readonly RemainingNulls[];
  readonly mixedTenants: readonly MixedTenants[];
  readonly rowsLost: readonly RowsLost[];
  readonly orderDependent: readonly OrderDependence[];
  readonly hiddenRows: readonly HiddenRows[];
  /** Tables that never held a row: what was shown about them is little. */
  readonly emptyTables: readonly { readonly table: string; readonly reason: string }[];
  /** Statements that failed because the database lacks what the project's own has. */
  readonly notRun: readonly { readonly location: Location; readonly reason: string }[];
  /** Roles that statements name and no migration makes: made for the run, without privileges. */
  readonly roles: readonly string[];
  /** Keys of tenants that statements name and no row is: rows made for the run. */
  readonly tenants: readonly string[];
}
