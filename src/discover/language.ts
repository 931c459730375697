import { posix } from 'node:path';
import { entryOf } from '../entry.js';
import type { Language } from '../facts/file.js';

const CODE: Readonly<Record<string, Language>> = {
  ts: 'typescript', tsx: 'typescript', mts: 'typescript', cts: 'typescript', vue: 'typescript', svelte: 'typescript', astro: 'typescript',
  js: 'javascript', jsx: 'javascript', mjs: 'javascript', cjs: 'javascript', py: 'python',
};

/** The language of a program file that is read here, by its extension; undefined for anything else and for type declarations. */
export function codeLanguage(path: string): Language | undefined {
  return /\.d\.(?:\w+\.)?[cm]?ts$/.test(path) ? undefined : entryOf(CODE, posix.extname(path).slice(1).toLowerCase());
}

/** The language of any file that is read here; what is neither a program nor a Prisma schema is SQL. */
export function languageOf(path: string): Language {
  return codeLanguage(path) ?? (path.endsWith('.prisma') ? 'prisma' : 'sql');
}
