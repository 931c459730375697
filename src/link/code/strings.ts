import type { Location } from '../../facts/location.js';
import type { Machine } from './machine.js';
import { indexOf } from './members.js';
import { textParts } from './operators.js';
import { constantText } from './patterns.js';
import type { Arguments, Call } from './library.js';
import type { TextPart, Value } from './values.js';

interface Piece {
  /** Offset in the template. */
  readonly at: number;
  readonly length: number;
  readonly value: Value | undefined;
}

/** Python's `text % values`: tuples by position, dicts by name; anything that cannot be followed gives undefined. */
export function formatPercent(m: Machine, left: Value, right: Value, location: Location): Value | undefined {
  const given = m.read(right);
  let position = 0;
  return fill(m, left, location, /%(?:\((\w+)\))?[#0\- +]*\d*(?:\.\d+)?([sdrifgx%])/g, (match) => {
    if (match[2] === '%') return { kind: 'constant', value: '%' };
    if (match[1] !== undefined) return indexOf(m, right, { kind: 'constant', value: match[1] });
    return given.kind === 'list' ? given.items[position++]?.value : position++ === 0 ? right : undefined;
  });
}

/** Python's `text.format(...)`. */
export function formatBraces(m: Machine, text: Value, given: Arguments, location: Location): Value | undefined {
  let position = 0;
  return fill(m, text, location, /\{\{|\}\}|\{(\w*)(?:![rsa])?(?::[^{}]*)?\}/g, (match) => {
    if (match[0] === '{{' || match[0] === '}}') return { kind: 'constant', value: match[0][0]! };
    const name = match[1]!;
    return name === '' ? given.positional[position++] : /^\d+$/.test(name) ? given.positional[Number(name)] : given.named.get(name);
  });
}

/** Replaces what a pattern matches in the known parts of a text; holes stay. */
function fill(m: Machine, text: Value, location: Location, pattern: RegExp, valueOf: (match: RegExpExecArray) => Value | undefined): Value | undefined {
  const template = m.read(text);
  if (template.kind !== 'text' && !(template.kind === 'constant' && typeof template.value === 'string')) return undefined;
  const parts = textParts(m, text, location).flatMap((part): readonly TextPart[] => {
    if (part.kind === 'hole') return [part];
    const pieces: Piece[] = [...part.value.matchAll(pattern)].map((match) => ({ at: match.index, length: match[0].length, value: valueOf(match as RegExpExecArray) }));
    return withPieces(m, part, pieces, location);
  });
  return { kind: 'text', parts, location };
}

function withPieces(m: Machine, part: Extract<TextPart, { kind: 'text' }>, pieces: readonly Piece[], location: Location): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { at, length, value } of pieces) {
    parts.push(cut(part, from, at));
    parts.push(...textParts(m, value ?? { kind: 'unknown', reason: 'a value that is not given' }, location, part.value.slice(at, at + length)));
    from = at + length;
  }
  parts.push(cut(part, from, part.value.length));
  return parts.filter((each) => each.kind === 'hole' || each.value !== '');
}

/** Part of a text, with its place in the file. */
export function cut(part: Extract<TextPart, { kind: 'text' }>, from: number, to: number): Extract<TextPart, { kind: 'text' }> {
  const value = part.value.slice(from, to);
  if (part.source === undefined) return { kind: 'text', value };
  const { location, contentStart, map } = part.source;
  if (map === undefined) return { kind: 'text', value, source: { location, contentStart: contentStart + from } };
  const before = map.filter(([offset]) => offset <= from).at(-1);
  const start = before === undefined ? contentStart + from : before[1] + from - before[0];
  return { kind: 'text', value, source: { location, contentStart: start, map: [[0, start], ...map.filter(([offset]) => offset > from && offset < to).map(([offset, at]) => [offset - from, at] as const)] } };
}

/**
 * `separator.join(list)`, `list.join(separator)`. Of conditions that are joined by AND, one that may be left out is written as an optional one;
 * of the assignments of an UPDATE all are written.
 * @returns undefined when the text is not known
 */
export function joinTexts(m: Machine, separator: Value, list: Value, location: Location): Value | undefined {
  const inner = m.read(list);
  if (inner.kind !== 'list') return undefined;
  const between = constantText(m, separator) ?? ',';
  const parts: TextPart[] = [];
  for (const [index, { value, maybe, repeated }] of inner.items.entries()) {
    const own = maybe || repeated ? optionalPart(m, value, between, `given_${index + 1}`, location) : textParts(m, value, location);
    if (!own) return undefined;
    parts.push(...(index === 0 ? [] : [{ kind: 'text', value: between } as const]), ...own);
  }
  return { kind: 'text', parts, location };
}

/** `(condition OR :given IS NULL)`, `column = value`. A condition that has an OR of its own would not mean the same in parentheses. */
function optionalPart(m: Machine, value: Value, between: string, name: string, location: Location): readonly TextPart[] | undefined {
  const parts = textParts(m, value, location);
  const end = parts.findIndex((part) => part.kind !== 'text');
  const head = parts.slice(0, end < 0 ? parts.length : end).map((part) => (part.kind === 'text' ? part.value : '')).join('');
  if (/^\s*,\s*$/.test(between) && /^\s*"?\w+"?\s*=/.test(head)) return parts;
  const isCondition = /^\s+and\s+$/i.test(between) && !parts.some((part) => part.kind === 'text' && hasOuterOr(part.value));
  return isCondition ? [{ kind: 'text', value: '(' }, ...parts, { kind: 'text', value: ` OR :${name} IS NULL)` }] : undefined;
}

function hasOuterOr(text: string): boolean {
  let inner = text;
  for (let last = ''; last !== inner;) [last, inner] = [inner, inner.replace(/\([^()]*\)/g, '')];
  return /\bor\b/i.test(inner);
}

/** Where `slice(start)` begins. */
export function startOfSlice(m: Machine, { arguments: { positional } }: Call): number | undefined {
  const [first] = positional;
  const known = first && m.read(first);
  return positional.length === 1 && known?.kind === 'constant' && typeof known.value === 'number' ? known.value : undefined;
}
