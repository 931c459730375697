import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, FromItem, Query, SelectQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import type { BuilderStep } from '../../steps.js';
import type { Fact, LibraryValue, ObjectEntryValue, Result, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { and, constant, isTrue, Names, select, subquery, table } from '../build.js';
import { constantText, openOf } from '../objects.js';
import { errorOr } from './auth.js';
import { stepsOf, SUPABASE, type BuilderData, type ClientData, type Step } from './builder.js';
import { filtersOf, isFilter } from './filters.js';
import { columnAt, ownConditions, readingOf, relationAt, type GivenFilter, type Reading } from './reading.js';
import { conflictColumns, insertQuery, rowsOf, type Row } from './rows.js';
import { parseSelect, type SelectItem } from './select-text.js';

const WRITES = new Set(['insert', 'upsert', 'update', 'delete']);

/** Sends a builder: records its query and gives `{ data, error, count }`. */
export function send(builder: LibraryValue, location: Location, ctx: Context): Value {
  const data = builder.data as BuilderData;
  const steps = stepsOf(builder, ctx);
  const place = placeOf(data.start, steps ?? []);
  const { rls } = data.client.data as ClientData;
  const record = (what: { query: Query } | { unknown: string }) => {
    ctx.query({ kind: 'query', ...what, location: place, library: SUPABASE, ...(builder.access && { access: builder.access }), ...(rls && { rls }) });
  };
  if (!data.table && !data.routine) {
    record({ unknown: 'the table is chosen when it runs' });
    return response(unknownValue('rows of a table that is not known'), [], undefined, location, ctx);
  }
  if (!steps) {
    record({ unknown: 'the query is put together in a way that is not understood' });
    return response(unknownValue('rows of a query that is not understood'), [], undefined, location, ctx);
  }
  if (data.routine) return sendCall(data, place, record, ctx);
  return sendTable(data, steps, place, record, ctx);
}

/** The chain as it is written: from `client.from` to its last call, as far as that is one expression. */
function placeOf(start: Location, steps: readonly BuilderStep<Step>[]): Location {
  const ends = steps.filter(({ step }) => step.location.file === start.file && step.location.start === start.start).map(({ step }) => step.location.end);
  return { ...start, end: Math.max(start.end, ...ends) };
}

/** `rpc(name, { arguments })`. */
function sendCall({ routine }: BuilderData, location: Location, record: (what: { query: Query }) => void, ctx: Context): Value {
  const { name, args } = routine!;
  const given = args && ctx.read(args);
  const values = given?.kind === 'object' ? given.entries.flatMap((entry) => (entry.kind === 'property' ? [ctx.expression(entry.value, entry.location)] : [])) : [];
  const call: Expression = { kind: 'call', name: [...(name.schema === undefined ? [] : [name.schema]), name.name], arguments: values, location };
  record({ query: select({ targets: [{ expression: call }], from: [], location }) });
  return response(unknownValue('what a function gives'), [], undefined, location, ctx);
}

function sendTable(data: BuilderData, steps: readonly BuilderStep<Step>[], location: Location, record: (what: { query: Query } | { unknown: string }) => void, ctx: Context): Value {
  const name = data.table!;
  const filters = steps.filter(({ step }) => isFilter(step.method)).flatMap(({ step, maybe }): GivenFilter[] => filtersOf(step, ctx).map((filter) => ({
    ...filter, maybe, name: (step.args[0] && constantText(step.args[0], ctx)) ?? step.method,
  })));
  const write = steps.find(({ step }) => WRITES.has(step.method))?.step;
  const selected = steps.findLast(({ step }) => step.method === 'select')?.step;
  const names = new Names();
  const reading = readingOf(name, itemsOf(selected, ctx), filters, names, location, ctx);
  const where = and([ownConditions(filters, reading.alias, location), ...reading.needed], location);
  const limit = write ? undefined : limitOf(steps, location);
  const rows = select({ from: [reading.from], where, ...(limit && { limit }), location });
  const written = write && WRITES.has(write.method) ? rowsOf(write, ctx) : [];
  record(queryOf(write, written, reading, rows, where, location, ctx));
  const created = write?.method === 'insert' || write?.method === 'upsert';
  const result = ctx.result({
    rows: created ? createdRows(written, reading, location) : (data.client.data as ClientData).rls === 'enforced' ? { ...rows, from: rows.from.map(asUser) } : rows, column: (path) => columnAt(reading, path, names, location, ctx), relation: (path) => relationAt(reading, path), location,
    ...(created && { isWritten: true }), ...(write && written.length === 1 && { written: written[0]!.written }),
  });
  return response(dataOf(steps, write, selected, result), errorFacts(steps, result, location), result, location, ctx);
}

/** The same of what policies let through. */
function asUser(item: FromItem): FromItem {
  if (item.kind === 'join') return { ...item, left: asUser(item.left), right: asUser(item.right) };
  return item.kind === 'table' ? { ...item, asUser: true } : item;
}

function itemsOf(step: Step | undefined, ctx: Context): readonly SelectItem[] {
  const text = step?.args[0] && constantText(step.args[0], ctx);
  return (text === undefined ? undefined : parseSelect(text)) ?? [];
}

function limitOf(steps: readonly BuilderStep<Step>[], location: Location): Expression | undefined {
  return steps.some(({ step }) => step.method === 'limit' || step.method === 'range') ? constant(1, location) : undefined;
}

function queryOf(write: Step | undefined, rows: readonly Row[], reading: Reading, read: SelectQuery, where: Expression, location: Location, ctx: Context): { query: Query } {
  const star = { expression: { kind: 'star' as const, path: [reading.alias], location } };
  if (!write) return { query: { ...read, targets: [star, ...reading.targets] } };
  const target = table(targetName(reading), reading.alias, location);
  const condition = isTrue(where) ? {} : { where };
  switch (write.method) {
    case 'update': {
      const set = rows.flatMap(({ cells }): Assignment[] => [...cells].map(([column, value]) => ({ column, value, location })));
      return { query: { kind: 'update', target, set, ...openOf(rows), from: [], ...condition, returning: [], with: [], location } };
    }
    case 'delete': return { query: { kind: 'delete', target, using: [], ...condition, returning: [], with: [], location } };
    default: {
      const insert = insertQuery(target, rows, location);
      if (write.method !== 'upsert') return { query: insert };
      const columns = conflictColumns(write, reading, ctx);
      const set = insert.columns.filter((column) => !columns.names.includes(column)).map((column): Assignment => ({ column, value: { kind: 'column', path: ['excluded', column], location }, location }));
      return { query: { ...insert, onConflict: { action: columns.isIgnored ? 'nothing' : 'update', columns: columns.names, set, location } } };
    }
  }
}

function targetName({ from }: Reading): Extract<Reading['from'], { kind: 'table' }>['name'] {
  let item = from;
  while (item.kind === 'join') item = item.left;
  return item.kind === 'table' ? item.name : { name: 'unknown' };
}

/** The rows that were just written: those that have the values given. */
function createdRows(rows: readonly Row[], reading: Reading, location: Location): SelectQuery {
  const [row] = rows;
  const terms = rows.length === 1 && row ? [...row.cells].flatMap(([name, value]): Expression[] => (value.kind === 'parameter' || value.kind === 'constant' || value.kind === 'subquery'
    ? [{ kind: 'operator', operator: '=', left: { kind: 'column', path: [reading.alias, name], location }, right: value, location }] : [])) : [];
  return select({ from: [reading.from], where: and(terms, location), location });
}

function dataOf(steps: readonly BuilderStep<Step>[], write: Step | undefined, selected: Step | undefined, result: Result): Value {
  if (write && (!selected || selected === write)) return nullValue;
  const isSingle = steps.some(({ step }) => step.method === 'single' || step.method === 'maybeSingle');
  return isSingle ? { kind: 'row', result, path: [], maybe: true } : { kind: 'rowList', result, path: [] };
}

/** `single()` is an error unless there is a row: without an error there is one. */
function errorFacts(steps: readonly BuilderStep<Step>[], result: Result, location: Location): readonly Fact[] {
  if (!steps.some(({ step, maybe }) => step.method === 'single' && !maybe) || !result.rows) return [];
  return [{ kind: 'present', result: result.id }, { kind: 'holds', expression: subquery('exists', result.rows, location) }];
}

/** `{ data, error, count }`. */
function response(data: Value, facts: readonly Fact[], result: Result | undefined, location: Location, ctx: Context): Value {
  const error = errorOr(facts, location, ctx);
  const count: Value = result ? { kind: 'field', result, path: [COUNT], many: false, maybe: false } : unknownValue('a number of rows');
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  return ctx.allocate({ kind: 'object', entries: [entry('data', data), entry('error', error), entry('count', count)], location });
}
