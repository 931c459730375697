import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { isNothing } from '../../values.js';
import { and, constant, hole } from '../build.js';
import { filterOf, type At } from '../entities/filter.js';
import { flagOf, isGiven, onAnyPath, option, textOf } from '../entities/given.js';
import { addMany, addRelation, readingOf, type Reading } from '../entities/reading.js';
import { entityOf, type Entity } from '../entities/registry.js';
import { alternatives } from '../objects.js';
import { relationOf } from '../prisma/models.js';
import { dataOf } from './models.js';
import { SEQUELIZE } from './types.js';
import { dialectOf } from './where.js';

/** A model as it is used: with the scopes that were asked for. */
export interface ScopedEntity extends Entity {
  /** Absent: the default scope. Empty: none. */
  readonly applied?: readonly Value[];
}

/** The model with scopes applied. */
export function scopedValue(entity: Entity, applied: readonly Value[], from: LibraryValue): LibraryValue {
  return { ...from, data: { ...entity, applied } satisfies ScopedEntity };
}

/** The options of the scopes that are in force. */
export function scopesOf(entity: ScopedEntity): readonly Value[] {
  if (entity.applied !== undefined) return entity.applied;
  const { defaultScope } = dataOf(entity);
  return defaultScope ? [defaultScope] : [];
}

/** `scope('a', { method: ['b', x] }, null)`: the options that they stand for. */
export function namedScopes(entity: ScopedEntity, args: readonly Value[], location: Location, ctx: Context): readonly Value[] {
  const data = dataOf(entity);
  return args.flatMap((each): readonly Value[] => alternatives(each, ctx).flatMap((known): readonly Value[] => {
    if (known.kind === 'list') return namedScopes(entity, known.items.map((item) => item.value), location, ctx);
    const method = known.kind === 'object' ? ctx.read(option(known, 'method', ctx) ?? known) : known;
    const [name, rest] = method.kind === 'list' ? [textOf(method.items[0]?.value, ctx), method.items.slice(1).map((item) => item.value)] : [textOf(method, ctx), []];
    if (isNothing(known)) return [];
    if (name === 'defaultScope') return data.defaultScope ? [data.defaultScope] : [];
    const scope = name === undefined ? undefined : data.scopes.get(name);
    if (scope === undefined) return [{ kind: 'unknown', reason: 'a scope that is not known' }];
    const value = ctx.read(scope);
    return [value.kind === 'function' ? ctx.invoke(value, rest, location) : scope];
  }));
}

export interface Built {
  readonly reading: Reading;
  readonly where: Expression;
  readonly limited: boolean;
}

/** What a call reads: the model with the associations that it includes, its conditions and those of its scopes. */
export function builtOf(entity: ScopedEntity, options: Value | undefined, location: Location, ctx: Context, condition?: (reading: Reading) => Expression): Built {
  const reading = readingOf(entity.model, location);
  const all = [...scopesOf(entity), ...(options ? [options] : [])];
  for (const each of all) for (const known of alternatives(each, ctx)) addIncludes(reading, reading, option(known, 'include', ctx), location, ctx);
  const terms = all.map((each) => (ctx.read(each).kind === 'unknown' ? hole('a scope that is not known', location) : optionsWhere(each, reading, location, ctx)));
  const limited = all.some((each) => isGiven(option(each, 'limit', ctx), ctx) || isGiven(option(each, 'offset', ctx), ctx));
  return { reading, where: and([...(condition ? [condition(reading)] : []), ...terms], location), limited };
}

/** The `where` of options; options that are not known may have one. */
function optionsWhere(options: Value, reading: Reading, location: Location, ctx: Context): Expression {
  const at: At = { place: reading.place, name: 'where', location, ctx, dialect: dialectOf(reading) };
  const terms = alternatives(options, ctx).map((each): Expression => {
    if (each.kind === 'constant') return constant(true, location);
    if (each.kind !== 'object') return hole('options that are not known', location);
    const where = onAnyPath(each, 'where', ctx);
    const spreads = each.entries.some((entry) => entry.kind === 'spread' && !['object', 'constant'].includes(ctx.read(entry.value).kind));
    const found = where ? filterOf(where, at) : constant(true, location);
    return spreads && where === undefined ? hole('options that are not known', location) : found;
  });
  return terms.length === 1 ? terms[0]! : { kind: 'or', operands: terms, location };
}

/** `include: [Org, { model: User, as: 'author', where, required }, 'tags']`. */
function addIncludes(root: Reading, from: Reading, include: Value | undefined, location: Location, ctx: Context): void {
  if (include === undefined) return;
  for (const known of alternatives(include, ctx)) {
    const items = known.kind === 'list' ? known.items.map((item) => item.value) : [known];
    for (const item of items) for (const each of alternatives(item, ctx)) addInclude(root, from, each, location, ctx);
  }
}

function addInclude(root: Reading, from: Reading, value: Value, location: Location, ctx: Context): void {
  const name = associationName(from, value, ctx);
  if (name === undefined) return;
  const get = (key: string): Value | undefined => (value.kind === 'object' ? option(value, key, ctx) : undefined);
  const where = value.kind === 'object' ? onAnyPath(value, 'where', ctx) : undefined;
  const required = flagOf(get('required'), ctx) ?? where !== undefined;
  const relation = relationOf(from.place.model, name);
  const condition = (side: Reading): Expression => (where ? filterOf(where, { place: side.place, name: 'where', location, ctx, dialect: dialectOf(side) }) : constant(true, location));
  const known = from.joined.get(name);
  const isApart = relation?.list === true && !required;
  const side = known ?? (isApart ? addMany(root, from, name, location, ctx, condition) : addRelation(root, from, name, required ? 'inner' : 'left', location, ctx, condition));
  if (side) addIncludes(isApart ? side : root, side, get('include'), location, ctx);
}

/** The association that an include means: by its name, or by the model where there is one of it. */
function associationName(from: Reading, value: Value, ctx: Context): string | undefined {
  const written = textOf(value, ctx) ?? (value.kind === 'object' ? textOf(option(value, 'as', ctx), ctx) ?? textOf(option(value, 'association', ctx), ctx) : undefined);
  if (written !== undefined) return written;
  const model = entityOf(SEQUELIZE, value.kind === 'object' ? option(value, 'model', ctx) : value, ctx);
  if (model === undefined) return undefined;
  return Object.entries(from.place.model.relations ?? {}).find(([, relation]) => relation.model === model.name)?.[0];
}
