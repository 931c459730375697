import type { Span } from './grammar.js';
import type { WrittenString } from './string-scan.js';

/** What was put into another form at equal length because the grammar does not know it, by the offset where it stands. */
export interface Marks {
  /** f-strings: for the grammar they are strings of blanks. */
  readonly strings: Map<number, WrittenString>;
  /** `as` of a with statement: for the grammar a comma. */
  readonly withTargets: Set<number>;
  /** `as` of a case pattern: for the grammar `is`. */
  readonly patternNames: Set<number>;
  /** `@` of a decorator: for the grammar a plus, so that the decorator is a statement of its own. */
  readonly decorators: Set<number>;
  /** `match`: for the grammar `while _:`. */
  readonly matches: Map<number, Span>;
  /** `case`: for the grammar `if _:`. */
  readonly cases: Map<number, { readonly pattern: Span; readonly guard?: Span }>;
  /** What a name of the grammar's text stands for: an iterable with a star. */
  readonly stands: Map<number, Span>;
  /** Where an operand starts whose star was taken away: `a[*b]`. */
  readonly starred: Set<number>;
}

/** Nothing marked yet. */
export function noMarks(): Marks {
  return {
    strings: new Map(), withTargets: new Set(), patternNames: new Set(), decorators: new Set(), matches: new Map(), cases: new Map(),
    stands: new Map(), starred: new Set(),
  };
}

/** Replacements at equal length, made from left to right. */
export class Edits {
  private readonly list: { readonly start: number; readonly end: number; readonly text: string }[] = [];

  /** Puts `text` in the place of a span; earlier replacements inside the span are dropped. */
  put(start: number, end: number, text: string): void {
    while (this.list.length > 0 && this.list.at(-1)!.start >= start) this.list.pop();
    this.list.push({ start, end, text: text.padEnd(end - start, ' ') });
  }

  /** The text from `start` to `end` with everything replaced. */
  apply(text: string, start: number, end: number): string {
    const pieces: string[] = [];
    let at = start;
    for (const edit of this.list) {
      pieces.push(text.slice(at, edit.start), edit.text);
      at = edit.end;
    }
    pieces.push(text.slice(at, end));
    return pieces.join('');
  }
}
