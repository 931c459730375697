import type { Call, Context } from '../../library.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue, unknownValue } from '../../values.js';
import { option, textOf } from '../entities/given.js';
import { entityOf, type Entity } from '../entities/registry.js';
import { client, runCallbacks } from '../sql-client.js';
import { newBuilder } from './builder.js';
import { aggregate, find } from './find.js';
import { TYPEORM } from './members.js';
import { builderMethod } from './run.js';
import { callSite, unknownQuery } from '../entities/site.js';
import { asObject } from '../entities/writing.js';
import type { Site } from './site.js';
import { change, insert, remove, save } from './write.js';

/** A repository: of an entity, where that is known. */
export interface RepositoryData {
  readonly entity: Entity | undefined;
  /** `repository.extend({ ... })`. */
  readonly own?: Value;
}

/** The repository of an entity. */
export function repository(entity: Entity | undefined, from?: LibraryValue): LibraryValue {
  return { kind: 'library', library: TYPEORM, type: 'repository', data: { entity } satisfies RepositoryData, ...(from?.access && { access: from.access }) };
}

const FINDERS = /^(find|findBy|findAndCount|findAndCountBy|findOne|findOneBy|findOneOrFail|findOneByOrFail|findOneById|findByIds|count|countBy|exist|exists|existsBy)$/;
const CHANGES = /^(update|delete|softDelete|restore|increment|decrement)$/;
const NOT_UNDERSTOOD = /^(findTrees|findRoots|findDescendants|findDescendantsTree|countDescendants|findAncestors|findAncestorsTree|countAncestors|clear|updateAll|deleteAll|createDescendantsQueryBuilder)$/;

/** A call on a repository, or of a method of an entity manager with its entity. */
export function repositoryMethod(object: LibraryValue, entity: Entity | undefined, name: string, call: Call, ctx: Context, args = call.arguments.positional): Value | undefined {
  const common = { ...callSite(object, call.location, ctx), name, args };
  if (name === 'save') return save(args[0], entity, common);
  if (/^(remove|softRemove|recover)$/.test(name)) return remove(args[0], entity, common);
  if (name === 'query') return rawQuery(object, call, ctx);
  if (name === 'create') return created(args[0], entity, call, ctx);
  if (name === 'merge') return merged(args, call, ctx);
  if (name === 'getId' || name === 'hasId' || name === 'target') return unknownValue(name);
  if (name === 'createQueryBuilder') return queryBuilder(object, entity, args[0], call, ctx);
  const isQuery = FINDERS.test(name) || CHANGES.test(name) || NOT_UNDERSTOOD.test(name) || /^(insert|upsert|sum|average|minimum|maximum|preload)$/.test(name);
  if (!isQuery) return undefined;
  if (entity === undefined) return unknownQuery(common, 'The entity of the repository is not known');
  const site: Site = { ...common, entity };
  if (FINDERS.test(name)) return find(name === 'findByIds' || name === 'findOneById' ? { ...site, name: name === 'findByIds' ? 'findIds' : 'findOne' } : site);
  if (CHANGES.test(name)) return change(site);
  switch (name) {
    case 'insert': case 'upsert': return insert(site);
    case 'preload': return preload(args[0], site, ctx);
    case 'sum': case 'average': case 'minimum': case 'maximum': return aggregate(site);
    default: return unknownQuery(site, `${name}() is not understood`);
  }
}

/** `merge(entity, ...data)` puts data into an entity, and sends nothing. */
function merged([target, ...data]: readonly Value[], { location }: Call, ctx: Context): Value {
  if (target === undefined) return undefinedValue;
  ctx.assign(target, data.flatMap((each) => ctx.spread(each, location)), location);
  return target;
}

/** `preload({ id, ... })` reads the row of the id and puts the rest into it. */
function preload(value: Value | undefined, site: Parameters<typeof find>[0], ctx: Context): Value {
  const [key] = site.entity.key();
  const id = key === undefined ? undefined : option(value, key, ctx);
  if (id === undefined || key === undefined) return unknownQuery(site, 'The key of the row is not known');
  const row = find({ ...site, name: 'findOne', args: [id] });
  const { location } = site;
  ctx.assign(row, [...ctx.spread(value!, location), { kind: 'property', key, value: id, maybe: false, location }], location);
  return row;
}

