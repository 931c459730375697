import type { Expression } from '../../../../facts/expression.js';
import type { Query, SelectQuery, TableReference } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import { rowsOf } from '../../sql-result.js';
import type { LibraryValue, Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { column, constant, inSubquery, table } from '../build.js';
import { expressionOf } from './expressions.js';
import { oneOf } from './results.js';
import { rowsOfStatement, type Rows } from './rows.js';
import { run, runUnknown, type Site } from './run.js';
import { filtered, finished, keyOf, names, placeOf, statementData, type QueryData } from './statement.js';
import { openOf } from '../objects.js';
import { assignment, rowsOfValue } from './writes.js';

const ONE: ReadonlySet<string> = new Set(['first', 'one', 'one_or_none', 'scalar', 'first_or_404', 'one_or_404']);
const CERTAIN: ReadonlySet<string> = new Set(['one', 'first_or_404', 'one_or_404', 'get_or_404']);
const RUNS = /^(?:first|one|one_or_none|scalar|all|count|get|get_or_404|first_or_404|one_or_404|delete|update|paginate|yield_per|__iter__)$/;

/**
 * The methods of a session's query that run it: `first()`, `all()`, `count()`, `get(id)`, `update({...})`, `delete()`.
 * @see SQLAlchemy manual, "Legacy Query API"
 */
export function legacyMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (!RUNS.test(name)) return undefined;
  const data = statementData(object, ctx);
  if (!data?.session) return undefined;
  const { location: start, helper } = placeOf(data, ctx);
  const location = start.file === call.location.file ? { ...start, end: Math.max(start.end, call.location.end) } : call.location;
  const site: Site = { location, ctx, begun: data.begun, helper, ...(data.session.access && { access: data.session.access }) };
  if (data.unknown !== undefined) return runUnknown(data.unknown, site);
  if (name === 'delete' || name === 'update') return changed(data, name, call, site);
  const whole = name.startsWith('get') ? byKey(data, call, ctx) : data;
  if (name === 'count') return counted(whole, site);
  const rows = executed(whole, site, ONE.has(name) && name !== 'scalar' && !name.startsWith('one'));
  const found = rows.isEntity || name === 'scalar' ? rows.first : rows.tuples;
  if (name === 'paginate') return ctx.allocate({ kind: 'object', entries: [{ kind: 'property', key: 'items', value: found, maybe: false, location }, { kind: 'property', key: 'total', value: { kind: 'field', result: rows.tuples.result, path: [COUNT], many: false, maybe: false }, maybe: false, location }], location });
  return ONE.has(name) || name.startsWith('get') ? oneOf(found, !CERTAIN.has(name), ctx) : found;
}

/** The rows of a query that is looped over. */
export function legacyItems(value: LibraryValue, ctx: Context): Value | undefined {
  const data = statementData(value, ctx);
  if (!data?.session || data.unknown !== undefined) return undefined;
  const rows = executed(data, { ...placeOf(data, ctx), ctx, begun: data.begun, ...(data.session.access && { access: data.session.access }) }, false);
  return rows.isEntity ? rows.first : rows.tuples;
}

function executed(data: QueryData, site: Site, isFirst: boolean): Rows {
  const query = { ...finished(data, site.ctx), location: site.location };
  const limited = isFirst && query.kind === 'select' && !query.limit ? { ...query, limit: constant(1, site.location) } : query;
  run(limited, site);
  return rowsOfStatement(limited, data.selected, new Map(), site.ctx);
}

function byKey(data: QueryData, call: Call, ctx: Context): QueryData {
  const [first] = call.arguments.positional;
  const given = first ?? call.arguments.named.get('ident');
  const { last } = data;
  const [key = 'id'] = last ? keyOf(last, ctx) : [];
  if (!given || !last) return data;
  const is: Expression = { kind: 'operator', operator: '=', left: column(last.alias, key, call.location), right: expressionOf(given, ctx, call.location), location: call.location };
  return { ...data, query: filtered(data.query, [is], false) };
}

function counted(data: QueryData, site: Site): Value {
  const { ctx, location } = site;
  const query = { ...finished(data, ctx), location };
  run(query, site);
  const { tuples } = rowsOfStatement(query, data.selected, new Map(), ctx);
  return { kind: 'field', result: tuples.result, path: [COUNT], many: false, maybe: false };
}

/** `query.update({...})`, `query.delete()`: of the rows that the query finds. */
function changed(data: QueryData, name: 'update' | 'delete', call: Call, site: Site): Value {
  const { ctx, location } = site;
  const found = finished(data, ctx);
  const [first] = data.selected;
  if (found.kind !== 'select' || first === undefined || first.kind === 'column') return runUnknown('it changes something that is not known', site);
  const { table: of } = first;
  const base = { target: table(of.name, of.alias, location), ...conditionOn(found, of.alias, keyOf(of, ctx)[0] ?? 'id'), returning: [], with: [], location };
  if (name === 'delete') return met({ ...base, kind: 'delete', using: [] }, site);
  const rows = rowsOfValue(call.arguments.positional[0] ?? call.arguments.named.get('values') ?? nullValue, of, ctx);
  return met({ ...base, kind: 'update', set: rows.flatMap(({ entries }) => entries).map((entry) => assignment(entry, ctx)), from: [], ...openOf(rows) }, site);
}

/** Runs a statement that gives the number of rows that it has met. */
function met(query: Query, site: Site): Value {
  run(query, site);
  return { kind: 'field', result: rowsOf(query, site.ctx, site.location).result, path: [COUNT], many: false, maybe: false };
}

/** The condition as it stands where only the table itself is read; else the key is one of those that the query finds. */
function conditionOn(found: SelectQuery, alias: string, key: string): { readonly where?: Expression } {
  const [only] = found.from;
  const isAlone = found.from.length === 1 && only?.kind === 'table' && !found.limit && names(only)[0] === alias;
  if (isAlone) return found.where ? { where: found.where } : {};
  const { location } = found;
  const inner = `${alias}_found`;
  const query = renamed({ ...found, targets: [{ expression: column(alias, key, location) }] }, alias, inner) as SelectQuery;
  return { where: inSubquery(column(alias, key, location), query, location) };
}

/** The same query with another name for one of its tables: that of the row to change is taken. */
function renamed(node: unknown, from: string, to: string): unknown {
  if (Array.isArray(node)) return node.map((each) => renamed(each, from, to));
  if (node === null || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'location' ? value : renamed(value, from, to)])) as Record<string, unknown>;
  if (copy['kind'] === 'column' || copy['kind'] === 'star') {
    const path = copy['path'] as readonly string[];
    return path[0] === from && (path.length > 1 || copy['kind'] === 'star') ? { ...copy, path: [to, ...path.slice(1)] } : copy;
  }
  const item = copy as unknown as TableReference;
  return copy['kind'] === 'table' && Array.isArray(copy['columnAliases']) && (item.alias ?? item.name.name) === from ? { ...copy, alias: to } : copy;
}
