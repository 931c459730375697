import type { FileFacts, FileRole } from '../../src/facts/file.js';
import { parseSqlFile } from '../../src/parse/sql/index.js';

const MIGRATION: FileRole = { type: 'migration', kind: 'sql', source: 0, direction: 'up' };

/** Reads SQL as a migration file, or in another role. */
export function readSql(text: string, role: FileRole = MIGRATION): FileFacts {
  return parseSqlFile({ path: 'file.sql', language: 'sql', role }, text);
}

/** The source text of each operation, in order. */
export function operationTexts(text: string): string[] {
  return readSql(text).statements.flatMap(({ operations }) => operations).map(({ location }) => text.slice(location.start, location.end));
}

export function kinds(facts: Pick<FileFacts, 'statements'>): string[] {
  return facts.statements.flatMap(({ operations }) => operations.map(({ kind }) => kind));
}
