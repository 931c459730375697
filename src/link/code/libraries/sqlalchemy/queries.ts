import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, FromItem, Query, SelectQuery, TableReference, Target } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { and, constant, isTrue, join, select, table } from '../build.js';
import { SQLALCHEMY } from './data.js';
import { expressionData, expressionOf, labelOf, tablesOf } from './expressions.js';
import { itemsOf, libraryData, libraryValue } from './given.js';
import type { TableData } from './tables.js';
import { tableData } from './tables.js';

/** A statement under construction. */
interface QueryData {
  readonly query: Query;
  /** Tables named in it, to be put into FROM unless they are there. */
  readonly tables: readonly TableData[];
  /** Values that an INSERT writes, by column. */
  readonly written: ReadonlyMap<string, Value>;
}

function queryValue(data: QueryData): LibraryValue {
  return libraryValue(SQLALCHEMY, 'query', data);
}

/** The query that a value is, whole: with every table that it names. */
export function queryData(value: Value, ctx: Context): Query | undefined {
  const data = libraryData<QueryData>(value, SQLALCHEMY, 'query', ctx);
  return data && finished(data);
}

/** What an INSERT writes, by column. */
export function writtenBy(value: Value, ctx: Context): ReadonlyMap<string, Value> {
  return libraryData<QueryData>(value, SQLALCHEMY, 'query', ctx)?.written ?? new Map();
}

function reference({ name, alias }: TableData, location: Location): TableReference {
  return table(name, alias, location);
}

/** Tables of conditions that are not in FROM yet are added, as SQLAlchemy adds them. */
function finished(data: QueryData): Query {
  const whole = complete(data);
  const outer = whole.kind === 'select' ? whole.from : whole.kind === 'update' ? [whole.target, ...whole.from] : whole.kind === 'delete' ? [whole.target, ...whole.using] : [];
  return correlated(whole, new Set(outer.flatMap(names)), true) as Query;
}

/** Tables of the outer query are not named again in FROM of a sub-query, unless nothing were left there. @see SQLAlchemy manual, "Correlated subqueries" */
function correlated(node: unknown, outer: ReadonlySet<string>, isOuter = false): unknown {
  if (Array.isArray(node)) return node.map((each) => correlated(each, outer));
  if (node === null || typeof node !== 'object') return node;
  const parts = Object.entries(node).map(([key, value]) => [key, key === 'location' ? value : correlated(value, outer)] as const);
  const copy = Object.fromEntries(parts) as unknown as SelectQuery;
  if (isOuter || (node as { kind?: string }).kind !== 'select') return copy;
  const from = copy.from.filter((item) => item.kind !== 'table' || !names(item).some((name) => outer.has(name)));
  return from.length > 0 && from.length < copy.from.length ? { ...copy, from } : copy;
}

function complete({ query, tables }: QueryData): Query {
  const { location } = query;
  const missing = (known: readonly FromItem[]) => tables.filter(({ alias }) => !known.some((item) => names(item).includes(alias))).map((each) => reference(each, location));
  switch (query.kind) {
    case 'select': return { ...query, from: [...query.from, ...missing(query.from)] };
    case 'update': return { ...query, from: [...query.from, ...missing([query.target, ...query.from])] };
    case 'delete': return { ...query, using: [...query.using, ...missing([query.target, ...query.using])] };
    default: return query;
  }
}

function names(item: FromItem): string[] {
  if (item.kind === 'join') return [...names(item.left), ...names(item.right)];
  return [item.alias ?? (item.kind === 'table' ? item.name.name : '')];
}

/** `select(...)`, `update(t)`, `delete(t)`, `insert(t)`, `exists(...)`: functions of the package. */
export function queryCall(name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const values = call.arguments.positional.flatMap((value) => itemsOf(value, ctx) ?? [value]);
  if (name === 'select') return selectOf(values, location, ctx);
  const data = tableData(values[0], ctx);
  return data && writeOf(name, data, location);
}

