import { posix } from 'node:path';
import type { FoundSource } from './found.js';
import { groupOf } from './groups.js';
import { compareNames } from './order.js';
import { isSchemaName } from './sql.js';
import { isBelow, isSql, type Tree } from './tree.js';

/**
 * The folders of numbered SQL files that say once more what migrations have made: dumps, or the declarations that sqlc reads.
 * They lie in a folder for schemas, near the migrations, only declare, and most of their tables are made there.
 */
export function schemaDumps(tree: Tree, found: readonly FoundSource[]): ReadonlySet<FoundSource> {
  const declared = found.filter((source) => isDeclaration(tree, source));
  const histories = found.filter((source) => !declared.includes(source));
  return new Set(declared.filter((source) => histories.some((history) => isNear(source, history) && repeats(tree, source, history))));
}

/** What pg_dump writes at the head of a dump (src/bin/pg_dump/pg_backup_archiver.c, _doSetFixedOutputState). */
const DUMP = /^SET (?:statement_timeout = 0|standard_conforming_strings = \w+);$[^]*^SELECT pg_catalog\.set_config\('search_path', '', false\);$/m;

/** Dumps of a database that a later one (by its name) repeats: each says the whole schema, so they are no history. */
export function staleDumps(tree: Tree, paths: readonly string[]): string[] {
  const dumps = paths.filter((path) => DUMP.test(tree.text(path))).sort((a, b) => compareNames(posix.basename(a), posix.basename(b)));
  const tables = new Map(dumps.map((path) => [path, tablesIn(tree.text(path))]));
  return dumps.filter((path, index) => dumps.slice(index + 1).some((later) => isRepeated(tables.get(path)!, tables.get(later)!)));
}

function isDeclaration(tree: Tree, { kind, entries, loneDowns }: FoundSource): boolean {
  if (kind !== 'sql' || loneDowns.length > 0) return false;
  return entries.every(({ file, down, opaque }) => down === undefined && !opaque && isSchemaName(file) && !CHANGE.test(tree.text(file)));
}

/** What has no place in a declaration of a whole schema: it changes what was there. Function bodies are indented. */
const CHANGE = /^(?:alter\s+table\s[^;]*\b(?:add\s+column|drop\s+column|rename|set\s+not\s+null)\b|drop\s+table\s+(?!if\b)|update\s)/im;

function isNear(source: FoundSource, history: FoundSource): boolean {
  const [own, other] = [groupOf(source.dir), groupOf(history.dir)];
  return isBelow(own, other) || isBelow(other, own);
}

function repeats(tree: Tree, source: FoundSource, history: FoundSource): boolean {
  return isRepeated(tablesOf(tree, source), tablesOf(tree, history));
}

/** Whether most of these tables are made there as well. */
function isRepeated(own: ReadonlySet<string>, made: ReadonlySet<string>): boolean {
  return own.size > 0 && [...own].filter((name) => made.has(name)).length * 2 > own.size;
}

function tablesOf(tree: Tree, { entries }: FoundSource): ReadonlySet<string> {
  return new Set(entries.filter(({ file }) => isSql(file)).flatMap(({ file }) => [...tablesIn(tree.text(file))]));
}

function tablesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:[\w"]+\s*\.\s*)?"?(\w+)/gi)].map(([, name]) => name!));
}