/** `create(data)` makes an entity, and sends nothing. */
function created(value: Value | undefined, entity: Entity | undefined, call: Call, ctx: Context): Value {
  const known = value && ctx.read(value);
  const object = known ?? { kind: 'object' as const, entries: [], location: call.location };
  if (object.kind === 'list') return ctx.allocate({ ...object, items: object.items.map((item) => ({ ...item, value: created(item.value, entity, call, ctx) })) });
  if (object.kind === 'object') return ctx.allocate(object);
  if (object.kind === 'instance' && object.given !== true && object.fields.size > 0) return ctx.allocate(asObject(object));
  return ctx.allocate({ kind: 'object', location: call.location, entries: [{ kind: 'spread', value: value!, maybe: false, location: call.location }] });
}

function queryBuilder(object: LibraryValue, entity: Entity | undefined, alias: Value | undefined, call: Call, ctx: Context): Value {
  const target: Value = entity ? { kind: 'library', library: TYPEORM, type: 'entity', data: entity } : unknownValue('an entity that is not known');
  return newBuilder(ctx, [{ method: 'entity', args: [target, ...(alias ? [alias] : [])], location: call.location }], object);
}

/** `query(sql, parameters)`. */
export function rawQuery(object: LibraryValue, call: Call, ctx: Context): Value {
  const [text = undefinedValue, values] = call.arguments.positional;
  return queriesOfText(text, boundOf(values, ctx), ctx, call.location, TYPEORM, object.access ? { access: object.access } : {});
}

/** A call on an entity manager or a data source. */
export function managerMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, ...rest] = call.arguments.positional;
  switch (name) {
    case 'getRepository': case 'getTreeRepository': return repository(entityOf(TYPEORM, first, ctx), object);
    case 'getCustomRepository': case 'withRepository': return first === undefined ? undefined : customRepository(first, object, ctx);
    case 'transaction': return runCallbacks(call, ctx, [ctx.connections.own(client(TYPEORM, 'manager'), 'always')]);
    case 'createQueryRunner': return ctx.connections.own({ ...object, type: 'queryRunner', data: undefined }, 'begun');
    case 'query': return rawQuery(object, call, ctx);
    case 'initialize': case 'connect': return object;
    case 'destroy': case 'close': case 'release': case 'runMigrations': case 'synchronize': return undefinedValue;
    case 'save': case 'remove': case 'softRemove': case 'recover': {
      const target = isTarget(first, ctx) ? entityOf(TYPEORM, first, ctx) : undefined;
      return repositoryMethod(object, target, name, call, ctx, target ? rest : call.arguments.positional);
    }
    case 'createQueryBuilder': {
      if (first === undefined || ctx.read(first).kind === 'library' && !isTarget(first, ctx)) return newBuilder(ctx, [{ method: 'begin', args: [], location: call.location }], object);
      return repositoryMethod(object, entityOf(TYPEORM, first, ctx), name, call, ctx, rest);
    }
    default: return repositoryMethod(object, entityOf(TYPEORM, first, ctx), name, call, ctx, rest);
  }
}

function isTarget(value: Value | undefined, ctx: Context): boolean {
  const known = value && ctx.read(value);
  return known?.kind === 'classValue' || (known?.kind === 'library' && known.type === 'entity') || (known?.kind === 'constant' && typeof known.value === 'string');
}

/** A repository of one's own stands for itself in a transaction. */
function customRepository(value: Value, object: LibraryValue, ctx: Context): Value {
  const known = ctx.read(value);
  if (known.kind === 'classValue') return ctx.invoke(known, [], known.class.location);
  return known.kind === 'instance' || known.kind === 'library' ? value : repository(undefined, object);
}

/** A query runner: a connection of its own. */
export function runnerMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'query') return rawQuery(object, call, ctx);
  if (!/^(connect|startTransaction|commitTransaction|rollbackTransaction|release)$/.test(name)) return undefined;
  if (name.endsWith('Transaction')) ctx.connections.event(object, name === 'startTransaction' ? 'begin' : 'end');
  return undefinedValue;
}

/** `repository.extend({ findActive() { ... } })`: its methods have the repository as `this`. */
export function extended(object: LibraryValue, own: Value | undefined): LibraryValue {
  return { ...object, data: { ...object.data as RepositoryData, ...(own && { own }) } };
}

export { builderMethod, textOf };
