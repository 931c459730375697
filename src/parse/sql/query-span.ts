import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { partnerOf, startOf, tokenFrom, wordAt } from './expression-span.js';
import type { Span } from './expression-span.js';

/** What stands after a query at its own level of parentheses. */
export type Follow = 'end' | 'setOperator' | 'insert';

const SET_WORDS: readonly string[] = ['union', 'intersect', 'except'];
const TAIL_WORDS: readonly string[] = ['order', 'limit', 'offset', 'fetch', 'for'];

/** Index of the nearest `word` before the token at `index`, at the same level of brackets; -1 when there is none. */
export function wordBefore(ctx: LowerContext, index: number, word: string): number {
  for (let at = index - 1; at >= 0; at -= 1) {
    const found = wordAt(ctx, at);
    if (found === word) return at;
    if (found === ')' || found === ']') {
      const partner = partnerOf(ctx, at);
      if (partner >= 0) at = partner;
    }
  }
  return -1;
}

/** Index after the last token of what begins at `first`, at its level of brackets, where `stops` holds for no token. */
export function afterTokens(ctx: LowerContext, first: number, stops: (index: number) => boolean): number {
  let at = first;
  while (at < ctx.tokens.length) {
    const word = wordAt(ctx, at);
    if (word === ')' || word === ']' || word === ';' || (at > first && stops(at))) return at;
    const partner = word === '(' || word === '[' ? partnerOf(ctx, at) : -1;
    at = Math.max(partner, at) + 1;
  }
  return at;
}

/** The test that ends a query, by what follows it. `node` tells whether ORDER BY, LIMIT and the like are the query's own. */
export function stopsOf(ctx: LowerContext, node: TreeNode, follow: Follow): (index: number) => boolean {
  const ownTail = node['sortClause'] !== undefined || node['limitCount'] !== undefined || node['limitOffset'] !== undefined
    || node['lockingClause'] !== undefined;
  const words = new Set<string>(follow === 'setOperator' ? (ownTail ? SET_WORDS : [...SET_WORDS, ...TAIL_WORDS]) : follow === 'insert' ? ['returning'] : []);
  return (index) => {
    const word = wordAt(ctx, index);
    if (word === undefined) return false;
    if (words.has(word)) return !isLabel(ctx, index);
    if (word === 'with') return ['no', 'data', 'check', 'local', 'cascaded'].includes(wordAt(ctx, index + 1) ?? '');
    return follow === 'insert' && word === 'on' && wordAt(ctx, index + 1) === 'conflict';
  };
}

/** A reserved word may still be a column's name after a dot or AS. */
function isLabel(ctx: LowerContext, index: number): boolean {
  const before = wordAt(ctx, index - 1);
  return before === '.' || before === 'as';
}

/** Span of a query that begins at the token `first`. */
export function spanFrom(ctx: LowerContext, first: number, stops: (index: number) => boolean): Span {
  const after = afterTokens(ctx, first, stops);
  const start = ctx.tokens[first]?.start ?? 0;
  return { start, end: Math.max(start, ctx.tokens[after - 1]?.end ?? ctx.text.length) };
}

/** Index of a query's first token: its WITH, else the keyword before the given offset, else the first token of all. */
export function firstToken(ctx: LowerContext, node: TreeNode, keyword: string, offset: number | undefined): number {
  const clause = node['withClause'] as TreeNode | undefined;
  const start = clause === undefined ? undefined : startOf(ctx, clause);
  if (start !== undefined) return tokenFrom(ctx, start);
  if (offset === undefined) return 0;
  return Math.max(wordBefore(ctx, tokenFrom(ctx, offset), keyword), 0);
}
