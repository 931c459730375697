import type { FileFacts, SourceFile } from '../facts/file.js';
import { lineStartsOf } from './lines.js';
import { parsePrismaFile } from './prisma/index.js';
import { parsePython } from './python/index.js';
import { parseSqlFile } from './sql/index.js';
import { parseTypeScript } from './typescript/index.js';

/**
 * Reads one file of any language.
 * @returns its facts; the same text gives the same facts. Never throws: a failure is a notice of the file.
 */
export function parseFile(source: SourceFile, text: string): FileFacts {
  try {
    if (source.language === 'sql') return parseSqlFile(source, text);
    if (source.language === 'prisma') return parsePrismaFile(source, text);
    if (source.language === 'typescript' || source.language === 'javascript') return parseTypeScript(source, text);
    if (source.language === 'python') return parsePython(source, text);
    return emptyFacts(source, text);
  } catch (error) {
    const reason = `This file could not be read: ${error instanceof Error ? error.message : String(error)}`;
    return { ...emptyFacts(source, text), unread: true, notices: [{ location: { file: source.path, start: 0, end: 0 }, reason }] };
  }
}

function emptyFacts(source: SourceFile, text: string): FileFacts {
  return {
    file: source.path, language: source.language, role: source.role, lineStarts: lineStartsOf(text), length: text.length,
    statements: [], models: [], notices: [], directives: [], rejected: 0,
  };
}
