import type { Location } from '../../facts/location.js';
import type { Machine } from './machine.js';
import { indexOf } from './members.js';
import { textParts } from './operators.js';
import { constantText } from './patterns.js';
import type { Arguments } from './library.js';
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

/** `', '.join(list)`, `list.join(', ')`. */
export function joinTexts(m: Machine, separator: Value, list: Value, location: Location): Value | undefined {
  const inner = m.read(list);
  if (inner.kind !== 'list' || inner.items.some((item) => item.maybe || item.repeated)) return undefined;
  const between = constantText(m, separator) ?? ',';
  const parts = inner.items.flatMap((item, index): TextPart[] => [...(index === 0 ? [] : [{ kind: 'text', value: between } as const]), ...textParts(m, item.value, location)]);
  return { kind: 'text', parts, location };
}
