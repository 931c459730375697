import { callSite, record, unknownQuery, type CallSite } from '../entities/site.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { LibraryValue, RowListValue, RowValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { and, column, equal, equalsAny } from '../build.js';
import { filterOf, type At } from '../entities/filter.js';
import { flagOf, isGiven, itemsOf, onAnyPath, option, textOf, textsOf } from '../entities/given.js';
import { addMany, addRelation, countOf, countTarget, readingOf, resultOf, rowOf, rowsOf, selectOf, type Reading } from '../entities/reading.js';
import { entityOf, type Entity } from '../entities/registry.js';
import { asObject, deleteOf, insertOf, rowsOfValue, updateOf, withoutKey, writtenWhere } from '../entities/writing.js';
import { fieldsOf, optionsOf } from '../objects.js';
import { columnName, relationOf } from '../prisma/models.js';
import { kyselyOf } from '../kysely/index.js';
import { client, runCallbacks } from '../sql-client.js';
import { newBuilder } from './builder.js';
import { dataOf, filterOf as namedFilter, type Filter } from './entities.js';
import { MIKRO } from './members.js';
import { dialect } from './where.js';

const OF_ENTITY = /^(find|findOne|findOneOrFail|findAndCount|findAll|findByCursor|count|insert|insertMany|nativeInsert|upsert|upsertMany|nativeUpdate|nativeDelete)$/;

/** A call on an entity manager (`args` begin with the entity) or a repository. */
export function entityCall(object: LibraryValue, entity: Entity | undefined, name: string, args: readonly Value[], call: Call, ctx: Context): Value | undefined {
  const site = callSite(object, call.location, ctx);
  if (!OF_ENTITY.test(name)) return undefined;
  if (entity === undefined) return unknownQuery(site, 'The entity is not known');
  const [first, second] = args;
  switch (name) {
    case 'findAll': return find(entity, name, onAnyPath(first, 'where', ctx), first, site);
    case 'findByCursor': return unknownQuery(site, 'findByCursor() is not understood');
    case 'count': return count(entity, first, second, site);
    case 'insert': case 'insertMany': case 'nativeInsert': case 'upsert': case 'upsertMany': return insert(entity, name, first, second, site);
    case 'nativeUpdate': case 'nativeDelete': return change(entity, name, args, site);
    default: return find(entity, name, first, second, site);
  }
}

/** The conditions of a call, with the filters that are in force. */
function whereOf(entity: Entity, reading: Reading, where: Value | undefined, options: Value | undefined, { location, ctx }: CallSite): Expression {
  const at: At = { place: reading.place, name: 'where', location, ctx, dialect };
  return and([filterOf(where, at), ...filtersOf(entity, options, ctx).map(({ condition, args }) => filterOf(conditionOf(condition, args, location, ctx), at))], location);
}

/** Filters that are on by themselves or by the options, and not turned off (MikroORM's manual, "Filters"). */
function filtersOf(entity: Entity, options: Value | undefined, ctx: Context): readonly (Filter & { readonly args?: Value })[] {
  const given = option(options, 'filters', ctx);
  const known = given && ctx.read(given);
  if (known?.kind === 'constant' && known.value === false) return [];
  const named = textsOf(known, ctx);
  const global = (ctx.store.get('mikro-orm:filters') ?? []) as readonly (Filter & { readonly entities?: readonly Entity[] })[];
  const all = [...dataOf(entity).filters, ...global.filter(({ entities }) => entities === undefined || entities.includes(entity))];
  return all.flatMap((filter) => {
    const own = option(known, filter.name, ctx);
    if (flagOf(own, ctx) === false || (!filter.enabled && own === undefined && !named.includes(filter.name))) return [];
    return [{ ...filter, ...(own && ctx.read(own).kind === 'object' && { args: own }) }];
  });
}

/** A filter's condition; its arguments are those of the call, else what `setFilterParams` gives, without which MikroORM throws. */
function conditionOf(condition: Value, args: Value | undefined, location: Location, ctx: Context): Value {
  const known = ctx.read(condition);
  return known.kind === 'function' ? ctx.invoke(known, [args ?? ctx.input('the parameters of the filter', 'trusted')], location) : condition;
}

