import { printable } from './text.js';

const TAB = '  ';
const WIDEST = 160;
const LONGEST = 4;

interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** How the parts of a frame are coloured. */
export interface FrameStyle {
  readonly gutter: (text: string) => string;
  readonly caret: (text: string) => string;
}

/**
 * The source lines of a place with a caret range under them.
 * Places longer than a few lines show their first line only; very long lines show the part around the place.
 */
export function codeFrame(text: string, span: Span, style: FrameStyle): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  const last = span.endLine - span.line < LONGEST ? span.endLine : span.line;
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = span.line; number <= Math.min(last, lines.length); number++) {
    const line = lines[number - 1]!;
    const from = number === span.line ? span.column - 1 : line.length - line.trimStart().length;
    const to = number === span.endLine ? span.endColumn - 1 : line.trimEnd().length;
    if (number !== span.line && to <= from) continue;
    const { before, inside, after } = cut(line, Math.min(from, line.length), Math.min(Math.max(to, from), line.length));
    frame.push(`${style.gutter(`${String(number).padStart(width)} |`)} ${before}${inside}${after}`);
    frame.push(`${style.gutter(`${' '.repeat(width)} |`)} ${' '.repeat(columns(before))}${style.caret('^'.repeat(Math.max(1, columns(inside))))}`);
  }
  return frame;
}

function cut(line: string, from: number, to: number): { before: string; inside: string; after: string } {
  const start = to > WIDEST && from > WIDEST / 2 ? from - WIDEST / 4 : 0;
  const end = Math.min(line.length, start + WIDEST);
  const shown = (text: string): string => printable(text.replace(/\t/g, TAB));
  return {
    before: `${start > 0 ? '…' : ''}${shown(line.slice(start, from))}`,
    inside: shown(line.slice(from, Math.min(to, end))),
    after: `${shown(line.slice(Math.min(to, end), end))}${end < line.length ? '…' : ''}`,
  };
}

/** Columns a text takes on a terminal: East Asian wide characters and emoji take two, combining marks none. */
function columns(text: string): number {
  let total = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    total += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
  }
  return total;
}
