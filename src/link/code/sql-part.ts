import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { FromItem, SelectQuery, Target } from '../../facts/query.js';
import type { Context } from './library.js';
import { plainPiece, textAlternatives } from './sql-pieces.js';
import { parsePieces } from './sql-text.js';
import type { Bound, SqlTextOptions } from './sql-text.js';
import type { Value } from './values.js';

/** Text that is a part of a query which a builder makes. */
export interface TextPart {
  readonly text: Value;
  readonly bound: Bound;
  readonly location: Location;
  readonly options: SqlTextOptions;
}

/** A condition or value that is written as SQL text; a hole when it cannot be read. */
export function expressionOfText(part: TextPart, ctx: Context): Expression {
  return either(part, ctx, 'SELECT ', '', (query) => query.targets[0]?.expression) ?? conditionOfText(part, ctx);
}

/** A condition that is written as SQL text. */
export function conditionOfText(part: TextPart, ctx: Context): Expression {
  return either(part, ctx, 'SELECT 1 WHERE ', '', (query) => query.where) ?? { kind: 'hole', text: 'SQL text that could not be read', location: part.location };
}

/** A select list that is written as SQL text. */
export function targetsOfText(part: TextPart, ctx: Context): readonly Target[] {
  const [query] = queriesOf(part, ctx, 'SELECT ', '');
  return query?.targets ?? [{ expression: { kind: 'hole', text: 'SQL text that could not be read', location: part.location } }];
}

/** Tables that are written as SQL text. */
export function tablesOfText(part: TextPart, ctx: Context): readonly FromItem[] | undefined {
  return queriesOf(part, ctx, 'SELECT 1 FROM ', '')[0]?.from;
}

/** `left` with joins that are written as SQL text behind it. */
export function joinsOfText(left: FromItem, part: TextPart, ctx: Context): FromItem | undefined {
  const [query] = queriesOf(part, ctx, 'SELECT 1 FROM the_left ', '');
  const [item] = query?.from ?? [];
  const replaced = item && replaceLeft(item, left);
  return query && query.from.length === 1 && query.where === undefined ? replaced : undefined;
}

function replaceLeft(item: FromItem, left: FromItem): FromItem | undefined {
  if (item.kind === 'table') return item.name.name === 'the_left' ? left : undefined;
  if (item.kind !== 'join') return undefined;
  const inner = replaceLeft(item.left, left);
  return inner && { ...item, left: inner };
}

/** Of several texts that it may be: one of their expressions. */
function either(part: TextPart, ctx: Context, before: string, after: string, pick: (query: SelectQuery) => Expression | undefined): Expression | undefined {
  const found = queriesOf(part, ctx, before, after).map((query) => query && pick(query));
  if (found.length === 0 || found.some((each) => each === undefined)) return undefined;
  return found.length === 1 ? found[0] : { kind: 'or', operands: found as Expression[], location: part.location };
}

function queriesOf({ text, bound, location, options }: TextPart, ctx: Context, before: string, after: string): readonly (SelectQuery | undefined)[] {
  return textAlternatives(text, ctx, location, options).map((pieces) => {
    const { statements } = parsePieces([plainPiece(before, location), ...pieces, plainPiece(after, location)], bound, ctx, location, options);
    const operation = statements.length === 1 ? statements[0]!.operations[0] : undefined;
    return operation?.kind === 'query' && operation.query.kind === 'select' ? operation.query : undefined;
  });
}
