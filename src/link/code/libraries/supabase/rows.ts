import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { InsertQuery, OpenSource, TableReference } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { constantText, alternatives, fieldsOf, openColumns, openOf, sourcesOf } from '../objects.js';
import { type Step } from './builder.js';
import type { Reading } from './reading.js';

/** What an object gives to the columns of a table. */
export interface Row {
  readonly cells: ReadonlyMap<string, Expression>;
  readonly written: ReadonlyMap<string, Value>;
  readonly open?: readonly OpenSource[];
}

/** The rows that an insert, upsert or update is given: one for each object of a list and for each path. */
export function rowsOf({ method, args, location }: Step, ctx: Context): readonly Row[] {
  const [value] = args;
  return method === 'delete' || value === undefined ? [] : rowsOfValue(value, location, ctx);
}

function rowsOfValue(value: Value, location: Location, ctx: Context): readonly Row[] {
  return alternatives(value, ctx).flatMap((option): readonly Row[] => {
    if (option.kind === 'list') return option.items.flatMap((item) => rowsOfValue(item.value, location, ctx));
    if (option.kind === 'constant') return [];
    if (option.kind !== 'object') return [{ cells: new Map(), written: new Map(), ...openColumns(sourcesOf(option, ctx), (key) => key) }];
    const { given, sources } = fieldsOf(option, ctx);
    const known = given.filter(({ overridden }) => !overridden);
    const row = (entries: typeof known): Row => ({
      cells: new Map(entries.map(({ key, value: each, location: place }) => [key, ctx.expression(each, place)])),
      written: new Map(entries.filter(({ maybe }) => !maybe).map(({ key, value: each }) => [key, each])), ...openColumns(sources, (key) => key),
    });
    const least = known.filter(({ maybe }) => !maybe);
    return least.length < known.length ? [row(known), row(least)] : [row(known)];
  });
}

/** One INSERT for all the rows; a column that a row leaves out is DEFAULT there. */
export function insertQuery(target: TableReference, rows: readonly Row[], location: Location): InsertQuery {
  const columns = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))];
  const cell = (row: Row, name: string): Expression => row.cells.get(name) ?? { kind: 'other', name: row.open ? 'unknown' : 'default', parts: [], location };
  return {
    kind: 'insert', target, columns, ...openOf(rows), returning: [], with: [], location,
    source: { kind: 'values', rows: rows.map((row) => columns.map((name) => cell(row, name))), orderBy: [], with: [], location },
  };
}

/** `upsert(rows, { onConflict: 'a,b', ignoreDuplicates })`: by default the primary key. */
export function conflictColumns({ args }: Step, reading: Reading, ctx: Context): { readonly names: readonly string[]; readonly isIgnored: boolean } {
  const options = args[1] && ctx.read(args[1]);
  const entries = options?.kind === 'object' ? options.entries : [];
  const named = (key: string) => entries.flatMap((entry) => (entry.kind === 'property' && entry.key === key ? [entry.value] : [])).at(-1);
  const given = named('onConflict');
  const text = given && constantText(given, ctx);
  const ignored = named('ignoreDuplicates');
  const isIgnored = ignored !== undefined && ctx.read(ignored).kind === 'constant' && (ctx.read(ignored) as { value?: unknown }).value === true;
  return { names: text?.split(',').map((name) => name.trim()) ?? reading.found?.table.primaryKey?.columns ?? [], isIgnored };
}
