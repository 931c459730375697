import type { Location } from '../../facts/location.js';
import { byteToUnit } from './engine.js';
import { lex } from './lexer.js';
import type { Token } from './lexer.js';

/**
 * What lowering needs to turn the grammar's positions into places of the file.
 * The grammar counts UTF-8 bytes from the start of the text it was given; everything else counts UTF-16 units of the file.
 */
export interface LowerContext {
  readonly file: string;
  /** The text given to the grammar: one statement. */
  readonly text: string;
  /** Tokens of `text` (comments and white space left out), positions in UTF-16 units of `text`. */
  readonly tokens: readonly Token[];
  /** Parameters that stand for template holes: number → the hole's source text. */
  readonly holes: ReadonlyMap<number, string>;
  /** Parameters that stand for named or positional placeholders of a host language: number → name as written. */
  readonly placeholders: ReadonlyMap<number, string>;
  /** UTF-8 byte offset of the grammar → UTF-16 offset in `text`. */
  unit(byte: number): number;
  /** Span of `text` (UTF-16) → location in the file. For text assembled from pieces, the place that wrote the piece. */
  location(start: number, end: number): Location;
}

export type Locate = (start: number, end: number) => Location;

export interface ContextParts {
  readonly file: string;
  readonly text: string;
  readonly locate: Locate;
  readonly holes?: ReadonlyMap<number, string>;
  readonly placeholders?: ReadonlyMap<number, string>;
}

const NONE: ReadonlyMap<number, string> = new Map();

/**
 * Makes the context of one statement's text.
 * @param parts `text` is exactly what the grammar is given; `locate` maps UTF-16 spans of it to the file
 */
export function createContext(parts: ContextParts): LowerContext {
  let tokens: readonly Token[] | undefined;
  return {
    file: parts.file,
    text: parts.text,
    get tokens() {
      tokens ??= lex(parts.text).tokens;
      return tokens;
    },
    holes: parts.holes ?? NONE,
    placeholders: parts.placeholders ?? NONE,
    unit: byteToUnit(parts.text),
    location: parts.locate,
  };
}

/** The context of a piece of a statement: `text` stands at `start` of `outer.text`, unit by unit. */
export function subContext(outer: LowerContext, start: number, text: string): LowerContext {
  return createContext({
    file: outer.file, text, holes: outer.holes, placeholders: outer.placeholders,
    locate: (from, to) => outer.location(start + from, start + to),
  });
}