/** `em.addFilter('tenant', cond, entities, enabled)`. */
export function addFilter(call: Call, ctx: Context): Value {
  const [first, second, third, fourth] = call.arguments.positional;
  const isObject = first && ctx.read(first).kind === 'object';
  const made = isObject ? namedFilter(first, ctx).map((each) => ({ ...each, enabled: flagOf(option(first, 'default', ctx), ctx) !== false })) : second ? [{ name: textOf(first, ctx) ?? '', condition: second, enabled: flagOf(fourth, ctx) !== false }] : [];
  const targets = isObject ? option(first, 'entity', ctx) : third;
  const listed = (itemsOf(targets, ctx).length > 0 ? itemsOf(targets, ctx) : targets ? [targets] : []).flatMap((each) => entityOf(MIKRO, each, ctx) ?? []);
  ctx.journal.changes++;
  ctx.store.set('mikro-orm:filters', [...(ctx.store.get('mikro-orm:filters') ?? []) as Filter[], ...made.map((each) => ({ ...each, ...(listed.length > 0 && { entities: listed }) }))]);
  return undefinedValue;
}

function find(entity: Entity, name: string, where: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const reading = readingOf(entity.model, location);
  addPopulated(reading, option(options, 'populate', ctx), site);
  const isOne = name.startsWith('findOne');
  const limited = isOne ? !namesKey(where, entity, ctx) : isGiven(option(options, 'limit', ctx), ctx) || isGiven(option(options, 'offset', ctx), ctx);
  const rows = { reading, where: whereOf(entity, reading, where, options, site), limited, location };
  record(site, selectOf(rows));
  const result = resultOf(rows, MIKRO, ctx);
  if (isOne) return rowOf(result, !name.endsWith('OrFail'), ctx);
  if (name !== 'findAndCount') return rowsOf(result);
  const item = (value: Value) => ({ value, maybe: false, repeated: false });
  return ctx.allocate({ kind: 'list', form: 'list', items: [item(rowsOf(result)), item(countOf(rows, ctx))], location });
}

function namesKey(where: Value | undefined, entity: Entity, ctx: Context): boolean {
  const known = where && ctx.read(where);
  const [key] = entity.key();
  if (known?.kind !== 'object') return known?.kind === 'input' || known?.kind === 'field' || known?.kind === 'constant';
  return fieldsOf(known, ctx).given.some((each) => each.key === key && !each.maybe && !['object', 'list', 'union'].includes(ctx.read(each.value).kind));
}

/** `populate: ['org', 'items.product']`. */
function addPopulated(reading: Reading, populate: Value | undefined, { location, ctx }: CallSite): void {
  for (const path of textsOf(populate, ctx)) {
    let root = reading;
    let from: Reading | undefined = reading;
    for (const name of path.split('.')) {
      const relation: ReturnType<typeof relationOf> = from && relationOf(from.place.model, name);
      if (from === undefined || relation === undefined) break;
      from = relation.list ? addMany(root, from, name, location, ctx) : addRelation(root, from, name, 'left', location, ctx);
      if (relation.list && from) root = from;
    }
  }
}

function count(entity: Entity, where: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const reading = readingOf(entity.model, site.location);
  const rows = { reading, where: whereOf(entity, reading, where, options, site), location: site.location };
  record(site, selectOf(rows, [countTarget(site.location)]));
  return countOf(rows, site.ctx);
}

