import { Scanner } from '../../src/parse/sql/lexer.js';
import type { Random } from '../oracle/random.js';

/** What a text is made of: tokens and comments, and the blanks between them. */
interface Piece {
  readonly kind: Scanner['kind'] | 'blank';
  readonly text: string;
}

function piecesOf(sql: string): Piece[] {
  const scanner = new Scanner(sql);
  const pieces: Piece[] = [];
  let at = 0;
  while (scanner.next()) {
    if (scanner.start > at) pieces.push({ kind: 'blank', text: sql.slice(at, scanner.start) });
    pieces.push({ kind: scanner.kind, text: sql.slice(scanner.start, scanner.end) });
    at = scanner.end;
  }
  return [...pieces, { kind: 'blank', text: sql.slice(at) }];
}

const BLANKS = [' ', '\n', '  ', '\t', '\r\n', ' /* where account_id = $1 */ ', '\n-- and true\n', ' /* \' " ; $$ */ '];

/**
 * Other blanks and more comments: where a blank stands, another one; what stood on a line by itself stays there.
 * What a file is, is told by its CREATE TABLE before it is read, and so by a pattern: there comments are left out.
 */
export function reformat(sql: string, random: Random): string {
  const pieces = piecesOf(sql);
  return pieces.map(({ kind, text }, index) => {
    if (kind !== 'blank' || text === '' || text.includes('\n')) return text;
    return random.pick(/^(?:create|alter)$/i.test(pieces[index - 1]?.text ?? '') ? [' ', '\n', '\t '] : BLANKS);
  }).join('');
}

/** Other cases of the letters of unquoted words, which PostgreSQL folds to lower case. */
export function recase(sql: string, random: Random): string {
  return piecesOf(sql).map(({ kind, text }) => (kind === 'word' && /^[a-z_]+$/i.test(text) ? [...text].map((char) => (random.chance(0.5) ? char.toUpperCase() : char.toLowerCase())).join('') : text)).join('');
}

/** Other names for words, wherever they stand: in names made of several words as well, as PostgreSQL names keys and indexes. */
export function rename(text: string, names: ReadonlyMap<string, string>): string {
  const words = [...names.keys()].sort((a, b) => b.length - a.length);
  return words.length === 0 ? text : text.replace(new RegExp(`(?<![A-Za-z0-9])(?:${words.join('|')})(?![A-Za-z0-9])`, 'g'), (word) => names.get(word)!);
}
