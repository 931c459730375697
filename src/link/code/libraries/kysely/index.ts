import type { CodeModule } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context, Library } from '../../library.js';
import { rowsOf } from '../../sql-result.js';
import { queriesOfText } from '../../sql-text.js';
import { stored } from '../../store.js';
import { Steps } from '../../steps.js';
import type { BuilderStep } from '../../steps.js';
import type { ExternalValue, LibraryValue, TextValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { isGivenByHelper } from '../begun.js';
import { exportedPath, oneOf, resultObject, runCallbacks } from '../sql-client.js';
import { rawFragment } from '../sql-tag.js';
import { KYSELY, naming, isKysely, stepOf, stepsOf, value } from './builder.js';
import type { Client, Node, Raw, Step } from './builder.js';
import { Lowering } from './expressions.js';
import { queryOf } from './query.js';
import { schemaMethod, schemaOf } from './schema.js';

const clientTypes = new Set(['Kysely', 'Transaction', 'ControlledTransaction', 'QueryCreator', 'ReadonlyKysely']);

const plain: Client = { camel: false, with: [] };

/** Kysely: builders that never change; `execute` and its kin send them. */
export const kyselyLibrary: Library = {
  name: KYSELY,
  modules: ['kysely', 'nestjs-kysely'],
  external: (given) => (exportedPath(given).join('.') === 'sql' && !given.instance ? value('sql', undefined) : undefined),
  call: (callee, call, ctx) => {
    if (callee.kind === 'external') return external(callee, call, ctx);
    if (callee.type === 'eb') return node('compare', call, ctx);
    return callee.type === 'method' ? builderMember(callee.data as MemberData, call, ctx) : undefined;
  },
  typed: (type, _arguments, ctx) => {
    const name = exportedPath(type).at(-1) ?? '';
    if (clientTypes.has(name)) return value('client', databaseOf(ctx));
    if (name === 'ExpressionBuilder') return value('eb', databaseOf(ctx));
    if (/^(?:Select|Insert|Update|Delete)QueryBuilder$/.test(name)) return value('query', new Steps<Step>([{ step: { method: 'parameter', args: [], places: [], location: { file: ctx.file, start: 0, end: 0 } }, maybe: false }]));
    return undefined;
  },
  instance: (_instance, base, ctx) => (clientTypes.has(exportedPath(base).at(-1) ?? '') ? value('client', databaseOf(ctx)) : undefined),
  tag: (tag, call) => (isKysely(tag, 'sql') ? value('raw', { text: call.template ?? { kind: 'text', parts: [], location: call.location } } satisfies Raw) : undefined),
  member: (object, name) => {
    if (object.kind === 'external') return undefined;
    if (object.type === 'eb' || object.type === 'functions') return name === 'fn' ? value('functions', object.data) : value('method', { owner: object, name } satisfies MemberData);
    if (object.type !== 'client') return undefined;
    return name === 'fn' ? value('functions', object.data) : name === 'schema' ? schemaOf(object) : undefined;
  },
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : undefined),
  migrations: { kinds: ['kysely'], run: runMigration },
};

/** `export async function up(db)`, or an object with it as `migration` or default export (Kysely's manual, "Migrations"). */
function runMigration(lookup: (name: string) => Value | undefined, direction: 'up' | 'down', ctx: Context): boolean {
  const object = lookup('migration') ?? lookup('default');
  const found = lookup(direction) ?? (object && ctx.member(object, direction));
  const migration = found && ctx.read(found);
  if (migration?.kind !== 'function') return false;
  ctx.invoke(migration, [value('client', databaseOf(ctx))], migration.function.location);
  return true;
}

interface MemberData {
  readonly owner: LibraryValue;
  readonly name: string;
}

/** The client that another library gives for its own database (`em.getKysely()`). */
export function kyselyOf(from: LibraryValue, ctx: Context): LibraryValue {
  return value('client', databaseOf(ctx), from);
}

/** How a database translates names whose construction is not seen: as the project's databases do. */
function databaseOf(ctx: Context): Client {
  return stored(ctx, KYSELY, (): Client => ({ ...plain, camel: ctx.journal.modulesWith(/CamelCasePlugin/).some(importsCamelCase) }));
}

function importsCamelCase({ imports }: CodeModule): boolean {
  return imports.some(({ target, names }) => target.module === KYSELY && names.includes('CamelCasePlugin'));
}

function external(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (call.isNew && name === 'Kysely') return value('client', { ...plain, camel: usesCamelCase(call, ctx) } satisfies Client);
  if (name === 'expressionBuilder') return value('eb', databaseOf(ctx));
  if (/^json(?:ArrayFrom|ObjectFrom|BuildObject)$/.test(name)) return node('json', call, ctx);
  return undefined;
}

