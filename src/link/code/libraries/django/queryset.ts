import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Target } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { COUNT, countExpression } from '../../lower.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { Result, RowListValue, RowValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { column, constant, equal, Names, select, table } from '../build.js';
import { textsOf } from '../entities/given.js';
import { record } from '../entities/site.js';
import { deleteOf, updateOf } from '../entities/writing.js';
import { columnName, relationOf, type Place } from '../prisma/models.js';
import { textOf } from '../sqlalchemy/given.js';
import { conditionsOf, expressionOf, negated, pathExpression, valueOf, type At } from './conditions.js';
import { created, foundOrCreated, manyCreated, manyUpdated } from './creating.js';
import { isPart } from './embedded.js';
import { ownExpression } from './expressions.js';
import { DJANGO } from './fields.js';
import { modelNamed, modelOfTable, type DjangoModel } from './model.js';
import { fetched } from './prefetch.js';
import { isSent, queryOf, querySetIn, querySetOf, remember, whereOf, withdraw, type Draft, type QuerySet } from './queryset-data.js';
import { dataOf, keywords } from './writing.js';

/** All rows of a model. `where`: what a manager adds. */
export function allOf(model: DjangoModel, location: Location, more: Partial<QuerySet> = {}): QuerySet {
  const names = new Names();
  const place: Place = { model: model.table, names, alias: names.fresh(model.table.name.name) };
  return { model, place, from: table(model.table.name, place.alias, location), where: [], targets: [], annotations: new Map(), location, ...more };
}

/** Where conditions on the rows of a query set stand. */
export function atOf(set: QuerySet, location: Location, ctx: Context): At {
  return { place: set.place, ctx, location, annotations: set.annotations };
}

/** The rows of a query set: its query counts unless it turns out to be a step to another. */
export function rowsOf(set: QuerySet, ctx: Context): RowListValue {
  const draft: Draft = { withdrawn: false };
  const own = { ...set, draft };
  // Django refuses to send a query that names a row around it: what is left of one is a part of a query that is not known.
  const said = isPart(set) ? { unknown: 'the query that it is a part of is not known' } : { query: set.raw ?? queryOf(set) };
  if (isSent(set)) ctx.query({ kind: 'query', ...said, location: set.location, library: DJANGO, draft, ...(set.access && { access: set.access }) });
  const result = resultOf(own, ctx);
  remember(result, own, ctx);
  return { kind: 'rowList', result, path: [] };
}

function resultOf(set: QuerySet, ctx: Context, limited = set.limited === true): Result {
  const { location } = set;
  const at = atOf(set, location, ctx);
  return ctx.result({
    ...(set.raw === undefined && { rows: select({ from: [set.from], where: whereOf(set), ...(limited && { limit: constant(1, location) }), location }) }),
    column: (path) => pathExpression(path.join('__'), at), relation: (path) => relationAt(set.model, path, ctx), entity: { model: set.model.table, library: DJANGO }, location,
  });
}

/** Whether a path of a row names another row; rows of many are had by way of a manager. */
function relationAt(model: DjangoModel, [first, ...rest]: readonly string[], ctx: Context): 'one' | undefined {
  const relation = first === undefined ? undefined : relationOf(model.table, first);
  if (!relation || relation.list) return undefined;
  if (rest.length === 0) return 'one';
  const target = modelNamed(relation.model, model.registry, ctx);
  return target && relationAt(target, rest, ctx);
}

/** A query set that goes on from another, which then is no query of its own. */
function refined(before: QuerySet, change: Partial<QuerySet>, call: Call, ctx: Context): RowListValue {
  withdraw(before);
  return rowsOf({ ...before, location: extended(before.location, call.location), ...change }, ctx);
}

/** A query begins where its first part stands; what another function made of it is a query of the place that goes on with it. */
export function extended(before: Location, call: Location): Location {
  if (before.file !== call.file) return call;
  return before.start === call.start || (before.start > call.start && before.end <= call.end) ? call : before;
}

const SAME = /^(?:all|order_by|reverse|select_for_update|only|defer|using|distinct|iterator|aiterator|prefetch|nocache|cache|non_polymorphic|active_translations|language|untranslated|get_queryset|_clone|_chain|db_manager|with_perm)$/;
const ONE = /^a?(?:get|first|last|earliest|latest)$/;

