import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Target } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { COUNT, countExpression } from '../../lower.js';
import type { ObjectValue, Value } from '../../values.js';
import { and, column, constant, join, select, subquery, table } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { columnName, isRequired, modelNamed, relationOf, type Place } from './models.js';
import { related } from './relation-filters.js';
import { whereCondition } from './where.js';

/** What a query reads: the model's table joined with the relations to one that it includes, and a sub-select for each relation to many. */
export interface Reading {
  readonly place: Place;
  from: FromItem;
  readonly targets: Target[];
  /** Relations to one that are joined. */
  readonly joined: Map<string, Reading>;
  /** Relations to many, with the condition of their own. */
  readonly many: Map<string, Value>;
}

/** A reading of the model's table alone. */
export function plainReading(place: Place, location: Location): Reading {
  return { place, from: table(place.model.name, place.alias, location), targets: [], joined: new Map(), many: new Map() };
}

/**
 * Adds the relations that `include` and `select` name, at any depth.
 * @param args the object that has them, as a whole (`{ include, select, where, ... }`)
 */
export function addIncluded(reading: Reading, args: Value | undefined, ctx: Context): void {
  addRelations(reading, args, false, reading, ctx);
}

/** @param root the reading in whose FROM the joins stand */
function addRelations(reading: Reading, args: Value | undefined, isOuter: boolean, root: Reading, ctx: Context): void {
  for (const key of ['include', 'select']) {
    for (const part of properties(args, ctx).filter((each) => each.key === key)) {
      for (const field of properties(part.value, ctx)) addField(reading, field, isOuter, root, ctx);
    }
  }
}

interface Property {
  readonly key: string;
  readonly value: Value;
  readonly location: Location;
}

/** The properties of an object, of every alternative. */
function properties(value: Value | undefined, ctx: Context): readonly Property[] {
  return value === undefined ? [] : alternatives(value, ctx).flatMap((option) => (option.kind === 'object' ? fieldsOf(option, ctx).given : []));
}

function addField(reading: Reading, { key, value, location }: Property, isOuter: boolean, root: Reading, ctx: Context): void {
  const isWanted = alternatives(value, ctx).some((option) => option.kind !== 'constant' || option.value === true);
  if (!isWanted) return;
  if (key === '_count') return addCounts(reading, value, location, root, ctx);
  const relation = relationOf(reading.place.model, key);
  if (!relation) return;
  if (relation.list) {
    reading.many.set(key, value);
    const query = manyQuery(relation, value, reading.place, location, ctx);
    if (query) root.targets.push({ expression: subquery('array', query, location), alias: key });
    return;
  }
  const side = related(relation, reading.place, location, ctx);
  if (!side) return;
  const inner: Reading = { place: side.place, from: side.from, targets: [], joined: new Map(), many: new Map() };
  const type = isOuter || !isRequired(reading.place.model, relation) ? 'left' : 'inner';
  const filter = where(value, side.place, location, ctx);
  reading.joined.set(key, inner);
  root.from = join(type, root.from, side.from, and([side.on, filter], location), location);
  addRelations(inner, value, type === 'left', root, ctx);
}

function where(args: Value, place: Place, location: Location, ctx: Context): Expression {
  const given = properties(args, ctx).find(({ key }) => key === 'where');
  return given ? whereCondition(given.value, place, given.location, ctx) : constant(true, location);
}

/** The rows of a relation to many of one row, with what they include themselves. */
function manyQuery(relation: ModelRelation, args: Value, place: Place, location: Location, ctx: Context): ReturnType<typeof select> | undefined {
  const side = related(relation, place, location, ctx);
  if (!side) return undefined;
  const inner: Reading = { place: side.place, from: side.from, targets: [], joined: new Map(), many: new Map() };
  addIncluded(inner, args, ctx);
  return select({ targets: inner.targets, from: [inner.from], where: and([side.on, where(args, side.place, location, ctx)], location), location });
}

