import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, FromItem, InsertQuery, OnConflict, OpenSource, Query } from '../../../../facts/query.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { opaque } from '../build.js';
import { alternatives, fieldsOf, openColumns, openOf, sourcesOf } from '../objects.js';
import { stepsOf } from './builder.js';
import type { Step } from './builder.js';
import type { Lowering } from './expressions.js';
import { conditions, tableItem } from './query.js';
import type { Builder } from './query.js';

interface Row {
  readonly set: readonly Assignment[];
  readonly open?: readonly OpenSource[];
}

/** The values of an object; keys that are undefined are left out (the manual, "values" and "set"). */
function rowOf(object: ObjectValue, lower: Lowering, least: boolean): Row {
  const { ctx } = lower;
  const { given, sources } = fieldsOf(object, ctx);
  const set = given.filter(({ maybe, overridden, value }) => !overridden && !(least && (maybe || ctx.mayBe(value, 'undefined')))).flatMap(({ key, value, location }): Assignment[] => {
    const known = ctx.read(value);
    if (isUndefined(known)) return [];
    const expression = known.kind === 'object' || known.kind === 'instance' ? opaque('json', [], location) : lower.operand(value, location);
    return [{ column: lower.name(key), value: expression, location }];
  });
  return { set, ...openColumns(sources, (key) => lower.name(key)) };
}

function rowsOf(value: Value, lower: Lowering): readonly Row[] {
  return alternatives(value, lower.ctx).flatMap((option): readonly Row[] => {
    if (option.kind === 'list') return option.items.flatMap((item) => rowsOf(item.value, lower));
    if (option.kind === 'constant') return [];
    if (option.kind !== 'object') return [{ set: [], ...openColumns(sourcesOf(option, lower.ctx), (key) => lower.name(key)) }];
    const [full, least] = [rowOf(option, lower, false), rowOf(option, lower, true)];
    return full.set.length === least.set.length ? [full] : [full, least];
  });
}

/** `insertInto(t).values(...)`, `.columns([...]).expression(query)`, `.defaultValues()`. */
export function insertQuery(builder: Builder): Query | string {
  const { location, lower } = builder;
  const target = builder.target();
  if (!target) return 'The table of this query is not known';
  const onConflict = conflict(builder);
  const common = { target, returning: builder.returning(), with: builder.with(), location, ...(onConflict && { onConflict }) };
  const query = builder.last('expression');
  if (query?.args[0]) {
    const source = lower.anyQuery(query.args[0], query.location);
    if (!source) return 'The rows of this INSERT are not known';
    const columns = builder.last('columns')?.args[0];
    return { kind: 'insert', columns: columns ? names(columns, lower) : [], source, ...common };
  }
  const rows = builder.all('values').flatMap(({ step }) => (step.args[0] ? rowsOf(step.args[0], lower) : []));
  if (rows.length === 0) return builder.has('defaultValues') ? { kind: 'insert', columns: [], ...common } : { kind: 'insert', columns: [], open: [{ trust: 'unknown' }], source: { kind: 'values', rows: [], orderBy: [], with: [], location }, ...common };
  return insertRows(rows, location, common);
}

function insertRows(rows: readonly Row[], location: Location, common: Omit<InsertQuery, 'kind' | 'columns' | 'source'>): InsertQuery {
  const columns = [...new Set(rows.flatMap(({ set }) => set.map(({ column }) => column)))];
  const cells = (row: Row): Expression[] => columns.map((name) => row.set.find((each) => each.column === name)?.value ?? (row.open ? opaque('unknown', [], location) : opaque('default', [], location)));
  return { kind: 'insert', columns, source: { kind: 'values', rows: rows.map(cells), orderBy: [], with: [], location }, ...openOf(rows), ...common };
}

function names(value: Value, lower: Lowering): string[] {
  return alternatives(value, lower.ctx).flatMap((known) => (known.kind === 'list' ? known.items.flatMap((item) => names(item.value, lower)) : lower.text(known) === undefined ? [] : [lower.name(lower.text(known)!)]));
}

/** `onConflict(oc => oc.columns([...]).doUpdateSet({...}).where(...))`. */
function conflict(builder: Builder): OnConflict | undefined {
  const { lower, ctx } = builder;
  const step = builder.last('onConflict');
  const given = step?.args[0] && ctx.read(step.args[0]);
  if (!step || !given) return undefined;
  const steps = stepsOf(given) ?? [];
  const action = steps.findIndex(({ step: each }) => each.method === 'doUpdateSet');
  const columns = steps.filter(({ step: each }) => each.method === 'column' || each.method === 'columns').flatMap(({ step: each }) => each.args.flatMap((arg) => names(arg, lower)));
  const constraint = lower.text(steps.find(({ step: each }) => each.method === 'constraint')?.step.args[0]);
  const before = conditions(action < 0 ? steps : steps.slice(0, action), 'where', lower);
  const where = action < 0 ? undefined : conditions(steps.slice(action), 'where', lower);
  const set = action < 0 ? [] : assignments(steps[action]!.step, lower).set;
  return {
    action: action < 0 ? 'nothing' : 'update', columns, ...(steps.some(({ step: each }) => each.method === 'expression') && { expressions: true }),
    ...(constraint !== undefined && { constraint }), ...(before && { targetWhere: before }), set, ...(where && { where }), location: step.location,
  };
}

/** `set({ ... })`, `set(column, value)`, `set(eb => ({ ... }))`. */
function assignments(step: Step, lower: Lowering): Row {
  const [first, second] = step.args;
  const column = lower.text(first);
  if (column !== undefined) return { set: [{ column: lower.name(column), value: lower.operand(second, step.location), location: step.location }] };
  const rows = first ? alternatives(first, lower.ctx).map((option): Row => (option.kind === 'object' ? rowOf(option, lower, false) : { set: [], ...openColumns(sourcesOf(option, lower.ctx), (key) => lower.name(key)) })) : [];
  return { set: rows.flatMap(({ set }) => set), ...openOf(rows) };
}

/** `updateTable(t).set(...)`, with FROM and RETURNING. */
export function updateQuery(builder: Builder): Query | string {
  const { location, lower } = builder;
  const target = builder.target();
  if (!target) return 'The table of this query is not known';
  const rows = builder.all('set').map(({ step }) => assignments(step, lower));
  const from = others(builder, 'from');
  if (!from) return 'A table of this query is not known';
  const where = builder.conditions('where');
  return { kind: 'update', target, set: rows.flatMap(({ set }) => set), ...openOf(rows), from, ...(where && { where }), returning: builder.returning(), with: builder.with(), location };
}

/** `deleteFrom(t)`, with USING and RETURNING. */
export function deleteQuery(builder: Builder): Query | string {
  const { location } = builder;
  const target = builder.target();
  const using = others(builder, 'using');
  if (!target || !using) return 'A table of this query is not known';
  const where = builder.conditions('where');
  return { kind: 'delete', target, using, ...(where && { where }), returning: builder.returning(), with: builder.with(), location };
}

/** Tables of FROM and USING, with the joins behind them. */
function others(builder: Builder, method: 'from' | 'using'): FromItem[] | undefined {
  const items = builder.all(method).flatMap(({ step }) => step.args.flatMap((arg) => {
    const known = builder.ctx.read(arg);
    return (known.kind === 'list' ? known.items.map((item) => item.value) : [arg]).map((each) => tableItem(each, step.location, builder));
  }));
  return items.some((item) => item === undefined) ? undefined : items as FromItem[];
}