/** A method of a query set (Django documentation, "QuerySet API reference"). */
export function querySetMethod(set: QuerySet, name: string, call: Call, ctx: Context, self: Value): Value | undefined {
  if (set.byKey === true && self.kind === 'rowList') return dictMethod(self, name, call.location, ctx);
  const location = extended(set.location, call.location);
  const at = atOf(set, call.location, ctx);
  const { positional, named } = call.arguments;
  const [first] = positional;
  if (SAME.test(name)) return set.draft || self.kind === 'rowList' ? refined(set, {}, call, ctx) : rowsOf({ ...set, location }, ctx);
  const conditions = (): readonly Expression[] => { const made = conditionsOf(call.arguments, at); return made.kind === 'constant' && made.value === true ? [] : [made]; };
  if (ONE.test(name)) return one({ ...set, location, where: [...set.where, ...(/get$/.test(name) ? conditions() : [])] }, /get$/.test(name), set, ctx);
  if (/create|bulk_update/.test(name)) withdraw(set);
  switch (name.replace(/^a(?=count|exists|aggregate|create|update|delete|bulk_|get_or|update_or|in_bulk)/, '')) {
    case 'filter': case 'complex_filter': return refined(set, { where: [...set.where, ...conditions()] }, call, ctx);
    case 'exclude': return refined(set, { where: [...set.where, ...conditions().map((each) => negated(each, call.location))] }, call, ctx);
    case 'none': return refined(set, { empty: true, where: [...set.where, constant(false, location)] }, call, ctx);
    case 'values': case 'values_list': return refined(set, { values: positional.flatMap((each) => textOf(each, ctx) ?? []), flat: named.has('flat'), annotations: annotated(set, named, at), targets: [...set.targets, ...valueTargets(positional, at)] }, call, ctx);
    case 'dates': case 'datetimes': return refined(set, { values: positional.slice(0, 1).flatMap((each) => textOf(each, ctx) ?? []) }, call, ctx);
    case 'annotate': case 'alias': return refined(set, { annotations: annotated(set, named, at), targets: [...set.targets, ...[...named].flatMap(([alias, value]) => aggregateTarget(alias, value, at))] }, call, ctx);
    case 'select_related': case 'prefetch_related': return refined(set, { targets: [...set.targets, ...fetched(positional, set, call.location, ctx)] }, call, ctx);
    case 'union': return united(set, positional, call, ctx);
    case 'intersection': case 'difference': return refined(set, {}, call, ctx);
    case 'extra': return refined(set, { where: [...set.where, ...(named.has('where') ? [{ kind: 'hole', text: 'SQL in extra()', location } as const] : [])] }, call, ctx);
    case 'count': withdraw(set); return counted({ ...set, location }, ctx);
    case 'exists': case 'contains': { const found = one({ ...set, location }, false, set, ctx); return { kind: 'condition', condition: { operator: 'truthy', value: found } }; }
    case 'aggregate': return aggregated({ ...set, location }, named, positional, at, ctx);
    case 'in_bulk': return keyed(set, first, call, ctx);
    case 'create': return created(set, keywords(named, call.arguments.open ? 'unknown' : undefined, call.location), call.location, ctx);
    case 'bulk_create': return manyCreated(set, first, named, call.location, ctx);
    case 'get_or_create': case 'update_or_create': return foundOrCreated(set, name.includes('update_or'), call, ctx, (own) => [conditionsOf(own.arguments, at)]);
    case 'bulk_update': return manyUpdated(set, first, textsOf(positional[1] ?? named.get('fields'), ctx), call.location, ctx);
    case 'update': withdraw(set); return changed({ ...set, location }, named, call, at, ctx);
    case 'delete': case '_raw_delete': withdraw(set); record({ library: DJANGO, location, ctx, ...(set.access && { access: set.access }) }, deleteOf(set.model.table, set.place.alias, whereOf(set), location)); return unknownValue('how many rows were deleted');
    case 'raw': return written(set, call, ctx);
    case 'explain': return unknownValue('a plan');
    default: return undefined;
  }
}

