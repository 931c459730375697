import type { TransactionMode } from '../../facts/file.js';

/** What a line comment says to the tool that runs the migration. */
export interface Marker {
  readonly section?: 'up' | 'down';
  readonly transaction?: TransactionMode;
}

const UP = [/^\+goose\s+up\b/i, /^migrate:up\b/i, /^\+migrate\s+up\b/i, /^[\s-]*up\s+migration\b/i, /^rambler\s+up\b/i, /^[\s-]*!ups\b/i];
const DOWN = [
  /^\+goose\s+down\b/i, /^migrate:down\b/i, /^\+migrate\s+down\b/i, /^[\s-]*down\s+migration\b/i, /^rambler\s+down\b/i,
  /^-+\s*create above\s*\/\s*drop below/i, /^\/\/\s*@undo\b/i, /^@undo\b/i, /^[\s-]*!downs\b/i,
];
const WITHOUT_TRANSACTION = [
  /^\+goose\s+no\s+transaction\b/i, /^migrate:up\b.*\btransaction\s*:\s*false\b/i, /^\+migrate\s+up\b.*\bnotransaction\b/i,
  /^no[-_]transaction\s*$/i, /^atlas:txmode\s+none\b/i, /^disable[-_ ](?:ddl[-_ ])?transaction\b/i, /^(?:tern:\s*)?disable-tx\b/i,
  /^changeset\b.*\brunInTransaction\s*:\s*false\b/i, /^executeInTransaction\s*=\s*false\b/i, /^transaction\s*:\s*(?:false|none)\b/i,
];
/** These tools open a transaction for every migration that does not refuse it. */
const IN_TRANSACTION = [/^\+goose\s+up\b/i, /^migrate:up\b/i, /^\+migrate\s+up\b/i, /^[\s-]*up\s+migration\b/i];
const BREAK = /^>\s*statement-breakpoint\b|^\+(?:goose|migrate)\s+statement(?:begin|end)\b/i;

/**
 * Reads the markers of migration tools: goose, dbmate, sql-migrate, node-pg-migrate, sqlx, atlas, tern, rambler,
 * Liquibase's formatted SQL, Play's evolutions and drizzle's statement breakpoints.
 * @param comment a line comment with what it begins with (two dashes; in Play's evolutions a hash)
 * @returns undefined when it is an ordinary comment; a marker always ends the statement before it
 */
export function readMarker(comment: string): Marker | undefined {
  const text = comment.replace(/^(?:--|#)/, '').trim();
  const any = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(text));
  const section = any(UP) ? 'up' : any(DOWN) ? 'down' : undefined;
  const transaction: TransactionMode | undefined = any(WITHOUT_TRANSACTION) ? 'none' : any(IN_TRANSACTION) ? 'file' : undefined;
  if (section === undefined && transaction === undefined && !BREAK.test(text)) return undefined;
  return { ...(section && { section }), ...(transaction && { transaction }) };
}
