import { NO_TABLE, type CodeModule, type LikelyClient, type LikelyQuery } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { ModelTable } from '../../facts/schema.js';
import type { Catalog } from '../catalog/types.js';
import { singular, words } from '../names.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import type { ExternalValue, InputValue, LibraryValue, Value } from './values.js';

/** Names of clients that see the rows of one tenant only: which those are, their code would have to say. */
const SCOPED = /tenant|scoped|rls|isolat|secure|restrict|guard|polic|bound|for_?(?:org|account|workspace|user)/i;
/** What names a tenant, or somebody who belongs to one. */
const OF_TENANT = /tenant|org|account|workspace|team|company|customer|project|user|session|auth|claims/i;
/** What only makes a client, of a request's cookies or of settings. */
const MADE = /^create\w*Client\(\.\.\.\)$/;
/** What is given there says which columns are read, of whatever is asked: `db.select({ id: notes.id })`. */
const CHOSEN = /^[\w$.]+\.select(?:Distinct(?:On)?)?\(\.\.\.\)$/;
/** Calls that only hand on a connection, or begin a transaction. */
const OF_TRANSACTION = /trans|tx|atomic|connect|acquire|lock|task|batch/i;
/** Drivers of databases that are no PostgreSQL: what a file that has one asks of may be that. */
const OTHER = /clickhouse|sqlite|libsql|mysql|mariadb|mssql|tedious|oracledb|duckdb|bigquery|snowflake|cassandra|databricks|trino|redshift|athena/i;

/** Whether SQL of a module may be for another database than PostgreSQL. */
function asksOther({ imports }: CodeModule): boolean {
  return imports.some(({ target: { module } }) => OTHER.test(module));
}

/** The calls of a module that look like queries of a model or table of the project. @param known the names of these, by ORM: see `likelyNames` */
export function likelyIn(module: CodeModule | undefined, known: ReadonlySet<string>): readonly LikelyQuery[] {
  return module?.operations?.filter((each) => known.has(`${each.orm} ${each.of}`) && (each.orm !== 'sql' || !asksOther(module))) ?? [];
}

/** By which names calls that look like queries speak of models and tables. */
export function likelyNames(models: readonly ModelTable[], tables: Iterable<string>): ReadonlySet<string> {
  const ofTables = [...tables].flatMap((name) => [`kysely ${name}`, `supabase ${name}`, `sql ${name}`, ...classesOf(name)]);
  return new Set([...ofTables, ...models.map(({ orm, modelName }) => `${orm === 'typeorm' || orm === 'mikro-orm' ? 'entity' : orm} ${orm === 'prisma' ? modelName.charAt(0).toLowerCase() + modelName.slice(1) : modelName}`)]);
}

/** What Python's models of a table are called that are not there: `InvoiceLine` of `invoice_lines`, and of Django's `shop_invoiceline` with the name of its app in front. */
function classesOf(table: string): string[] {
  const parts = words(table);
  const [app, ...rest] = parts;
  const camel = (all: readonly string[]): string[] => [all, [...all.slice(0, -1), ...all.slice(-1).map(singular)]].map((each) => each.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(''));
  return [...camel(parts).flatMap((name) => [`django ${name}`, `sqlalchemy ${name}`]), ...(app !== undefined && rest.length > 0 ? camel(rest).map((name) => `django ${name}`) : [])];
}

/** The clients that calls which look like queries would have, by file and place. */
export class Presumptions {
  /** What is not known of the clients that the code which is followed is given. */
  access: 'untold' | 'policed' | undefined;
  /** Values that were taken for clients in the function that is followed, by their keys. */
  readonly taken = new Map<string, LibraryValue>();
  private readonly places = new Map<string, ReadonlyMap<string, LikelyClient>>();

  private readonly known: ReadonlySet<string>;
  /** Where policies bind rows, what hands clients on may have told the database who asks. */
  readonly hasPolicies: boolean;

  constructor(private readonly modules: ReadonlyMap<string, CodeModule>, models: readonly ModelTable[], catalogs: readonly Catalog[]) {
    const tables = catalogs.flatMap((catalog) => [...catalog.tables.values()]);
    this.known = likelyNames(models, [...tables.map(({ name }) => name), ...models.map(({ name }) => name.name)]);
    this.hasPolicies = tables.some(({ rowSecurity, policies }) => rowSecurity && policies.length > 0);
  }

  /** What the value at a place is the client of. */
  at({ file, start, end }: Location): LikelyClient | undefined {
    return this.of(file)?.get(`${start}:${end}`);
  }

  /** Where such clients are in a file. */
  placesIn(file: string): readonly Location[] {
    return [...this.of(file)?.values() ?? []].map(({ location }) => location);
  }

  private likelyOf(file: string): readonly LikelyQuery[] {
    const module = this.modules.get(file);
    const found = likelyIn(module, this.known);
    return found.some(({ orm }) => orm === 'sql') ? [...found, ...module!.operations!.filter(({ orm, of }) => orm === 'sql' && of === NO_TABLE)] : found;
  }

