import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query, SelectQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { computedAttribute, isUndefined } from '../../values.js';
import { and, constant, select } from '../build.js';
import { conditionOf, conditionsOf, tablesIn, valuesGiven } from './conditions.js';
import { SQLALCHEMY } from './data.js';
import { expressionData, expressionOf, labelOf, tablesOf } from './expressions.js';
import { itemsOf, libraryData, libraryValue, textOf } from './given.js';
import { joinStep } from './joins.js';
import { loaderOptions } from './loading.js';
import { equalTo, lacks } from './related.js';
import { setMethod, setOf } from './sets.js';
import { distinct, filtered, finished, fromItem, queryData, reference, statementData, statementValue, stepped, type QueryData, type Selected, type Step } from './statement.js';
import { subqueryOf } from './subqueries.js';
import { tableData, type TableData } from './tables.js';
import { conflictStep, valuesStep } from './writes.js';

export { queryData };

const NONE: ReadonlyMap<string, Value> = new Map();

/** What an INSERT writes, by column. */
export function writtenBy(value: Value, ctx: Context): ReadonlyMap<string, Value> {
  return statementData(value, ctx)?.written ?? NONE;
}

/** `select(...)`, `update(t)`, `delete(t)`, `insert(t)`, `union(...)`: functions of the package. */
export function queryCall(name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  if (/^(?:union|intersect|except)/.test(name)) return setOf(name, call.arguments.positional, location, ctx);
  const values = valuesGiven(call.arguments).flatMap((value) => (tableData(value, ctx) ? [value] : itemsOf(value, ctx) ?? [value]));
  if (name === 'select') return statementValue(selectOf(values, location, ctx));
  const data = tableData(values[0], ctx);
  return data ? writeOf(name, data, location, ctx) : statementValue({ ...emptySelect(location), begun: ctx.trace, unknown: 'the table that is written is not known' });
}

/** `session.query(...)`: a SELECT that its own methods run. */
export function sessionQuery(values: readonly Value[], location: Location, session: QueryData['session'], ctx: Context): Value {
  return statementValue({ ...selectOf(values.flatMap((value) => itemsOf(value, ctx) ?? [value]), location, ctx), ...(session && { session }) });
}

/** `table.insert()`, `.update()`, `.delete()`, `.select()`. */
export function tableQuery(data: TableData, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'select') return statementValue({ ...emptySelect(call.location), tables: [data], selected: [{ kind: 'table', table: data }], last: data, begun: ctx.trace });
  return writeOf(name, data, call.location, ctx);
}

function emptySelect(location: Location): QueryData {
  return { query: select({ from: [], location }), tables: [], selected: [], written: NONE };
}

function writeOf(name: string, data: TableData, location: Location, ctx: Context): Value | undefined {
  const base = { target: reference(data, location), returning: [], with: [], location };
  const start = (query: Query): Value => statementValue({ query, tables: [], selected: [], written: NONE, last: data, begun: ctx.trace });
  switch (name) {
    case 'update': return start({ ...base, kind: 'update', set: [], from: [] });
    case 'delete': return start({ ...base, kind: 'delete', using: [] });
    case 'insert': return start({ ...base, kind: 'insert', columns: [] });
    default: return undefined;
  }
}

function selectOf(values: readonly Value[], location: Location, ctx: Context): QueryData {
  const unknown = values.find((value) => isUnknownEntity(value, ctx));
  const tables = distinct(values.flatMap((value) => tableData(value, ctx) ?? tablesIn([value], ctx)));
  const last = tables[0];
  return {
    ...emptySelect(location), begun: ctx.trace, tables, selected: values.map((value) => selectedOf(value, location, ctx)), ...(last && { last }), ...(unknown && { unknown: 'the model that is selected is not known' }),
  };
}

/** A class that was passed in from where nobody knows: its table is not known. */
function isUnknownEntity(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind === 'input' || known.kind === 'unknown' || known.kind === 'classValue' && !tableData(known, ctx) || known.kind === 'union' && known.options.some((option) => isUnknownEntity(option.value, ctx));
}

function selectedOf(value: Value, location: Location, ctx: Context): Selected {
  const table = tableData(value, ctx) ?? libraryData<{ readonly table: TableData }>(value, SQLALCHEMY, 'bundle', ctx)?.table;
  if (table) return { kind: table.entity ? 'entity' : 'table', table };
  const label = labelOf(value, ctx);
  return { kind: 'column', expression: expressionOf(value, ctx, location), ...(label !== undefined && { label }) };
}

/** A method of a statement: `where`, `values`, `join`, ... */
export function queryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = statementData(object, ctx);
  if (!data) return undefined;
  const other = subqueryOf(data, name, call, ctx) ?? setMethod(data, object, name, call, ctx);
  if (other) return other;
  const step = stepOf(data, name, call, ctx);
  return step && stepped(object, Object.assign((before: QueryData, maybe: boolean) => {
    const after = step(before, maybe);
    // A filter of no conditions, or an option, asks for nothing else.
    const isSame = after.query === before.query && after.selected === before.selected;
    return { ...after, ...(!isSame && { added: call.location }), query: { ...after.query, location: whole(after.query.location, call.location) } };
  }, step.conditions && { conditions: step.conditions }));
}

