import type { Declaration } from '../../facts/operation.js';
import type { LowerContext } from './context.js';
import { partnerOf, wordAt } from './expression-span.js';
import type { Pieces } from './plpgsql-piece.js';
import { findWord, nameOf, splitList } from './plpgsql-source.js';

/**
 * Reads the declarations of a block, from the token after DECLARE.
 * @returns them and the index of BEGIN (PostgreSQL manual, section 41.3)
 */
export function readDeclarations(pieces: Pieces, first: number): { declarations: Declaration[]; after: number } {
  const { ctx } = pieces;
  const declarations: Declaration[] = [];
  let at = first;
  while (at < ctx.tokens.length && wordAt(ctx, at) !== 'begin') {
    if (wordAt(ctx, at) === 'declare' || wordAt(ctx, at) === ';') at += 1;
    else {
      const after = findWord(ctx, at);
      declarations.push(declaration(pieces, at, after));
      at = after + 1;
    }
  }
  return { declarations, after: at };
}

function declaration(pieces: Pieces, first: number, after: number): Declaration {
  const { ctx } = pieces;
  const name = nameOf(ctx, first);
  const location = ctx.location(ctx.tokens[first]!.start, ctx.tokens[after - 1]!.end);
  const base = { name, constant: false, location };
  if (wordAt(ctx, first + 1) === 'alias') return { ...base, type: 'alias', aliasFor: nameOf(ctx, first + 3) };
  const cursor = cursorWord(ctx, first + 1);
  if (cursor !== undefined) return { ...base, type: 'refcursor', cursor: cursorOf(pieces, cursor + 1, after) };
  const constant = wordAt(ctx, first + 1) === 'constant';
  const start = constant ? first + 2 : first + 1;
  const typeAfter = Math.min(findWord(ctx, start, 'collate', 'not', 'default', ':=', '='), after);
  const value = Math.min(findWord(ctx, typeAfter, 'default', ':=', '='), after);
  const notNull = wordAt(ctx, value - 1) === 'null' && wordAt(ctx, value - 2) === 'not';
  return {
    ...base, constant, type: typeText(ctx, start, typeAfter),
    ...(notNull ? { notNull } : {}),
    ...(value + 1 < after ? { value: pieces.expression(ctx.tokens[value + 1]!.start, ctx.tokens[after - 1]!.end) } : {}),
  };
}

function cursorWord(ctx: LowerContext, index: number): number | undefined {
  let at = index;
  if (wordAt(ctx, at) === 'no') at += 1;
  if (wordAt(ctx, at) === 'scroll') at += 1;
  return wordAt(ctx, at) === 'cursor' ? at : undefined;
}

function cursorOf(pieces: Pieces, first: number, after: number): NonNullable<Declaration['cursor']> {
  const { ctx } = pieces;
  const close = wordAt(ctx, first) === '(' ? partnerOf(ctx, first) : -1;
  const parameters = close < 0 ? [] : splitList(ctx, first + 1, close).map((part) => nameOf(ctx, part.first));
  const start = Math.max(first, close + 1) + 1;
  const query = start < after ? pieces.query(ctx.tokens[start]!.start, ctx.tokens[after - 1]!.end) : undefined;
  return { parameters, ...(query === undefined ? {} : { query }) };
}

/** The type as written: one space between words, lower case outside quotes. */
function typeText(ctx: LowerContext, first: number, after: number): string {
  let text = '';
  for (let index = first; index < after; index += 1) {
    const token = ctx.tokens[index]!;
    const written = ctx.text.slice(token.start, token.end);
    const spaced = index > first && token.start > ctx.tokens[index - 1]!.end && /^\w/.test(written) && /[\w)]$/.test(text);
    text += (spaced ? ' ' : '') + (token.type === 'identifier' ? written : written.toLowerCase());
  }
  return text;
}
