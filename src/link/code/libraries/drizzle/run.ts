import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { InsertQuery, Query, SelectQuery } from '../../../../facts/query.js';
import type { Context, QueryEffect } from '../../library.js';
import { COUNT } from '../../lower.js';
import { writtenTerms } from '../../written.js';
import type { LibraryValue, ObjectEntryValue, Result, Value } from '../../values.js';
import { placeOfBuilder } from '../begun.js';
import { and, select, table } from '../build.js';
import { stepsOf } from './builder.js';
import { DRIZZLE, isForeign, type BuilderData } from './data.js';
import { placeholderKey } from './expressions.js';
import { hasOneRow } from './one-row.js';
import { runRelational } from './relational.js';
import { expressionAt, isGroup, type Leaf } from './selection.js';
import { lowerBuilder } from './subqueries.js';
import { modelNamed } from './tables.js';
import type { LoweredWrite } from './write.js';

/** How the rows of a query are given: as a list, the first one (`get()`), or not at all (`run()`). */
export type Form = 'list' | 'one';

/** Sends a builder's query. @param bindings values of its placeholders, by name */
export function run(builder: LibraryValue, location: Location, form: Form, ctx: Context, bindings?: Value): Value {
  const items = stepsOf(builder, ctx);
  const first = items[0]?.step.method;
  if (first === 'findMany' || first === 'findFirst') return runRelational(builder, items, bindings, ctx);
  if (first === '$count') return runCount(builder, ctx);
  const lowered: LoweredWrite = lowerBuilder(builder, false, ctx);
  const place = items.length > 0 ? placeOfBuilder(lowered.query?.location ?? items[0]!.step.location, items.at(-1)!.step.location, ctx) : { location };
  if (!lowered.query) {
    record(undefined, lowered.unknown ?? 'A query builder that is not known', place, builder, ctx);
    return { kind: 'unknown', reason: 'the rows of a query that is not known' };
  }
  const query = bound(lowered.query, bindings, ctx);
  record(query, undefined, place, builder, ctx);
  const isWrite = query.kind === 'insert' || query.kind === 'update' || query.kind === 'delete';
  if (isWrite && lowered.leaves.length === 0) return outcome(query, place.location, ctx);
  const result = resultOf(query, lowered, place.location, ctx);
  return form === 'one' ? { kind: 'row', result, path: [], maybe: true } : { kind: 'rowList', result, path: [] };
}

/** Records a query of a builder. */
export function record(query: Query | undefined, unknown: string | undefined, place: Pick<QueryEffect, 'location' | 'helper'>, from: LibraryValue, ctx: Context): void {
  const otherDatabase = isForeign((from.data as Partial<BuilderData>).client?.module ?? '');
  ctx.query({
    kind: 'query', ...(query && { query }), ...(unknown !== undefined && { unknown }), ...place, library: DRIZZLE,
    ...(otherDatabase && { otherDatabase }), ...(from.access && { access: from.access }),
  });
}

/** The query with values for its placeholders. */
export function bound<T>(query: T, bindings: Value | undefined, ctx: Context): T {
  const given = bindings && ctx.read(bindings);
  if (given?.kind !== 'object') return query;
  const values = new Map(given.entries.flatMap((entry) => (entry.kind === 'property' ? [[placeholderKey(entry.key), entry] as const] : [])));
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (node === null || typeof node !== 'object') return node;
    const each = node as Record<string, unknown>;
    const found = each['kind'] === 'parameter' ? values.get(String(each['name'])) : undefined;
    if (found) return ctx.expression(found.value, found.location);
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, key === 'location' ? item : visit(item)]));
  };
  return visit(query) as T;
}

/** What a write without RETURNING gives: a number of rows, under the names of the drivers. */
function outcome(query: Query, location: Location, ctx: Context): Value {
  const rows = rowsOfQuery(query, ctx);
  const count: Value = rows ? { kind: 'field', result: ctx.result({ rows, column: () => undefined, location }), path: [COUNT], many: false, maybe: false } : { kind: 'unknown', reason: 'a number of rows' };
  const entry = (key: string): ObjectEntryValue => ({ kind: 'property', key, value: count, maybe: false, location });
  return ctx.allocate({ kind: 'object', entries: ['rowCount', 'rowsAffected', 'count', 'affectedRows', 'changes', 'length'].map(entry), location });
}

/** The rows of a query as a result whose properties are the fields it selects. */
function resultOf(query: Query, { leaves, row }: LoweredWrite, location: Location, ctx: Context): Result {
  const rows = rowsOfQuery(query, ctx);
  return ctx.result({
    ...(rows && { rows }), ...(query.kind === 'insert' && { isWritten: true }), ...(row && { written: row.written }), location,
    column: (path) => columnAt(query, leaves, path, location, ctx),
    relation: (path) => (isGroup(leaves, path, ctx) ? 'one' : undefined),
  });
}

function columnAt(query: Query, leaves: readonly Leaf[], path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  if (query.kind === 'set') return { kind: 'column', path: ['rows', path.join('.')], location };
  return expressionAt(leaves, path, location, ctx);
}

/** The rows as a SELECT without targets. */
function rowsOfQuery(query: Query, ctx: Context): SelectQuery | undefined {
  const { location } = query;
  switch (query.kind) {
    case 'select': {
      const { limit, ...rest } = query;
      return { ...rest, targets: [], ...(limit && !isOneRow(query, ctx) && { limit }) };
    }
    case 'set': return select({ from: [{ kind: 'derived', query, alias: 'rows', columnAliases: [], lateral: false, location }], location });
    case 'update': return select({ from: [query.target, ...query.from], ...(query.where && { where: query.where }), location });
    case 'delete': return select({ from: [query.target, ...query.using], ...(query.where && { where: query.where }), location });
    case 'insert': return insertedRows(query);
    default: return undefined;
  }
}

/** Whether the query names one row of its only table by a unique key. */
function isOneRow(query: SelectQuery, ctx: Context): boolean {
  const [from] = query.from;
  if (query.from.length !== 1 || from?.kind !== 'table' || !query.where) return false;
  const model = modelNamed(from.name, ctx);
  return model !== undefined && hasOneRow(query.where, model, from.alias ?? from.name.name);
}

/** The rows that were just written: those that have the values given. */
function insertedRows(query: InsertQuery): SelectQuery | undefined {
  const { target: { name }, location } = query;
  const terms = writtenTerms(query, name.name);
  return terms.length === 0 ? undefined : select({ from: [table(name, undefined, location)], where: and(terms, location), location });
}

/** `db.$count(table, where)`: a number. */
function runCount(builder: LibraryValue, ctx: Context): Value {
  const { step } = stepsOf(builder, ctx)[0]!;
  const lowered = lowerBuilder(builder, false, ctx);
  record(lowered.query, lowered.unknown, { location: step.location }, builder, ctx);
  if (lowered.query?.kind !== 'select') return { kind: 'unknown', reason: 'a number of rows' };
  const rows: SelectQuery = { ...lowered.query, targets: [] };
  return { kind: 'field', result: ctx.result({ rows, column: () => undefined, location: step.location }), path: [COUNT], many: false, maybe: false };
}

