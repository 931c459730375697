import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isNothing } from '../../values.js';
import { and, constant, hole, isTrue, leftOut, not, or } from '../build.js';
import { alternatives, fieldsOf, trustOf, type Given } from '../objects.js';
import { fieldFilter } from './filters.js';
import { columnName, fieldColumn, isUniqueField, relationOf, selectorFields, type Place } from './models.js';
import { relationFilter } from './relation-filters.js';

/**
 * A `where` as a condition on the rows of a model (Prisma reference, "Filter conditions and operators"); TRUE when it filters nothing.
 * @param isUnique the `where` of findUnique, update, delete, upsert: Prisma refuses it without a unique key, so that one is never left out
 */
export function whereCondition(value: Value | undefined, place: Place, location: Location, ctx: Context, isUnique = false): Expression {
  if (value === undefined) return constant(true, location);
  return choice(alternatives(value, ctx).map((option) => oneWhere(option, place, location, ctx, isUnique)), 'where', location);
}

/** One of several conditions, by path; where one of them filters nothing, the filter may be left out. */
export function choice(options: readonly Expression[], name: string, location: Location): Expression {
  const filters = options.filter((option) => !isTrue(option));
  if (filters.length === options.length || filters.length === 0) return filters.length === 0 ? constant(true, location) : or(filters, location);
  return or([...filters, leftOut(name, location)], location);
}

function oneWhere(value: Value, place: Place, location: Location, ctx: Context, isUnique: boolean): Expression {
  if (value.kind === 'object') return objectWhere(value, place, location, ctx, isUnique);
  if (value.kind === 'constant') return constant(true, location);
  return unknownFilter(value, location, ctx);
}

/** Of a filter that a request holds, nothing can be relied on. */
function unknownFilter(value: Value, location: Location, ctx: Context): Expression {
  return trustOf(value, ctx) === 'untrusted' ? constant(true, location) : hole('a filter that is not known', location);
}

function objectWhere(object: ObjectValue, place: Place, location: Location, ctx: Context, isUnique: boolean): Expression {
  const { given, open } = fieldsOf(object, ctx);
  const keys = given.filter(({ key }) => isKey(key, place));
  const terms = given.map((each) => {
    const isNeeded = isUnique && keys.length === 1 && keys[0] === each && open === undefined;
    return guarded(each, condition(each, place, ctx, isNeeded), isNeeded, location);
  });
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', location));
  return and(terms, location);
}

function isKey(key: string, { model }: Place): boolean {
  return isUniqueField(model, key) || selectorFields(model, key) !== undefined;
}

/** What remains of a property's condition where the property may be left out or overridden. */
function guarded({ key, maybe, overridden }: Given, term: Expression, isNeeded: boolean, location: Location): Expression {
  if (overridden === 'untrusted') return constant(true, location);
  if (overridden === 'unknown') return or([term, hole(`${key} may be overridden`, location)], location);
  return maybe && !isNeeded && !isTrue(term) ? or([term, leftOut(key, location)], location) : term;
}

function condition({ key, value, location }: Given, place: Place, ctx: Context, isNeeded: boolean): Expression {
  if (key === 'AND') return and(members(value, ctx).map(({ value: each, maybe }) => {
    const term = whereCondition(each, place, location, ctx);
    return maybe && !isTrue(term) ? or([term, leftOut(key, location)], location) : term;
  }), location);
  if (key === 'NOT') return and(members(value, ctx).map(({ value: each }) => negation(whereCondition(each, place, location, ctx), location)), location);
  if (key === 'OR') return disjunction(value, place, location, ctx);
  const field = fieldColumn(place, key, location);
  if (field) return fieldFilter(field, value, { name: key, location, isNeeded }, ctx);
  if (relationOf(place.model, key)) return relationFilter(key, value, place, location, ctx);
  const selector = selectorFields(place.model, key);
  return selector ? compound(selector, value, place, location, ctx) : hole(`${key}: not a field of ${place.model.modelName}`, location);
}

/** NOT of a condition that filters nothing filters nothing. */
export function negation(term: Expression, location: Location): Expression {
  return isTrue(term) ? term : not(term, location);
}

interface Member {
  readonly value: Value;
  readonly maybe: boolean;
}

/** AND and NOT take one condition or a list of them. */
function members(value: Value, ctx: Context): readonly Member[] {
  return alternatives(value, ctx).flatMap((option, _, all): readonly Member[] => {
    if (option.kind === 'list') return option.items.map((item) => ({ value: item.value, maybe: item.maybe || item.repeated || all.length > 1 }));
    return [{ value: option, maybe: all.length > 1 }];
  });
}

/** OR: without a value no filter, an empty list gives no rows (Prisma reference, "OR"). */
function disjunction(value: Value, place: Place, location: Location, ctx: Context): Expression {
  return choice(alternatives(value, ctx).map((option) => {
    if (option.kind === 'constant') return constant(true, location);
    if (option.kind !== 'list') return option.kind === 'object' ? oneWhere(option, place, location, ctx, false) : unknownFilter(option, location, ctx);
    return or(option.items.map((item) => whereCondition(item.value, place, location, ctx)), location);
  }), 'OR', location);
}

/** `tenantId_slug: { tenantId, slug }`: each field has to have a value. */
function compound(fields: readonly string[], value: Value, place: Place, location: Location, ctx: Context): Expression {
  return choice(alternatives(value, ctx).map((option) => {
    if (option.kind === 'constant') return constant(true, location);
    if (option.kind !== 'object') return hole('a key that is not known', location);
    const { given, open } = fieldsOf(option, ctx);
    const terms = fields.flatMap((name) => {
      const each = given.find(({ key }) => key === name);
      const field = fieldColumn(place, name, location);
      return each && field ? [guarded(each, fieldFilter(field, each.value, { name, location: each.location, isNeeded: true }, ctx), true, location)] : [];
    });
    return and(open === undefined && terms.length === fields.length ? terms : [...terms, hole('a key that is not known', location)], location);
  }), 'key', location);
}

/** Whether a `where` compares a unique key with a value: at most one row has it. */
export function namesOneRow(value: Value | undefined, place: Place, ctx: Context): boolean {
  const object = value && ctx.read(value);
  if (object?.kind !== 'object') return false;
  return fieldsOf(object, ctx).given.some(({ key, value: given, maybe }) => !maybe && isKey(key, place) && (columnName(place.model, key) === undefined || isPlain(given, ctx)));
}

function isPlain(value: Value, ctx: Context): boolean {
  return alternatives(value, ctx).every((each) => each.kind !== 'object' && !isNothing(each)) && !ctx.mayBe(value, 'undefined');
}
