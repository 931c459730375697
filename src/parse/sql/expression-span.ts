import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';

/** A span of the statement's text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What lowering carries along: the statement's context and the named windows of the query block being read. */
export interface Scope {
  readonly ctx: LowerContext;
  readonly windows: ReadonlyMap<string, TreeNode>;
}

const NO_WINDOWS: ReadonlyMap<string, TreeNode> = new Map();

/** The scope outside of any query block. */
export function outerScope(ctx: LowerContext): Scope {
  return { ctx, windows: NO_WINDOWS };
}

/** Spans of lowered expressions in the statement's text; their `location` is already that of the file. */
const spans = new WeakMap<object, Span>();

/** Remembers where a lowered node stands in the statement, and gives it back. */
export function placed<T extends object>(node: T, span: Span): T {
  spans.set(node, span);
  return node;
}

/** The span of a lowered node; undefined when the grammar gave no position for it. */
export function spanOf(node: object): Span | undefined {
  return spans.get(node);
}

/** The place in the file of a span of the statement. */
export function locationOf(ctx: LowerContext, span: Span): Location {
  return ctx.location(span.start, span.end);
}

/** The UTF-16 start of a grammar node; undefined when the grammar has none (it writes -1; 0 is left out of its JSON). */
export function startOf(ctx: LowerContext, node: TreeNode): number | undefined {
  const byte = (node['location'] as number | undefined) ?? 0;
  return byte < 0 ? undefined : ctx.unit(byte);
}

/** The smallest span around all of the given nodes and spans. */
export function around(parts: readonly (Span | undefined)[]): Span | undefined {
  let start = Infinity;
  let end = -1;
  for (const part of parts) {
    if (part === undefined) continue;
    start = Math.min(start, part.start);
    end = Math.max(end, part.end);
  }
  return end < 0 ? undefined : { start, end };
}

/** The spans of several lowered expressions. */
export function spansOf(nodes: readonly Expression[]): (Span | undefined)[] {
  return nodes.map(spanOf);
}

/** Matching brackets of a statement: index of the partner token, -1 for every other token. */
const partners = new WeakMap<object, Int32Array>();

function partnersOf(ctx: LowerContext): Int32Array {
  const known = partners.get(ctx);
  if (known !== undefined) return known;
  const { tokens, text } = ctx;
  const result = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.type !== 'punctuation') return;
    const char = text[token.start];
    if (char === '(' || char === '[') open.push(index);
    else if (char === ')' || char === ']') {
      const partner = open.pop();
      if (partner === undefined) return;
      result[partner] = index;
      result[index] = partner;
    }
  });
  partners.set(ctx, result);
  return result;
}

/** Index of the token that partners the bracket at `index`, or -1. */
export function partnerOf(ctx: LowerContext, index: number): number {
  return partnersOf(ctx)[index] ?? -1;
}

/** Index of the first token that starts at or after the offset; the number of tokens when there is none. */
export function tokenFrom(ctx: LowerContext, offset: number): number {
  const { tokens } = ctx;
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Text of a token in lower case when it is a word or punctuation; undefined for strings and quoted identifiers, and outside. */
export function wordAt(ctx: LowerContext, index: number): string | undefined {
  const token = ctx.tokens[index];
  if (token === undefined || token.type === 'identifier' || token.type === 'string' || token.type === 'dollarString') return undefined;
  return ctx.text.slice(token.start, token.end).toLowerCase();
}

/** Whether the token is an identifier or keyword. */
export function isName(ctx: LowerContext, index: number): boolean {
  const type = ctx.tokens[index]?.type;
  return type === 'word' || type === 'identifier';
}

/** Index after a dotted name that begins at `index` (`s.t`, `t.*`). */
export function afterName(ctx: LowerContext, index: number): number {
  let at = index + 1;
  while (wordAt(ctx, at) === '.' && (isName(ctx, at + 1) || wordAt(ctx, at + 1) === '*')) at += 2;
  return at;
}

/** Span from the token at `first` up to, not including, the token at `after`. */
export function tokenSpan(ctx: LowerContext, first: number, after: number): Span {
  const start = ctx.tokens[first]?.start ?? ctx.text.length;
  return { start, end: Math.max(start, ctx.tokens[Math.max(after - 1, first)]?.end ?? ctx.text.length) };
}

/** Widens a left operand by the parentheses around it that close before the token at `operator`. */
export function widenBefore(ctx: LowerContext, span: Span, operator: number): Span {
  let { start, end } = span;
  for (let after = tokenFrom(ctx, end); after < operator && wordAt(ctx, after) === ')'; after += 1) {
    const open = partnerOf(ctx, after);
    if (open < 0) break;
    start = Math.min(start, ctx.tokens[open]!.start);
    end = ctx.tokens[after]!.end;
  }
  return { start, end };
}

/** Widens a right operand by the parentheses around it that open after the token at `operator`. */
export function widenAfter(ctx: LowerContext, span: Span, operator: number): Span {
  let { start, end } = span;
  for (let before = tokenFrom(ctx, start) - 1; before > operator && wordAt(ctx, before) === '('; before -= 1) {
    const close = partnerOf(ctx, before);
    if (close < 0) break;
    start = ctx.tokens[before]!.start;
    end = Math.max(end, ctx.tokens[close]!.end);
  }
  return { start, end };
}
