import type { SourceMap } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { TextSource } from './values.js';

/** A stretch of a text: unit by unit from `source`, or as a whole from `location`. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly location: Location;
  /** Offset in the file of a unit of the stretch. */
  readonly at?: (unit: number) => number;
}

/** A text put together from pieces of files, with the place of each. */
export class TextMap {
  text = '';
  private readonly stretches: Stretch[] = [];

  /** Adds text that stands at `source`, else at `location` as a whole. */
  add(text: string, location: Location, source?: TextSource): void {
    if (text === '') return;
    const start = this.text.length;
    this.text += text;
    const at = source && ((unit: number): number => fileOffset(unit, source.contentStart, source.map));
    this.stretches.push({ start, end: this.text.length, location: source?.location ?? location, ...(at && { at }) });
  }

  /** Adds a span of another text. */
  copy(from: TextMap, start: number, end: number, fallback: Location): void {
    let at = start;
    for (const stretch of from.stretches) {
      const [low, high] = [Math.max(start, stretch.start), Math.min(end, stretch.end)];
      if (low >= high) continue;
      if (low > at) this.add(from.text.slice(at, low), fallback);
      const begin = this.text.length;
      this.text += from.text.slice(low, high);
      const shift = low - stretch.start;
      const { at: offset } = stretch;
      this.stretches.push({ start: begin, end: this.text.length, location: stretch.location, ...(offset && { at: (unit: number) => offset(unit + shift) }) });
      at = high;
    }
    if (at < end) this.add(from.text.slice(at, end), fallback);
  }

  /** The place in a file of a span; where it comes from several files, of the part in the file where it begins. */
  locate(start: number, end: number, fallback: Location): Location {
    const first = this.find(start) ?? this.stretches.at(-1);
    if (!first) return fallback;
    const from = first.at ? first.at(Math.min(start, first.end) - first.start) : first.location.start;
    let to = from;
    for (const stretch of this.stretches) {
      if (stretch.end <= start || stretch.start >= Math.max(end, start + 1) || stretch.location.file !== first.location.file) continue;
      const last = Math.min(end, stretch.end) - 1 - stretch.start;
      const until = stretch.at ? (last < 0 ? from : stretch.at(last) + 1) : stretch.location.end;
      if (stretch === first || until > to) to = Math.max(to, until);
    }
    return { file: first.location.file, start: from, end: to };
  }

  private find(offset: number): Stretch | undefined {
    let [low, high] = [0, this.stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.stretches[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return this.stretches[low];
  }
}

/** The offset in the file of a unit of a decoded string. */
export function fileOffset(unit: number, contentStart: number, map: SourceMap | undefined): number {
  let [from, to] = [0, contentStart];
  for (const [value, file] of map ?? []) {
    if (value > unit) break;
    [from, to] = [value, file];
  }
  return to + unit - from;
}
