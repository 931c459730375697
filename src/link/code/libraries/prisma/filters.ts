import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined, isNothing } from '../../values.js';
import { and, constant, equal, equalsAny, hole, isNull, isTrue, leftOut, not, opaque, operator, or } from '../build.js';
import { alternatives, fieldsOf, trustOf } from '../objects.js';

export interface FilterPlace {
  readonly name: string;
  readonly location: Location;
  /** Prisma refuses the query when the value is undefined. */
  readonly isNeeded: boolean;
}

/**
 * The filter of one scalar field. Prisma drops a filter whose value is undefined, and takes null as IS NULL
 * (Prisma manual, "Null and undefined in Prisma Client").
 */
export function fieldFilter(field: Expression, value: Value, at: FilterPlace, ctx: Context): Expression {
  const options = alternatives(value, ctx);
  const isPlain = options.every((option) => option.kind !== 'object' && !isNothing(option));
  if (isPlain) return comparison(field, value, at, ctx);
  const terms = options.map((option) => {
    if (option.kind === 'object') return operators(field, option, at, ctx);
    if (isUndefined(option)) return constant(at.isNeeded ? false : true, at.location);
    return option.kind === 'constant' && option.value === null ? isNull(field, at.location) : comparison(field, option, at, ctx);
  });
  const filters = terms.filter((term) => !isTrue(term));
  if (filters.length === 0) return constant(true, at.location);
  return or([...filters, ...(filters.length < terms.length ? [leftOut(at.name, at.location)] : [])], at.location);
}

/** `field: value`. */
function comparison(field: Expression, value: Value, { location, isNeeded }: FilterPlace, ctx: Context): Expression {
  const right = ctx.expression(value, location);
  const term: Expression = !isNeeded && ctx.mayBe(value, 'null') ? { kind: 'distinct', left: field, right, negated: true, location } : equal(field, right, location);
  return !isNeeded && ctx.mayBe(value, 'undefined') ? or([term, isNull(right, location)], location) : term;
}

/** Says nothing of equality: which rows it keeps does not matter to the tenant. */
const SEARCHES = new Set([
  'contains', 'startsWith', 'endsWith', 'search', 'has', 'hasSome', 'hasEvery', 'isEmpty', 'path', 'string_contains', 'string_starts_with',
  'string_ends_with', 'array_contains', 'array_starts_with', 'array_ends_with', 'isSet',
]);

const SIGNS: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };

/** `field: { equals, in, not, lt, contains, ... }`: all of them hold. */
function operators(field: Expression, object: ObjectValue, at: FilterPlace, ctx: Context): Expression {
  const { given, open } = fieldsOf(object, ctx);
  const { location } = at;
  if (given.some(({ key }) => key === 'path')) return opaque('json', [field], location);
  const terms = given.map(({ key, value, maybe, overridden }) => {
    const term = operation(field, key, value, { ...at, isNeeded: false }, ctx);
    if (overridden === 'untrusted') return constant(true, location);
    if (overridden === 'unknown') return hole(`${key} may be overridden`, location);
    return maybe && !isTrue(term) ? or([term, leftOut(at.name, location)], location) : term;
  });
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', location));
  return and(terms, location);
}

function operation(field: Expression, key: string, value: Value, at: FilterPlace, ctx: Context): Expression {
  const { location } = at;
  if (key === 'equals') return fieldFilter(field, value, at, ctx);
  if (key === 'in' || key === 'notIn') return membership(field, value, key === 'notIn', at, ctx);
  if (key === 'not') {
    const inner = fieldFilter(field, value, at, ctx);
    if (isTrue(inner)) return inner;
    return inner.kind === 'nullTest' && !inner.negated ? { ...inner, negated: true } : not(inner, location);
  }
  if (key === 'mode') return constant(true, location);
  const sign = entryOf(SIGNS, key);
  const isLeftOut = alternatives(value, ctx).every(isUndefined);
  if (isLeftOut) return constant(true, location);
  if (sign !== undefined) return operator(sign, field, ctx.expression(value, location), location);
  return SEARCHES.has(key) ? opaque(key, [field], location) : hole(`the filter ${key}`, location);
}

/** `in: list`, `notIn: list`; a list that may be undefined filters nothing then. */
function membership(field: Expression, value: Value, isNegated: boolean, { name, location }: FilterPlace, ctx: Context): Expression {
  const options = alternatives(value, ctx);
  const terms = options.map((option) => {
    if (option.kind === 'constant') return constant(option.value === undefined, location);
    if (option.kind !== 'list') return equalsAny(field, listExpression(option, location, ctx), location, isNegated);
    if (option.items.length === 0) return options.length > 1 && !isNegated ? undefined : constant(isNegated, location);
    const items = option.items.map((item) => ctx.expression(item.value, location));
    // A list that grows in a loop is one value of which the items are made.
    return items.length === 1 && option.items[0]!.repeated ? equalsAny(field, items[0]!, location, isNegated) : inItems(field, items, isNegated, location);
  });
  // An empty list adds no row to what another finds.
  const known = terms.filter((term) => term !== undefined);
  if (known.length === 0) return constant(isNegated, location);
  const filters = known.filter((term) => !isTrue(term));
  if (filters.length === 0) return constant(true, location);
  const isOptional = filters.length < known.length || ctx.mayBe(value, 'undefined');
  return or([...filters, ...(isOptional && !isNegated ? [leftOut(name, location)] : [])], location);
}

function listExpression(value: Value, location: Location, ctx: Context): Expression {
  return value.kind === 'unknown' && trustOf(value, ctx) === 'unknown' ? hole(value.reason, location) : ctx.expression(value, location);
}

function inItems(field: Expression, items: readonly Expression[], isNegated: boolean, location: Location): Expression {
  return { kind: 'inList', operand: field, list: items, negated: isNegated, location };
}
