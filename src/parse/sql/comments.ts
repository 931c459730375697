import type { Location } from '../../facts/location.js';
import type { Comment } from './lexer.js';

/** Comments that hold a query about NULLs: lines of comments that follow each other are one text. Its place is the first line of SQL in it. */
export function commentsAboutNulls(text: string, comments: readonly Comment[], locate: (start: number, end: number) => Location): { text: string; location: Location }[] {
  const runs: Comment[][] = [];
  for (const comment of comments) {
    const before = runs.at(-1)?.at(-1);
    const follows = before?.form === 'line' && comment.form === 'line' && /^[^\S\n]*\r?\n[^\S\n]*$/.test(text.slice(before.end, comment.start));
    if (follows) runs.at(-1)!.push(comment);
    else runs.push([comment]);
  }
  return runs.flatMap((run) => {
    const lines = run.map(({ form, start, end }) => (form === 'line' ? text.slice(start + 2, end) : text.slice(start + 2, end - 2)));
    const joined = lines.join('\n');
    if (!/\bis\s+null\b/i.test(joined)) return [];
    const first = Math.max(0, lines.findIndex((line) => /\bselect\b/i.test(line)));
    return [{ text: joined, location: locate(run[first]!.start, run.at(-1)!.end) }];
  });
}
