import { lex, type Comment } from './lexer.js';

/**
 * The comments inside of dollar-quoted bodies (DO, CREATE FUNCTION), to any depth: to PostgreSQL's lexer a body is one string,
 * to its author it is a program. Offsets are UTF-16 units of `text`.
 */
export function commentsInBodies(text: string): Comment[] {
  return lex(text).tokens.filter(({ type }) => type === 'dollarString').flatMap(({ start, end }) => {
    const width = text.indexOf('$', start + 1) + 1 - start;
    const body = text.slice(start + width, Math.max(start + width, end - width));
    const shift = (comment: Comment): Comment => ({ ...comment, start: comment.start + start + width, end: comment.end + start + width });
    return [...lex(body).comments, ...commentsInBodies(body)].map(shift);
  });
}
