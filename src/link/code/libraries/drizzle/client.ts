import { stored } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { derived, undefinedValue, unknownValue } from '../../values.js';
import { oneOf, property, resultObject, runCallbacks } from '../sql-client.js';
import { addStep, newBuilder } from './builder.js';
import { dataOf, DRIZZLE, isForeign, made, setCasing, sourceOf, textOf, type BuilderData, type ClientData, type DerivedSource, type SqlData, type Step } from './data.js';
import { run } from './run.js';
import { isSetOperation, JOINS } from './select.js';
import { expand, inFull, sqlValue } from './sql.js';

/** `drizzle(connection, { schema, casing })`, `drizzle({ client, schema })`. */
export function newClient(module: string, call: Call, ctx: Context): LibraryValue {
  const configs = call.arguments.positional.map((value) => ctx.read(value)).filter((value) => value.kind === 'object');
  const option = (key: string): Value | undefined => configs.map(({ entries }) => property(entries, key)).find((value) => value !== undefined);
  setCasing(option('casing'), ctx);
  return clientValue(module, option('relations') ?? option('schema'), ctx);
}

/** A client with the tables it knows; those of one whose tables are not given are looked up among those of the others. */
export function clientValue(module: string, schema: Value | undefined, ctx: Context): LibraryValue {
  if (schema) {
    ctx.journal.declared++;
    schemas(ctx).push(schema);
  }
  return made('client', { module, ...(schema && { schema }) } satisfies ClientData);
}

function schemas(ctx: Context): Value[] {
  return stored(ctx, 'drizzle schemas', (): Value[] => []);
}

/** `db.query`, `db.$client`, ... */
export function clientMember(client: LibraryValue, name: string): Value | undefined {
  if (name === 'query' || name === '_query') return derived(client, 'query', client.data);
  if (name === '$primary') return client;
  if (name === '$cache' || name === 'session' || name === 'dialect' || name === '_') return unknownValue(`the ${name} of a client`);
  return derived(client, 'clientMethod', { client, name });
}

/** `db.query.users`. */
export function queryMember(query: LibraryValue, name: string, ctx: Context): Value {
  const { schema } = query.data as ClientData;
  const found = [...(schema ? [schema] : []), ...schemas(ctx)].map((each) => tableNamed(each, name, ctx)).find((value) => value !== undefined) ?? tableDeclared(name, ctx);
  return derived(query, 'relationalTable', { table: found ?? unknownValue(`the table ${name}`), client: query.data as ClientData });
}

/** The only table of the project that a variable of this name stands for. */
function tableDeclared(name: string, ctx: Context): Value | undefined {
  const [found, ...others] = ctx.models.filter(({ orm, modelName }) => orm === 'drizzle' && modelName === name);
  return found !== undefined && others.length === 0 ? tableNamed({ kind: 'namespace', file: found.location.file }, name, ctx) : undefined;
}

function tableNamed(schema: Value, name: string, ctx: Context): Value | undefined {
  const inner = ctx.read(schema);
  const given = dataOf<Value>(inner, 'schema') ?? inner;
  if (given.kind !== 'namespace' && given.kind !== 'object' && given.kind !== 'reference') return undefined;
  const found = ctx.read(ctx.member(given, name));
  return sourceOf(found) ? found : undefined;
}

/** `db.query.users.findMany(config)`. */
export function relationalMethod(value: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name !== 'findMany' && name !== 'findFirst') return undefined;
  const { table, client } = value.data as { table: Value; client: ClientData };
  return newBuilder({ method: name, args: [table, ...call.arguments.positional], location: call.location }, client, value, ctx);
}

const STARTS = new Set(['select', 'selectDistinct', 'selectDistinctOn', 'insert', 'update', 'delete']);

/** A method of a client, a transaction, or a `QueryBuilder`. */
export function clientMethod(client: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = client.data as ClientData;
  const [first = undefinedValue, second] = call.arguments.positional;
  const { location } = call;
  if (STARTS.has(name)) {
    const builder = newBuilder({ method: name, args: call.arguments.positional, location }, data, client, ctx);
    return data.ctes ? addStep(builder, { method: 'with', args: data.ctes, location }, ctx) : builder;
  }
  switch (name) {
    case '$count': {
      const builder = newBuilder({ method: '$count', args: [], location }, data, client, ctx);
      addStep(builder, { method: 'from', args: [first], location }, ctx);
      return second ? addStep(builder, { method: 'where', args: [second], location }, ctx) : builder;
    }
    case 'execute': case 'run': case 'all': case 'get': case 'values': return execute(client, name, first, location, ctx);
    case 'transaction': case 'savepoint': return runCallbacks(call, ctx, [ctx.connections.own(client, 'always')]);
    case 'batch': return sendAll(first, location, ctx);
    case 'with': return derived(client, 'client', { ...data, ctes: [...(data.ctes ?? []), ...call.arguments.positional] } satisfies ClientData);
    case '$with': return derived(client, 'withName', { name: textOf(first, ctx) ?? 'cte', client });
    case '$withAuth': case '$withReplicas': return client;
    case 'refreshMaterializedView': return undefinedValue;
    default: return undefined;
  }
}

