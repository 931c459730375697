import type { FileFacts, SourceFile } from '../../facts/file.js';
import type { Location, Notice } from '../../facts/location.js';
import type { Statement } from '../../facts/operation.js';
import { lineStartsOf } from '../lines.js';
import { commentsInBodies } from './body-comments.js';
import { commentsAboutNulls } from './comments.js';
import { parseDirective } from './directives.js';
import { readText } from './reader.js';

/** A longer file is a dump, not a migration. */
const LONGEST_FILE = 24 * 1024 * 1024;

/**
 * Reads one .sql file. Up and down sections are known to the tools of kind `sql` and to node-pg-migrate alone; Prisma, Drizzle and Supabase run the whole file.
 * @returns its facts; what could not be read is a notice. Never throws.
 */
export function parseSqlFile(source: SourceFile, text: string): FileFacts {
  const locate = (start: number, end: number): Location => ({ file: source.path, start, end });
  const empty: FileFacts = {
    file: source.path, language: source.language, role: source.role, lineStarts: lineStartsOf(text), length: text.length,
    statements: [], models: [], notices: [], directives: [], rejected: 0,
  };
  if (text.length > LONGEST_FILE) {
    const reason = `A file of ${(text.length / 1024 / 1024).toFixed(1)} MB was not read: files over ${LONGEST_FILE / 1024 / 1024} MB are taken for dumps`;
    return { ...empty, unread: true, notices: [{ location: locate(0, 0), reason }] };
  }
  const { role } = source;
  const result = readText(text, locate, role.type === 'query' || role.type === 'source');
  const suppressible = text.includes('tenantlint-') ? [...result.comments, ...commentsInBodies(text)] : [];
  const directives = suppressible.sort((a, b) => a.start - b.start).flatMap(({ form, start, end }) => {
    const body = form === 'line' ? text.slice(start + 2, end) : text.slice(start + 2, end - 2);
    return parseDirective(body, locate(start, end)) ?? [];
  });
  if (result.foreign !== undefined) {
    const { start, end } = result.foreign;
    const reason = `This file is not written for PostgreSQL (${text.slice(start, end)}): it was not read`;
    return { ...empty, unread: true, directives, notices: [{ location: locate(start, end), reason }] };
  }
  const hasSections = role.type === 'migration' && (role.kind === 'sql' || role.kind === 'node-pg-migrate');
  const comments = role.type === 'migration' ? commentsAboutNulls(text, result.comments, locate) : [];
  return {
    ...empty,
    statements: hasSections ? result.up : [...result.up, ...result.down],
    ...(hasSections && result.sawDown && { down: result.down }),
    ...(result.transaction && { transaction: result.transaction }),
    ...(comments.length > 0 && { comments }),
    notices: result.notices, directives, rejected: result.rejected,
  };
}

/**
 * Reads SQL that stands inside another file or was put together by a program (EXECUTE).
 * @param locate maps UTF-16 spans of `text` to the place that wrote them
 */
export function parseSqlText(text: string, locate: (start: number, end: number) => Location): {
  statements: Statement[]; notices: Notice[];
} {
  const result = readText(text, locate);
  return { statements: [...result.up], notices: [...result.notices] };
}
