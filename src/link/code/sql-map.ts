import type { SourceMap } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { TextSource } from './values.js';

/** A stretch of a text: unit by unit from `source`, or as a whole from `location`. */
interface Stretch {
  readonly start: number;
  end: number;
  readonly location: Location;
  readonly source?: TextSource;
  /** The unit of the source that it begins with. */
  readonly unit: number;
}

/** A text put together from pieces of files, with the place of each. */
export class TextMap {
  text = '';
  private readonly stretches: Stretch[] = [];

  /** Adds text that stands at `source`, else at `location` as a whole. */
  add(text: string, location: Location, source?: TextSource): void {
    this.append(text, { location: source?.location ?? location, unit: 0, ...(source && { source }) });
  }

  private append(text: string, place: Pick<Stretch, 'location' | 'source' | 'unit'>): void {
    if (text === '') return;
    const start = this.text.length;
    this.text += text;
    const last = this.stretches.at(-1);
    // What is copied token by token is one stretch again.
    const goesOn = last?.location === place.location && last.source === place.source && (place.source === undefined || last.unit + start - last.start === place.unit);
    if (goesOn) last.end = this.text.length;
    else this.stretches.push({ start, end: this.text.length, ...place });
  }

  /** Adds a span of another text. */
  copy(from: TextMap, start: number, end: number, fallback: Location): void {
    let at = start;
    for (let index = from.indexAt(start); index < from.stretches.length; index++) {
      const stretch = from.stretches[index]!;
      const [low, high] = [Math.max(start, stretch.start), Math.min(end, stretch.end)];
      if (low >= high) break;
      this.append(from.text.slice(low, high), { location: stretch.location, unit: stretch.unit + low - stretch.start, ...(stretch.source && { source: stretch.source }) });
      at = high;
    }
    if (at < end) this.add(from.text.slice(at, end), fallback);
  }

  /** The place in a file of a span; where it comes from several files, of the part in the file where it begins. */
  locate(start: number, end: number, fallback: Location): Location {
    const index = this.indexAt(start);
    const first = this.stretches[index] ?? this.stretches.at(-1);
    if (!first) return fallback;
    const from = placeOf(first, Math.min(start, first.end)) ?? first.location.start;
    let to = from;
    for (let each = index; each < this.stretches.length; each++) {
      const stretch = this.stretches[each]!;
      if (stretch.start >= Math.max(end, start + 1)) break;
      if (stretch.location.file !== first.location.file) continue;
      const last = Math.min(end, stretch.end) - 1;
      to = Math.max(to, stretch.source === undefined ? stretch.location.end : last < stretch.start ? from : placeOf(stretch, last)! + 1);
    }
    return { file: first.location.file, start: from, end: to };
  }

  /** The same for texts of which each unit stands at the same place. */
  get key(): string {
    const places = this.stretches.map(({ end, location, source, unit }) => [end, location.file, location.start, location.end, source?.contentStart, source && unit].join());
    return `${places.join(';')}\n${this.text}`;
  }

  /** The stretch that holds an offset. */
  private indexAt(offset: number): number {
    let [low, high] = [0, this.stretches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.stretches[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where an offset of the text stands in the file, unit by unit. */
function placeOf({ start, unit, source }: Stretch, offset: number): number | undefined {
  return source && fileOffset(unit + offset - start, source.contentStart, source.map);
}

/** The offset in the file of a unit of a decoded string. */
export function fileOffset(unit: number, contentStart: number, map: SourceMap = []): number {
  let [low, high] = [0, map.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (map[middle]![0] <= unit) low = middle + 1;
    else high = middle;
  }
  const [from, to] = map[low - 1] ?? [0, contentStart];
  return to + unit - from;
}
