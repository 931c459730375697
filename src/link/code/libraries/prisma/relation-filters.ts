import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem } from '../../../../facts/query.js';
import type { ModelRelation } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { and, column, constant, equal, hole, isNull, isTrue, join, leftOut, not, or, select, subquery, table } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { modelNamed, relationOf, type Place } from './models.js';
import { choice, negation, whereCondition } from './where.js';

/** The rows a relation leads to, beside the row it comes from. */
export interface Related {
  readonly place: Place;
  readonly from: FromItem;
  /** Joins them to the row. */
  readonly on: Expression;
}

/** The other side of a relation as a table reference with its join condition; undefined when its model is not known. */
export function related(relation: ModelRelation, place: Place, location: Location, ctx: Context): Related | undefined {
  const model = modelNamed(relation.model, place.model, ctx);
  if (!model) return undefined;
  const { names } = place;
  const other: Place = { model, names, alias: names.fresh(model.name.name) };
  const target = table(model.name, other.alias, location);
  const { through } = relation;
  if (!through) return { place: other, from: target, on: pairs(other.alias, relation.referencedColumns, place.alias, relation.columns, location) };
  const middle = names.fresh(through.table.name);
  const on = pairs(other.alias, relation.referencedColumns, middle, through.referencedColumns, location);
  return {
    place: other, from: join('inner', table(through.table, middle, location), target, on, location),
    on: pairs(middle, through.columns, place.alias, relation.columns, location),
  };
}

/** `a.x = b.x AND a.y = b.y`. */
export function pairs(left: string, leftColumns: readonly string[], right: string, rightColumns: readonly string[], location: Location): Expression {
  return and(leftColumns.map((name, index) => equal(column(left, name, location), column(right, rightColumns[index] ?? 'unknown', location), location)), location);
}

/** The filter of a relation field: `project: { orgId }`, `is`, `isNot`, `some`, `every`, `none` (Prisma reference, "Relation filters"). */
export function relationFilter(key: string, value: Value, place: Place, location: Location, ctx: Context): Expression {
  const relation = relationOf(place.model, key)!;
  return choice(alternatives(value, ctx).map((option) => {
    if (option.kind === 'constant') return option.value === null ? missing(relation, place, location, ctx) : constant(true, location);
    if (option.kind !== 'object') return exists(relation, option, place, location, ctx);
    return relation.list || hasOperator(option, ctx) ? relationOperators(option, relation, place, location, ctx) : exists(relation, option, place, location, ctx);
  }), key, location);
}

function hasOperator(object: ObjectValue, ctx: Context): boolean {
  return fieldsOf(object, ctx).given.some(({ key }) => key === 'is' || key === 'isNot');
}

function relationOperators(object: ObjectValue, relation: ModelRelation, place: Place, location: Location, ctx: Context): Expression {
  const { given, open } = fieldsOf(object, ctx);
  const terms = given.map(({ key, value, location: at, maybe, overridden }) => {
    const term = choice(alternatives(value, ctx).map((option) => relationOperator(key, option, relation, place, at, ctx)), key, at);
    if (overridden) return overridden === 'untrusted' ? constant(true, at) : hole(`${key} may be overridden`, at);
    return maybe && !isTrue(term) ? or([term, leftOut(key, at)], at) : term;
  });
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', location));
  return and(terms, location);
}

function relationOperator(key: string, value: Value, relation: ModelRelation, place: Place, location: Location, ctx: Context): Expression {
  if (isUndefined(value)) return constant(true, location);
  const isAbsent = value.kind === 'constant' && value.value === null;
  switch (key) {
    case 'some': return exists(relation, value, place, location, ctx);
    case 'none': return not(exists(relation, value, place, location, ctx), location);
    case 'every': return not(exists(relation, value, place, location, ctx, true), location);
    case 'is': return isAbsent ? missing(relation, place, location, ctx) : exists(relation, value, place, location, ctx);
    case 'isNot': return not(isAbsent ? missing(relation, place, location, ctx) : exists(relation, value, place, location, ctx), location);
    default: return hole(`the relation filter ${key}`, location);
  }
}

/** `relation: null`: there is no row. */
function missing(relation: ModelRelation, place: Place, location: Location, ctx: Context): Expression {
  if (relation.owns) return or(relation.columns.map((name) => isNull(column(place.alias, name, location), location)), location);
  return not(exists(relation, { kind: 'constant', value: undefined }, place, location, ctx), location);
}

function exists(relation: ModelRelation, value: Value, place: Place, location: Location, ctx: Context, isFailing = false): Expression {
  const side = related(relation, place, location, ctx);
  if (!side) return hole(`the model ${relation.model} is not known`, location);
  const inner = whereCondition(value, side.place, location, ctx);
  const where = and([side.on, isFailing ? (isTrue(inner) ? constant(false, location) : negation(inner, location)) : inner], location);
  return subquery('exists', select({ from: [side.from], where, location }), location);
}