function usesCamelCase(call: Call, ctx: Context): boolean {
  const config = call.arguments.positional[0] && ctx.read(call.arguments.positional[0]);
  const entry = config?.kind === 'object' ? config.entries.find((each) => each.kind === 'property' && each.key === 'plugins') : undefined;
  const plugins = entry?.kind === 'property' ? ctx.read(entry.value) : undefined;
  return plugins?.kind === 'list' && plugins.items.some((item) => {
    const plugin = ctx.read(item.value);
    return plugin.kind === 'external' && plugin.path.at(-1) === 'CamelCasePlugin';
  });
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type) {
    case 'client': return clientMethod(object, name, call, ctx);
    case 'query': return queryMethod(object, name, call, ctx);
    case 'eb': case 'functions': return builderMember({ owner: object, name }, call, ctx);
    case 'expression': return expressionMethod(object, name, call, ctx);
    case 'raw': return rawMethod(object, name, call, ctx);
    case 'sql': return sqlHelper(name, call, ctx);
    case 'schema': return schemaMethod(object, name, call, ctx);
    case 'transaction': return name === 'execute' ? transaction(object, call, ctx) : object;
    default: return undefined;
  }
}

function transaction(object: LibraryValue, call: Call, ctx: Context): Value {
  const client = value('client', object.data, object);
  return call.arguments.positional.length === 0 ? client : runCallbacks(call, ctx, [client]);
}

const roots = new Set(['selectFrom', 'selectNoFrom', 'insertInto', 'replaceInto', 'updateTable', 'deleteFrom', 'mergeInto']);

function clientMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const client = object.data as Client;
  if (roots.has(name)) return started(name, call, ctx, object);
  switch (name) {
    case 'with': case 'withRecursive': return value('client', { ...client, with: [...client.with, stepOf(name, call, ctx, client)] } satisfies Client, object);
    case 'withSchema': {
      const schema = new Lowering(ctx, client, () => '').text(call.arguments.positional[0]);
      return value('client', { ...client, ...(schema !== undefined && { schema }) } satisfies Client, object);
    }
    case 'withPlugin': case 'withoutPlugins': case 'withTables': return object;
    case 'transaction': case 'startTransaction': case 'connection': return value('transaction', client, ctx.connections.own(object, name === 'connection' ? 'begun' : 'always'));
    case 'commit': case 'rollback': return value('query', new Steps<Step>());
    case 'executeQuery': {
      const given = call.arguments.positional[0] && ctx.read(call.arguments.positional[0]);
      return given && isKysely(given, 'compiled') ? resultObject(given.data as Value, ctx, call.location) : unknownQuery('A compiled query', call.location, object, ctx);
    }
    case 'destroy': return undefinedValue;
    case 'case': case 'dynamic': case 'introspection': return unknownValue(`${name} of Kysely`);
    default: return undefined;
  }
}

function started(name: string, call: Call, ctx: Context, object: LibraryValue): Value {
  const client = object.data as Client;
  return value('query', new Steps<Step>([{ step: { ...stepOf(name, call, ctx, client), client }, maybe: false }]), object);
}

function unknownQuery(unknown: string, location: Location, object: LibraryValue, ctx: Context): Value {
  ctx.query({ kind: 'query', unknown, location, library: KYSELY, ...(object.access && { access: object.access }) });
  return unknownValue('rows of an unknown query');
}

/** Calls that change nothing of what is read or written. */
const passing = new Set([
  'orderBy', 'clearOrderBy', 'forUpdate', 'forShare', 'forNoKeyUpdate', 'forKeyShare', 'skipLocked', 'noWait', 'modifyEnd', 'modifyFront', '$castTo', '$narrowType', '$asScalar', '$asTuple',
  '$assertType', '$notNull', 'withPlugin', 'ifNotExists', 'asMaterialized',
]);

function queryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const steps = object.data as Steps<Step>;
  const client = steps.items.find(({ step }) => step.client)?.step.client ?? databaseOf(ctx);
  switch (name) {
    case 'execute': case 'stream': return send(object, call, ctx);
    case 'executeTakeFirst': return oneOf(send(object, call, ctx), true);
    case 'executeTakeFirstOrThrow': return oneOf(send(object, call, ctx), false);
    case '$call': return call.arguments.positional[0] ? ctx.invoke(call.arguments.positional[0], [object], call.location) : object;
    case '$if': return conditional(object, call, ctx);
    // What is compiled is run as it stands, by `executeQuery` or by another driver.
    case 'compile': return value('compiled', send(object, call, ctx));
    case 'toOperationNode': case 'explain': return unknownValue('a compiled query');
    default: break;
  }
  if (passing.has(name)) return object;
  return { ...object, data: steps.with(stepOf(name, call, ctx, client)) };
}

