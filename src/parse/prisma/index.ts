import { schemaSets } from '../../discover/prisma.js';
import type { Directive, FileFacts, SourceFile } from '../../facts/file.js';
import type { ModelTable } from '../../facts/schema.js';
import { lineStartsOf } from '../lines.js';
import { parseDirective } from '../sql/directives.js';
import { lowerSchema } from './lower.js';
import { parsePrisma } from './parser.js';

/**
 * Reads one .prisma file. Its `models` are those of this file alone; relations to models of other files are missing there,
 * and complete in `resolvePrismaModels`. Never throws: a line that cannot be read is a notice.
 */
export function parsePrismaFile(source: SourceFile, text: string): FileFacts {
  const { file: prisma, notices, comments } = parsePrisma(source.path, text);
  const directives = comments.flatMap((comment): Directive[] => {
    const { start, end } = comment;
    const words = comment.text.replace(/^\/\*|\*\/$/g, '');
    const directive = parseDirective(words, { file: source.path, start, end });
    return directive ? [directive] : [];
  });
  return {
    file: source.path, language: source.language, role: source.role, lineStarts: lineStartsOf(text), length: text.length,
    statements: [], models: lowerSchema([prisma]), prisma, notices, directives, rejected: notices.length,
  };
}

/**
 * The tables of all Prisma schemas among the files, each file seen together with the others of its schema.
 * Files of other languages are passed over.
 */
export function resolvePrismaModels(files: readonly FileFacts[]): ModelTable[] {
  const byPath = new Map(files.flatMap((file) => (file.prisma ? [[file.file, file.prisma] as const] : [])));
  const sets = schemaSets([...byPath].map(([path, { datasource }]) => ({
    path, ...(datasource && { datasource: { ...(datasource.provider !== undefined && { provider: datasource.provider }) } }),
  })));
  return sets.flatMap((set) => lowerSchema(set.files.map((path) => byPath.get(path)!)));
}
