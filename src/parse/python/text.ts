/**
 * The text with line ends that every stage reads alike: `\r\n`, a lone `\r`, a byte order mark and form feeds of blank lines are replaced
 * at equal length. Values of strings are read from the text as it is.
 */
export function evenLines(text: string): string {
  let even = text.startsWith('\uFEFF') ? `\n${text.slice(1)}` : text;
  if (even.includes('\r')) even = even.replace(/\\\r\n/g, ' \\\n').replace(/\r\n/g, ' \n').replace(/\r/g, '\n');
  if (even.includes('\f')) even = even.replace(/^[ \t]*\f[ \t\f]*(?=\n|#)/gm, (blank) => ' '.repeat(blank.length));
  return even;
}

const WORD = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\u00B7_]*/uy;
const SHORT_WORD = /[A-Za-z_][A-Za-z_0-9]*/y;

/** The identifier or keyword that starts at an offset, or an empty string. */
export function wordAt(text: string, at: number): string {
  SHORT_WORD.lastIndex = at;
  const word = SHORT_WORD.exec(text)?.[0] ?? '';
  if (!(text.charCodeAt(at + word.length) > 127)) return word;
  WORD.lastIndex = at;
  return WORD.exec(text)?.[0] ?? word;
}

/** The offset of the first character at or after `at` that is no blank, comment or line end. */
export function skipSpace(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 9 || code === 10 || code === 12 || (code === 92 && text.charCodeAt(at + 1) === 10)) at += 1;
    else if (code === 35) at = lineEnd(text, at);
    else return at;
  }
}

/** The offset of the line end at or after `at`. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