/** `get(...)`, `first()`: one row. */
function one(set: QuerySet, isCertain: boolean, before: QuerySet, ctx: Context): RowValue {
  withdraw(before);
  const limited = !isCertain || set.limited === true;
  const query = queryOf({ ...set, limited });
  if (isSent(set)) ctx.query({ kind: 'query', query: set.raw ?? query, location: set.location, library: DJANGO, ...(set.access && { access: set.access }) });
  const result = resultOf({ ...set, limited }, ctx, limited);
  remember(result, { ...set, limited }, ctx);
  if (isCertain) ctx.present(result);
  return { kind: 'row', result, path: [], maybe: !isCertain };
}

/** The row that a query finds, by conditions. */
export function oneRow(set: QuerySet, ctx: Context): RowValue {
  return one(set, true, set, ctx);
}

/** The row of a key that was found elsewhere. */
export function givenRow(model: DjangoModel, key: Value, ctx: Context): RowValue {
  const { location } = model.table;
  const set = allOf(model, location, { empty: true });
  const own = { ...set, where: [equal(keyColumn(set.place, location), ctx.expression(key, location), location)] };
  const result = resultOf(own, ctx);
  remember(result, own, ctx);
  return { kind: 'row', result, path: [], maybe: false };
}

function counted(set: QuerySet, ctx: Context): Value {
  const { location } = set;
  const count: Target = { expression: countExpression(location) };
  if (isSent(set)) ctx.query({ kind: 'query', query: queryOf(set, [count]), location, library: DJANGO, ...(set.access && { access: set.access }) });
  const result = ctx.result({ rows: select({ from: [set.from], where: whereOf(set), location }), column: () => count.expression, location });
  return { kind: 'field', result, path: [COUNT], many: false, maybe: false };
}

function annotated(set: QuerySet, named: ReadonlyMap<string, Value>, at: At): ReadonlyMap<string, Expression> {
  const found = new Map(set.annotations);
  for (const [name, value] of named) if (ownExpression(value, at.ctx) ?? querySetIn(value, at.ctx)) found.set(name, valueOf(value, { ...at, annotations: found }));
  return found;
}

function aggregateTarget(alias: string, value: Value, at: At): readonly Target[] {
  const own = ownExpression(value, at.ctx);
  if (own) return [{ expression: expressionOf(own, at), alias }];
  return querySetIn(value, at.ctx) ? [{ expression: valueOf(value, at), alias }] : [];
}

/** `values('project__name')` reads the related row. */
function valueTargets(positional: readonly Value[], at: At): readonly Target[] {
  return positional.flatMap((each): readonly Target[] => {
    const path = textOf(each, at.ctx);
    const made = path?.includes('__') === true ? pathExpression(path, at) : undefined;
    return made ? [{ expression: made, alias: path! }] : [];
  });
}

function aggregated(set: QuerySet, named: ReadonlyMap<string, Value>, positional: readonly Value[], at: At, ctx: Context): Value {
  withdraw(set);
  const targets = [...positional.map((value): [string, Value] => ['', value]), ...named].flatMap(([alias, value]) => aggregateTarget(alias, value, at));
  ctx.query({ kind: 'query', query: queryOf(set, targets.length > 0 ? targets : undefined), location: set.location, library: DJANGO, ...(set.access && { access: set.access }) });
  return ctx.input('aggregate(...)', 'unknown', { key: `${at.location.file}:${at.location.start}` });
}

function keyed(set: QuerySet, ids: Value | undefined, call: Call, ctx: Context): Value {
  const at = atOf(set, call.location, ctx);
  const where = ids ? conditionsOf({ positional: [], named: new Map([['pk__in', ids]]), open: false, locations: [] }, at) : constant(true, call.location);
  return refined(set, { where: [...set.where, where], byKey: true }, call, ctx);
}

/** A method of the dict that `in_bulk()` gives. */
function dictMethod(rows: RowListValue, name: string, location: Location, ctx: Context): Value | undefined {
  const row: Value = { kind: 'row', result: rows.result, path: rows.path, maybe: false };
  switch (name) {
    case 'values': return rows;
    case 'get': return { ...row, maybe: true };
    case 'items': return ctx.allocate({ kind: 'list', form: 'list', items: [{ value: ctx.allocate({ kind: 'list', form: 'tuple', items: [unknownValue('a key'), row].map((value) => ({ value, maybe: false, repeated: false })), location }), maybe: true, repeated: true }], location });
    default: return undefined;
  }
}