function insert(entity: Entity, name: string, value: Value | undefined, options: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const rows = rowsOfValue(value, entity.model, 'create', ctx);
  if (rows.length === 0) return unknownQuery(site, 'The rows that are inserted are not known');
  const given = textsOf(option(options, 'onConflictFields', ctx), ctx).map((each) => columnName(entity.model, each) ?? each);
  const primary = entity.model.constraints.find((each) => each.kind === 'primaryKey')?.columns ?? [];
  const has = new Set(rows[0]!.assigned.map((each) => each.column));
  const uniques = entity.model.constraints.flatMap((each) => (each.kind === 'unique' && each.columns.every((own) => has.has(own)) ? [each.columns] : []));
  const key = given.length > 0 ? given : primary.every((each) => has.has(each)) ? primary : uniques[0] ?? primary;
  const query = insertOf(entity.model, rows, location, name.startsWith('upsert') ? { action: 'update', columns: key, set: rows[0]!.assigned.filter((each) => !key.includes(each.column)), location } : undefined);
  record(site, query);
  const reading = readingOf(entity.model, location);
  const result = resultOf({ reading, where: writtenWhere(query, reading.place.alias), isWritten: true, location }, MIKRO, ctx, rows.length === 1 ? rows[0]!.written : undefined);
  return name === 'upsert' ? rowOf(result, false, ctx) : name === 'upsertMany' ? rowsOf(result) : unknownValue('the key of a row that was inserted');
}

function change(entity: Entity, name: string, args: readonly Value[], site: CallSite): Value {
  const { location, ctx } = site;
  const [where, second, third] = args;
  const reading = readingOf(entity.model, location);
  const condition = whereOf(entity, reading, where, name === 'nativeUpdate' ? third : second, site);
  const { alias } = reading.place;
  if (name === 'nativeDelete') record(site, deleteOf(entity.model, alias, condition, location));
  else for (const data of rowsOfValue(second, entity.model, 'update', ctx)) record(site, updateOf(entity.model, alias, condition, data, location));
  return countOf({ reading, where: condition, location }, ctx);
}

/** persist and remove of rows, objects and instances. */
function persisted(name: string, value: Value | undefined, site: CallSite): Value {
  const { location, ctx } = site;
  const removes = name.startsWith('remove');
  for (const known of optionsOf(value ?? undefinedValue, ctx)) {
    const items = known.kind === 'list' ? known.items.map((item) => ctx.read(item.value)) : [known];
    for (const each of items) {
      if (each.kind === 'row' || each.kind === 'rowList') {
        if (removes) removeRows(each, site);
        continue;
      }
      const made = each.kind === 'library' && each.type === 'created' ? each.data as { entity: Entity; value: Value } : undefined;
      const entity = made?.entity ?? entityOf(MIKRO, each, ctx);
      if (entity === undefined || (each.kind === 'instance' && (each.given === true || each.fields.size === 0))) {
        if (each.kind !== 'constant') unknownQuery(site, 'What is stored is not known');
        continue;
      }
      if (removes) unknownQuery(site, 'What is removed is not known');
      else record(site, insertOf(entity.model, rowsOfValue(made ? made.value : each.kind === 'instance' ? ctx.allocate(asObject(each)) : each, entity.model, 'create', ctx), location));
    }
  }
  return value ?? undefinedValue;
}

/** `em.assign(entity, data)`: of a row that was read it is a change, which the next flush sends. */
export function assignTo(target: Value, data: Value | undefined, site: CallSite): Value {
  const { ctx, location } = site;
  if (data === undefined) return target;
  for (const each of optionsOf(target, ctx)) if (each.kind === 'row') changeRow(each, data, site);
  ctx.assign(target, ctx.spread(data, location), location);
  return target;
}

/** The UPDATE of a row that data is put into; MikroORM knows the row by the key it was read with. */
export function changeRow(row: RowValue, data: Value, site: CallSite): void {
  const { ctx, location } = site;
  const entity = row.path.length === 0 ? entityOf(MIKRO, row, ctx) : undefined;
  if (entity === undefined) return;
  const reading = readingOf(entity.model, location);
  for (const each of rowsOfValue(data, entity.model, 'update', ctx)) record(site, updateOf(entity.model, reading.place.alias, byKey(row, entity, reading, site), withoutKey(each, entity.model), location));
}

