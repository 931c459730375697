import { UNPRINTABLE } from '../facts/identifier.js';

/**
 * Makes names from the checked project harmless on a terminal: control characters (C0, C1, DEL), line separators
 * and bidirectional overrides are shown as `\u{...}` instead of being obeyed.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => (
    character === '\n' || character === '\r' || character === '\t' ? ' ' : `\\u{${character.codePointAt(0)!.toString(16)}}`
  ));
}

/** `1 file`, `2 files`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** JSON that is harmless on a terminal too: what `printable` shows as an escape is one of JSON's own here. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(UNPRINTABLE, (character) => (character === '\n' ? character : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`))}\n`;
}
