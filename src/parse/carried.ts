import type { AssignmentExpression, Carried, CodeCall, CodeExpression, CodeModule, CodeStatement, DeclareStatement, ImportStatement, LikelyQuery, MemberExpression, Parameter, Pattern } from '../facts/code.js';
import { isWithin, type Location } from '../facts/location.js';
import { clientAt, nameOf } from './likely-client.js';
import { isPart, likelyPython } from './likely-python.js';
import { noteSql, noTexts, textsSent } from './likely-sql.js';

/** What applications, requests and contexts are called. */
const CARRIER = /^_?(?:app|fastify|server|instance|c|ctx|context|event|locals|req|request)$/;
/** Members of these that hold what was given to them. */
const HOLDER = /^(?:server|app|locals|var|context|state|c|ctx)$/;
/** Names under which a client of a database, or what is made around one, is handed on. */
const CLIENT = /db|database|prisma|knex|kysely|drizzle|sequelize|supabase|sql|orm|pool|client|models|pg|postgres|repo|store|service/i;
/** What frameworks themselves put there, or those who authenticate. */
const OWN = /^(?:body|params|query|headers|json|cookies|method|url|path|ip|user|session|auth|status|get|set|send|log|logger|next|raw|id|text|header|req|res)$/;

/** Operations that nothing else than a client of Prisma is likely to have, or Drizzle's relational queries; those of Kysely, and of supabase-js behind `from`. */
const OPERATION = /^(?:find(?:Many|Unique|UniqueOrThrow|First|FirstOrThrow)|(?:create|update|delete)Many(?:AndReturn)?|upsert|groupBy)$/;
/** What Drizzle's builders begin with, to what follows it; `delete(notes)` has nothing that has to follow. */
const DRIZZLE: ReadonlyMap<string, RegExp> = new Map([['from', /^select(?:Distinct(?:On)?)?$/], ['values', /^insert$/], ['set', /^update$/]]);
/** Operations that other things have as well, of what is called as clients of Prisma are. */
const OF_ONE = /^(?:create|update|delete|count|aggregate)$/;
const OF_PRISMA = /prisma|^(?:db|tx|trx)$/i;
const KYSELY = /^(?:selectFrom|insertInto|updateTable|deleteFrom)$/;
/** Operations of TypeORM and MikroORM that are given the entity first, those that only Sequelize's models have, and what gives a repository. */
const OF_ENTITY = /^(?:find(?:One|All)?(?:By|OrFail|ByOrFail)?|findAndCount(?:By)?|count(?:By)?|exists?(?:By)?|insert|update|upsert|delete|softDelete|restore|nativeInsert|nativeUpdate|nativeDelete|createQueryBuilder)$/;
const INTO = /^(?:from|update|into)$/;
const SEQUELIZE = /^(?:findByPk|findAll|findAndCountAll|findOrCreate|findCreateFind|bulkCreate|destroy)$/;
const REPOSITORY = /^get(?:Tree|Mongo|Custom)?Repository$/;
/** What Kysely hands to callbacks: a part of the query around it. */
const BUILDER = /^(?:eb|\w*[bB]uilder)$/;
const SUPABASE = /^(?:select|insert|update|upsert|delete)$/;
const KNEX = /^(?:where\w*|select|first|insert|update|del|delete|count|pluck|orderBy|join|leftJoin|innerJoin|increment|decrement)$/;
/** What clients of these are called, whose queries begin alike. */
const OF_SUPABASE = /supabase|^sb$|^client$/i;
const OF_KNEX = /knex|^(?:db|database|conn|connection|trx|tx|qb)$/i;

interface Seen {
  readonly given: Set<string>;
  readonly asked: Set<string>;
  readonly operations: LikelyQuery[];
}

/** Of a language whose frameworks carry nothing: what in a module looks like queries, of models or in SQL that something is given. */
export function queriesIn(body: readonly CodeStatement[]): Pick<CodeModule, 'operations'> {
  const texts = noTexts('python');
  const operations: LikelyQuery[] = [];
  const parts: Location[] = [];
  walk(body, (node) => {
    if (node.kind === 'call') {
      operations.push(...likelyPython(node as CodeCall));
      if (isPart(node as CodeCall)) parts.push((node as CodeCall).location);
    }
    noteSql(node, texts);
  });
  return operationsOf([...operations.filter(({ location }) => !parts.some((part) => isWithin(location, part))), ...textsSent(texts)]);
}

/**
 * What a module gives to applications, requests and contexts of web frameworks under a name, and what it asks them for (`app.decorate('db', pool)`,
 * `app.db`); and what in it looks like queries.
 */
