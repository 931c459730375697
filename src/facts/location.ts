/** A span of one file. Offsets are UTF-16 code units from the start of the file's text; `end` is exclusive. */
export interface Location {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** Whether a span lies in another one, or is the same. */
export function isWithin(inner: Location, outer: Location): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/** Whether spans share a character. */
export function overlaps(one: Location, other: Location): boolean {
  return one.file === other.file && one.start < other.end && other.start < one.end;
}

/** A position as people and reports count it: both numbers are 1-based, the column in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that was seen but could not be read or understood. It is counted and named, never dropped. */
export interface Notice {
  readonly location: Location;
  readonly reason: string;
  /** Of a notice that stands for whole files that are not read: how many. */
  readonly files?: number;
}

/** Three-valued answer: what is not decided is said to be unknown, never guessed. */
export type Answer = 'yes' | 'no' | 'unknown';