/** `table.insert()`, `.update()`, `.delete()`, `.select()`. */
export function tableQuery(data: TableData, name: string, call: Call): Value | undefined {
  if (name === 'select') return queryValue({ query: select({ targets: [{ expression: { kind: 'star', path: [data.alias], location: call.location } }], from: [], location: call.location }), tables: [data], written: new Map() });
  return writeOf(name, data, call.location);
}

function writeOf(name: string, data: TableData, location: Location): Value | undefined {
  const target = reference(data, location);
  const base = { target, returning: [], with: [], location };
  switch (name) {
    case 'update': return queryValue({ query: { ...base, kind: 'update', set: [], from: [] }, tables: [], written: new Map() });
    case 'delete': return queryValue({ query: { ...base, kind: 'delete', using: [] }, tables: [], written: new Map() });
    case 'insert': return queryValue({ query: { ...base, kind: 'insert', columns: [] }, tables: [], written: new Map() });
    default: return undefined;
  }
}

function selectOf(values: readonly Value[], location: Location, ctx: Context): Value {
  const targets = values.map((value): Target => {
    const data = tableData(value, ctx);
    if (data) return { expression: { kind: 'star', path: [data.alias], location } };
    const label = labelOf(value, ctx);
    return { expression: expressionOf(value, ctx, location), ...(label !== undefined && { alias: label }) };
  });
  const tables = values.flatMap((value) => tableData(value, ctx) ?? tablesOf(value, ctx));
  return queryValue({ query: select({ targets, from: [], location }), tables: distinct(tables), written: new Map() });
}

function distinct(tables: readonly TableData[]): TableData[] {
  return tables.filter((each, index) => tables.findIndex(({ alias }) => alias === each.alias) === index);
}

/** A method of a statement: `where`, `values`, `join`, ... */
export function queryMethod(object: Value, name: string, call: Call, ctx: Context): Value | undefined {
  const data = libraryData<QueryData>(object, SQLALCHEMY, 'query', ctx);
  if (!data) return undefined;
  const location = whole(data.query.location, call.location);
  const given = call.arguments.positional;
  const more = (query: Query, from: readonly Value[] = given): Value => queryValue({
    ...data, query: { ...query, location }, tables: distinct([...data.tables, ...from.flatMap((value) => tablesOf(value, ctx))]),
  });
  switch (name) {
    case 'where': case 'filter': return more(filtered(data.query, given.map((value) => expressionOf(value, ctx, call.location)), location));
    case 'filter_by': return undefined;
    case 'values': return valuesOf({ ...data, query: { ...data.query, location } }, call, ctx);
    case 'returning': return 'returning' in data.query ? more({ ...data.query, returning: given.map((value) => ({ expression: expressionOf(value, ctx, call.location) })) }) : undefined;
    case 'scalar_subquery': case 'as_scalar': case 'execution_options': case 'with_hint': case 'correlate': case 'prefix_with': case 'options': return more(data.query);
    case 'label': return more(data.query);
    default: return data.query.kind === 'select' ? selectMethod(data.query, name, call, ctx, more) : undefined;
  }
}

function whole(start: Location, end: Location): Location {
  return start.file === end.file ? { file: start.file, start: Math.min(start.start, end.start), end: Math.max(start.end, end.end) } : end;
}

function filtered(query: Query, conditions: readonly Expression[], location: Location): Query {
  if (query.kind !== 'select' && query.kind !== 'update' && query.kind !== 'delete') return query;
  const where = and([...(query.where ? [query.where] : []), ...conditions], location);
  return isTrue(where) ? query : { ...query, where };
}

function selectMethod(query: SelectQuery, name: string, call: Call, ctx: Context, more: (query: Query, from?: readonly Value[]) => Value): Value | undefined {
  const given = call.arguments.positional;
  const { location } = call;
  const expressions = (): Expression[] => given.map((value) => expressionOf(value, ctx, location));
  switch (name) {
    case 'limit': return more({ ...query, limit: expressions()[0] ?? constant(null, location) }, []);
    case 'offset': return more({ ...query, offset: expressions()[0] ?? constant(null, location) }, []);
    case 'order_by': return more({ ...query, orderBy: [...query.orderBy, ...expressions()] });
    case 'group_by': return more({ ...query, groupBy: [...query.groupBy, ...expressions()] });
    case 'having': return more({ ...query, having: and([...(query.having ? [query.having] : []), ...expressions()], location) });
    case 'distinct': return more(given.length > 0 ? { ...query, distinctOn: expressions() } : { ...query, distinct: true });
    case 'with_for_update': return more(query, []);
    case 'select_from': return more({ ...query, from: [...query.from, ...given.flatMap((value) => { const data = tableData(value, ctx); return data ? [reference(data, location)] : []; })] }, []);
    case 'join': case 'outerjoin': return joined(query, name === 'outerjoin' ? 'left' : 'inner', call, ctx, more);
    default: return undefined;
  }
}

