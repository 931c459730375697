import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { isUndefined, undefinedValue } from '../../values.js';
import { constant, equalsAny, hole, isNull, isTrue, not, opaque, operator, or } from '../build.js';
import { alternatives } from '../objects.js';
import { dataOf, expressionValue, sourceOf, type BuilderData } from './data.js';
import { combined, lowerCondition, lowerValue, type Operand } from './expressions.js';
import { queryOf } from './subqueries.js';

const SIGNS: Readonly<Record<string, string>> = {
  eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=', like: '~~', ilike: '~~*', notLike: '!~~', notIlike: '!~~*',
  arrayContains: '@>', arrayContained: '<@', arrayOverlaps: '&&',
};

const FUNCTIONS: Readonly<Record<string, string>> = {
  sum: 'sum', avg: 'avg', min: 'min', max: 'max', lower: 'lower', upper: 'upper', l2Distance: '<->', l1Distance: '<+>', innerProduct: '<#>', cosineDistance: '<=>',
  hammingDistance: '<~>', jaccardDistance: '<%>',
};

/** What a function that `drizzle-orm` exports makes of its arguments; undefined for another name. */
export function operatorCall(name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const [a = undefinedValue, b = undefinedValue, c = undefinedValue] = call.arguments.positional;
  const made = (lower: (current: Context) => Expression): Value => expressionValue(lower);
  /** Of a comparison with what could not be followed nothing is known. */
  const compared = (lower: (current: Context) => Expression): Value => made((current) => (isColumn(a, location, current) ? lower(current) : hole('a column that is not known', location)));
  if (name === 'eq') return compared((current) => equality(a, b, location, current));
  const sign = entryOf(SIGNS, name);
  if (sign !== undefined) return compared((current) => operator(sign, lowerValue(a, location, current), lowerValue(b, location, current), location));
  const called = entryOf(FUNCTIONS, name);
  if (called !== undefined) return made((current) => ({ kind: 'call', name: [called], arguments: [lowerValue(a, location, current)], location }));
  switch (name) {
    case 'and': case 'or': {
      const operands = operandsOf(call, ctx);
      return isNothing(operands, ctx) ? undefinedValue : made((current) => combined(name, operands, location, current));
    }
    case 'not': return made((current) => negated(lowerCondition(a, location, current), location));
    case 'isNull': case 'isNotNull': return made((current) => isNull(lowerValue(a, location, current), location, name === 'isNotNull'));
    case 'inArray': case 'notInArray': return compared((current) => membership(a, b, name === 'notInArray', location, current));
    case 'between': case 'notBetween': return made((current) => operator(name === 'between' ? 'between' : 'not between', lowerValue(a, location, current), {
      kind: 'row', items: [lowerValue(b, location, current), lowerValue(c, location, current)], location,
    }, location));
    case 'exists': case 'notExists': return made((current) => {
      const query = selectOf(a, location, current);
      const exists: Expression = query ? { kind: 'subquery', form: 'exists', query, location } : hole('a sub-query that is not known', location);
      return name === 'notExists' ? not(exists, location) : exists;
    });
    case 'asc': case 'desc': return made((current) => lowerValue(a, location, current));
    case 'count': case 'countDistinct': return made((current) => ({
      kind: 'call', name: ['count'], arguments: a.kind === 'constant' ? [] : [lowerValue(a, location, current)], ...(a.kind === 'constant' && { star: true }),
      ...(name === 'countDistinct' && { distinct: true }), location,
    }));
    case 'sumDistinct': case 'avgDistinct': return made((current) => ({ kind: 'call', name: [name.slice(0, 3)], arguments: [lowerValue(a, location, current)], distinct: true, location }));
    default: return undefined;
  }
}

