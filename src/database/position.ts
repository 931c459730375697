import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import type { DatabaseError } from './error.js';
import type { RunStatement } from './types.js';

/**
 * The place in the source that an error speaks of: the token at its position, the statement or line inside a DO block or function body,
 * or the sub-command that names what the message names; else the statement.
 */
export function placeOfError(statement: RunStatement, error: DatabaseError): Location {
  return insideText(statement, error) ?? partAtFault(statement.operations, error)?.location ?? statement.location;
}

function insideText({ sql, location, verbatim }: RunStatement, error: DatabaseError): Location | undefined {
  if (!verbatim) return undefined;
  const span = (start: number, end: number): Location => ({ file: location.file, start: location.start + start, end: location.start + end });
  if (error.position !== undefined) {
    const start = utf16Offset(sql, error.position);
    return start < sql.length ? span(start, start + tokenLength(sql, start)) : undefined;
  }
  const body = bodyStart(sql);
  const line = lineInBody(error.where);
  if (body === undefined || line === undefined) return undefined;
  const lineStart = startOfLine(sql, body, line);
  if (lineStart === undefined) return undefined;
  const query = error.internalQuery?.trim();
  const found = query === undefined ? -1 : sql.indexOf(query, Math.max(body, lineStart));
  if (query !== undefined && found >= 0) {
    if (error.internalPosition === undefined) return span(found, found + query.length);
    const skipped = error.internalQuery!.length - error.internalQuery!.trimStart().length;
    const start = found + utf16Offset(error.internalQuery!, error.internalPosition) - skipped;
    return span(start, start + tokenLength(sql, start));
  }
  const text = /^[^\r\n]*/.exec(sql.slice(lineStart))![0];
  const start = lineStart + text.length - text.trimStart().length;
  return span(start, Math.max(start + 1, lineStart + text.trimEnd().length));
}

/** PostgreSQL counts characters, JavaScript code units. */
function utf16Offset(text: string, position: number): number {
  let offset = 0;
  for (let left = position - 1; left > 0 && offset < text.length; left -= 1) offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  return offset;
}

function tokenLength(sql: string, start: number): number {
  return /^("(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}\p{N}_$]+|.)/su.exec(sql.slice(start))?.[0].length ?? 1;
}

/** Where the text of the outermost block begins: right after its dollar quote. Lines of PL/pgSQL are counted from there. */
function bodyStart(sql: string): number | undefined {
  const quote = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(sql);
  return quote === null ? undefined : quote.index + quote[0].length;
}

/** The line of an anonymous block: the outermost frame of the call stack, which is the last line of CONTEXT. */
function lineInBody(where: string | undefined): number | undefined {
  const match = [...(where ?? '').matchAll(/PL\/pgSQL function inline_code_block line (\d+)/g)].at(-1);
  return match === undefined ? undefined : Number(match[1]);
}

function startOfLine(sql: string, from: number, line: number): number | undefined {
  let start = from;
  for (let number = 1; number < line; number += 1) {
    const end = sql.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return start;
}

/** The operation whose column, constraint or index the message names. */
function partAtFault(operations: readonly Operation[], { message, column }: DatabaseError): Operation | undefined {
  if (operations.length < 2) return operations[0]?.kind === 'execution' ? undefined : operations[0];
  const named = [...message.matchAll(/"([^"]+)"/g)].map(([, name]) => name!);
  return operations.find((operation) => column !== undefined && operation.kind === 'setNotNull' && operation.column === column)
    ?? operations.find((operation) => namesOf(operation).some((name) => name === column || named.includes(name)));
}

function namesOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'addColumn': return [operation.column.name];
    case 'addConstraint': return [...operation.constraint.name === undefined ? [] : [operation.constraint.name], ...('columns' in operation.constraint ? operation.constraint.columns : [])];
    default: return [...('column' in operation && typeof operation.column === 'string' ? [operation.column] : []), ...('name' in operation && typeof operation.name === 'string' ? [operation.name] : [])];
  }
}
