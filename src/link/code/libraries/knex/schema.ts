import type { Location } from '../../../../facts/location.js';
import type { Operation } from '../../../../facts/operation.js';
import type { QualifiedName, SelectQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import { queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { and, column, constant, equal, select, table as tableReference } from '../build.js';
import { tableChanges, tableParts } from './alter.js';
import { KNEX, newBuilder, stepsOf } from './builder.js';
import { rawBound, tableName } from './names.js';
import { subselect } from './query.js';
import { argumentText, followTable, tableMethod } from './table.js';

/** What `knex.schema` was told: the schema of the tables it names. */
interface SchemaData {
  readonly schema?: string;
  /** What the chain said so far: it is sent when it is awaited. */
  readonly pending?: readonly Pending[];
}

interface Pending {
  readonly name: string;
  readonly call: Call;
  readonly schema: string | undefined;
}

/** Calls on `knex.schema`, on a table builder, or on a column of it. */
export function schemaMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.type === 'table' || object.type === 'part') return tableMethod(object, name, call, ctx);
  if (object.type === 'view') return object;
  if (object.type !== 'schema') return undefined;
  const data = object.data as SchemaData;
  if (name === 'withSchema') return { ...object, data: { ...data, ...schemaOf(argumentText(call.arguments.positional[0], ctx)) } };
  if (name === 'then' || name === 'catch' || name === 'finally') return undefined;
  return { ...object, data: { ...data, pending: [...data.pending ?? [], { name, call, schema: data.schema }] } satisfies SchemaData };
}

/** Sends what a chain on `knex.schema` says. @returns what its last call answers */
export function sendSchema(object: LibraryValue, ctx: Context): Value {
  const { pending = [] } = object.data as SchemaData;
  return pending.map((each, index) => sendCall(each, index > 0, ctx)).at(-1) ?? undefinedValue;
}

function sendCall({ name, call, schema }: Pending, chained: boolean, ctx: Context): Value {
  const place: Place = { schema, ctx, call, location: chained ? { ...call.location, start: call.nameLocation.start } : call.location };
  if (name === 'hasTable' || name === 'hasColumn') return existence(name, place);
  if (name === 'raw') {
    const [text, bindings] = call.arguments.positional;
    if (text) queriesOfText(text, rawBound(bindings, ctx), ctx, call.location, KNEX, { question: 'knex' });
  } else {
    for (const group of operationsOf(name, place) ?? []) if (group.length > 0) ctx.emit({ kind: 'operations', operations: group, location: place.location });
  }
  return undefinedValue;
}

function schemaOf(name: string | undefined): SchemaData {
  return name === undefined ? {} : { schema: name };
}

interface Place {
  readonly schema: string | undefined;
  readonly ctx: Context;
  readonly call: Call;
  readonly location: Location;
}

/** The statements that a call sends, each with its operations. Undefined: not known. */
function operationsOf(name: string, place: Place): (readonly Operation[])[] | undefined {
  const { ctx, location, call } = place;
  const [first, second] = call.arguments.positional;
  const text = argumentText(first, ctx);
  const named = text === undefined ? undefined : tableName(text, place.schema).name;
  const unknown: Operation[][] = [[{ kind: 'notUnderstood', reason: `${name}() of a name that is not known`, tables: [], location }]];
  switch (name) {
    case 'createTable': case 'createTableIfNotExists': return named ? createTable(named, second, name !== 'createTable', place) : unknown;
    case 'createTableLike': {
      const like = argumentText(second, ctx);
      return named && like !== undefined ? [[{ kind: 'createTable', definition: { name: named, columns: [], constraints: [], location }, ifNotExists: false, temporary: false, inherits: [], partitioned: false, like: [{ table: tableName(like, place.schema).name, including: ['all'] }], location }]] : unknown;
    }
    case 'alterTable': case 'table': return named ? alterTable(named, second, place) : unknown;
    case 'renameTable': {
      const to = argumentText(second, ctx);
      return named && to !== undefined ? [[{ kind: 'renameRelation', relation: 'table', name: named, to, ifExists: false, location }]] : unknown;
    }
    case 'createView': case 'createViewOrReplace': case 'createMaterializedView': return named ? [[createView(named, name, second, place)]] : unknown;
    default: {
      const simple = text === undefined || named === undefined ? undefined : byName(name, text, named, location);
      return simple ? [[simple]] : /^(?:drop|createSchema|createExtension)/.test(name) ? unknown : undefined;
    }
  }
}