function changed(set: QuerySet, named: ReadonlyMap<string, Value>, call: Call, at: At, ctx: Context): Value {
  for (const data of dataOf(keywords(named, call.arguments.open ? 'unknown' : undefined, call.location), at).slice(0, 1)) {
    record({ library: DJANGO, location: set.location, ctx, ...(set.access && { access: set.access }) }, updateOf(set.model.table, set.place.alias, whereOf(set), data, set.location));
  }
  return unknownValue('how many rows were changed');
}

/** `raw(sql, params)`: rows of the model that the text finds (Django documentation, "Performing raw queries"). */
function written(set: QuerySet, call: Call, ctx: Context): Value {
  withdraw(set);
  const { positional: [text, parameters], named } = call.arguments;
  const sql = text ?? named.get('raw_query');
  const found = sql && ctx.read(queriesOfText(sql, boundOf(parameters ?? named.get('params'), ctx), ctx, call.location, DJANGO, set.access ? { access: set.access } : {}));
  if (found?.kind !== 'rowList') return unknownValue('rows of a text that is not known');
  const { rows, column: own } = found.result;
  const result = ctx.result({
    ...(rows && { rows }), column: ([name = '', ...rest]) => (rest.length > 0 ? undefined : own([set.model.table.fields[name] ?? name])), relation: (path) => relationAt(set.model, path, ctx),
    entity: { model: set.model.table, library: DJANGO }, location: call.location,
  });
  return { kind: 'rowList', result, path: [] };
}

/** `a.union(b)`: a row of it may be of any arm. */
function united(set: QuerySet, others: readonly Value[], call: Call, ctx: Context): Value {
  const arms = others.map((each) => querySetIn(each, ctx));
  return joined([set, ...arms.flatMap((each) => each ?? [])], call.location, ctx, arms.length === others.length && arms.every((each) => each !== undefined));
}

/** Rows of any of several query sets: of one model they are one query with one condition or the other; else each is a query, and what a row is is not known. */
export function joined(sets: readonly QuerySet[], location: Location, ctx: Context, areAll = true): RowListValue {
  const [first] = sets;
  const own = extended(first!.location, location);
  if (!areAll || sets.some(({ place, model }) => place.alias !== first!.place.alias || model.table.name.name !== first!.model.table.name.name)) {
    return rowsOf({ ...first!, location: own, silent: true, where: [{ kind: 'hole', text: 'rows of several tables', location }] }, ctx);
  }
  for (const set of sets) withdraw(set);
  return rowsOf({ ...first!, location: own, where: [{ kind: 'or', operands: sets.map(whereOf), location }] }, ctx);
}

/** A row by its key: what a related manager is about. */
export function keyOfRow(row: RowValue, name: string, location: Location, ctx: Context): Expression {
  return ctx.expression(fieldOfRow(row, name), location);
}

/** A field of a row, or of the related row at the end of its path. */
export function fieldOfRow({ result, path }: RowValue, name: string): Value {
  return { kind: 'field', result, path: [...path, name], many: false, maybe: false };
}

/** The rows that were read, as a query set; undefined for rows that another library read. */
export function setOfRow(row: RowValue, ctx: Context): QuerySet | undefined {
  return querySetOf({ kind: 'rowList', result: row.result, path: [] }, ctx);
}

/** The model of a row, or of the row at the end of its path. */
export function modelOfRow(row: RowValue | RowListValue, ctx: Context): DjangoModel | undefined {
  const own = row.result.entity && modelOfTable(row.result.entity.model, ctx);
  return row.path.reduce<DjangoModel | undefined>((model, name) => {
    const relation = model && relationOf(model.table, name);
    return relation && modelNamed(relation.model, model.registry, ctx);
  }, own);
}

/** The column of a key. */
export function keyColumn(place: Place, location: Location): Expression {
  return column(place.alias, columnName(place.model, 'pk') ?? 'id', location);
}