  private of(file: string): ReadonlyMap<string, LikelyClient> | undefined {
    let found = this.places.get(file);
    if (found === undefined) this.places.set(file, found = new Map(this.likelyOf(file).flatMap(({ client }) => (client === undefined ? [] : [[`${client.location.start}:${client.location.end}`, client]]))));
    return found.size === 0 ? undefined : found;
  }
}

/**
 * A value that nothing tells more of (a package outside of the project exports it, a parameter has no type), where something is asked of it that only
 * a client of one library answers, about a model or table of the project: that client.
 */
export function presumedAt(m: Machine, value: Value, location: Location): Value {
  const { presumptions } = m;
  const inner = m.read(value);
  const sees = presumptions && seenBy(m, inner);
  if (sees === undefined) return value;
  const { taken } = presumptions!;
  const key = keyOf(inner);
  const known = taken.get(key);
  const { module, name, members = [] } = presumptions!.at(location) ?? {};
  if (module === undefined) return known ?? value;
  const library = m.libraryOf(module);
  const client = known !== undefined && library?.name === known.library ? known : library?.typed?.({ kind: 'external', module, path: [name!] }, [], m);
  if (client?.kind !== 'library') return value;
  const given = withAccess(m, client, sees);
  if (members.length === 0 && key !== '') taken.set(key, given);
  return members.reduce((object: Value, member) => m.read(m.member(object, member)), given);
}

/** The client that a value has to be, of which nothing more is known, by what it is given: a statement, a model, a table of a library. */
export function presumedFor(m: Machine, value: Value, name: string, call: Call): Value | undefined {
  const { presumptions } = m;
  if (call.arguments.positional.length === 0 || (presumptions === undefined && !m.isLoading)) return undefined;
  const sees = seenBy(m, value);
  if (sees === undefined) return undefined;
  const taken = presumptions?.taken;
  for (const { presumed } of m.program.libraries) {
    const found = presumed?.(name, call, m);
    if (found === undefined) continue;
    const key = keyOf(value);
    // One connection each time: what was set on it holds for what follows.
    const known = taken?.get(key);
    if (known?.library === found.library) return known;
    const given = withAccess(m, found, sees);
    if (given.access !== undefined && key !== '') taken?.set(key, given);
    return given;
  }
  return undefined;
}

/** Whether a call that nothing is known of may give its callbacks what sees one tenant only: by its name, by what else it is given, by policies. */
export function bindsClients(m: Machine, name: string | undefined, given: readonly Value[]): Presumptions['access'] {
  if (m.presumptions === undefined) return undefined;
  if ((name !== undefined && SCOPED.test(name)) || given.some((each) => isOfTenant(m.read(each)))) return 'untold';
  return m.presumptions.hasPolicies && name !== undefined && !OF_TRANSACTION.test(name) ? 'policed' : undefined;
}

function isOfTenant(value: Value): boolean {
  return value.kind === 'input' ? OF_TENANT.test(value.name) : value.kind === 'field' && value.path.some((part) => OF_TENANT.test(part));
}

/** Runs code that is given clients of which somebody else knows more. */
export function withHanded(m: Machine, access: Presumptions['access'], work: () => void): void {
  const { presumptions } = m;
  if (presumptions === undefined || access === undefined) return work();
  const before = presumptions.access;
  presumptions.access = access;
  try {
    work();
  } finally {
    presumptions.access = before;
  }
}

function withAccess(m: Machine, client: LibraryValue, sees: Sees): LibraryValue {
  const access = sees === 'untold' ? sees : m.presumptions?.access;
  return access === undefined ? client : { ...client, access };
}

/** Whose rows a client sees, as far as its name tells: one that says that it sees one tenant only may. */
type Sees = 'all' | 'untold';

/** @returns nothing where more is known of the value */
function seenBy(m: Machine, value: Value): Sees | undefined {
  switch (value.kind) {
    case 'unknown': return 'all';
    // What a call gives that was given something may be bound to it: that call would have to be followed.
    case 'input': return isUnbound(value) ? byName(value.name) : undefined;
    case 'external': return m.libraryBehind(value) === undefined || isGlobal(value) ? byName(`${value.module} ${value.path.join('.')}`) : undefined;
    case 'union': {
      const all = value.options.map((option) => seenBy(m, m.read(option.value)));
      return all.length === 0 || all.includes(undefined) ? undefined : all.includes('untold') ? 'untold' : 'all';
    }
    default: return undefined;
  }
}

function byName(name: string): Sees {
  return SCOPED.test(name) ? 'untold' : 'all';
}

/** Whether nothing was given to the call that made it, or else only what makes a client. */
function isUnbound({ name, key }: InputValue): boolean {
  const [, given = ''] = /:\d+\((.*)/s.exec(key) ?? [];
  return given === '' || given.startsWith(')') || CHOSEN.test(name) || (MADE.test(name) && !OF_TENANT.test(given));
}

/** A name that nothing declares. */
function isGlobal({ module, path }: ExternalValue): boolean {
  return module.startsWith('global:') && path.length === 1;
}

function keyOf(value: Value): string {
  return value.kind === 'input' ? value.key : value.kind === 'external' ? `${value.module}#${value.path.join('.')}` : '';
}
