import { entryOf } from '../../entry.js';
import type { LowerContext } from './context.js';
import { createContext, subContext } from './context.js';
import { partnerOf, wordAt } from './expression-span.js';
import { lex } from './lexer.js';
import type { Token } from './lexer.js';

/** The body of a routine, cut out of its CREATE FUNCTION or DO statement. */
export interface RoutineBody {
  readonly language: string;
  /** The body's own text; its places lead to the file. Absent where the body is not a string (BEGIN ATOMIC, RETURN). */
  readonly source?: LowerContext;
  /** The whole statement. */
  readonly statement: LowerContext;
}

/**
 * Finds the language and the body of a CREATE FUNCTION, CREATE PROCEDURE or DO statement.
 * @param sql the statement, a part of `ctx.text`
 */
export function findBody(sql: string, ctx: LowerContext): RoutineBody {
  const statement = ctx.text === sql ? ctx : subContext(ctx, Math.max(ctx.text.indexOf(sql), 0), sql);
  const { tokens } = statement;
  const isDo = wordAt(statement, 0) === 'do';
  let language = isDo ? 'plpgsql' : 'sql';
  let body: Token | undefined;
  for (let index = 1; index < tokens.length; index += 1) {
    const word = wordAt(statement, index);
    const next = tokens[index + 1];
    if (word === '(' && partnerOf(statement, index) > index) index = partnerOf(statement, index);
    else if (word === 'language' && next !== undefined) {
      language = plainName(sql.slice(next.start, next.end)).toLowerCase();
      index += 1;
    } else if (isDo && isString(tokens[index])) body ??= tokens[index];
    else if (!isDo && word === 'as' && isString(next)) body ??= next;
    else if (word === 'begin' || word === 'return') break;
  }
  return { language, statement, ...(body === undefined ? {} : { source: insideString(statement, body) }) };
}

function isString(token: Token | undefined): boolean {
  return token?.type === 'string' || token?.type === 'dollarString';
}

/** An identifier or string constant without its quotes. */
function plainName(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1) : text;
}

/** The text inside a string constant, each character with its place. */
function insideString(ctx: LowerContext, token: Token): LowerContext {
  const written = ctx.text.slice(token.start, token.end);
  if (token.type === 'dollarString') {
    const tag = written.indexOf('$', 1) + 1;
    return subContext(ctx, token.start + tag, written.slice(tag, written.length - tag));
  }
  const quote = written.indexOf("'");
  const prefix = written.slice(0, quote).toLowerCase();
  if (prefix !== '' && prefix !== 'e') throw new Error(`the body is a string constant of form ${prefix}''`);
  const { text, places } = decode(written, quote + 1, prefix === 'e');
  const place = (offset: number): number => token.start + (places[offset] ?? written.length - 1);
  return createContext({
    file: ctx.file, text, holes: ctx.holes, placeholders: ctx.placeholders,
    locate: (start, end) => ctx.location(place(start), place(end)),
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Undoubles quotes and, for E'', reads backslashes; `places` has the offset in `written` of each character. */
function decode(written: string, from: number, escapes: boolean): { text: string; places: number[] } {
  let text = '';
  const places: number[] = [];
  for (let at = from; at < written.length - 1; at += 1) {
    const char = written[at]!;
    places.push(at);
    if (char === "'") at += 1;
    else if (escapes && char === '\\') {
      at += 1;
      const next = written[at]!;
      text += entryOf(ESCAPES, next) ?? next;
      continue;
    }
    text += char;
  }
  return { text, places };
}

/** Folds an identifier token as PostgreSQL does. */
export function nameOf(ctx: LowerContext, index: number): string {
  const token = ctx.tokens[index];
  if (token === undefined) return '';
  const text = ctx.text.slice(token.start, token.end);
  return token.type === 'identifier' ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}

/** Index of the first token from `first` on, outside brackets, that `ends`; the number of tokens when there is none. */
export function findToken(ctx: LowerContext, first: number, ends: (index: number) => boolean): number {
  let at = first;
  while (at < ctx.tokens.length && !ends(at)) at = Math.max(partnerOf(ctx, at), at) + 1;
  return Math.min(at, ctx.tokens.length);
}

/** Index of the first of the given words or of the semicolon that ends the statement. */
export function findWord(ctx: LowerContext, first: number, ...words: readonly string[]): number {
  return findToken(ctx, first, (index) => {
    const word = wordAt(ctx, index);
    return word === ';' || (word !== undefined && words.includes(word) && wordAt(ctx, index - 1) !== '.');
  });
}

/** Splits the tokens from `first` up to `after` at commas outside brackets. */
export function splitList(ctx: LowerContext, first: number, after: number): { first: number; after: number }[] {
  const parts: { first: number; after: number }[] = [];
  for (let from = first; from < after;) {
    const comma = Math.min(findToken(ctx, from, (index) => index >= after || wordAt(ctx, index) === ','), after);
    parts.push({ first: from, after: comma });
    from = comma + 1;
  }
  return parts;
}

/** Index of the `..` of an integer range; -1 when there is none before `after`. */
export function findRange(ctx: LowerContext, first: number, after: number): number {
  const found = findToken(ctx, first, (index) => {
    const token = ctx.tokens[index]!;
    return index >= after || (token.type === 'punctuation' && ctx.text.startsWith('..', token.start));
  });
  return found < after ? found : -1;
}

/** Whether the text still has template holes: what the grammar is given in their place is no part of the program. */
export function hasHoles(text: string): boolean {
  return lex(text).tokens.some(({ type, start }) => type === 'parameter' && !/\d/.test(text[start + 1] ?? ''));
}