/** From where the statement begins: a helper that adds to it stands elsewhere. */
function whole(start: Location, end: Location): Location {
  return start.file === end.file && end.start >= start.start ? { ...start, end: Math.max(start.end, end.end) } : start;
}

const SAME: ReadonlySet<string> = new Set([
  'with_hint', 'correlate', 'correlate_except', 'prefix_with', 'suffix_with', 'with_for_update', 'label', 'params', 'populate_existing', 'enable_eagerloads', 'yield_per',
  'with_session', 'autoflush', 'with_statement_hint', 'enable_assertions', 'set_label_style', 'return_defaults', 'inline', 'with_dialect_options', 'select_for_update', 'reset_joinpoint',
]);

function stepOf(data: QueryData, name: string, call: Call, ctx: Context): Step | undefined {
  const { location } = call;
  const given = valuesGiven(call.arguments);
  if (SAME.has(name)) return (before) => before;
  if (name === 'execution_options') return (before) => ({ ...before, options: [...before.options ?? [], ...[...call.arguments.named].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location }) as const)] });
  switch (name) {
    case 'where': case 'filter': return conditionStep(conditionsOf(call.arguments, ctx, location), tablesIn(given, ctx));
    case 'filter_by': return filterBy(data, call, ctx);
    case 'options': return loaderOptions(given, location, ctx);
    case 'values': case 'ordered_values': return valuesStep(call, ctx);
    case 'returning': return returning(given, location, ctx);
    case 'on_conflict_do_update': case 'on_conflict_do_nothing': return conflictStep(name, call, ctx);
    case 'from_select': return fromSelect(call, ctx);
    default: return data.query.kind === 'select' ? selectStep(data, name, call, ctx) : undefined;
  }
}

function conditionStep(conditions: readonly Expression[], tables: readonly TableData[]): Step {
  return Object.assign((before: QueryData, maybe: boolean) => ({ ...before, query: filtered(before.query, conditions, maybe), tables: maybe ? before.tables : distinct([...before.tables, ...tables]) }), { conditions });
}

function filterBy(data: QueryData, call: Call, ctx: Context): Step | undefined {
  const table = data.last;
  if (!table) return undefined;
  const { named, open } = call.arguments;
  const conditions = [...named].map(([key, value]) => equalOrLeftOut(table, key, value, call.location, ctx));
  if (open) conditions.push({ kind: 'hole', text: 'a filter of keys that are not known', location: call.location });
  return conditionStep(conditions, [table]);
}

/** A key that is there on some paths only is a filter that may be left out. */
function equalOrLeftOut(table: TableData, key: string, value: Value, location: Location, ctx: Context): Expression {
  const known = ctx.read(value);
  if (known.kind !== 'union' || !known.options.some((option) => isUndefined(ctx.read(option.value)))) return equalTo(table, key, value, ctx, location);
  // Nobody asks for a column that the class does not have: it is left out wherever that goes on.
  if (lacks(table, key, ctx)) return constant(true, location);
  const there = known.options.filter((option) => !isUndefined(ctx.read(option.value)));
  const condition = equalTo(table, key, there.length === 1 ? there[0]!.value : { kind: 'union', options: there }, ctx, location);
  return { kind: 'or', operands: [condition, { kind: 'nullTest', operand: { kind: 'parameter', name: `the filter ${key}`, location }, negated: false, location }], location };
}

function returning(given: readonly Value[], location: Location, ctx: Context): Step {
  const selected = given.map((value) => selectedOf(value, location, ctx));
  return (before) => ({ ...before, selected: [...before.selected, ...selected] });
}

/** `insert(t).from_select(['a', 'b'], select(...))`. */
function fromSelect(call: Call, ctx: Context): Step | undefined {
  const [columns, source] = call.arguments.positional;
  const query = source && queryData(source, ctx);
  const items = columns && itemsOf(columns, ctx)?.map((item) => textOf(item, ctx) ?? columnIn(item, ctx));
  if (!query || !items?.every((item) => item !== undefined)) return undefined;
  return (before) => (before.query.kind === 'insert' ? { ...before, query: { ...before.query, columns: items as string[], source: query } } : before);
}

function columnIn(value: Value, ctx: Context): string | undefined {
  const expression = expressionData(value, ctx);
  return expression?.kind === 'column' ? expression.path.at(-1) : undefined;
}

