import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, InsertQuery, OnConflict, OpenSource, Query } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { and } from '../build.js';
import { openColumns, openOf, sourcesOf } from '../objects.js';
import { conditionOf, tablesIn } from './conditions.js';
import { expressionData, expressionOf } from './expressions.js';
import { Given, itemsOf, textOf } from './given.js';
import { distinct, type Step } from './statement.js';
import type { TableData } from './tables.js';

/** A column that is written, and what with. */
export interface Entry {
  readonly column: string;
  readonly value: Value;
  readonly location: Location;
}

/** What is written to one row; `open`: of further columns that are not known. */
export interface Row {
  readonly entries: readonly Entry[];
  readonly open?: readonly OpenSource[];
}

/** `values(a=1)`, `values({'a': 1})`, `values({User.a: 1})`, `values([{...}, {...}])`. */
export function valuesStep(call: Call, ctx: Context): Step {
  return (before) => {
    const rows = rowsGiven(call, before.last, ctx);
    const { query } = before;
    if (query.kind === 'update') return { ...before, query: assigned(query, rows, ctx), tables: distinct([...before.tables, ...tablesIn(rows.flatMap(({ entries }) => entries.map(({ value }) => value)), ctx)]) };
    if (query.kind !== 'insert') return before;
    return { ...before, query: insertRows(query, rows, ctx), written: new Map(rows.length === 1 ? rows[0]!.entries.map(({ column, value }) => [column, value]) : []) };
  };
}

function assigned(query: Extract<Query, { kind: 'update' }>, rows: readonly Row[], ctx: Context): Query {
  const set = rows.flatMap(({ entries }) => entries).map((entry) => assignment(entry, ctx));
  return { ...query, set: [...query.set, ...set], ...openOf(rows) };
}

/** A column and what is assigned to it. */
export function assignment({ column, value, location }: Entry, ctx: Context): Assignment {
  return { column, value: expressionOf(value, ctx, location), location };
}

function rowsGiven(call: Call, table: TableData | undefined, ctx: Context): Row[] {
  const { named, positional, spread = [] } = call.arguments;
  const own = [...named].map(([name, value]): Entry => ({ column: columnNamed(name, table), value, location: call.location }));
  const open = spread.flatMap((each) => sourcesOf(each, ctx));
  const rows = positional.flatMap((value) => rowsOfValue(value, table, ctx));
  if (own.length === 0 && open.length === 0) return rows.length > 0 ? rows : [{ entries: [] }];
  return [{ entries: own, ...openColumns(open, (key) => columnNamed(key, table)) }];
}

function columnNamed(name: string, table: TableData | undefined): string {
  return table?.columns?.get(name) ?? name;
}

/** The rows that a dict, or a list of dicts, is. */
export function rowsOfValue(value: Value, table: TableData | undefined, ctx: Context): Row[] {
  const known = ctx.read(value);
  if (known.kind === 'list') return known.items.flatMap((item) => rowsOfValue(item.value, table, ctx));
  if (known.kind === 'union') return known.options.flatMap((option) => rowsOfValue(option.value, table, ctx));
  if (known.kind !== 'object') return known.kind === 'constant' ? [] : [{ entries: [], ...openColumns(sourcesOf(known, ctx), (key) => columnNamed(key, table)) }];
  const entries = known.entries.flatMap((entry): Entry[] => (entry.kind === 'property' ? [{ column: columnNamed(entry.key, table), value: entry.value, location: entry.location }] : []));
  const open = known.entries.flatMap((entry) => (entry.kind === 'spread' ? sourcesOf(entry.value, ctx) : []));
  return [{ entries, ...openColumns(open, (key) => columnNamed(key, table)) }];
}

/** An INSERT of rows; columns that a row lacks are its default. */
export function insertRows(query: InsertQuery, rows: readonly Row[], ctx: Context): InsertQuery {
  const columns = [...new Set(rows.flatMap(({ entries }) => entries.map(({ column }) => column)))];
  const { location } = query;
  const cell = ({ entries, open }: Row, column: string): Expression => {
    const found = entries.findLast((entry) => entry.column === column);
    return found ? expressionOf(found.value, ctx, found.location) : { kind: 'other', name: open ? 'unknown' : 'default', parts: [], location };
  };
  return { ...query, columns, ...openOf(rows), source: { kind: 'values', rows: rows.map((row) => columns.map((column) => cell(row, column))), orderBy: [], with: [], location } };
}

/** `on_conflict_do_update(index_elements=[...], set_={...})` of PostgreSQL's insert(). */
export function conflictStep(name: string, call: Call, ctx: Context): Step {
  const given = new Given(call, ['constraint', 'index_elements', 'index_where', 'set_', 'where'], ctx);
  const { location } = call;
  const elements = given.value('index_elements');
  const items = elements && itemsOf(elements, ctx);
  const columns = (items ?? []).map((item) => nameIn(item, ctx));
  const constraint = given.text('constraint');
  const set = given.value('set_');
  const where = given.value('where');
  return (before) => {
    if (before.query.kind !== 'insert') return before;
    const known = columns.flatMap((each) => (each === undefined ? [] : [columnNamed(each, before.last)]));
    const rows = set ? rowsOfValue(set, before.last, ctx) : [];
    const onConflict: OnConflict = {
      action: name === 'on_conflict_do_update' ? 'update' : 'nothing', columns: known, ...(known.length < columns.length || (elements && !items) ? { expressions: true } : {}),
      ...(constraint !== undefined && { constraint }), set: rows.flatMap(({ entries }) => entries).map((entry) => assignment(entry, ctx)),
      ...(where && { where: and([conditionOf(where, ctx, location)], location) }), location,
    };
    return { ...before, query: { ...before.query, onConflict } };
  };
}

function nameIn(value: Value, ctx: Context): string | undefined {
  const expression = expressionData(value, ctx);
  return expression?.kind === 'column' ? expression.path.at(-1) : textOf(value, ctx);
}
