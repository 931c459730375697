import type { Location } from '../../../facts/location.js';
import type { Call, Context } from '../library.js';
import { COUNT } from '../lower.js';
import { boundOf, queriesOfText } from '../sql-text.js';
import type { Bound, SqlTextOptions } from '../sql-text.js';
import type { ExternalValue, LibraryValue, ObjectEntryValue, RowListValue, RowValue, Value } from '../values.js';
import { nullValue, undefinedValue } from '../values.js';

/** Short ways for drivers that are given SQL text. */

/** The name a package gives a value, whether it was imported by name, as default or through the module. */
export function exportedPath(value: ExternalValue): readonly string[] {
  return value.path.filter((part) => part !== 'default');
}

/** A library's own value: a client, a tag, a transaction. */
export function client(library: string, type: string, data: unknown = undefined): LibraryValue {
  return { kind: 'library', library, type, data };
}

/** `query(text, values)` and `query({ text, values })`. */
export function textAndValues(call: Call, ctx: Context): { readonly text: Value; readonly bound: Bound; readonly location: Location } | undefined {
  const [first, second] = call.arguments.positional;
  if (first === undefined) return undefined;
  const config = ctx.read(first);
  if (config.kind === 'object') {
    const text = property(config.entries, 'text') ?? property(config.entries, 'sql');
    const values = property(config.entries, 'values') ?? second;
    return text && { text, bound: boundOf(values, ctx), location: call.location };
  }
  if (config.kind === 'row' || config.kind === 'instance') return undefined;
  return { text: first, bound: boundOf(second, ctx), location: call.location };
}

/** What a property of an object literal is set to last. */
export function property(entries: readonly ObjectEntryValue[], key: string): Value | undefined {
  const found = entries.findLast((entry) => entry.kind === 'property' && entry.key === key);
  return found?.kind === 'property' ? found.value : undefined;
}

/** Runs text of a call as queries; a call whose text is missing is a query that is not understood. */
export function runText(call: Call, ctx: Context, library: string, options: SqlTextOptions = {}): Value {
  const given = textAndValues(call, ctx);
  if (given) return queriesOfText(given.text, given.bound, ctx, call.location, library, options);
  ctx.query({ kind: 'query', unknown: 'The text of the query is not known', location: call.location, library, ...(options.access && { access: options.access }) });
  return { kind: 'unknown', reason: 'rows of an unknown query' };
}

/** The result of the node-postgres family: `{ rows, rowCount }`. */
export function resultObject(rows: Value, ctx: Context, location: Location): Value {
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  const list = rows.kind === 'constant' ? ctx.allocate({ kind: 'list', form: 'list', items: [], location }) : rows;
  return ctx.allocate({ kind: 'object', entries: [entry('rows', list), entry('rowCount', countOf(rows)), entry('fields', { kind: 'unknown', reason: 'the fields of a result' })], location });
}

/** The number of rows: zero says that there are none. */
export function countOf(rows: Value): Value {
  return eachOf(rows, (list) => ({ kind: 'field', result: list.result, path: [COUNT], many: false, maybe: false })) ?? { kind: 'unknown', reason: 'a number of rows' };
}

/** One row of a list of rows. */
export function oneOf(rows: Value, maybe: boolean): Value {
  return eachOf(rows, ({ result, path }): RowValue => ({ kind: 'row', result, path, maybe })) ?? (rows.kind === 'constant' && maybe ? nullValue : rows);
}

function eachOf(rows: Value, one: (list: RowListValue) => Value): Value | undefined {
  if (rows.kind === 'rowList') return one(rows);
  if (rows.kind !== 'union') return undefined;
  return { kind: 'union', options: rows.options.map(({ value, facts }) => ({ value: eachOf(value, one) ?? value, facts })) };
}

/** Calls the functions among the arguments with a client, as transactions do; @returns what the last of them returns. */
export function runCallbacks(call: Call, ctx: Context, args: readonly Value[]): Value {
  let result: Value = undefinedValue;
  for (const argument of call.arguments.positional) {
    const value = ctx.read(argument);
    if (value.kind === 'function') result = ctx.invoke(value, args, call.location);
  }
  return result;
}