function selectStep(data: QueryData, name: string, call: Call, ctx: Context): Step | undefined {
  const given = valuesGiven(call.arguments);
  const { location } = call;
  const expressions = given.map((value) => (name === 'having' ? conditionOf(value, ctx, location) : orderOf(value, ctx, location)));
  const changed = (change: (query: SelectQuery) => SelectQuery, tables: readonly TableData[] = tablesIn(given, ctx)): Step => (before) => (
    before.query.kind === 'select' ? { ...before, query: change(before.query), tables: distinct([...before.tables, ...tables]) } : before);
  switch (name) {
    case 'limit': case 'fetch': case 'slice': return changed((query) => ({ ...query, limit: expressions[0] ?? constant(null, location) }));
    case 'offset': return changed((query) => ({ ...query, offset: expressions[0] ?? constant(null, location) }));
    case 'order_by': return changed((query) => ({ ...query, orderBy: [...query.orderBy, ...expressions] }));
    case 'group_by': return changed((query) => ({ ...query, groupBy: [...query.groupBy, ...expressions] }));
    case 'having': return changed((query) => ({ ...query, having: and([...(query.having ? [query.having] : []), ...expressions], location) }));
    case 'distinct': return changed((query) => (expressions.length > 0 ? { ...query, distinctOn: expressions } : { ...query, distinct: true }));
    case 'select_from': return selectFrom(given, location, ctx);
    case 'join': case 'outerjoin': case 'join_from': case 'outerjoin_from': return joinStep(data, name, call, ctx) ?? unknownJoin(given[0], ctx);
    case 'with_only_columns': case 'with_entities': return onlyColumns(given.flatMap((value) => itemsOf(value, ctx) ?? [value]), location, ctx);
    case 'add_columns': case 'add_column': case 'column': case 'add_entity': return moreColumns(given, location, ctx);
    default: return undefined;
  }
}

/** A relationship of a model, whichever: it pins none of the tables that are there, and what it leads to is as pinned as they are. */
function unknownJoin(target: Value | undefined, ctx: Context): Step {
  const isRelationship = target !== undefined && ctx.read(target) === computedAttribute;
  return ({ last, ...before }) => (isRelationship ? before : { ...before, ...(last && { last }), unknown: 'it joins something that is not known' });
}

/** What rows are ordered by: an expression, or the label of one. */
function orderOf(value: Value, ctx: Context, location: Location): Expression {
  const text = textOf(value, ctx);
  return text === undefined || ctx.read(value).kind !== 'constant' || /^\d+$/.test(text) ? expressionOf(value, ctx, location) : { kind: 'other', name: 'label', parts: [], location };
}

function selectFrom(given: readonly Value[], location: Location, ctx: Context): Step {
  const tables = given.flatMap((value) => tableData(value, ctx) ?? []);
  const known = tables.length === given.length;
  return (before) => {
    if (before.query.kind !== 'select') return before;
    const query = { ...before.query, from: [...before.query.from, ...tables.map((each) => fromItem(each, location))] };
    return { ...before, query, tables: distinct([...before.tables, ...tables]), ...(tables[0] && { last: tables[0] }), ...(!known && { unknown: 'it selects from something that is not known' }) };
  };
}

function onlyColumns(given: readonly Value[], location: Location, ctx: Context): Step {
  const selected = given.map((value) => selectedOf(value, location, ctx));
  const tables = given.flatMap((value) => tableData(value, ctx) ?? tablesIn([value], ctx));
  return (before) => {
    // What only was selected is not read any more, unless something else names it.
    const kept = before.tables.filter(() => before.query.kind !== 'select' || before.query.from.length === 0);
    return { ...before, selected, tables: distinct([...kept, ...tables]) };
  };
}

function moreColumns(given: readonly Value[], location: Location, ctx: Context): Step {
  const selected = given.map((value) => selectedOf(value, location, ctx));
  const tables = given.flatMap((value) => tableData(value, ctx) ?? tablesIn([value], ctx));
  return (before) => ({ ...before, selected: [...before.selected, ...selected], tables: distinct([...before.tables, ...tables]) });
}

/** `exists()` and `exists(User.id)`, whose `where()` gives the condition. */
export function existsValue(values: readonly Value[], location: Location, ctx: Context): Value {
  const [first] = values;
  const own = first && statementData(first, ctx);
  const selected: Selected[] = [{ kind: 'column', expression: constant(1, location) }];
  const tables = distinct(values.flatMap((value) => tableData(value, ctx) ?? tablesOf(value, ctx)));
  const inner = own && first ? ctx.read(first) : statementValue({ ...emptySelect(location), selected, tables, ...(tables[0] && { last: tables[0] }) });
  return libraryValue(SQLALCHEMY, 'exists', { inner, location } satisfies ExistsData);
}

interface ExistsData {
  readonly inner: Value;
  readonly location: Location;
}

/** EXISTS as an expression. */
export function existsExpression(value: Value, ctx: Context): Expression | undefined {
  const data = libraryData<ExistsData>(value, SQLALCHEMY, 'exists', ctx);
  const inner = data && statementData(data.inner, ctx);
  return data && inner && { kind: 'subquery', form: 'exists', query: finished(inner, ctx), location: data.location };
}

/** `exists(...).where(...)`, `.select()`. */
export function existsMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as ExistsData;
  if (name === 'label' || name === 'self_group') return object;
  if (name === 'select') return statementValue({ ...emptySelect(call.location), selected: [{ kind: 'column', expression: existsExpression(object, ctx)! }] });
  const inner = ctx.read(data.inner);
  const made = inner.kind === 'library' ? queryMethod(inner, name, call, ctx) : undefined;
  return made && { ...object, data: { ...data, inner: made } };
}
