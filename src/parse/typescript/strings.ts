import { entryOf } from '../../entry.js';
import type { SourceMap } from '../../facts/code.js';

interface Decoded {
  readonly value: string;
  /** Absent when the text stands there as it is. */
  readonly map?: SourceMap;
}

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' };
const ESCAPE = /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|[^]))|\r\n?/g;

/**
 * Decodes the text between the quotes of a JavaScript string or the delimiters of a template part.
 * @param raw the text as written
 * @param at its offset in the file
 * @param template line ends of templates are normalised
 */
export function decodeText(raw: string, at: number, template: boolean): Decoded {
  if (!raw.includes('\\') && !(template && raw.includes('\r'))) return { value: raw };
  const pairs: [number, number][] = [[0, at]];
  let value = '';
  let read = 0;
  for (const match of raw.matchAll(ESCAPE)) {
    if (!template && !match[0].startsWith('\\')) continue;
    value += raw.slice(read, match.index) + meaning(match);
    read = match.index + match[0].length;
    // A line continuation adds nothing to the value: the later place is that of the next character.
    if (pairs.at(-1)![0] === value.length) pairs.pop();
    pairs.push([value.length, at + read]);
  }
  value += raw.slice(read);
  return { value, map: pairs };
}

function meaning([whole, point, unit, byte, octal, other]: RegExpExecArray | RegExpMatchArray): string {
  if (!whole!.startsWith('\\')) return '\n';
  const code = point ?? unit ?? byte;
  if (code !== undefined) return Number.parseInt(code, 16) > 0x10ffff ? '' : String.fromCodePoint(Number.parseInt(code, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (/^[\r\n\u2028\u2029]/.test(other!)) return '';
  return entryOf(SIMPLE, other!) ?? other!;
}
