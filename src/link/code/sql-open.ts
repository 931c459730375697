import type { InsertQuery, Query, UpdateQuery } from '../../facts/query.js';
import type { Context } from './library.js';
import { fieldsOf, openColumns, sourcesOf } from './libraries/objects.js';
import type { Value } from './values.js';

/** A column that no table has: in a text it stands for all that an object gives whose keys are not known. */
export const OPEN_COLUMN = ' open';

/**
 * A write whose text has a column that stands for others, without it: what it stands for may be given, too.
 * @param valueOf what a parameter of the text stands for
 */
export function withoutOpenColumn(query: Query, valueOf: (parameter: string) => Value | undefined, ctx: Context, columnOf: (key: string) => string): InsertQuery | UpdateQuery | undefined {
  if (query.kind === 'update') {
    const assigned = query.set.find(({ column }) => column === OPEN_COLUMN)?.value;
    return assigned && { ...query, set: query.set.filter(({ column }) => column !== OPEN_COLUMN), ...sources(assigned, valueOf, ctx, columnOf) };
  }
  const at = query.kind === 'insert' ? query.columns.indexOf(OPEN_COLUMN) : -1;
  if (query.kind !== 'insert' || at < 0 || query.source?.kind !== 'values') return undefined;
  const { source } = query;
  const [given] = source.rows.map((row) => row[at]!);
  const rows = source.rows.map((row) => row.filter((_, index) => index !== at));
  return { ...query, columns: query.columns.filter((column) => column !== OPEN_COLUMN), source: { ...source, rows }, ...sources(given!, valueOf, ctx, columnOf) };
}

function sources(given: { readonly kind: string }, valueOf: (parameter: string) => Value | undefined, ctx: Context, columnOf: (key: string) => string): Pick<InsertQuery, 'open'> {
  const value = 'name' in given && typeof given.name === 'string' ? valueOf(given.name) : undefined;
  if (value === undefined) return { open: [{ trust: 'unknown' }] };
  return openColumns(value.kind === 'object' ? fieldsOf(value, ctx).sources : sourcesOf(value, ctx), columnOf);
}
