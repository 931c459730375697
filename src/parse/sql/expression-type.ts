import type { SqlType } from '../../facts/expression.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { afterName, partnerOf, tokenFrom, wordAt } from './expression-span.js';

/** Words that continue a type's name (PostgreSQL manual, appendix C: the types with names of several words). */
const CONTINUES: ReadonlySet<string> = new Set([
  'varying', 'precision', 'character', 'char', 'with', 'without', 'time', 'zone', 'year', 'month', 'day', 'hour', 'minute', 'second', 'to',
]);
/** Types that may be followed by such words. */
const SEVERAL_WORDS: ReadonlySet<string> = new Set([
  'bit', 'character', 'char', 'national', 'nchar', 'double', 'time', 'timestamp', 'interval',
]);

/** Values of a grammar's list of String nodes. */
export function strings(nodes: readonly TreeNode[] | undefined): string[] {
  return (nodes ?? []).map((node) => (node['String']?.['sval'] as string | undefined) ?? '');
}

/**
 * Lowers a type name to PostgreSQL's internal name (`int4`, `varchar`, `bpchar`, `timestamptz`).
 * `pg_catalog` is left out; `serial` types keep their name (what they mean depends on where they stand).
 * @param typeName a TypeName, wrapped or not
 */
export function lowerType(typeName: TreeNode): SqlType {
  const node = (typeName['TypeName'] as TreeNode | undefined) ?? typeName;
  const names = strings(node['names']);
  const modifiers = ((node['typmods'] as TreeNode[] | undefined) ?? []).flatMap((item) => {
    const value = item['A_Const'] as TreeNode | undefined;
    return value?.['ival'] === undefined ? [] : [(value['ival']['ival'] as number | undefined) ?? 0];
  });
  const dimensions = ((node['arrayBounds'] as TreeNode[] | undefined) ?? []).length;
  if (node['pct_type'] === true) return { name: `${names.join('.')}%type`, modifiers, dimensions };
  const name = names.at(-1) ?? '';
  const schema = names.at(-2);
  return { ...(schema === undefined || schema === 'pg_catalog' ? {} : { schema }), name, modifiers, dimensions };
}

/** Index after the tokens of a type name that begins at the token `index`. */
export function afterType(ctx: LowerContext, index: number): number {
  const first = wordAt(ctx, index) ?? '';
  let at = afterName(ctx, wordAt(ctx, index) === 'setof' ? index + 1 : index);
  const several = SEVERAL_WORDS.has(first);
  for (;;) {
    const word = wordAt(ctx, at);
    if (word === '(' && partnerOf(ctx, at) > at) {
      at = partnerOf(ctx, at) + 1;
      if (!several) break;
    } else if (several && word !== undefined && CONTINUES.has(word)) at += 1;
    else break;
  }
  while (wordAt(ctx, at) === '[' && partnerOf(ctx, at) > at) at = partnerOf(ctx, at) + 1;
  if (wordAt(ctx, at) === 'array') {
    at += 1;
    if (wordAt(ctx, at) === '[' && partnerOf(ctx, at) > at) at = partnerOf(ctx, at) + 1;
  }
  return at;
}

/** Offset after the type name that begins at the given offset. */
export function typeEnd(ctx: LowerContext, start: number): number {
  const after = afterType(ctx, tokenFrom(ctx, start));
  return ctx.tokens[after - 1]?.end ?? ctx.text.length;
}
