import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { SelectQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, LibraryValue, ObjectEntryValue, RowValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { and, column, constant, equal, select, table } from '../build.js';
import { trustOf } from '../objects.js';
import { added, insertOf, instanceOf, isHandedIn, OPEN, rowOf } from './adding.js';
import type { SessionData } from './begun.js';
import { expressionOf } from './expressions.js';
import { Given, itemsOf } from './given.js';
import { sessionQuery } from './queries.js';
import { fieldOf, modelOfTable, relationOfTable, tableOfModel } from './related.js';
import { oneOf } from './results.js';
import { entityReading, entityRows } from './rows.js';
import { run, runUnknown, type Site } from './run.js';
import { finished, keyOf } from './statement.js';
import { insertRows, rowsOfValue } from './writes.js';
import { tableData, type TableData } from './tables.js';

/** The methods of a session that are about objects: `query`, `get`, `add`, `delete`, `merge`, `bulk_*`. */
export function sessionMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { location, arguments: { positional } } = call;
  const access = object.access && { access: object.access };
  const site: Site = { location, ctx, ...access };
  const [first] = positional;
  switch (name) {
    case 'query': return sessionQuery(positional, location, { ...access, ...(object.data !== undefined && { from: object.data as SessionData }) }, ctx);
    case 'get': case 'get_one': case 'get_or_404': return byKey(call, name === 'get', object.data as SessionData | undefined, site);
    case 'add': case 'save': return first && added(first, site);
    case 'add_all': case 'bulk_save_objects': return first && eachOf(first, (item) => added(item, site), ctx);
    case 'merge': return first && merged(first, site);
    case 'delete': return first && deleted(first, site);
    case 'bulk_insert_mappings': return inserted(call, site);
    case 'bulk_update_mappings': return first && runUnknown('rows are updated by the keys of a list', site);
    case 'refresh': case 'expunge': case 'expire': case 'flush': return nullValue;
    case 'run_sync': return first && ctx.invoke(first, [object, ...positional.slice(1)], location);
    default: return undefined;
  }
}

function eachOf(list: Value, work: (item: Value) => unknown, ctx: Context): Value {
  const known = ctx.read(list);
  if (known.kind === 'list') known.items.forEach((item) => work(item.value));
  return nullValue;
}

/** `session.get(User, id)`. */
function byKey(call: Call, maybe: boolean, session: SessionData | undefined, site: Site): Value {
  const { ctx, location } = site;
  const given = new Given(call, ['entity', 'ident'], ctx);
  const data = tableData(given.value('entity'), ctx);
  const ident = given.value('ident');
  const reading = data && entityReading(data, location, ctx);
  if (!data || !ident || !reading) return runUnknown('the model that is read is not known', site);
  const key = keyOf(data, ctx);
  const parts = itemsOf(ident, ctx) ?? [ident];
  const where = and(key.map((name, index) => equal(column(data.alias, name, location), keyPart(ident, parts, name, index, ctx, location), location)), location);
  const query = finished({ query: select({ from: [], where, location }), tables: [data], selected: [{ kind: 'entity', table: data }], written: new Map(), last: data }, ctx, session);
  run(query, site);
  return oneOf(entityRows(reading, { ...query as SelectQuery, targets: [] }, new Map(), location, ctx), maybe, ctx);
}

function keyPart(ident: Value, parts: readonly Value[], name: string, index: number, ctx: Context, location: Location): Expression {
  const part = ctx.read(ident).kind === 'object' ? ctx.member(ident, name) : parts[index];
  return expressionOf(part ?? unknownValue('a part of the key'), ctx, location);
}

/** `User(name='x', **data)`: an object that is no row yet. */
export function makeInstance(owner: ClassValue, call: Call, ctx: Context): Value | undefined {
  const { named, spread = [], open } = call.arguments;
  const rest = spread[0] ?? (open ? unknownValue('attributes that are not known') : undefined);
  const fields = new Map<string, Value>([...named, ...(rest ? [[OPEN, rest] as const] : [])]);
  return fields.size === 0 ? undefined : ctx.allocate({ kind: 'instance', class: owner, fields, location: call.location });
}

/** `Hero.model_validate(body, update={...})`: an object of the fields of another one, or of a dict. */
export function madeFrom(owner: ClassValue, call: Call, ctx: Context): Value | undefined {
  const given = new Given(call, ['obj'], ctx);
  const sources = [given.value('obj'), given.value('update')].flatMap((value) => (value ? [fieldsIn(value, call, ctx)] : []));
  const entries = sources.flatMap((source): readonly ObjectEntryValue[] => (source.kind === 'object' ? source.entries : [{ kind: 'spread', value: source, maybe: false, location: call.location }]));
  const named = new Map(entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, entry.value] as const] : [])));
  const spread = entries.flatMap((entry) => (entry.kind === 'spread' ? [entry.value] : []));
  return makeInstance(owner, { ...call, arguments: { positional: [], named, locations: [], open: spread.length > 0, spread } }, ctx);
}

