import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, DeleteQuery, FromItem, InsertQuery, OnConflict, OpenSource, Query, TableReference, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { and, isTrue, opaque } from '../build.js';
import { alternatives, fieldsOf, openColumns, openOf, sourcesOf } from '../objects.js';
import { isBuilder, isRaw } from './builder.js';
import type { RawData, Step } from './builder.js';
import { conditionsOf } from './conditions.js';
import { columnOf, rawExpression, targetsOf, textOf } from './names.js';
import { subselect } from './query.js';
import type { Builder } from './query.js';

/** INSERT, UPDATE, DELETE of a builder; text when it is not known. */
export function writeQuery(builder: Builder): Query | string {
  const { location, ctx } = builder;
  const table = builder.table();
  if (table?.kind !== 'table') return 'The table of this query is not known';
  const returning = returned(builder);
  const where = builder.where();
  const common = { target: table, returning, with: builder.with(), location };
  if (builder.has('truncate')) return { kind: 'delete', using: [], ...common };
  if (builder.has('del', 'delete')) return deleteQuery(builder, where, common);
  const insert = builder.last('insert', 'upsert');
  if (insert) return insertQuery(builder, insert, table, returning);
  const assigned = builder.all('update', 'increment', 'decrement').map(({ step }) => assignments(step, ctx));
  return { kind: 'update', set: assigned.flatMap(({ set }) => set), ...openOf(assigned), from: otherTables(builder), ...(where && { where }), ...common };
}

/** `DELETE ... USING`: tables that are joined stand there, their conditions in WHERE. */
function deleteQuery(builder: Builder, where: Expression | undefined, common: Omit<DeleteQuery, 'kind' | 'using' | 'where'>): Query | string {
  const from = builder.from();
  if (from === undefined) return 'A table of this query is not known';
  const using: FromItem[] = [];
  const terms: Expression[] = where ? [where] : [];
  for (let item: FromItem = from; item.kind === 'join'; item = item.left) {
    using.unshift(item.right);
    if (item.on) terms.unshift(item.on);
  }
  const all = and(terms, builder.location);
  return { kind: 'delete', using: [...using, ...otherTables(builder)], ...(!isTrue(all) && { where: all }), ...common };
}

/** Tables that are joined to the one that is changed: Knex sends `UPDATE t ... FROM u` for updateFrom only; joins of others are left out. */
function otherTables(builder: Builder): FromItem[] {
  return builder.all('updateFrom', 'using').flatMap(({ step }) => step.args.flatMap((arg): FromItem[] => {
    const name = textOf(arg, builder.ctx);
    return name === undefined ? [] : [{ kind: 'table', name: { name }, columnAliases: [], location: step.location }];
  }));
}

function returned(builder: Builder): Target[] {
  const { ctx } = builder;
  const second = (step: Step | undefined): readonly Value[] => step?.args.slice(textOf(step.args[0], ctx) === undefined ? 1 : 2, 3) ?? [];
  const given = [...(builder.last('returning')?.args ?? []), ...second(builder.last('insert', 'update', 'upsert'))];
  return given.flatMap((arg) => targetsOf(arg, builder.location, ctx));
}

/** Values of the columns of an object. `open`: further columns may come from something that is not known. */
interface Row {
  readonly set: readonly Assignment[];
  readonly open?: readonly OpenSource[];
}

function rowOf(object: ObjectValue, ctx: Context, least: boolean): Row {
  const { given, sources } = fieldsOf(object, ctx);
  const set = given.filter(({ maybe, overridden, value }) => !overridden && !(least && (maybe || ctx.mayBe(value, 'undefined')))).flatMap(({ key, value, location }): Assignment[] => {
    const known = ctx.read(value);
    // Keys whose value is undefined are left out (Knex's manual, "insert": they become DEFAULT).
    return isUndefined(known) ? [] : [{ column: key, value: valueOf(value, location, ctx), location }];
  });
  return { set, ...openColumns(sources, (key) => key) };
}

function valueOf(given: Value, location: Location, ctx: Context): Expression {
  const value = ctx.read(given);
  if (isRaw(value)) return rawExpression(value.data as RawData, ctx);
  if (value.kind === 'library' && value.type === 'ref') return columnOf(value, location, ctx);
  if (isBuilder(value)) {
    const query = subselect(value, ctx, location);
    return query ? { kind: 'subquery', form: 'scalar', query, location } : { kind: 'hole', text: 'a sub-select that is not known', location };
  }
  if (value.kind === 'object') return opaque('json', [], location);
  return ctx.expression(given, location);
}

