import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { and, column, constant, equal, equalsAny, hole, isNull, isTrue, leftOut, not, opaque, operator, or, select, subquery } from '../build.js';
import { alternatives, fieldsOf, trustOf, type Given } from '../objects.js';
import { columnName } from './data.js';
import { lowerCondition, lowerValue } from './expressions.js';
import { aliasedTable, link, plainReading, type Reading } from './relational.js';
import { relationOf } from './relations.js';

/** The `where` of a relational query: a condition, a callback that gives one, or an object (Drizzle manual, "Query"). */
export function relationalWhere(value: Value | undefined, reading: Reading, location: Location, ctx: Context): Expression {
  if (value === undefined) return constant(true, location);
  const options = alternatives(value, ctx).map((option) => oneWhere(option, reading, location, ctx));
  const filters = options.filter((option) => !isTrue(option));
  if (filters.length === 0) return constant(true, location);
  return or(filters.length < options.length ? [...filters, leftOut('where', location)] : filters, location);
}

function oneWhere(value: Value, reading: Reading, location: Location, ctx: Context): Expression {
  if (value.kind === 'function') {
    const given = ctx.invoke(value, [aliasedTable(reading), { kind: 'external', module: 'drizzle-orm', path: [] }], location);
    return lowerCondition(given, location, ctx);
  }
  if (value.kind === 'object') return objectWhere(value, reading, ctx);
  return renamed(lowerCondition(value, location, ctx), reading);
}

/** Drizzle gives tables of a relational query aliases, and their columns in conditions with them. */
function renamed(condition: Expression, { alias, source }: Reading): Expression {
  const { name } = source.name;
  if (alias === name) return condition;
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (node === null || typeof node !== 'object') return node;
    const each = node as Record<string, unknown>;
    if (each['kind'] === 'column' && (each['path'] as readonly string[])[0] === name) return { ...each, path: [alias, ...(each['path'] as readonly string[]).slice(1)] };
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, key === 'location' ? item : visit(item)]));
  };
  return visit(condition) as Expression;
}

function objectWhere(object: ObjectValue, reading: Reading, ctx: Context): Expression {
  const { given, open } = fieldsOf(object, ctx);
  const terms = given.map((each) => {
    const term = condition(each, reading, ctx);
    if (each.overridden === 'untrusted') return constant(true, each.location);
    if (each.overridden === 'unknown') return or([term, hole(`${each.key} may be overridden`, each.location)], each.location);
    return each.maybe && !isTrue(term) ? or([term, leftOut(each.key, each.location)], each.location) : term;
  });
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', object.location));
  return and(terms, object.location);
}

function condition({ key, value, location }: Given, reading: Reading, ctx: Context): Expression {
  if (key === 'AND') return and(listOf(value, ctx).map((each) => relationalWhere(each, reading, location, ctx)), location);
  if (key === 'OR') {
    const terms = listOf(value, ctx).map((each) => relationalWhere(each, reading, location, ctx)).filter((term) => !isTrue(term));
    return terms.length === 0 ? constant(true, location) : or(terms, location);
  }
  if (key === 'NOT') return negated(relationalWhere(value, reading, location, ctx), location);
  if (key === 'RAW') return relationalWhere(value, reading, location, ctx);
  const info = reading.source.columns.get(key);
  if (info) return fieldFilter(column(reading.alias, columnName(info, ctx), location), key, value, location, ctx);
  const relation = relationOf(reading.source, key, ctx);
  if (!relation) return hole(`${key}: not a field of ${reading.source.name.name}`, location);
  const inner = plainReading(relation.target, reading.names, location);
  const linked = link(reading, inner, relation, location);
  const filter = alternatives(value, ctx).every((each) => each.kind === 'constant') ? constant(true, location) : relationalWhere(value, inner, location, ctx);
  return subquery('exists', select({ from: [linked.from], where: and([linked.on, filter], location), location }), location);
}

function listOf(value: Value, ctx: Context): readonly Value[] {
  return alternatives(value, ctx).flatMap((option) => (option.kind === 'list' ? option.items.map((item) => item.value) : [option]));
}

function negated(term: Expression, location: Location): Expression {
  return isTrue(term) ? term : not(term, location);
}

const SIGNS: Readonly<Record<string, string>> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=', like: '~~', ilike: '~~*', notLike: '!~~', notIlike: '!~~*' };

/** `column: value` or `column: { eq, in, ... }`; what is undefined is left out. */
function fieldFilter(field: Expression, name: string, value: Value, location: Location, ctx: Context): Expression {
  const terms = alternatives(value, ctx).map((option): Expression => {
    if (option.kind === 'object') return and(fieldsOf(option, ctx).given.map((each) => {
      const term = operation(field, each.key, each.value, each.location, ctx);
      return each.maybe && !isTrue(term) ? or([term, leftOut(name, location)], location) : term;
    }), location);
    if (isUndefined(option)) return constant(true, location);
    if (option.kind === 'unknown' && trustOf(option, ctx) === 'unknown') return equal(field, hole(option.reason, location), location);
    const term = equal(field, lowerValue(option, location, ctx), location);
    return ctx.mayBe(option, 'undefined') ? or([term, leftOut(name, location)], location) : term;
  });
  const filters = terms.filter((term) => !isTrue(term));
  if (filters.length === 0) return constant(true, location);
  return or(filters.length < terms.length ? [...filters, leftOut(name, location)] : filters, location);
}

function operation(field: Expression, key: string, value: Value, location: Location, ctx: Context): Expression {
  const inner = ctx.read(value);
  if (isUndefined(inner)) return constant(true, location);
  if (key === 'isNull' || key === 'isNotNull') return isNull(field, location, key === 'isNotNull');
  if (key === 'in' || key === 'notIn') {
    if (inner.kind === 'list' && inner.items.length > 0 && !inner.items.some((item) => item.repeated)) {
      return { kind: 'inList', operand: field, list: inner.items.map((item) => lowerValue(item.value, location, ctx)), negated: key === 'notIn', location };
    }
    return equalsAny(field, lowerValue(value, location, ctx), location, key === 'notIn');
  }
  if (key === 'AND') return and(listOf(value, ctx).map((each) => fieldFilter(field, key, each, location, ctx)), location);
  if (key === 'OR') return or(listOf(value, ctx).map((each) => fieldFilter(field, key, each, location, ctx)), location);
  if (key === 'NOT') return negated(fieldFilter(field, key, value, location, ctx), location);
  const sign = entryOf(SIGNS, key);
  if (sign === undefined) return opaque(key, [field], location);
  const term = operator(sign, field, lowerValue(value, location, ctx), location);
  return ctx.mayBe(value, 'undefined') ? or([term, leftOut(key, location)], location) : term;
}
