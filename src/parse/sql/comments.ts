import type { Location } from '../../facts/location.js';
import type { Comment } from './lexer.js';

/** Comments that hold a query about NULLs. Lines of comments that follow each other are one text; each SELECT that begins a line begins another. */
export function commentsAboutNulls(text: string, comments: readonly Comment[], locate: (start: number, end: number) => Location): { text: string; location: Location }[] {
  const runs: { lines: string[]; start: number; end: number; form: Comment['form'] }[] = [];
  for (const { form, start, end } of comments) {
    const body = form === 'line' ? text.slice(start + 2, end) : text.slice(start + 2, end - 2);
    const before = runs.at(-1);
    const follows = before?.form === 'line' && form === 'line' && /^[^\S\n]*\r?\n[^\S\n]*$/.test(text.slice(before.end, start));
    if (before && follows && !/^\s*select\b/i.test(body)) {
      before.lines.push(body);
      before.end = end;
    } else runs.push({ lines: [body], start, end, form });
  }
  return runs.filter(({ lines }) => /\bselect\b[^;]*\bis\s+null\b/i.test(lines.join('\n')))
    .map(({ lines, start, end }) => ({ text: lines.join('\n'), location: locate(start, end) }));
}
