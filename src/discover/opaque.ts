import { posix } from 'node:path';
import { entryOf } from '../entry.js';
import type { Notice } from '../facts/location.js';
import { noticeAt } from './read.js';
import type { Tree } from './tree.js';
import { within } from './tree.js';
import type { MigrationEntry, SchemaAddition, UnreadChanges } from './types.js';

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: 'TypeScript', mts: 'TypeScript', cts: 'TypeScript', js: 'JavaScript', mjs: 'JavaScript', cjs: 'JavaScript',
  go: 'Go', py: 'Python', rb: 'Ruby', php: 'PHP', java: 'Java', kt: 'Kotlin',
};

function languageOf(path: string): string | undefined {
  return entryOf(LANGUAGES, posix.extname(path).slice(1));
}

/** Programs directly in a folder, tests and type declarations left out. */
export function codeFiles(tree: Tree, folder: string): string[] {
  return tree.names(folder).filter((name) => languageOf(name) !== undefined && !/\.d\.[cm]?ts$|[._](?:test|spec)\.\w+$/.test(name)).map((name) => within(folder, name));
}

/**
 * The program that a folder of one migration holds: in place of its migration.sql (runners built on Prisma's layout),
 * or the data migration beside it (Prisma manual, "expand and contract").
 */
export function programOf(tree: Tree, folder: string): string | undefined {
  return codeFiles(tree, folder).find((path) => /^(?:(?:data|post)[-_]?)?(?:migration|migrate|backfill)\.\w+$/i.test(posix.basename(path)));
}

/** One notice a folder: how many of its migrations are not read, and in which languages they are. */
export function opaqueNotices(dir: string, entries: readonly MigrationEntry[]): Notice[] {
  const opaque = entries.filter((entry) => entry.opaque);
  if (opaque.length === 0) return [];
  const languages = [...new Set(opaque.map(({ file }) => languageOf(file)))].sort().join(' and ');
  const count = opaque.length === 1 ? '1 migration is' : `${opaque.length} migrations are`;
  return [noticeAt(dir, 0, `${count} ${languages}: not read by this version, so what ${opaque.length === 1 ? 'it fills' : 'they fill'} is unknown`)];
}

const ADDITIONS: Readonly<Record<SchemaAddition, RegExp>> = {
  column: /\badd\s+column\b|\badd_?column/i,
  notNull: /\bset\s+not\s+null\b|\bnot_?null/i,
  foreignKey: /\breferences\b|\bforeign[ _]?key/i,
  rowSecurity: /\benable\s+row\s+level\s+security\b|\benable_?r(?:ow_?level_?security|ls)\b/i,
  index: /\bcreate\s+(?:unique\s+)?index\b|\b(?:add|create)_?index|\bunique\b/i,
};

/** What the text of a migration that is not read names: its words, and the kinds of things it may add. */
export function unreadChanges(text: string): UnreadChanges {
  const additions = (Object.keys(ADDITIONS) as SchemaAddition[]).filter((addition) => ADDITIONS[addition].test(text));
  return { words: new Set(additions.length === 0 ? [] : text.match(/\w+/g)), additions };
}
