import { entryOf } from '../../entry.js';
import type { SourceMap } from '../../facts/code.js';

const PLAIN: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const NUMBERED = /x([0-9a-fA-F]{2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y;

/** A value that is put together from pieces of the file, with the place of each of its characters. */
export class Decoded {
  value = '';
  private readonly pairs: [number, number][] = [];
  private end = 0;

  /** Adds text that stands at an offset of the file; an escape is longer there than its value. */
  add(text: string, at: number, length = text.length): void {
    this.end = at + length;
    const last = this.pairs.at(-1);
    if (!last || at - last[1] !== this.value.length - last[0]) {
      if (last && last[0] === this.value.length) this.pairs.pop();
      this.pairs.push([this.value.length, at]);
    }
    this.value += text;
  }

  get contentStart(): number | undefined {
    return this.pairs[0]?.[1];
  }

  /** Absent where the value stands in the file as it is. The last pair says where the value ends. */
  get map(): SourceMap | undefined {
    const last = this.pairs.at(-1);
    const isExact = !last || last[1] + this.value.length - last[0] === this.end;
    const pairs = isExact ? this.pairs : [...this.pairs, [this.value.length, this.end] as const];
    return pairs.length > 1 ? pairs : undefined;
  }
}

export interface Escapes {
  readonly raw: boolean;
  readonly bytes: boolean;
  /** `{{` and `}}` stand for one brace. */
  readonly format: boolean;
}

/** Adds what the text from `start` to `end` of the file means inside a string. Names in `\N{...}` are kept as written. */
export function decodeInto(decoded: Decoded, text: string, start: number, end: number, how: Escapes): void {
  let from = start;
  let at = start;
  const flush = (next: number) => {
    if (at > from) decoded.add(text.slice(from, at), from);
    from = at = next;
  };
  while (at < end) {
    const char = text[at]!;
    if (char !== '\\' && char !== '\r' && (!how.format || (char !== '{' && char !== '}'))) at += 1;
    else if (char === '\r') {
      const place = at;
      flush(at + (text[at + 1] === '\n' && at + 1 < end ? 2 : 1));
      decoded.add('\n', place, at - place);
    } else if (char === '\\') {
      const escape = how.raw || at + 1 >= end ? undefined : escapeAt(text, at, end, how.bytes);
      if (!escape) at += 1;
      else {
        const place = at;
        flush(at + escape.length);
        if (escape.value !== '') decoded.add(escape.value, place, escape.length);
      }
    } else if (text[at + 1] === char && at + 1 < end) {
      at += 1;
      flush(at + 1);
    } else at += 1;
  }
  flush(end);
}

function escapeAt(text: string, at: number, end: number, bytes: boolean): { readonly value: string; readonly length: number } | undefined {
  const next = text[at + 1]!;
  const plain = entryOf(PLAIN, next);
  if (plain !== undefined) return { value: plain, length: 2 };
  if (next === '\n') return { value: '', length: 2 };
  if (next === '\r') return { value: '', length: text[at + 2] === '\n' && at + 2 < end ? 3 : 2 };
  NUMBERED.lastIndex = at + 1;
  const match = NUMBERED.exec(text);
  if (!match || at + 1 + match[0].length > end) return undefined;
  const [all, hex, octal, short, long] = match;
  if (bytes && (short !== undefined || long !== undefined)) return undefined;
  const code = octal === undefined ? parseInt(hex ?? short ?? long!, 16) : parseInt(octal, 8);
  if (code > 0x10ffff) return undefined;
  return { value: String.fromCodePoint(bytes ? code & 0xff : code), length: 1 + all.length };
}
