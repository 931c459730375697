import { lineEnd, wordAt } from './text.js';

/** A string as it is written: where its parts are. Offsets are those of the file. */
export interface WrittenString {
  readonly start: number;
  readonly end: number;
  /** Inside the quotes. */
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly raw: boolean;
  readonly bytes: boolean;
  /** Of an f-string (or a t-string). */
  readonly format: boolean;
  readonly closed: boolean;
  readonly holes: readonly WrittenHole[];
}

/** `{expression=!r:spec}` of an f-string. */
export interface WrittenHole {
  readonly start: number;
  readonly end: number;
  readonly expressionStart: number;
  readonly expressionEnd: number;
  /** `{x=}`: the end of the text that is repeated. */
  readonly echoEnd?: number;
  /** Conversion and specification as written: `!r`, `:>10`. */
  readonly format?: string;
}

const PREFIX = /^(?:[rbuft]|br|rb|fr|rf|tr|rt)$/i;
const DEEPEST = 60;
/** Code that runs has none; each may cost as much as the text is long. */
const MOST_FAILED = 100;

/** Braces that begin no hole are not tried again from each string around them. */
export interface Tried {
  depth: number;
  /** Offset and quote of the string around. */
  readonly failed: Set<string>;
}

/** Nothing tried yet; one serves for all strings of a text. */
export function newTried(): Tried {
  return { depth: 0, failed: new Set() };
}

/** Whether a word in front of a quote is the prefix of a string. */
export function isPrefix(word: string): boolean {
  return word.length <= 2 && PREFIX.test(word);
}

/**
 * Finds the end of a string and the holes of an f-string, also where quotes of the same kind stand inside a hole (3.12).
 * @param start where the prefix or the quote stands
 * @param limit where the text that may belong to it ends
 */
export function scanString(text: string, start: number, limit: number, tried = newTried()): WrittenString {
  let at = start;
  while (at < limit && text[at] !== '"' && text[at] !== "'") at += 1;
  // What is broken may be a string to the grammar and none to the scan.
  if (at >= limit) return { start, end: limit, contentStart: limit, contentEnd: limit, raw: false, bytes: false, format: false, closed: false, holes: [] };
  const prefix = text.slice(start, at).toLowerCase();
  const quote = text[at]!;
  const long = text.startsWith(quote.repeat(3), at);
  const close = long ? quote.repeat(3) : quote;
  const raw = prefix.includes('r');
  const format = prefix.includes('f') || prefix.includes('t');
  const contentStart = at + close.length;
  const holes: WrittenHole[] = [];
  const made = (contentEnd: number, closed: boolean): WrittenString => ({
    start, end: closed ? contentEnd + close.length : contentEnd, contentStart, contentEnd, raw, bytes: prefix.includes('b'), format, closed, holes,
  });
  at = contentStart;
  while (at < limit) {
    const char = text[at]!;
    if (char === '\\') at += escapeLength(text, at, raw, format);
    else if (char === quote && (!long || text.startsWith(close, at))) return made(at, true);
    else if (char === '\n' && !long) return made(at, false);
    else if (format && char === '{') {
      const hole = text[at + 1] === '{' ? undefined : scanHole(text, at, limit, tried, long ? undefined : quote);
      if (hole) holes.push(hole);
      at = hole ? hole.end : at + (text[at + 1] === '{' ? 2 : 1);
    } else at += 1;
  }
  return made(limit, false);
}

function escapeLength(text: string, at: number, raw: boolean, format: boolean): number {
  const next = text[at + 1];
  if (format && (next === '{' || next === '}')) return 1;
  if (format && !raw && next === 'N' && text[at + 2] === '{') {
    const close = text.indexOf('}', at);
    if (close > 0 && close < lineEnd(text, at)) return close + 1 - at;
  }
  return 2;
}

/** @param quote of a string on one line: outside of brackets and strings it ends the search, so that a lone brace costs no more than itself */
function scanHole(text: string, start: number, limit: number, tried: Tried, quote?: string): WrittenHole | undefined {
  if (tried.depth > DEEPEST || tried.failed.has(`${start}${quote ?? ''}`) || tried.failed.size > MOST_FAILED) return undefined;
  tried.depth += 1;
  const hole = readHole(text, start, limit, tried, quote);
  tried.depth -= 1;
  if (!hole) tried.failed.add(`${start}${quote ?? ''}`);
  return hole;
}

function readHole(text: string, start: number, limit: number, tried: Tried, quote?: string): WrittenHole | undefined {
  const open: string[] = [];
  let at = start + 1;
  while (at < limit) {
    const char = text[at]!;
    if (char === '"' || char === "'") {
      const end = endOfString(text, at, limit, tried);
      if (end === undefined) return undefined;
      at = end;
    } else if (char === '(' || char === '[' || char === '{') { open.push(char); at += 1; }
    else if (open.length > 0 && (char === ')' || char === ']' || char === '}')) { open.pop(); at += 1; }
    else if (char === '#') at = lineEnd(text, at);
    else if (open.length === 0 && (char === '}' || char === ':' || (char === '!' && text[at + 1] !== '='))) return endOfHole(text, start, at, limit, tried, quote);
    else if (open.length === 0 && (char === ')' || char === ']')) return undefined;
    else {
      const word = wordAt(text, at);
      const after = text[at + word.length];
      if (word !== '' && (after === '"' || after === "'") && isPrefix(word)) {
        const end = endOfString(text, at, limit, tried);
        if (end === undefined) return undefined;
        at = end;
      } else at += word.length || 1;
    }
  }
  return undefined;
}

/** Undefined when a string inside a hole has no end. */
function endOfString(text: string, start: number, limit: number, tried: Tried): number | undefined {
  if (tried.failed.has(String(start))) return undefined;
  const { closed, end } = scanString(text, start, limit, tried);
  if (closed) return end;
  tried.failed.add(String(start));
  return undefined;
}

function endOfHole(text: string, start: number, stop: number, limit: number, tried: Tried, quote?: string): WrittenHole | undefined {
  let end = stop;
  while (end < limit && text[end] !== '}') {
    const char = text[end]!;
    if (quote !== undefined && (char === quote || char === '\n')) return undefined;
    const inner = char === '{' ? scanHole(text, end, limit, tried, quote) : undefined;
    end = inner ? inner.end : end + 1;
  }
  if (text[end] !== '}' || end >= limit) return undefined;
  let expressionEnd = stop;
  while (/\s/.test(text[expressionEnd - 1]!)) expressionEnd -= 1;
  const echoes = text[expressionEnd - 1] === '=' && !/[=!<>:]/.test(text[expressionEnd - 2]!);
  return {
    start, end: end + 1, expressionStart: start + 1, expressionEnd: echoes ? expressionEnd - 1 : stop,
    ...(echoes && { echoEnd: stop }), ...(end > stop && { format: text.slice(stop, end) }),
  };
}
