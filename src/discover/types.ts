import type { Location, Notice } from '../facts/location.js';
import type { MigrationKind, SourceFile, TransactionMode } from '../facts/file.js';
import type { UnnamedAddition } from '../facts/operation.js';

/** What was found on disk for one configuration. All paths are POSIX and relative to `root`. */
export interface Discovery {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly sources: readonly MigrationSource[];
  readonly notices: readonly Notice[];
  readonly aliases?: ModuleAliases;
  /** The files the user asked about; the others are read, but findings in them are not reported. Absent: all. */
  readonly focus?: readonly string[];
}

/** What module names of application code mean besides relative paths. */
export interface ModuleAliases {
  /** Nearest folder first. Targets are relative to the project's root. */
  readonly paths: readonly { readonly dir: string; readonly baseUrl?: string; readonly patterns: readonly { readonly pattern: string; readonly targets: readonly string[] }[] }[];
  /** The packages of the project itself; `entries` by sub-path (`.`, `./db`), relative to `dir`. */
  readonly packages: readonly { readonly name: string; readonly dir: string; readonly entries: Readonly<Record<string, readonly string[]>> }[];
  /** The Python package that the project's root is (`app`, `app/api`), where only a part of a program is looked at; its modules name themselves from there. */
  readonly pythonPackage?: string;
}

/** One folder of migrations, its files in the order their tool runs them. */
export interface MigrationSource {
  readonly kind: MigrationKind;
  readonly dir: string;
  /** The database it belongs to, where the project holds several; see SourceFile. */
  readonly group?: string;
  /** Default for its files; a file may say otherwise of itself. */
  readonly transaction: TransactionMode;
  readonly entries: readonly MigrationEntry[];
  readonly faults: readonly SourceFault[];
}

/** What a migration that is not read may add to a table that is there. */
export type SchemaAddition = UnnamedAddition['addition'];

/** What can be told of the text of a migration that is not read. */
export interface UnreadChanges {
  /** Every word in it: tables among them may have been changed. */
  readonly words: ReadonlySet<string>;
  readonly additions: readonly SchemaAddition[];
}

export interface MigrationEntry {
  /** What the tool orders by: folder name, number, timestamp, journal tag. */
  readonly id: string;
  readonly file: string;
  /** A separate down file (`x.down.sql`, `down.sql`), where the kind has one. */
  readonly down?: string;
  /** It runs, but is written in a language that is not read here: what it does is unknown. */
  readonly opaque?: true;
  /** What the text of an opaque one names. */
  readonly unread?: UnreadChanges;
}

/** Journal and files disagree, two migrations have one number, and the like. */
export interface SourceFault {
  readonly location: Location;
  readonly message: string;
  readonly suggestion: string;
}