/** The rows that an INSERT may be given: one for each object, and where a key may be missing also the row without it. */
function rowsOf(value: Value, ctx: Context): readonly Row[] {
  return alternatives(value, ctx).flatMap((option): readonly Row[] => {
    if (option.kind === 'list') return option.items.flatMap((item) => rowsOf(item.value, ctx));
    if (option.kind === 'constant') return [];
    if (option.kind !== 'object') return [{ set: [], ...openColumns(sourcesOf(option, ctx), (key) => key) }];
    const [full, least] = [rowOf(option, ctx, false), rowOf(option, ctx, true)];
    return full.set.length === least.set.length ? [full] : [full, least];
  });
}

function insertQuery(builder: Builder, step: Step, target: TableReference, returning: readonly Target[]): InsertQuery | string {
  const { ctx, location } = builder;
  const given = step.args[0] && ctx.read(step.args[0]);
  const onConflict = conflict(builder);
  const common = { target, returning, with: builder.with(), location, ...(onConflict && { onConflict }) };
  if (given && isBuilder(given)) {
    const query = subselect(given, ctx, location);
    return query ? { kind: 'insert', columns: [], source: query, ...common } : 'The rows of this INSERT are not known';
  }
  if (given && isRaw(given)) return 'The rows of this INSERT are written as text';
  const rows = given ? rowsOf(given, ctx) : [];
  const columns = [...new Set(rows.flatMap(({ set }) => set.map(({ column }) => column)))];
  const cells = (row: Row): Expression[] => columns.map((name) => row.set.find((each) => each.column === name)?.value ?? (row.open ? opaque('unknown', [], location) : opaque('default', [], location)));
  return { kind: 'insert', columns, source: { kind: 'values', rows: rows.map(cells), orderBy: [], with: [], location }, ...openOf(rows), ...common };
}

/** `onConflict(columns).merge()`, `.merge(columns)`, `.merge(object)`, `.ignore()`. */
function conflict(builder: Builder): OnConflict | undefined {
  const { ctx } = builder;
  const step = builder.last('onConflict');
  if (!step) return undefined;
  const merge = builder.last('merge');
  const given = step.args[0] && ctx.read(step.args[0]);
  const columns = given?.kind === 'list' ? given.items.flatMap((item) => textOf(item.value, ctx) ?? []) : textOf(given, ctx) === undefined ? [] : [textOf(given, ctx)!];
  const isRawTarget = given !== undefined && isRaw(given);
  const where = merge && conditionsOf(builder.steps, 'where', subselect, ctx);
  return {
    action: merge ? 'update' : 'nothing', columns, ...(isRawTarget && { expressions: true }), set: merge ? merged(builder, merge) : [], ...(where && { where }), location: step.location,
  };
}

/** Without an argument every column that is inserted gets its new value. */
function merged(builder: Builder, merge: Step): readonly Assignment[] {
  const { ctx, location } = builder;
  const excluded = (column: string): Assignment => ({ column, value: { kind: 'column', path: ['excluded', column], location }, location });
  const given = merge.args[0] && ctx.read(merge.args[0]);
  if (given?.kind === 'object') return rowOf(given, ctx, false).set;
  if (given?.kind === 'list') return given.items.flatMap((item) => textOf(item.value, ctx) ?? []).map(excluded);
  const insert = builder.last('insert', 'upsert');
  const rows = insert?.args[0] ? rowsOf(insert.args[0], ctx) : [];
  return [...new Set(rows.flatMap(({ set }) => set.map(({ column }) => column)))].map(excluded);
}

/** `update({ ... })`, `update(column, value)`, `increment(column, by)`, `increment({ ... })`. */
function assignments(step: Step, ctx: Context): Row {
  const [first, second] = step.args;
  const name = textOf(first, ctx);
  const changes = step.method !== 'update';
  if (name !== undefined) {
    return { set: [{ column: name, ...(changes ? { partial: true, value: opaque('change', [], step.location) } : second && { value: valueOf(second, step.location, ctx) }), location: step.location }] };
  }
  const rows = first ? alternatives(first, ctx).map((option): Row => (option.kind === 'object' ? rowOf(option, ctx, false) : { set: [], ...openColumns(sourcesOf(option, ctx), (key) => key) })) : [];
  const set = rows.flatMap((row) => row.set).map((each) => (changes ? { ...each, partial: true, value: opaque('change', [], each.location) } : each));
  return { set, ...openOf(rows) };
}
