import type { Location } from '../../../../facts/location.js';
import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { derived, undefinedValue, unknownValue } from '../../values.js';
import { client, exportedPath, runCallbacks } from '../sql-client.js';
import { addStep, cloneBuilder, isBuilder, isRaw, KNEX, newBuilder, stepOf } from './builder.js';
import type { BuilderData, RawData, Step } from './builder.js';
import { isCondition } from './conditions.js';
import { isJoin } from './from.js';
import { send } from './run.js';
import { schemaMethod, sendSchema } from './schema.js';

const clientTypes = new Set(['Knex', 'Transaction', 'Client', 'KnexTransaction']);
const builderTypes = new Set(['QueryBuilder', 'QueryInterface', 'JoinClause']);

/** Knex: `knex('t').where(...)` changes in place and is sent when it is awaited; `knex.schema` makes and changes tables. */
export const knexLibrary: Library = {
  name: KNEX,
  modules: ['knex'],
  call: (callee, call, ctx) => {
    if (callee.kind === 'external') return constructed(callee);
    return callee.type === 'client' ? tableBuilder(callee, call, ctx) : callee.type === 'provider' ? client(KNEX, 'client') : undefined;
  },
  typed: (type, _arguments, ctx) => {
    const name = exportedPath(type).at(-1) ?? '';
    if (clientTypes.has(name)) return client(KNEX, 'client');
    if (name === 'SchemaBuilder') return client(KNEX, 'schema', {});
    const location = { file: ctx.file, start: 0, end: 0 };
    return builderTypes.has(name) ? newBuilder(ctx, [{ method: 'parameter', args: [], places: [], location }]) : undefined;
  },
  member: (object, name) => {
    if (object.kind !== 'library') return undefined;
    if (isBuilder(object) && (name === 'or' || name === 'and' || name === 'not')) return { ...object, data: { ...(object.data as BuilderData), prefix: name } };
    if (object.type !== 'client') return undefined;
    if (name === 'schema') return derived(object, 'schema', {});
    if (name === 'fn') return derived(object, 'functions', undefined);
    return name === 'isTransaction' ? { kind: 'constant', value: true } : undefined;
  },
  method: (object, name, call, ctx) => {
    if (object.kind === 'external') return undefined;
    if (object.type === 'client') return clientMethod(object, name, call, ctx);
    if (object.type === 'functions') return functionValue(name, call);
    if (isBuilder(object)) return builderMethod(object, name, call, ctx);
    if (isRaw(object)) return rawMethod(object, name, call, ctx);
    if (object.type === 'ref') return { ...object, data: { ...(object.data as object), ...(name === 'as' && { alias: constantText(call, ctx) }) } };
    return schemaMethod(object, name, call, ctx);
  },
  awaited: (value, location, ctx) => sent(value, location, ctx),
  migrations: { kinds: ['knex'], run: runMigration },
};

/** `exports.up = (knex) => ...`: what it returns is awaited. */
function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const found = lookup(direction);
  const migration = found && ctx.read(found);
  if (migration?.kind !== 'function') return false;
  const { location } = migration.function;
  const result = ctx.read(ctx.invoke(migration, [client(KNEX, 'client')], location));
  if (result.kind === 'library') sent(result, location, ctx);
  return true;
}

/** What awaiting a value gives. */
function sent(value: LibraryValue, location: Location, ctx: Context): Value | undefined {
  return value.type === 'schema' ? sendSchema(value, ctx) : send(value, ctx, location);
}

function constructed(callee: ExternalValue): Value | undefined {
  const name = exportedPath(callee).at(-1);
  return name === undefined || name === 'knex' || name === 'Knex' ? client(KNEX, 'client') : undefined;
}

function tableBuilder(from: LibraryValue, call: Call, ctx: Context): LibraryValue {
  return newBuilder(ctx, call.arguments.positional.length > 0 ? [stepOf('from', call, ctx)] : [], from);
}

function constantText(call: Call, ctx: Context): string | undefined {
  const value = call.arguments.positional[0] && ctx.read(call.arguments.positional[0]);
  return value?.kind === 'constant' && typeof value.value === 'string' ? value.value : undefined;
}

/** `knex.fn.now()`, `knex.fn.uuid()`: texts of the database. */
function functionValue(name: string, { location }: Call): Value {
  const text = name === 'now' ? 'CURRENT_TIMESTAMP' : name === 'uuid' ? 'gen_random_uuid()' : `${name}()`;
  return client(KNEX, 'raw', { text: { kind: 'constant', value: text }, bindings: undefined, location } satisfies RawData);
}

function clientMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue, second] = call.arguments.positional;
  switch (name) {
    case 'raw': return { ...object, type: 'raw', data: { text: first, bindings: second, location: call.location } satisfies RawData };
    case 'ref': return client(KNEX, 'ref', { path: constantText(call, ctx) ?? '' });
    case 'transaction': {
      const begun = ctx.connections.own(object, 'always');
      return ctx.read(first).kind === 'function' ? runCallbacks(call, ctx, [begun]) : begun;
    }
    case 'transactionProvider': return client(KNEX, 'provider');
    case 'queryBuilder': return newBuilder(ctx, [], object);
    case 'batchInsert': return batchInsert(object, call, ctx);
    case 'commit': case 'rollback': case 'destroy': case 'on': case 'initialize': case 'isCompleted': return undefinedValue;
    case 'savepoint': return runCallbacks(call, ctx, [object]);
    default: break;
  }
  if (!isBuilderMethod(name)) return undefined;
  const builder = newBuilder(ctx, [], object);
  return builderMethod(builder, name, call, ctx);
}

/** `batchInsert(table, rows)` sends INSERTs. */
function batchInsert(object: LibraryValue, call: Call, ctx: Context): Value {
  const [table = undefinedValue, rows = undefinedValue] = call.arguments.positional;
  const step = (method: string, value: Value): Step => ({ method, args: [value], places: [call.location], location: call.location });
  return newBuilder(ctx, [step('from', table), step('insert', rows)], object);
}

/** Calls that change nothing of what is read or written. */
const passing = new Set([
  'orderBy', 'orderByRaw', 'timeout', 'debug', 'transacting', 'connection', 'options', 'forUpdate', 'forShare', 'forNoKeyUpdate', 'forKeyShare', 'skipLocked', 'noWait',
  'comment', 'hintComment', 'queryContext', 'catch', 'finally',
]);

const recorded = new Set([
  'from', 'table', 'into', 'withSchema', 'select', 'column', 'columns', 'distinct', 'distinctOn', 'first', 'pluck', 'count', 'countDistinct', 'min', 'max', 'sum', 'sumDistinct',
  'avg', 'avgDistinct', 'groupBy', 'groupByRaw', 'limit', 'offset', 'as', 'insert', 'update', 'del', 'delete', 'truncate', 'increment', 'decrement', 'upsert', 'onConflict', 'merge', 'ignore',
  'returning', 'union', 'unionAll', 'intersect', 'except', 'with', 'withRecursive', 'withMaterialized', 'withNotMaterialized', 'clear', 'clearSelect', 'clearWhere', 'clearHaving',
  'clearOrder', 'clearGroup', 'clearCounters', 'updateFrom', 'using', 'rowNumber', 'rank', 'denseRank', 'partitionBy', 'jsonExtract', 'jsonSet', 'jsonInsert', 'jsonRemove', 'type',
]);

function isBuilderMethod(name: string): boolean {
  return passing.has(name) || recorded.has(name) || isJoin(name) || isCondition(name, 'where') || isCondition(name, 'having') || isCondition(name, 'on');
}

function builderMethod(given: LibraryValue, method: string, call: Call, ctx: Context): Value | undefined {
  const { state, prefix } = given.data as BuilderData;
  const builder: LibraryValue = prefix === undefined ? given : { ...given, data: { state } satisfies BuilderData };
  const name = prefix === undefined ? method : prefix === 'not' ? method.replace(/(where|having|on)/i, '$1Not') : `${prefix}${method.slice(0, 1).toUpperCase()}${method.slice(1)}`;
  if (name === 'clone') return cloneBuilder(builder, ctx);
  if (name === 'modify') return modified(builder, call, ctx);
  if (name === 'toSQL' || name === 'toString' || name === 'toQuery' || name === 'columnInfo') return unknownValue('the text of a query');
  if (name === 'stream' || name === 'pipe' || name === 'asCallback') return send(builder, ctx, call.location);
  const second = call.arguments.positional[1];
  // `on('query', listener)` of any builder, beside `on(column, column)` of a join.
  if (passing.has(name) || (name === 'on' && second && ctx.read(second).kind === 'function')) return builder;
  if (!isBuilderMethod(name)) {
    if (name === 'then') return undefined;
    addStep(builder, { method: 'unknown', args: [], places: [], location: call.location }, ctx);
    return builder;
  }
  addStep(builder, stepOf(name, call, ctx), ctx);
  return builder;
}

/** `modify(callback, ...args)`: the callback changes the builder. */
function modified(builder: LibraryValue, call: Call, ctx: Context): Value {
  const [callback = undefinedValue, ...rest] = call.arguments.positional;
  const known = ctx.read(callback);
  if (known.kind === 'function') ctx.invoke({ ...known, self: known.self ?? builder }, [builder, ...rest], call.location);
  else addStep(builder, { method: 'unknown', args: [], places: [], location: call.location }, ctx);
  return builder;
}

function rawMethod(raw: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'as') return { ...raw, data: { ...(raw.data as RawData), alias: constantText(call, ctx) } };
  if (['wrap', 'transacting', 'timeout', 'debug', 'on', 'catch', 'finally', 'options', 'connection', 'queryContext'].includes(name)) return raw;
  return undefined;
}
