import { tokenize } from '../parse/prisma/lexer.js';
import { noMarks } from '../parse/python/marks.js';
import { scan } from '../parse/python/scan.js';
import { evenLines } from '../parse/python/text.js';
import { commentsInBodies } from '../parse/sql/body-comments.js';
import { lex } from '../parse/sql/lexer.js';

/** A comment: its span with its delimiters (UTF-16 units, end exclusive), and what stands between them. */
export interface TextComment {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/**
 * The comments of a text, in the order they stand; those inside of dollar-quoted bodies of SQL too. Never throws, whatever the text.
 * @param language decides what a comment is
 */
export function commentsOf(text: string, language: 'sql' | 'prisma' | 'python'): TextComment[] {
  return spansOf(text, language).sort((a, b) => a.start - b.start).map(({ start, end }) => ({ start, end, value: valueOf(text.slice(start, end)) }));
}

function spansOf(text: string, language: 'sql' | 'prisma' | 'python'): { start: number; end: number }[] {
  if (language === 'prisma') return tokenize(text).comments;
  if (language === 'sql') return [...lex(text).comments, ...commentsInBodies(text)];
  const even = evenLines(text);
  return [...scan(even, 0, even.length, 'file', noMarks()).comments];
}

function valueOf(comment: string): string {
  if (comment.startsWith('/*')) return comment.slice(2).replace(/\*\/$/, '');
  return comment.replace(/^(?:--|\/\/\/?|#)/, '');
}