/** `_count: { select: { posts: { where } } }`, `_count: true`. */
function addCounts(reading: Reading, value: Value, location: Location, root: Reading, ctx: Context): void {
  const { model } = reading.place;
  const named = properties(value, ctx).filter(({ key }) => key === 'select').flatMap((part) => properties(part.value, ctx));
  const isWhole = alternatives(value, ctx).some((option) => option.kind === 'constant' && option.value === true);
  const all = isWhole ? Object.keys(model.relations ?? {}).map((key): Property => ({ key, value: { kind: 'constant', value: true }, location })) : named;
  for (const { key, value: args, location: at } of all) {
    const relation = relationOf(model, key);
    if (!relation?.list || alternatives(args, ctx).every((option) => option.kind === 'constant' && option.value !== true)) continue;
    const query = manyQuery(relation, args, reading.place, at, ctx);
    if (query) root.targets.push({ expression: subquery('scalar', { ...query, targets: [countTarget(at)] }, at), alias: `_count_${key}` });
  }
}

/** `count(*)`. */
export function countTarget(location: Location): Target {
  return { expression: countExpression(location) };
}

/** The column that a path of a row stands for: a field, or a field of a relation, joined or read from the row's key. */
export function columnAt(reading: Reading, path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (rest.length === 0) {
    const name = columnName(reading.place.model, key);
    return name === undefined ? undefined : column(reading.place.alias, name, location);
  }
  const joined = reading.joined.get(key);
  if (joined) return columnAt(joined, rest, location, ctx);
  const relation = relationOf(reading.place.model, key);
  const side = relation && related(relation, reading.place, location, ctx);
  if (!side) return undefined;
  const inner: Reading = { place: side.place, from: side.from, targets: [], joined: new Map(), many: new Map() };
  const target = rest.join() === COUNT ? countExpression(location) : columnAt(inner, rest, location, ctx);
  if (!target) return undefined;
  const given = reading.many.get(key);
  const filter = given ? where(given, side.place, location, ctx) : constant(true, location);
  const own = { from: [side.from], where: and([side.on, filter], location), location };
  // A relation of a relation: the rows of both in one look-up.
  const further = target.kind === 'subquery' && target.query.kind === 'select' ? target.query : undefined;
  return subquery('scalar', further ? select({ ...own, targets: further.targets, from: [...own.from, ...further.from], where: and([own.where, ...(further.where ? [further.where] : [])], location) }) : select({ ...own, targets: [{ expression: target }] }), location);
}

/** Whether a `select` that is known leaves out the field or relation that a path names. */
export function isLeftOut(args: Value | undefined, model: ModelTable, path: readonly string[], ctx: Context): boolean {
  const [key, ...rest] = path;
  const [option, ...others] = args === undefined ? [] : alternatives(args, ctx);
  if (key === undefined || option?.kind !== 'object' || others.length > 0) return false;
  const relation = relationOf(model, key);
  if (relation === undefined && columnName(model, key) === undefined) return false;
  const given = givenIn(option, 'select', ctx);
  const [chosen, ...more] = given === undefined ? [] : alternatives(given, ctx);
  if (chosen?.kind !== 'object' || more.length > 0) return false;
  const { given: fields, open } = fieldsOf(chosen, ctx);
  const field = fields.find((each) => each.key === key);
  if (field === undefined) return open === undefined;
  const target = relation && modelNamed(relation.model, model, ctx);
  return target !== undefined && rest.length > 0 && isLeftOut(field.value, target, rest, ctx);
}

function givenIn(object: ObjectValue, key: string, ctx: Context): Value | undefined {
  const { given, open } = fieldsOf(object, ctx);
  const found = given.find((each) => each.key === key);
  return open !== undefined || found?.maybe === true ? undefined : found?.value;
}

/** Whether a path of a row names a related row or several. */
export function relationAt(model: ModelTable, path: readonly string[], ctx: Context): 'one' | 'many' | undefined {
  const [key, ...rest] = path;
  const relation = key === undefined ? undefined : relationOf(model, key);
  if (!relation) return undefined;
  if (rest.length === 0) return relation.list ? 'many' : 'one';
  const target = modelNamed(relation.model, model, ctx);
  return target && relationAt(target, rest, ctx);
}
