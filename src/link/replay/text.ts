import type { ConstantExpression, Expression } from '../../facts/expression.js';
import { quoteIdentifier } from '../../facts/identifier.js';
import type { Location } from '../../facts/location.js';
import { constant, isKnown, isNull, operation, quoteLiteral, textOf, type Piece, type TextConstant } from './values.js';

/**
 * Joins texts. Known neighbours become one constant that remembers where each part stands; unknown parts stay operands of `||`.
 * NULL makes the whole NULL, as the operator does.
 */
export function concatenate(parts: readonly Expression[], location: Location): Expression {
  const flat = parts.flatMap(operands);
  if (flat.some(isNull)) return constant(null, location);
  const merged: Expression[] = [];
  for (const part of flat) {
    const last = merged.at(-1);
    if (last && isKnown(last) && isKnown(part)) merged[merged.length - 1] = join(last, part, location);
    else merged.push(part);
  }
  const [first, ...rest] = merged;
  if (!first) return constant('', location);
  if (rest.length === 0) return isKnown(first) && (first.kind !== 'constant' || typeof first.value !== 'string') ? join(constant('', location), first, location) : first;
  return rest.reduce((left, right) => operation('||', left, right, location), first);
}

/** The operands of a chain of `||`, left to right. */
export function operands(text: Expression): readonly Expression[] {
  if (text.kind !== 'operator' || text.operator !== '||' || !text.left) return [text];
  return [...operands(text.left), ...operands(text.right)];
}

function join(left: Expression, right: Expression, location: Location): TextConstant {
  const [a, b] = [textOf(left) ?? '', textOf(right) ?? ''];
  return { kind: 'constant', value: a + b, location, pieces: [...piecesOf(left, a), ...piecesOf(right, b)] };
}

/** Where the parts of a known text stand. */
export function piecesOf(value: Expression, text: string): readonly Piece[] {
  if (text === '') return [];
  const known = (value as TextConstant).pieces;
  if (known) return known;
  const literal = value.kind === 'constant' && value.value === text ? { constant: value, from: 0 } : undefined;
  return [{ length: text.length, source: value.location, ...(literal ? { literal } : {}) }];
}

/** A stretch of a known text, with the places of its parts. */
function part(whole: ConstantExpression, from: number, to: number): TextConstant {
  const text = String(whole.value);
  const pieces: Piece[] = [];
  let start = 0;
  for (const piece of piecesOf(whole, text)) {
    const [low, high] = [Math.max(from, start), Math.min(to, start + piece.length)];
    if (low < high) {
      const literal = piece.literal && { constant: piece.literal.constant, from: piece.literal.from + low - start };
      pieces.push({ length: high - low, source: piece.source, ...(literal ? { literal } : {}) });
    }
    start += piece.length;
  }
  return { kind: 'constant', value: text.slice(from, to), location: whole.location, pieces };
}

/** The place in the file that wrote a span of an assembled text; a substituted part stands for itself. */
export function locateText(text: ConstantExpression, from: number, to: number): Location {
  const places: Location[] = [];
  let start = 0;
  for (const piece of piecesOf(text, String(text.value))) {
    const [low, high] = [Math.max(from, start), Math.min(Math.max(to, from + 1), start + piece.length)];
    if (low < high) {
      const { literal } = piece;
      places.push(literal ? literalSpan(literal.constant, literal.from + low - start, literal.from + high - start) : piece.source);
    }
    start += piece.length;
  }
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return text.location;
  return first.file === last.file && first.start <= last.end ? { file: first.file, start: first.start, end: last.end } : first;
}

/** The place in the file of a span of a string literal's value. */
export function literalSpan(literal: ConstantExpression, from: number, to: number): Location {
  const text = String(literal.value);
  const { file, start, end } = literal.location;
  const extra = end - start - text.length;
  const { quote } = literal;
  const quotes = text.split("'").length - 1;
  if (quote?.startsWith('$') || (quote === undefined && extra >= 4 && extra % 2 === 0 && extra !== quotes + 2)) {
    const opening = quote?.length ?? extra / 2;
    return { file, start: start + opening + from, end: start + opening + to };
  }
  const opening = quote?.length ?? 1;
  if (extra !== opening + 1 + quotes) return literal.location;
  const doubled = (position: number) => position + text.slice(0, position).split("'").length - 1;
  return { file, start: start + opening + doubled(from), end: start + opening + doubled(to) };
}

/**
 * format(): PostgreSQL manual, section 9.4.1. What is not known is kept as quote_ident(x) (%I), quote_nullable(x) (%L) or x (%s)
 * in a chain of `||`.
 */
export function formatText(args: readonly Expression[], location: Location): Expression | undefined {
  const [template, ...values] = args;
  if (!template) return undefined;
  if (isNull(template)) return constant(null, location);
  if (template.kind !== 'constant' || typeof template.value !== 'string') return undefined;
  const parts: Expression[] = [];
  const pattern = /%(?:%|(?:(\d+)\$)?(-)?(\d+|\*)?([sIL]))/g;
  let [next, last] = [0, 0];
  for (const match of template.value.matchAll(pattern)) {
    if (match.index > last) parts.push(part(template, last, match.index));
    last = match.index + match[0].length;
    if (match[0] === '%%') {
      parts.push(constant('%', template.location));
      continue;
    }
    const position = match[1] === undefined ? next : Number(match[1]) - 1;
    const value = values[position];
    if (!value) return undefined;
    next = position + 1;
    parts.push(substituted(match[4]!, value, part(template, match.index, last)));
  }
  if (last < template.value.length) parts.push(part(template, last, template.value.length));
  return concatenate(parts, location);
}

/** One specifier's text, placed where the specifier stands. */
function substituted(specifier: string, value: Expression, place: TextConstant): Expression {
  const source = locateText(place, 0, String(place.value).length);
  if (!isKnown(value)) {
    if (specifier === 's') return value;
    return { kind: 'call', name: [specifier === 'I' ? 'quote_ident' : 'quote_nullable'], arguments: [value], location: source };
  }
  const text = textOf(value);
  const quoted = specifier === 'I' ? quoteIdentifier(text ?? '') : specifier === 'L' ? (text === undefined ? 'NULL' : quoteLiteral(text)) : text ?? '';
  const result: TextConstant = { kind: 'constant', value: quoted, location: source, pieces: quoted ? [{ length: quoted.length, source }] : [] };
  return result;
}
