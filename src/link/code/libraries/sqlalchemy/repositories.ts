import type { Location } from '../../../../facts/location.js';
import type { Arguments, Call, Context } from '../../library.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, Value } from '../../values.js';
import { nullValue } from '../../values.js';
import { added } from './adding.js';
import { connectionMethod, sharedSession } from './connection.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue } from './given.js';
import { queryCall, queryMethod } from './queries.js';
import { resultMethod } from './results.js';
import { runUnknown, type Site } from './run.js';
import { sessionMethod } from './session.js';

/** A repository of Advanced Alchemy, or a service around one. */
interface RepositoryData {
  readonly model: Value;
}

const REPOSITORY = /^SQLAlchemy(?:Async|Sync)(?:Slug)?Repository(?:Read)?(?:Service)?$/;
/** What a look-up is given besides conditions. */
const OPTIONS = /^(?:auto_\w+|load|statement|execution_options|error_messages|wrap_exceptions|uniquify|count_with_window_function|order_by|use_cache|bind_group|with_for_update|id_attribute|to_schema)$/;
/** Filters that only choose a part, or an order, of the rows. */
const NARROWING = /^(?:LimitOffset|OrderBy|SearchFilter|NotInSearchFilter|BeforeAfter|OnBeforeAfter)\(/;

/** An instance of a class of the project that is made from one of the package's repositories. */
export function repositoryOf({ class: owner }: InstanceValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  if (!REPOSITORY.test(base.path.at(-1) ?? '')) return undefined;
  const repository = declared(owner, 'repository_type', ctx);
  const of = repository && ctx.read(repository);
  const model = declared(of?.kind === 'classValue' ? of : owner, 'model_type', ctx) ?? modelOfBase(owner, ctx);
  return model && libraryValue(SQLALCHEMY, 'repository', { model } satisfies RepositoryData);
}

/** `SQLAlchemyAsyncRepositoryService[Note]`. */
function modelOfBase(owner: ClassValue, ctx: Context): Value | undefined {
  for (const each of ctx.ancestry(owner)) {
    const type = each.kind === 'classValue' ? each.class.baseTypes[0] : undefined;
    const typed = each.kind === 'classValue' && type ? ctx.typed({ type, scope: each.scope }) : undefined;
    const known = typed && ctx.read(typed);
    if (known?.kind === 'instance') return known.class;
  }
  return undefined;
}

/** What a class says of itself, by an attribute. */
function declared(owner: ClassValue, name: string, ctx: Context): Value | undefined {
  for (const each of ctx.ancestry(owner)) {
    if (each.kind !== 'classValue') continue;
    const field = each.class.fields.find((one) => one.name === name);
    if (field?.value) return ctx.evaluate(field.value, each.scope);
  }
  return undefined;
}

/** `repository.get(id)`, `.list(Note.org_id == org_id)`, `.delete(id)`, `.add(note)`, ... */
export function repositoryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { model } = libraryData<RepositoryData>(object, SQLALCHEMY, 'repository', ctx)!;
  const site: Site = { location: call.location, ctx };
  const [first] = call.arguments.positional;
  const named = call.arguments.named;
  switch (name) {
    case 'get': return sessionMethod(sharedSession(), 'get_one', given(call, [model, first ?? named.get('item_id') ?? nullValue]), ctx);
    case 'get_one': return found('select', model, call, 'one', ctx);
    case 'get_one_or_none': return found('select', model, call, 'one_or_none', ctx);
    case 'list': case 'get_many': return found('select', model, call, 'all', ctx);
    case 'list_and_count': return pair(found('select', model, call, 'all', ctx), call.location, ctx);
    case 'count': case 'exists': found('select', model, call, 'all', ctx); return ctx.input(name, 'trusted', { key: `${name}@${call.location.file}:${call.location.start}` });
    case 'delete': return removed(model, first ?? named.get('item_id'), call, ctx);
    case 'delete_where': return found('delete', model, call, undefined, ctx);
    case 'add': case 'create': { const data = first ?? named.get('data'); if (data) added(data, site); return data; }
    case 'add_many': case 'create_many': return sessionMethod(sharedSession(), 'add_all', given(call, [first ?? named.get('data') ?? nullValue]), ctx);
    case 'update': case 'update_many': case 'delete_many': case 'upsert': case 'upsert_many': case 'get_or_upsert': case 'get_and_update': case 'get_or_create': return runUnknown(`what ${name}() of a repository writes is not known`, site);
    default: return undefined;
  }
}

/** A row is looked up by its key, and deleted. */
function removed(model: Value, key: Value | undefined, call: Call, ctx: Context): Value | undefined {
  const row = sessionMethod(sharedSession(), 'get_one', given(call, [model, key ?? nullValue]), ctx);
  if (row) sessionMethod(sharedSession(), 'delete', given(call, [row]), ctx);
  return row;
}

/** The rows that conditions and named columns ask for. */
function found(kind: 'select' | 'delete', model: Value, call: Call, result: string | undefined, ctx: Context): Value | undefined {
  const conditions = call.arguments.positional.filter((value) => !isNarrowing(value, ctx));
  const columns = new Map([...call.arguments.named].filter(([key]) => !OPTIONS.test(key)));
  const statement = call.arguments.named.get('statement') ?? queryCall(kind, given(call, [model]), ctx);
  const filtered = conditions.length > 0 ? step(statement, 'where', given(call, conditions), ctx) : statement;
  const whole = columns.size > 0 || call.arguments.open ? step(filtered, 'filter_by', { ...call, arguments: { ...call.arguments, positional: [], locations: [], named: columns } }, ctx) : filtered;
  const rows = whole && connectionMethod(sharedSession(), result === undefined ? 'execute' : 'scalars', given(call, [whole]), ctx);
  return rows && result !== undefined ? resultMethod(rows, result, ctx) : rows;
}

function step(statement: Value | undefined, name: string, call: Call, ctx: Context): Value | undefined {
  const known = statement && ctx.read(statement);
  return known?.kind === 'library' ? queryMethod(known, name, call, ctx) : undefined;
}

function isNarrowing(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind === 'input' && NARROWING.test(known.name);
}

function given(call: Call, positional: readonly Value[]): Call {
  const args: Arguments = { positional, named: new Map(), open: false, locations: positional.map(() => call.location) };
  return { ...call, arguments: args };
}

function pair(rows: Value | undefined, location: Location, ctx: Context): Value | undefined {
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return rows && ctx.allocate({ kind: 'list', form: 'tuple', location, items: [item(rows), item(ctx.input('count', 'trusted', { key: `count@${location.file}:${location.start}` }))] });
}
