import type { Location } from './location.js';

/** What stands at the beginning of a place is replaced; where something else stands there (an escape, a name of another), there is no edit. */
export interface TextEdit {
  readonly location: Location;
  /** Begins with `^`. */
  readonly replaces: RegExp;
  /** `$1` is what the first group of `replaces` matched. */
  readonly text: string;
}

/** Edits of one file that belong together. */
export interface Fix {
  readonly description: string;
  readonly edits: readonly TextEdit[];
}

/** Puts a text in front of an offset. */
export function insertion(file: string, at: number, text: string): TextEdit {
  return { location: { file, start: at, end: at }, replaces: /^/, text };
}