function joined(query: SelectQuery, type: 'inner' | 'left', call: Call, ctx: Context, more: (query: Query, from?: readonly Value[]) => Value): Value | undefined {
  const [target, on] = call.arguments.positional;
  const data = tableData(target, ctx);
  const condition = on ?? call.arguments.named.get('onclause');
  if (!data || !condition) return undefined;
  const expression = expressionOf(condition, ctx, call.location);
  const left = query.from.at(-1) ?? tablesOf(condition, ctx).filter(({ alias }) => alias !== data.alias).map((each) => reference(each, call.location))[0];
  if (!left) return undefined;
  return more({ ...query, from: [...query.from.slice(0, -1), join(type, left, reference(data, call.location), expression, call.location)] }, [condition]);
}

function valuesOf(data: QueryData, call: Call, ctx: Context): Value | undefined {
  const { query } = data;
  const entries = assignmentsOf(call, ctx);
  if (!entries) return undefined;
  if (query.kind === 'update') {
    const set = entries.map(({ column, value, location }): Assignment => ({ column, value: expressionOf(value, ctx, location), location }));
    const tables = distinct([...data.tables, ...entries.flatMap(({ value }) => tablesOf(value, ctx))]);
    return queryValue({ ...data, query: { ...query, set: [...query.set, ...set] }, tables });
  }
  return query.kind === 'insert' ? queryValue({ ...data, query: insertRows(query, [entries], ctx), written: new Map(entries.map(({ column, value }) => [column, value])) }) : undefined;
}

interface Entry {
  readonly column: string;
  readonly value: Value;
  readonly location: Location;
}

/** `values(a=1)`, `values({'a': 1})`, `values({t.c.a: 1})`. */
function assignmentsOf(call: Call, ctx: Context): Entry[] | undefined {
  const entries: Entry[] = [...call.arguments.named].map(([column, value]) => ({ column, value, location: call.location }));
  for (const value of call.arguments.positional) {
    const row = entriesOf(value, ctx);
    if (!row) return undefined;
    entries.push(...row);
  }
  return entries;
}

/** The columns and values of a dict. */
export function entriesOf(value: Value, ctx: Context): Entry[] | undefined {
  const known = ctx.read(value);
  if (known.kind !== 'object' || known.entries.some((entry) => entry.kind !== 'property')) return undefined;
  return known.entries.flatMap((entry) => (entry.kind === 'property' ? [{ column: entry.key, value: entry.value, location: entry.location }] : []));
}

/** An INSERT of rows; columns that a row lacks are its default. */
export function insertRows(query: Extract<Query, { kind: 'insert' }>, rows: readonly (readonly Entry[])[], ctx: Context): Query {
  const columns = [...new Set(rows.flatMap((row) => row.map(({ column }) => column)))];
  const { location } = query;
  const cell = (row: readonly Entry[], column: string): Expression => {
    const found = row.find((entry) => entry.column === column);
    return found ? expressionOf(found.value, ctx, found.location) : { kind: 'other', name: 'default', parts: [], location };
  };
  return { ...query, columns, source: { kind: 'values', rows: rows.map((row) => columns.map((column) => cell(row, column))), orderBy: [], with: [], location } };
}

/** `exists(select(...))`, `select(...).exists()`. */
export function existsOf(value: Value, ctx: Context, location: Location): Expression | undefined {
  const query = queryData(value, ctx);
  return query ? { kind: 'subquery', form: 'exists', query, location } : expressionData(value, ctx);
}