/** `db.execute(sql`...`)`, and a builder given to it. */
function execute(client: LibraryValue, name: string, given: Value, location: Location, ctx: Context): Value {
  const inner = ctx.read(given);
  if (dataOf<BuilderData>(inner, 'builder')) return run(inner as LibraryValue, location, name === 'get' ? 'one' : 'list', ctx);
  const { module } = client.data as ClientData;
  const sql = dataOf<SqlData>(inner, 'sql') ?? dataOf<SqlData>(sqlValue(given, false, location), 'sql')!;
  const { text, tag } = inFull(sql, ctx);
  const rows = queriesOfText(text, {}, ctx, location, DRIZZLE, {
    tag, expand: expand(ctx), otherDatabase: isForeign(module), ...(client.access && { access: client.access }),
  });
  if (name === 'get') return oneOf(rows, true);
  const isList = name === 'all' || name === 'values' || (name === 'execute' && /(?:postgres-js|bun-sql|xata-http|aws-data-api)$/.test(module));
  return isList ? rows : resultObject(rows, ctx, location);
}

/** `db.batch([...])`. */
export function sendAll(list: Value, location: Location, ctx: Context): Value {
  const inner = ctx.read(list);
  if (inner.kind !== 'list') return unknownValue('the results of a batch that is not known');
  return ctx.allocate({ ...inner, items: inner.items.map((item) => {
    const value = ctx.read(item.value);
    return { ...item, value: dataOf<BuilderData>(value, 'builder') ? run(value as LibraryValue, location, 'list', ctx) : item.value };
  }) });
}

const SAME = new Set(['$dynamic', '$withCache', 'getQuery', 'overridingSystemValue', 'ignore', 'for', 'withTenant', 'comment', 'useIndex', 'forceIndex', 'ignoreIndex', 'output']);

const STEPS = new Set([
  ...Object.keys(JOINS), 'from', 'where', 'having', 'groupBy', 'orderBy', 'limit', 'offset', 'values', 'set', 'returning', 'onConflictDoNothing', 'onConflictDoUpdate',
  'onDuplicateKeyUpdate', 'select', '$returningId',
]);

/** A method of a query builder. */
export function builderMethod(builder: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const data = builder.data as BuilderData;
  if (SAME.has(name)) return builder;
  if (STEPS.has(name) && !(name === 'values' && call.arguments.positional.length === 0)) return addStep(builder, stepOf(name, call, ctx), ctx);
  if (isSetOperation(name)) return addStep(builder, setStep(name, call, data.client, ctx), ctx);
  switch (name) {
    case 'as': return named('derived', textOf(call.arguments.positional[0], ctx) ?? 'sub', frozen(builder, ctx), location);
    case 'prepare': return derived(builder, 'prepared', builder);
    case 'execute': case 'all': case 'values': case 'run': case 'sync': return run(builder, location, 'list', ctx, call.arguments.positional[0]);
    case 'get': return run(builder, location, 'one', ctx, call.arguments.positional[0]);
    case 'getSQL': return builder;
    case 'toSQL': return unknownValue('the text of a query');
    default: return undefined;
  }
}

/** A callback as an argument gets the fields of its sources; as they are not asked for, tables stand for themselves. */
function stepOf(method: string, call: Call, ctx: Context): Step {
  const args = call.arguments.positional.map((argument): Value => {
    const value = ctx.read(argument);
    return value.kind === 'function' && method !== 'select' ? ctx.invoke(value, [unknownValue('fields of a query')], call.location) : argument;
  });
  return { method, args, location: call.location };
}

function setStep(method: string, call: Call, client: ClientData, ctx: Context): Step {
  const args = call.arguments.positional.map((argument): Value => {
    const value = ctx.read(argument);
    return value.kind === 'function' ? ctx.invoke(value, [made('setOperators', client)], call.location) : argument;
  });
  return { method, args, location: call.location };
}

/** `union(a, b)` of the package. */
export function setOperation(name: string, call: Call, ctx: Context): LibraryValue {
  const [first] = call.arguments.positional;
  const builder = first && ctx.read(first);
  const client = dataOf<BuilderData>(builder, 'builder')?.client ?? { module: 'drizzle-orm' };
  return newBuilder({ method: name, args: call.arguments.positional, location: call.location }, client, builder?.kind === 'library' ? builder : undefined, ctx);
}

/** The builder as it is now: calls that follow do not change it. */
function frozen(builder: LibraryValue, ctx: Context): LibraryValue {
  const data = builder.data as BuilderData;
  return { ...builder, data: { ...data, state: ctx.allocate(ctx.read(data.state)) } satisfies BuilderData };
}

function named(kind: DerivedSource['kind'], name: string, query: Value, location: Location): LibraryValue {
  return made('table', { kind, name, query, location } satisfies DerivedSource);
}

/** `db.$with('name').as(query)`; the query may be given by a callback. */
export function withQuery({ name, client }: { readonly name: string; readonly client: LibraryValue }, call: Call, ctx: Context): Value {
  const [first = undefinedValue] = call.arguments.positional;
  let query = ctx.read(first);
  if (query.kind === 'function') query = ctx.read(ctx.invoke(query, [client], call.location));
  return named('cte', name, dataOf<BuilderData>(query, 'builder') ? frozen(query as LibraryValue, ctx) : query, call.location);
}

/** `db.insert(notes)`, `db.select().from(notes)`, `db.execute(sql`...`)` of a client that nothing leads to. */
export function presumedClient(name: string, call: Call, ctx: Context): LibraryValue | undefined {
  const first = ctx.read(call.arguments.positional[0]!);
  const isOfTable = sourceOf(first) !== undefined && /^(?:insert|update|delete|from|\$count)$/.test(name);
  if (!isOfTable && !(name === 'execute' && dataOf(first, 'sql') !== undefined)) return undefined;
  const client = made('client', { module: 'drizzle-orm/node-postgres' } satisfies ClientData);
  return name === 'from' ? newBuilder({ method: 'select', args: [], location: call.location }, client.data as ClientData, client, ctx) : client;
}
