import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import { fragmentValue, identifierPiece, plainPiece, textAlternatives, type SqlPiece } from '../../sql-pieces.js';
import { conditionOfText, expressionOfText } from '../../sql-part.js';
import type { Bound } from '../../sql-text.js';
import type { Value } from '../../values.js';
import { or } from '../build.js';
import { propertyColumn } from '../entities/filter.js';
import type { Place } from '../prisma/models.js';
import { TYPEORM } from './members.js';

/** What names in the text of a builder mean. */
export interface Sight {
  readonly aliases: ReadonlyMap<string, Place>;
  readonly bound: Bound;
  readonly ctx: Context;
  /** What a sub-query's `getQuery()` stands for. */
  readonly expand: (value: Value, location: Location) => readonly SqlPiece[] | undefined;
}

const PATH = /(?<![\w."'`:$])([A-Za-z_]\w*)\.([A-Za-z_]\w*(?:\.\w+)*)(?![\w"(])/g;

/** Text of a builder with its properties (`user.orgId`) as the columns they are, as TypeORM sends it. */
export function columnPieces(pieces: readonly SqlPiece[], { aliases }: Sight): readonly SqlPiece[] {
  return wholePaths(pieces).flatMap((piece): readonly SqlPiece[] => {
    if (piece.kind !== 'text') return [piece];
    const found: SqlPiece[] = [];
    let from = 0;
    for (const match of piece.value.matchAll(PATH)) {
      const place = aliases.get(match[1]!);
      const column = place && propertyColumn(place.model, match[2]!);
      if (place === undefined || column === undefined) continue;
      if (match.index > from) found.push(part(piece, from, match.index));
      found.push(identifierPiece([place.alias, column], placeOf(piece, match.index, match.index + match[0].length)));
      from = match.index + match[0].length;
    }
    if (from < piece.value.length) found.push(part(piece, from, piece.value.length));
    return found;
  });
}

/** Pieces that a path goes across (`${alias}.tenantId`) as one. */
function wholePaths(pieces: readonly SqlPiece[]): readonly SqlPiece[] {
  const whole: SqlPiece[] = [];
  for (const piece of pieces) {
    const before = whole.at(-1);
    const goesOn = before?.kind === 'text' && piece.kind === 'text' && /[\w.]$/.test(before.value) && /^[\w.]/.test(piece.value);
    if (goesOn) whole[whole.length - 1] = { kind: 'text', value: before.value + piece.value, location: piece.location };
    else whole.push(piece);
  }
  return whole;
}

type TextPiece = Extract<SqlPiece, { kind: 'text' }>;

function part(piece: TextPiece, start: number, end: number): SqlPiece {
  const value = piece.value.slice(start, end);
  const { source, location } = piece;
  if (source === undefined || source.map !== undefined) return { kind: 'text', value, location };
  return { kind: 'text', value, location, source: { location: source.location, contentStart: source.contentStart + start } };
}

function placeOf({ source, location }: TextPiece, start: number, end: number): Location {
  return source === undefined || source.map !== undefined ? location : { file: location.file, start: source.contentStart + start, end: source.contentStart + end };
}

/** The text of a condition as pieces; one of several texts is a condition by itself. */
export function conditionPieces(text: Value, sight: Sight, location: Location): readonly SqlPiece[] {
  const all = textAlternatives(text, sight.ctx, location, { expand: sight.expand }).map((pieces) => columnPieces(pieces, sight));
  if (all.length === 1) return all[0]!;
  const terms = all.map((pieces) => conditionOfPieces(pieces, sight, location));
  return [{ kind: 'expression', expression: or(terms, location), location }];
}

/** SQL text of a builder as a condition. */
export function conditionOfPieces(pieces: readonly SqlPiece[], { bound, ctx }: Sight, location: Location): Expression {
  return conditionOfText({ text: fragmentValue(TYPEORM, pieces), bound, location, options: {} }, ctx);
}

/** A value or column that is written as text. */
export function expressionOfValue(text: Value, sight: Sight, location: Location): Expression {
  const [pieces = []] = textAlternatives(text, sight.ctx, location, { expand: sight.expand });
  return expressionOfText({ text: fragmentValue(TYPEORM, columnPieces(pieces, sight)), bound: sight.bound, location, options: {} }, sight.ctx);
}

export { plainPiece };
