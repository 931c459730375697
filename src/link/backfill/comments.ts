import type { Expression } from '../../facts/expression.js';
import type { FileFacts } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import { parseSqlText } from '../../parse/sql/index.js';

/** A query that stands in a comment, where it checks nothing. */
export interface CommentedQuery {
  readonly location: Location;
  readonly condition: Expression;
}

/** The SELECT statements written in the comments of a file. Text that is no SQL is a remark, not a check. */
export function commentedQueries(file: FileFacts): CommentedQuery[] {
  return (file.comments ?? []).flatMap(({ text, location }) => statementsIn(text).flatMap((statement): CommentedQuery[] => {
    const { statements } = parseSqlText(statement, () => location);
    return statements.flatMap(({ operations }) => operations).flatMap((operation) => (operation.kind === 'query' && operation.query.kind !== 'insert'
      ? [{ location, condition: { kind: 'subquery', form: 'exists', query: operation.query, location } }] : []));
  }));
}

/** The parts of a comment that look like a query: from SELECT to the semicolon, the bracket that closes around it, or the end. */
function statementsIn(text: string): string[] {
  return [...text.matchAll(/\bselect\b[^;]*\bis\s+null\b[^;]*/gi)].map(([statement]) => statement.slice(0, closing(statement)).trim());
}

function closing(statement: string): number {
  let depth = 0;
  for (let index = 0; index < statement.length; index += 1) {
    if (statement[index] === '(') depth += 1;
    else if (statement[index] === ')') depth -= 1;
    if (depth < 0) return index;
  }
  return statement.length;
}