/** The operands as given; of a list that is spread also those whose number is not known. */
function operandsOf(call: Call, ctx: Context): readonly Operand[] {
  const { positional, open } = call.arguments;
  const flat = positional.flatMap((value): readonly Operand[] => {
    const inner = ctx.read(value);
    return inner.kind === 'list' ? inner.items.map((item) => ({ value: item.value, maybe: item.maybe || item.repeated })) : [{ value, maybe: false }];
  });
  return open ? [...flat, ...call.arguments.unplaced ?? [{ value: { kind: 'unknown', reason: 'conditions that are not known' } as const, maybe: true }]] : flat;
}

function isNothing(operands: readonly Operand[], ctx: Context): boolean {
  return operands.every(({ value }) => {
    const inner = ctx.read(value);
    return isUndefined(inner);
  });
}

/** What operators compare is a column or SQL: anything else is one that could not be followed, and no value of the caller's. */
function isColumn(value: Value, location: Location, ctx: Context): boolean {
  return alternatives(value, ctx).every((option) => (option.kind === 'library' ? lowerValue(option, location, ctx).kind !== 'hole' : option.kind === 'list' || (option.kind === 'constant' && option.value !== undefined)));
}

/** More values that one may be are not told apart. */
const MOST_VALUES = 4;

/** `eq(column, value)`; a value that is a field of one or another row is equal to one of them. */
function equality(left: Value, right: Value, location: Location, ctx: Context): Expression {
  const operand = lowerValue(left, location, ctx);
  const options = alternatives(right, ctx).filter((option) => !(option.kind === 'constant' && (option.value === undefined || option.value === null)));
  if (options.length < 2 || options.length > MOST_VALUES || !options.some((option) => option.kind === 'field')) return operator('=', operand, lowerValue(right, location, ctx), location);
  return or(options.map((option) => operator('=', operand, lowerValue(option, location, ctx), location)), location);
}

function negated(term: Expression, location: Location): Expression {
  return isTrue(term) ? term : not(term, location);
}

/** The query of a builder, of a sub-query with a name, or of SQL text, as a part of another. */
function selectOf(value: Value, location: Location, ctx: Context): Query | undefined {
  const inner = ctx.read(value);
  const source = sourceOf(inner);
  if (source && source.kind !== 'table') return selectOf(source.query, location, ctx);
  if (dataOf<BuilderData>(inner, 'builder')) return queryOf(inner, ctx);
  const lowered = inner.kind === 'library' ? lowerValue(inner, location, ctx) : undefined;
  return lowered?.kind === 'subquery' ? lowered.query : undefined;
}

/** `inArray(column, list | sub-query | placeholder)`; an empty list is FALSE, of `notInArray` TRUE. */
function membership(left: Value, right: Value, isNegated: boolean, location: Location, ctx: Context): Expression {
  const operand = lowerValue(left, location, ctx);
  const terms = alternatives(right, ctx).map((option): Expression => {
    const query = option.kind === 'library' ? selectOf(option, location, ctx) : undefined;
    if (query) {
      const is: Expression = { kind: 'subquery', form: 'any', operator: '=', left: operand, query, location };
      return isNegated ? not(is, location) : is;
    }
    if (option.kind === 'list') return inList(operand, option, isNegated, location, ctx);
    if (option.kind === 'constant') return constant(isNegated, location);
    return option.kind === 'unknown' ? hole(option.reason, location) : equalsAny(operand, lowerValue(option, location, ctx), location, isNegated);
  });
  const filters = terms.filter((term) => !isTrue(term));
  if (filters.length === 0) return constant(true, location);
  return isNegated && filters.length < terms.length ? opaque('notInArray', [operand], location) : or(filters, location);
}

function inList(operand: Expression, list: Extract<Value, { kind: 'list' }>, isNegated: boolean, location: Location, ctx: Context): Expression {
  if (list.items.length === 0) return constant(isNegated, location);
  const items = list.items.map(({ value }) => lowerValue(value, location, ctx));
  // A list that grows in a loop is one value of which the items are made.
  if (items.length === 1 && list.items[0]!.repeated) return equalsAny(operand, items[0]!, location, isNegated);
  return { kind: 'inList', operand, list: items, negated: isNegated, location };
}