function byKey(row: RowValue | RowListValue, entity: Entity, reading: Reading, { location, ctx }: CallSite): Expression {
  const [key = 'id'] = entity.key();
  const field = column(reading.place.alias, columnName(entity.model, key) ?? key, location);
  const own = ctx.expression({ kind: 'field', result: row.result, path: [...row.path, key], many: row.kind === 'rowList', maybe: false }, location);
  return row.kind === 'rowList' ? equalsAny(field, own, location) : equal(field, own, location);
}

function removeRows(row: RowValue | RowListValue, site: CallSite): void {
  const { location, ctx } = site;
  const entity = entityOf(MIKRO, row, ctx);
  if (entity === undefined) return void unknownQuery(site, 'What is removed is not known');
  const reading = readingOf(entity.model, location);
  record(site, deleteOf(entity.model, reading.place.alias, byKey(row, entity, reading, site), location));
}

/** A call on an entity manager. */
export function managerMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second, ...rest] = call.arguments.positional;
  const site = callSite(object, call.location, ctx);
  switch (name) {
    case 'fork': case 'getContext': return object;
    case 'transactional': return runCallbacks(call, ctx, [ctx.connections.own(object, 'always')]);
    case 'getRepository': case 'repo': return { ...object, type: 'repository', data: entityOf(MIKRO, first, ctx) };
    case 'create': return created(entityOf(MIKRO, first, ctx), second, call, ctx);
    case 'assign': return assignTo(first ?? undefinedValue, second, site);
    case 'persist': case 'persistAndFlush': case 'persistLater': persisted(name, first, site); return object;
    case 'remove': case 'removeAndFlush': case 'removeLater': persisted(name, first, site); return object;
    case 'addFilter': return addFilter(call, ctx);
    case 'getReference': return second ?? unknownValue('a reference');
    case 'execute': return queriesOfText(first ?? undefinedValue, boundOf(second, ctx), ctx, call.location, MIKRO, { question: 'values', ...(object.access && { access: object.access }) });
    case 'getKnex': return client('knex', 'client');
    case 'getKysely': return kyselyOf(object, ctx);
    case 'getConnection': case 'getDriver': return { ...object, type: 'connection' };
    case 'createQueryBuilder': case 'qb': return newBuilder(ctx, entityOf(MIKRO, first, ctx), second, call, object);
    case 'populate': case 'refresh': case 'merge': case 'map': return first ?? undefinedValue;
    case 'flush': case 'clear': case 'begin': case 'commit': case 'rollback': case 'setFilterParams': case 'lock': case 'canPopulate': case 'isInTransaction': return undefinedValue;
    default: return entityCall(object, entityOf(MIKRO, first, ctx), name, second === undefined ? [] : [second, ...rest], call, ctx);
  }
}

/** A call on a repository. */
export function repositoryMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const entity = object.data as Entity | undefined;
  const args = call.arguments.positional;
  if (name === 'create') return created(entity, args[0], call, ctx);
  if (name === 'qb' || name === 'createQueryBuilder') return newBuilder(ctx, entity, args[0], call, object);
  if (name === 'getEntityManager') return { ...object, type: 'manager', data: undefined };
  const own = entityCall(object, entity, name, args, call, ctx);
  return own ?? managerMethod({ ...object, type: 'manager', data: undefined }, name, call, ctx);
}

/** `em.create(Entity, data)`: stored when it is persisted; until then its properties can be set. */
function created(entity: Entity | undefined, value: Value | undefined, call: Call, ctx: Context): Value {
  const { location } = call;
  const known = value && ctx.read(value);
  const entries = known?.kind === 'object' ? known.entries : value ? [{ kind: 'spread' as const, value, maybe: false, location }] : [];
  if (entity?.owner === undefined) return ctx.allocate({ kind: 'object', entries, location });
  const fields = new Map(entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, entry.value] as const] : [])));
  if (entries.some((entry) => entry.kind === 'spread' || entry.maybe)) {
    return { kind: 'library', library: MIKRO, type: 'created', data: { entity, value: ctx.allocate({ kind: 'object', entries, location }) } };
  }
  return ctx.allocate({ kind: 'instance', class: entity.owner, fields });
}