export function seenIn(body: readonly CodeStatement[]): Pick<CodeModule, 'carried' | 'operations'> {
  const seen: Seen = { given: new Set(), asked: new Set(), operations: [] };
  const texts = noTexts('javascript');
  walk(body, (node) => {
    read(node, seen);
    noteSql(node, texts);
  });
  const carried: Carried = { given: [...seen.given].sort(), asked: [...seen.asked].sort() };
  return { ...(carried.given.length + carried.asked.length > 0 && { carried }), ...operationsOf([...seen.operations, ...textsSent(texts)]) };
}

function operationsOf(operations: readonly LikelyQuery[]): Pick<CodeModule, 'operations'> {
  return operations.length === 0 ? {} : { operations: operations.toSorted((a, b) => a.location.start - b.location.start) };
}

function walk(body: readonly CodeStatement[], visit: (node: { readonly kind?: string }) => void): void {
  const open: object[] = [body];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    visit(each);
    for (const key in each) {
      const part = (each as Record<string, unknown>)[key];
      if (typeof part === 'object' && part !== null && key !== 'location' && key !== 'propertyLocation') open.push(part);
    }
  }
}

function read(node: { readonly kind?: string }, { given, asked, operations }: Seen): void {
  switch (node.kind) {
    // The plugin puts its pool there.
    case 'import': return void ((node as ImportStatement).module === '@fastify/postgres' && given.add('pg'));
    case 'call':
      operations.push(...likelyQuery(node as CodeCall));
      return readCall(node as CodeCall, given, asked);
    case 'member': {
      const { object, property } = node as MemberExpression;
      if (isCarrier(object) && !OWN.test(property)) asked.add(property);
      return;
    }
    case 'assignment': {
      const { target } = node as AssignmentExpression;
      const member = target.kind === 'target' && target.expression.kind === 'member' ? target.expression : undefined;
      if (member !== undefined && isCarrier(member.object) && CLIENT.test(member.property)) given.add(member.property);
      return;
    }
    case 'declare': {
      const { target, value } = node as DeclareStatement;
      if (value !== undefined && isCarrier(value)) keysOf(target).forEach((key) => asked.add(key));
      return;
    }
    case 'functionValue': {
      const [first] = (node as { readonly function: { readonly parameters: readonly Parameter[] } }).function.parameters;
      if (first !== undefined) keysOf(first.target).filter((key) => CLIENT.test(key)).forEach((key) => asked.add(key));
    }
  }
}

/** `db.note.findMany(...)`, `db.query.notes.findMany(...)`, `db.selectFrom('notes')`, `db.from('notes').select()`, `knex('notes').where(...)`. */
function likelyQuery({ callee, arguments: given, location }: CodeCall): LikelyQuery[] {
  if (callee.kind !== 'member') return [];
  const { object, property } = callee;
  if (object.kind === 'member' && (OPERATION.test(property) || (OF_ONE.test(property) && OF_PRISMA.test(nameOf(object.object) ?? '') && (given.length === 0 ? property === 'count' : given[0]!.value.kind === 'object')))) return [ofModel(object, location)];
  const entity = OF_ENTITY.test(property) ? entityOf(given) ?? (object.kind === 'call' && REPOSITORY.test(nameOf(object.callee) ?? '') ? entityOf(object.arguments) : undefined) : undefined;
  if (entity !== undefined) return [{ orm: 'entity', of: entity, location }];
  const begun = INTO.test(property) ? begunBuilder(object) : undefined;
  const built = begun && entityOf(given);
  if (built !== undefined) return [{ orm: 'entity', of: built, location, ...clientAt(begun!, begun!, 'typeorm', 'DataSource') }];
  const table = ofDrizzle(callee, given);
  if (table !== undefined) return [{ orm: 'drizzle', of: table, location }];
  if (SEQUELIZE.test(property) && object.kind === 'member') return [{ orm: 'sequelize', of: object.property, location }];
  return KYSELY.test(property) && !(object.kind === 'name' && BUILDER.test(object.name)) ? ofTable('kysely', given, location, clientAt(object, object, 'kysely', 'Kysely'))
    : object.kind === 'call' ? fromTable(object, property, location) : [];
}

/** `db.note`, `db.query.notes`. */
function ofModel(model: MemberExpression, location: Location): LikelyQuery {
  const { object, property: of } = model;
  return object.kind === 'member' && object.property === 'query' ? { orm: 'drizzle', of, location, ...clientAt(object.object, model, 'drizzle-orm/node-postgres', 'NodePgDatabase', ['query', of]) }
    : { orm: 'prisma', of, location, ...clientAt(object, model, '@prisma/client', 'PrismaClient', [of]) };
}