/** Calls that need nothing but a name. */
function byName(method: string, text: string, named: QualifiedName, location: Location): Operation | undefined {
  const [, name = method, conditional] = /^(\w+?)(If(?:Not)?Exists)?$/.exec(method) ?? [];
  const exists = conditional !== undefined;
  switch (name) {
    case 'dropTable': return drop('table', named, exists, location);
    case 'dropView': return drop('view', named, exists, location);
    case 'dropMaterializedView': return drop('materializedView', named, exists, location);
    case 'createSchema': return { kind: 'createSchema', name: text, ifNotExists: exists, location };
    case 'dropSchema': return { kind: 'dropSchema', name: text, ifExists: exists, cascade: false, location };
    case 'createExtension': return { kind: 'createExtension', name: text, location };
    default: return undefined;
  }
}

function drop(relation: 'table' | 'view' | 'materializedView', name: QualifiedName, ifExists: boolean, location: Location): Operation {
  return { kind: 'dropRelation', relation, name, ifExists, cascade: false, location };
}

/** Keys of single columns and indexes are statements of their own after the table is made; here they are told with it. */
function createTable(name: QualifiedName, callback: Value | undefined, ifNotExists: boolean, { schema, ctx, location }: Place): (readonly Operation[])[] {
  const steps = followTable(callback, location, ctx);
  if (!steps) return [[{ kind: 'notUnderstood', reason: 'createTable() with columns that are not known', tables: [name], location }]];
  const { columns, constraints, after } = tableParts(steps, name, schema, ctx);
  const create: Operation = { kind: 'createTable', definition: { name, columns, constraints, location }, ifNotExists, temporary: false, like: [], inherits: [], partitioned: false, location };
  return [[create], ...after.map((operation) => [operation])];
}

/** Each change is a statement of its own. */
function alterTable(name: QualifiedName, callback: Value | undefined, { schema, ctx, location }: Place): (readonly Operation[])[] {
  const steps = followTable(callback, location, ctx);
  if (!steps) return [[{ kind: 'notUnderstood', reason: 'alterTable() with changes that are not known', tables: [name], location }]];
  return tableChanges(steps, name, schema, ctx).map((operation) => [operation]);
}

/** `createView(name, view => view.as(knex('t').select()))`. */
function createView(name: QualifiedName, method: string, callback: Value | undefined, { ctx, location }: Place): Operation {
  const known = callback && ctx.read(callback);
  const view = newBuilder(ctx);
  if (known?.kind === 'function') ctx.invoke({ ...known, self: known.self ?? view }, [view], location);
  const query = viewQuery(view, ctx, location);
  if (!query) return { kind: 'notUnderstood', reason: 'a view whose query is not known', tables: [], location };
  return { kind: 'createView', name, columns: [], query, orReplace: method === 'createViewOrReplace', ifNotExists: false, materialized: method === 'createMaterializedView', temporary: false, securityInvoker: false, location };
}

function viewQuery(view: LibraryValue, ctx: Context, location: Location): SelectQuery | undefined {
  const written = stepsOf(view, ctx)?.findLast(({ step }) => step.method === 'as')?.step.args[0];
  return written && subselect(written, ctx, location);
}

/** Whether a table or column is there: what the catalog says. */
function existence(name: 'hasTable' | 'hasColumn', { schema, ctx, call, location }: Place): Value {
  const [first, second] = call.arguments.positional;
  const table = argumentText(first, ctx);
  const columnName = argumentText(second, ctx);
  if (table === undefined || (name === 'hasColumn' && columnName === undefined)) return { kind: 'unknown', reason: 'whether something exists whose name is not known' };
  const named = tableName(table, schema).name;
  const condition = (key: string, value: string) => equal(column(undefined, key, location), constant(value, location), location);
  const query = select({
    targets: [{ expression: constant(1, location) }],
    from: [tableReference({ schema: 'information_schema', name: name === 'hasTable' ? 'tables' : 'columns' }, undefined, location)],
    where: and([
      ...(named.schema === undefined ? [] : [condition('table_schema', named.schema)]), condition('table_name', named.name), ...(columnName === undefined ? [] : [condition('column_name', columnName)]),
    ], location),
    location,
  });
  ctx.query({ kind: 'query', query, location, library: KNEX });
  const result = ctx.result({ rows: { ...query, targets: [] }, column: () => undefined, location });
  return { kind: 'condition', condition: { operator: 'truthy', value: { kind: 'row', result, path: [], maybe: true } } };
}