/** What an object holds, as a dict where its class tells. */
function fieldsIn(value: Value, call: Call, ctx: Context): Value {
  const known = ctx.read(value);
  if (known.kind !== 'input' && known.kind !== 'instance') return known;
  const dumped = ctx.read(ctx.callMethod(value, 'model_dump', { ...call, arguments: { positional: [], named: new Map(), open: false, locations: [] } }));
  return dumped.kind === 'object' ? dumped : known;
}

/** SQLModel's `row.sqlmodel_update(data)`: each attribute that the data holds is set. */
export function rowMethod(row: RowValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  if (name !== 'sqlmodel_update' || !first) return undefined;
  const data = fieldsIn(first, call, ctx);
  if (data.kind !== 'object') rowAssigned(row, undefined, data, call.location, ctx);
  else for (const entry of data.entries) rowAssigned(row, entry.kind === 'property' ? entry.key : undefined, entry.value, call.location, ctx);
  return row;
}

/** `session.merge(obj)`: writes the row of the object's key, or a new one. */
function merged(value: Value, site: Site): Value {
  const { ctx, location } = site;
  const made = instanceOf(value, ctx);
  if (!made) return value;
  if (isHandedIn(value, made.instance, ctx)) {
    runUnknown(`which ${made.table.name.name} is merged is not known`, site);
    return value;
  }
  const key = keyOf(made.table, ctx);
  const row = rowOf(made, location, ctx);
  const query = insertRows({ kind: 'insert', target: table(made.table.name, undefined, location), columns: [], returning: [], with: [], location }, [row], ctx);
  const isNew = !row.entries.some((entry) => key.includes(entry.column));
  const set = row.entries.filter((entry) => !key.includes(entry.column)).map((entry) => ({ column: entry.column, value: expressionOf(entry.value, ctx, location), location }));
  run(isNew ? query : { ...query, onConflict: { action: 'update', columns: key, set, location } }, site);
  return value;
}

/** `session.delete(row)`: of the row that was read. */
function deleted(value: Value, site: Site): Value {
  const { ctx, location } = site;
  const known = ctx.read(value);
  if (known.kind === 'union') known.options.forEach((option) => deleted(option.value, site));
  if (known.kind === 'unknown' || known.kind === 'input') runUnknown('the object that is deleted is not known', { ...site, given: 'parameter' });
  const of = known.kind === 'row' ? tableOfRow(known, ctx) : instanceOf(value, ctx)?.table;
  if (of) run({ kind: 'delete', target: table(of.name, of.alias, location), using: [], where: isRow(of, value, ctx, location), returning: [], with: [], location }, site);
  return nullValue;
}

/** The table of a row: of its result, or of the relationship that led to it. */
export function tableOfRow({ result, path }: RowValue, ctx: Context): TableData | undefined {
  let current = result.entity && tableOfModel(result.entity.model, ctx);
  for (const name of path) {
    const found = current && relationOfTable(current, name, ctx);
    current = found && tableOfModel(found.other, ctx);
  }
  return current;
}

/** The key is that of a row or an object. */
export function isRow(of: TableData, value: Value, ctx: Context, location: Location): Expression {
  const model = modelOfTable(of, ctx);
  const key = keyOf(of, ctx);
  if (key.length === 0 || !model) return constant(true, location);
  return and(key.map((name) => equal(column(of.alias, name, location), expressionOf(ctx.member(value, fieldOf(model, name)), ctx, location), location)), location);
}

/** `session.bulk_insert_mappings(User, [{...}])`. */
function inserted(call: Call, site: Site): Value {
  const given = new Given(call, ['mapper', 'mappings'], site.ctx);
  const of = tableData(given.value('mapper'), site.ctx);
  const rows = given.value('mappings');
  if (!of || !rows) return runUnknown('the model that is written is not known', site);
  insertOf(rowsOfValue(rows, of, site.ctx), of, site);
  return nullValue;
}

/** `row.name = value`: an UPDATE of the row, once the session is flushed. */
export function rowAssigned(row: RowValue, name: string | undefined, value: Value, location: Location, ctx: Context): void {
  const of = tableOfRow(row, ctx);
  if (!of || row.result.rows === undefined) return;
  const site: Site = { location, ctx };
  const base = { kind: 'update', target: table(of.name, of.alias, location), from: [], where: isRow(of, row, ctx, location), returning: [], with: [], location } as const;
  if (name === undefined) return run({ ...base, set: [], open: [{ trust: trustOf(value, ctx) ?? 'unknown' }] }, site);
  const own = of.columns?.get(name);
  const found = own === undefined ? relationOfTable(of, name, ctx) : undefined;
  const entries = own !== undefined ? [{ column: own, value }]
    : found?.relation.owns ? found.relation.columns.map((each, index) => ({ column: each, value: ctx.member(value, fieldOf(found.other, found.relation.referencedColumns[index] ?? 'id')) })) : [];
  if (entries.length > 0) run({ ...base, set: entries.map((entry) => ({ column: entry.column, value: expressionOf(entry.value, ctx, location), location })) }, site);
}
