import { posix } from 'node:path';
import type { CodeStatement } from '../../facts/code.js';
import type { Directive, FileFacts, SourceFile } from '../../facts/file.js';
import type { Notice } from '../../facts/location.js';
import { lineStartsOf } from '../lines.js';
import { parseDirective } from '../sql/directives.js';
import { tooMuch } from './limits.js';
import { codeModule } from '../imports.js';
import { partedByDepth, TOO_DEEP } from '../nesting.js';
import { lowerProgram } from './lower.js';
import { parseProgram } from './oxc.js';
import { scriptsOf } from './scripts.js';

/** Knex, TypeORM, MikroORM and node-pg-migrate: what a migration says of its own transaction. */
const NO_TRANSACTION = /\btransaction\s*(?::\s*\w+\s*)?[:=]\s*false\b|\bisTransactional\s*\(\s*\)[^{}]*\{\s*return\s+false\b|\bdisableTransactions\b|\.noTransaction\(\)/;

/**
 * Reads a TypeScript or JavaScript file, or the scripts of a Vue, Svelte or Astro component. Nothing of it is executed.
 * @returns its syntax as `code`; a file that cannot be parsed has a notice instead
 */
export function parseTypeScript(source: SourceFile, text: string): FileFacts {
  const lineStarts = lineStartsOf(text);
  const body: CodeStatement[] = [];
  const directives: Directive[] = [];
  const notices: Notice[] = [];
  const notice = (at: number, reason: string): void => { notices.push({ location: { file: source.path, start: at, end: at }, reason }); };
  const reason = tooMuch(text, lineStarts.length);
  if (reason !== undefined) notice(0, reason);
  for (const script of reason === undefined ? scriptsOf(text, posix.extname(source.path).slice(1).toLowerCase()) : []) {
    if ('openAt' in script) {
      notice(script.openAt, 'This <script> has no end: it was not read');
      continue;
    }
    const parsed = parseProgram(script.text, script.extension);
    if (!parsed.ok) {
      notice(parsed.at, parsed.reason);
      continue;
    }
    try {
      const { shallow, deep } = partedByDepth(lowerProgram(parsed.program, script.text, source.path));
      body.push(...shallow);
      for (const { location: { start } } of deep) notice(start, TOO_DEEP);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      notice(0, 'is nested too deeply: not read');
    }
    if (text.includes('tenantlint-')) directives.push(...parsed.comments.flatMap(({ value, start, end }) => parseDirective(value, { file: source.path, start, end }) ?? []));
  }
  const isOutside = source.role.type === 'migration' && NO_TRANSACTION.test(text);
  return {
    file: source.path, language: source.language, role: source.role, lineStarts, length: text.length, statements: [], models: [], notices, directives,
    code: codeModule(source.path, 'javascript', body), ...(notices.length > 0 && { unread: true }),
    ...(isOutside && { transaction: 'none' as const }), rejected: 0,
  };
}
