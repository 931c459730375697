import type { FoundSource } from './found.js';
import { groupOf } from './groups.js';
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
  const own = tablesOf(tree, source);
  const made = tablesOf(tree, history);
  return own.size > 0 && [...own].filter((name) => made.has(name)).length * 2 > own.size;
}

function tablesOf(tree: Tree, { entries }: FoundSource): ReadonlySet<string> {
  const texts = entries.filter(({ file }) => isSql(file)).map(({ file }) => tree.text(file));
  return new Set(texts.flatMap((text) => [...text.matchAll(/\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:[\w"]+\s*\.\s*)?"?(\w+)/gi)].map(([, name]) => name!)));
}
