import type { MigrationKind, TransactionMode } from '../facts/file.js';
import type { Notice } from '../facts/location.js';
import type { MigrationEntry, SourceFault } from './types.js';

/** One folder of migrations as a detection found it, before its files have roles. */
export interface FoundSource {
  readonly kind: MigrationKind;
  readonly dir: string;
  readonly transaction?: TransactionMode;
  readonly entries: readonly MigrationEntry[];
  readonly faults: readonly SourceFault[];
  readonly notices: readonly Notice[];
  /** Down files without an up file beside them. */
  readonly loneDowns: readonly string[];
  /** Files of the folder that the tool does not run (each also has a notice). */
  readonly unused: readonly string[];
}

/** A fault of a history; without a span it stands at the start of the file. */
export function fault(file: string, message: string, suggestion: string, span: { start: number; end: number } = { start: 0, end: 0 }): SourceFault {
  return { location: { file, ...span }, message, suggestion };
}

/** Two entries with one number, for tools and numbering schemes where a number stands once. */
export function duplicateFault(file: string, other: string, number: string): SourceFault {
  const name = (path: string) => path.split('/').slice(/\/(migration|up)\.sql$/.test(path) ? -2 : -1).join('/');
  return fault(file, `Two migrations have the number ${number}: ${name(other)} and ${name(file)}.`,
    'Give the later one the next free number, so that every database runs both in the same order.');
}