/** The table of `db.select().from(notes)`, `db.insert(notes).values(...)`, `db.update(schema.notes).set(...)`, `db.delete(notes)`. */
function ofDrizzle({ object, property }: MemberExpression, given: CodeCall['arguments']): string | undefined {
  if (property === 'delete') return OF_KNEX.test(nameOf(object) ?? '') ? variableOf(given) : undefined;
  const begun = object.kind === 'call' && DRIZZLE.get(property)?.test(nameOf(object.callee) ?? '') === true ? object : undefined;
  return begun && variableOf(property === 'from' ? given : begun.arguments);
}

function ofTable(orm: LikelyQuery['orm'], given: CodeCall['arguments'], location: Location, client: Pick<LikelyQuery, 'client'>): LikelyQuery[] {
  const of = textOf(given);
  return of === undefined ? [] : [{ orm, of, location, ...client }];
}

/** What follows `db.from('notes')`, or `knex('notes')`. */
function fromTable({ callee, arguments: given }: CodeCall, property: string, location: Location): LikelyQuery[] {
  const name = nameOf(callee.kind === 'member' ? callee.object : callee) ?? '';
  if (callee.kind === 'member' && callee.property === 'from') {
    const begun = callee.object.kind === 'call' && callee.object.callee.kind === 'member' && /^(?:select|distinct|column|with)$/.test(callee.object.callee.property) ? callee.object.callee.object : undefined;
    if (begun !== undefined) return OF_KNEX.test(nameOf(begun) ?? '') && KNEX.test(property) ? ofTable('supabase', given, location, clientAt(begun, begun, 'knex', 'Knex')) : [];
    const client = OF_KNEX.test(name) ? clientAt(callee.object, callee.object, 'knex', 'Knex') : OF_SUPABASE.test(name) ? clientAt(callee.object, callee.object, '@supabase/supabase-js', 'SupabaseClient') : {};
    return SUPABASE.test(property) || (OF_KNEX.test(name) && KNEX.test(property)) ? ofTable('supabase', given, location, client) : [];
  }
  return OF_KNEX.test(nameOf(callee) ?? '') && KNEX.test(property) ? ofTable('supabase', given, location, clientAt(callee, callee, 'knex', 'Knex')) : [];
}

/** What `createQueryBuilder()` was asked of, that a chain of calls begins with. */
function begunBuilder(node: CodeExpression): CodeExpression | undefined {
  if (node.kind !== 'call' || node.callee.kind !== 'member') return undefined;
  const { object, property } = node.callee;
  return property === 'createQueryBuilder' ? (node.arguments.length === 0 ? object : undefined) : begunBuilder(object);
}

/** A class that is given first: `find(Note, ...)`. */
function entityOf([first]: CodeCall['arguments']): string | undefined {
  return first?.value.kind === 'name' && first.spread === undefined && /^[A-Z]/.test(first.value.name) ? first.value.name : undefined;
}

/** What is given first, where it is a name or a member of one: `notes`, `schema.notes`. */
function variableOf([first]: CodeCall['arguments']): string | undefined {
  return first === undefined || first.spread !== undefined ? undefined : nameOf(first.value);
}

/** The table that a text names: `notes`, `app.notes as n`. */
function textOf([first]: CodeCall['arguments']): string | undefined {
  return first?.value.kind === 'literal' && typeof first.value.value === 'string' ? /^(?:\w+\.)?(\w+)/.exec(first.value.value)?.[1] : undefined;
}

/** `app.decorate('db', pool)`, `c.set('db', db)`, `c.get('db')`. */
function readCall({ callee, arguments: [first, second] }: CodeCall, given: Set<string>, asked: Set<string>): void {
  if (callee.kind !== 'member' || first?.value.kind !== 'literal' || typeof first.value.value !== 'string') return;
  const name = first.value.value;
  if (/^decorate(?:Request)?$/.test(callee.property)) given.add(name);
  else if (isCarrier(callee.object) && callee.property === 'set' && second !== undefined && CLIENT.test(name)) given.add(name);
  else if (isCarrier(callee.object) && callee.property === 'get' && second === undefined && !name.includes('/')) asked.add(name);
}

function isCarrier(node: CodeExpression): boolean {
  if (node.kind === 'name') return CARRIER.test(node.name);
  return node.kind === 'member' && HOLDER.test(node.property) && isCarrier(node.object);
}

function keysOf(target: Pattern): string[] {
  return target.kind === 'object' ? target.properties.flatMap(({ key, target: inner }) => [...keysOf(inner), ...(typeof key === 'string' && !OWN.test(key) ? [key] : [])]) : [];
}
