import { fileOffset } from './sql-map.js';
import type { TextPart, TextSource } from './values.js';

/** Characters of a string and where they are written. */
interface Written {
  readonly value: string;
  readonly source?: TextSource;
}

/**
 * `text.replace(given, by)`: what is left over still stands where it was written.
 * @param once only the first time (JavaScript's `replace` with a string)
 */
export function replaced(text: Written, given: string, by: string, once: boolean): Written {
  const cuts = given === '' ? [] : positions(text.value, given).slice(0, once ? 1 : undefined);
  if (cuts.length === 0) return text;
  let [value, from] = ['', 0];
  const map: [number, number][] = [];
  for (const cut of cuts) {
    value += text.value.slice(from, cut) + by;
    from = cut + given.length;
    if (text.source) map.push([value.length, fileOffset(from, text.source.contentStart, text.source.map)]);
  }
  value += text.value.slice(from);
  if (!text.source) return { value };
  const longer = by.length - given.length;
  for (const [unit, offset] of text.source.map ?? []) {
    const before = cuts.filter((cut) => cut + given.length <= unit).length;
    if (cuts.every((cut) => unit <= cut || unit >= cut + given.length)) map.push([unit + before * longer, offset]);
  }
  return { value, source: { ...text.source, map: map.sort((a, b) => a[0] - b[0]) } };
}

/**
 * The same in a text of which only parts are known: what fills its holes stays as it is.
 * @returns undefined when a hole may hold the first time that is asked for
 */
export function replacedParts(parts: readonly TextPart[], given: string, by: string, once: boolean): readonly TextPart[] | undefined {
  if (!once) return parts.map((part) => (part.kind === 'text' ? { kind: 'text', ...replaced(part, given, by, false) } : part));
  const first = parts.findIndex((part) => part.kind === 'hole' || part.value.includes(given));
  const part = parts[first];
  if (part?.kind !== 'text') return part ? undefined : parts;
  return parts.with(first, { kind: 'text', ...replaced(part, given, by, true) });
}

function positions(text: string, given: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(given); at >= 0; at = text.indexOf(given, at + given.length)) found.push(at);
  return found;
}
