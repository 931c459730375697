import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Join, Query, SelectQuery, SetQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { countExpression } from '../../lower.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { constant, hole, isTrue } from '../build.js';
import { argumentOf, lastGiven, locationOf, named } from './builder.js';
import type { Source, Step } from './data.js';
import { lowerCondition, lowerValue } from './expressions.js';
import { defaultLeaves, leavesOf, targetsOf } from './selection.js';
import { fromItem, withList } from './sources.js';
import { queryOf, lowerBuilder, type Lowered } from './subqueries.js';

type Items = readonly BuilderStep<Step>[];

const SETS: Readonly<Record<string, { operator: SetQuery['operator']; all: boolean }>> = {
  union: { operator: 'union', all: false }, unionAll: { operator: 'union', all: true }, intersect: { operator: 'intersect', all: false },
  intersectAll: { operator: 'intersect', all: true }, except: { operator: 'except', all: false }, exceptAll: { operator: 'except', all: true },
};

/** Methods that join a further source. */
export const JOINS: Readonly<Record<string, { type: Join['type']; lateral: boolean }>> = {
  leftJoin: { type: 'left', lateral: false }, rightJoin: { type: 'right', lateral: false }, innerJoin: { type: 'inner', lateral: false },
  fullJoin: { type: 'full', lateral: false }, crossJoin: { type: 'cross', lateral: false }, leftJoinLateral: { type: 'left', lateral: true },
  innerJoinLateral: { type: 'inner', lateral: true }, crossJoinLateral: { type: 'cross', lateral: true },
};

/** Methods and functions that put two queries together. */
export function isSetOperation(name: string): boolean {
  return Object.hasOwn(SETS, name);
}

/** The query of `select(...)...` or of `union(a, b)...`. */
export function lowerRead(items: Items, isPart: boolean, ctx: Context): Lowered {
  const at = items.findLastIndex(({ step }) => isSetOperation(step.method));
  if (at < 0) return lowerSelect(items, isPart, ctx);
  const { step } = items[at]!;
  const location = locationOf(items);
  const left = at === 0 ? (step.args[0] ? lowerBuilder(ctx.read(step.args[0]), true, ctx) : undefined) : lowerRead(items.slice(0, at), true, ctx);
  const others = (at === 0 ? step.args.slice(1) : step.args).map((each) => queryOf(each, ctx));
  if (!left?.query || others.some((each) => each === undefined)) return { leaves: [], unknown: left?.unknown ?? 'A part of the query is not known' };
  const after = items.slice(at + 1);
  const query = (others as Query[]).reduce((one, right): Query => ({ kind: 'set', ...entryOf(SETS, step.method)!, left: one, right, orderBy: [], with: [], location }), left.query);
  return { query: { ...query, ...limits(after, location) } as Query, leaves: left.leaves };
}

/** Drizzle's `limit` and `offset`: that there is one is what matters. */
function limits(items: Items, location: Location): { limit?: Expression; offset?: Expression } {
  return {
    ...(named(items, 'limit').length > 0 && { limit: constant(1, location) }),
    ...(named(items, 'offset').length > 0 && { offset: constant(0, location) }),
  };
}

function lowerSelect(items: Items, isPart: boolean, ctx: Context): Lowered {
  const location = locationOf(items);
  const reading = readSources(items, location, ctx);
  if (!reading) return { leaves: [], unknown: 'The table of the query is not known' };
  const { from, sources } = reading;
  const { step: first } = items[0]!;
  const fields = first.method === 'selectDistinctOn' ? first.args[1] : first.args[0];
  const leaves = fields && ctx.read(fields).kind === 'object' ? leavesOf(fields, [], location, ctx) : fields ? [{ path: [], value: fields, location }] : defaultLeaves(sources, location);
  const where = whereOf(items, ctx);
  const targets = first.method === '$count' ? [{ expression: countExpression(location) }] : targetsOf(leaves, isPart, ctx);
  const having = lowerCondition(lastGiven(items, 'having'), location, ctx);
  const query: SelectQuery = {
    kind: 'select', targets, from, ...(!isTrue(where) && { where }), groupBy: grouping(items, location, ctx),
    ...(!isTrue(having) && { having }), ...(first.method === 'selectDistinct' && { distinct: true }),
    distinctOn: first.method === 'selectDistinctOn' ? expressions(first.args[0], location, ctx) : [], orderBy: ordering(items, location, ctx),
    ...limits(items, location), with: withList(argumentList(items, 'with'), ctx), location,
  };
  return { query, leaves };
}

/** The WHERE of a builder. */
export function whereOf(items: Items, ctx: Context): Expression {
  const last = items.findLast(({ step }) => step.method === 'where');
  return lowerCondition(lastGiven(items, 'where'), last?.step.location ?? locationOf(items), ctx);
}

/** The sources of FROM and its joins. A join that is made on some paths only keeps the rows of the left side on the others. */
export function readSources(items: Items, location: Location, ctx: Context): { readonly from: FromItem[]; readonly sources: Source[] } | undefined {
  const given = argumentOf(items, 'from');
  if (given === undefined) return { from: [], sources: [] };
  const base = fromItem(given, location, false, ctx);
  if (!base) return undefined;
  const joined = joinSources(base.item, items, location, ctx);
  return joined && { from: [joined.item], sources: [...(base.source ? [base.source] : []), ...joined.sources] };
}

/** `left` with the sources that are joined to it. */
export function joinSources(left: FromItem, items: Items, location: Location, ctx: Context): { readonly item: FromItem; readonly sources: readonly Source[] } | undefined {
  let item = left;
  const sources: Source[] = [];
  for (const { step, maybe } of items) {
    const join = entryOf(JOINS, step.method);
    if (join === undefined) continue;
    const { type, lateral } = join;
    const right = fromItem(step.args[0], step.location, lateral, ctx);
    if (!right) return undefined;
    if (right.source) sources.push(right.source);
    const on = lowerCondition(step.args[1], step.location, ctx);
    const joined = maybe && type === 'inner' ? 'left' : type;
    item = { kind: 'join', type: joined, left: item, right: right.item, ...(joined !== 'cross' && { on }), using: [], natural: false, location };
  }
  return { item, sources };
}

function grouping(items: Items, location: Location, ctx: Context): readonly Expression[] {
  const [last] = named(items, 'groupBy').slice(-1);
  return (last?.step.args ?? []).flatMap((value) => expressions(value, location, ctx));
}

/** Only sub-queries among them matter. */
function ordering(items: Items, location: Location, ctx: Context): readonly Expression[] {
  const [last] = named(items, 'orderBy').slice(-1);
  return (last?.step.args ?? []).flatMap((value) => expressions(value, location, ctx)).filter(({ kind }) => kind === 'subquery');
}

function expressions(value: Value | undefined, location: Location, ctx: Context): readonly Expression[] {
  const inner = value && ctx.read(value);
  if (inner === undefined) return [];
  if (inner.kind === 'list') return inner.items.map((item) => lowerValue(item.value, location, ctx));
  return inner.kind === 'function' || inner.kind === 'unknown' ? [hole('an expression that is not known', location)] : [lowerValue(inner, location, ctx)];
}

function argumentList(items: Items, method: string): readonly Value[] {
  return named(items, method).flatMap(({ step }) => step.args);
}