/** `$if(condition, qb => ...)`: what the callback adds is there on some paths only, unless the condition is known. */
function conditional(object: LibraryValue, call: Call, ctx: Context): Value {
  const [condition = undefinedValue, callback = undefinedValue] = call.arguments.positional;
  const known = ctx.read(condition);
  if (known.kind === 'constant' && !known.value) return object;
  const result = ctx.read(ctx.invoke(callback, [object], call.location));
  if (known.kind === 'constant') return result;
  if (!isKysely(result, 'query') || !(result.data instanceof Steps)) return object;
  return { ...object, data: (object.data as Steps<Step>).join(result.data as Steps<Step>) };
}

function send(object: LibraryValue, call: Call, ctx: Context): Value {
  const steps = stepsOf(object)!;
  if (steps[0]?.step.method === 'parameter') return unknownValue('rows of a query that a caller passes');
  const location = chainLocation(steps, call.location, ctx);
  const query = queryOf(object, ctx, location);
  if (typeof query === 'string') return unknownQuery(query, location, object, ctx);
  ctx.query({ kind: 'query', query, location, library: KYSELY, ...(object.access && { access: object.access }) });
  return rowsOf(query, ctx, location, undefined, naming(steps.find(({ step }) => step.client)?.step.client));
}

/** From the first token of the chain to its end; calls on a variable later stand elsewhere. Where a helper has given the builder, where it is sent. */
function chainLocation(steps: readonly BuilderStep<Step>[], last: Location, ctx: Context): Location {
  const first = steps[0]?.step.location ?? last;
  if (isGivenByHelper(first, last, ctx)) return last;
  const chained = [...steps.map(({ step }) => step.location), last].filter(({ file, start }) => file === first.file && start === first.start);
  return { ...first, end: Math.max(...chained.map(({ end }) => end)) };
}

function node(name: string, call: Call, ctx: Context): LibraryValue {
  const args = call.arguments.positional.map((argument) => (ctx.read(argument).kind === 'function' ? ctx.invoke(argument, [value('eb', databaseOf(ctx))], call.location) : argument));
  return value('expression', { method: name, args, places: call.arguments.locations, location: call.location } satisfies Node);
}

/** `eb.and(...)`, `eb.selectFrom(...)`, `eb.fn.count(...)`, also taken out of the builder by destructuring. */
function builderMember({ owner, name }: MemberData, call: Call, ctx: Context): Value {
  if (name === 'eb') return node('compare', call, ctx);
  if (owner.type === 'eb' && roots.has(name)) return started(name, call, ctx, value('client', owner.data));
  if (owner.type === 'eb' && (name === 'withSchema' || name === 'with')) return owner;
  if (owner.type === 'functions' && name === 'agg') return node('aggregate', call, ctx);
  return node(name, call, ctx);
}

/** An expression goes on: `.and(...)`, `.or(...)`, `.as('name')`. */
function expressionMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as Node;
  if (name === 'as') return { ...object, data: { ...data, alias: call.arguments.positional[0] ?? undefinedValue } satisfies Node };
  if (name === 'and' || name === 'or') {
    const second = call.arguments.positional.length >= 3 ? node('compare', call, ctx) : call.arguments.positional[0] ?? undefinedValue;
    const list = ctx.allocate({ kind: 'list', form: 'list', items: [object, second].map((each) => ({ value: each, maybe: false, repeated: false })), location: call.location });
    return value('expression', { method: name, args: [list], places: [call.location], location: call.location } satisfies Node);
  }
  return object;
}

function rawMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const raw = object.data as Raw;
  if (name === 'as') return { ...object, data: { ...raw, alias: call.arguments.positional[0] ?? undefinedValue } satisfies Raw };
  if (name !== 'execute') return name === 'compile' ? unknownValue('a compiled query') : object;
  const database = call.arguments.positional[0] && ctx.read(call.arguments.positional[0]);
  const access = database?.kind === 'library' ? database.access : undefined;
  const client = database && isKysely(database, 'client') ? database.data as Client : databaseOf(ctx);
  const lower = new Lowering(ctx, client, (given, location) => queryOf(given, ctx, location));
  const rows = queriesOfText(raw.text, {}, ctx, call.location, KYSELY, { ...lower.raw(raw).options, columnName: naming(client), ...(access && { access }) });
  return resultObject(rows, ctx, call.location);
}

/** `sql.ref`, `sql.table`, `sql.join`, `sql.lit`, `sql.raw`, `sql.val`, `sql.id`. */
function sqlHelper(name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue] = call.arguments.positional;
  if (name !== 'raw') return node(name === 'value' ? 'val' : name, call, ctx);
  const pasted: TextValue = { kind: 'text', parts: [{ kind: 'hole', value: rawFragment(first, ctx, call.location, KYSELY), location: call.location, written: '' }], location: call.location };
  return value('raw', { text: pasted } satisfies Raw);
}
