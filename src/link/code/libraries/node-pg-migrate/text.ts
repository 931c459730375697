import type { Data } from './data.js';
import { listOf, optionsOf } from './data.js';

/** How node-pg-migrate writes names and values into SQL (its `createSchemalize`, `escapeValue`). */

/** Text of SQL that stands for itself. */
export function literalText(data: Data): string | undefined {
  const { literal, value } = optionsOf(data);
  return literal === true && typeof value === 'string' ? value : undefined;
}

/** A name, in quotes: a text, `{ schema, name }`, or text of SQL. */
export function nameText(data: Data): string {
  const { schema, name } = optionsOf(data);
  if (name === undefined) return literalText(data) ?? quoted(data);
  return schema === undefined || schema === null || schema === '' ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** Names, each in quotes. */
export function nameList(data: Data): string {
  return listOf(data).map(nameText).join(', ');
}

/** A name as it is, for the names of what is made for it. */
export function plainName(data: Data): string {
  return plain(optionsOf(data)['name'] ?? data);
}

/** A text or a number as it is. */
export function plain(data: Data): string {
  return typeof data === 'object' && data !== null ? literalText(data) ?? '' : String(data ?? '');
}

function quoted(data: Data): string {
  return `"${plain(data).replaceAll('"', '""')}"`;
}

/** A value; a text stands in dollar quotes, so that a body of a routine is read as one. */
export function valueText(data: Data): string {
  if (data === null || data === undefined) return 'NULL';
  if (Array.isArray(data)) return `ARRAY[${(data as readonly Data[]).map(valueText).map((each) => (each.startsWith('ARRAY[') ? each.slice('ARRAY'.length) : each)).join(',')}]`;
  if (typeof data !== 'string') return literalText(data) ?? plain(data);
  let tag = 1;
  while (data.includes(`$pg${tag}$`)) tag += 1;
  return `$pg${tag}$${data}$pg${tag}$`;
}

/** Words for an option that is set. */
export function when(option: Data, words: string): string {
  return option === undefined || option === null || option === false || option === '' ? '' : words;
}
