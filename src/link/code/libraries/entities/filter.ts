import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { LibraryValue, ObjectValue, Value } from '../../values.js';
import { and, column, constant, equal, equalsAny, hole, isNull, isTrue, leftOut, not, or, select, subquery } from '../build.js';
import { alternatives, fieldsOf, trustOf, type Given } from '../objects.js';
import { columnName, modelNamed, relationOf, type Place } from '../prisma/models.js';
import { related } from '../prisma/relation-filters.js';

/** How an ORM reads objects of conditions. */
export interface Dialect {
  /** What becomes of a condition whose value is undefined: left out, IS NULL, or the call throws. */
  readonly undefined: 'leftOut' | 'null' | 'refused';
  readonly null: 'leftOut' | 'null' | 'refused';
  /** A condition that is a value of the library itself: `In([...])`, `literal(...)`, `raw(...)`. */
  readonly value?: (value: LibraryValue, field: Expression | undefined, at: At) => Expression | undefined;
  /** An object beside a plain field: `{ $gt: 1 }`, `{ [Op.in]: ids }`. */
  readonly operators?: (object: ObjectValue, field: Expression, at: At) => Expression;
  /** A key that is no field: `$and`, `Op.or`, `$author.name$`. */
  readonly special?: (given: Given, at: At) => Expression | undefined;
  /** A condition that is neither an object nor known: an id. */
  readonly scalar?: (value: Value, at: At) => Expression | undefined;
  /** A condition that is a list. Default: OR of its items. */
  readonly list?: 'or' | 'and' | 'key';
}

/** Where a condition stands. */
export interface At {
  readonly place: Place;
  readonly name: string;
  readonly location: Location;
  readonly ctx: Context;
  readonly dialect: Dialect;
  /** Of embedded objects: the fields around. */
  readonly prefix?: string;
}

/** A condition on the rows of a model; TRUE when it filters nothing. */
export function filterOf(value: Value | undefined, at: At): Expression {
  if (value === undefined) return constant(true, at.location);
  return choice(alternatives(value, at.ctx).map((each) => oneFilter(each, at)), at.name, at.location);
}

/** One of several conditions, by path; where one of them filters nothing, the filter may be left out. */
export function choice(options: readonly Expression[], name: string, location: Location): Expression {
  const filters = options.filter((each) => !isTrue(each));
  if (filters.length === options.length || filters.length === 0) return filters.length === 0 ? constant(true, location) : or(filters, location);
  return or([...filters, leftOut(name, location)], location);
}

function oneFilter(value: Value, at: At): Expression {
  const { ctx, location, dialect } = at;
  switch (value.kind) {
    case 'object': return objectFilter(value, at);
    case 'list': {
      if (value.items.length === 0) return constant(true, location);
      const list = dialect.list ?? 'or';
      if (list === 'key') return dialect.scalar?.(value, at) ?? hole('a key that is not known', location);
      const terms = value.items.map((item) => {
        const term = filterOf(item.value, at);
        return item.maybe && list === 'and' && !isTrue(term) ? or([term, leftOut(at.name, location)], location) : term;
      });
      return list === 'or' ? or(terms, location) : and(terms, location);
    }
    case 'library': return dialect.value?.(value, undefined, at) ?? hole('a filter that is not known', location);
    case 'constant': if (value.value === undefined || value.value === null || typeof value.value === 'boolean') return constant(true, location); break;
    case 'instance': return instanceFilter(value, at);
    default: break;
  }
  const known = dialect.scalar?.(value, at);
  if (known !== undefined) return known;
  return trustOf(value, ctx) === 'untrusted' ? constant(true, location) : hole('a filter that is not known', location);
}

/** An entity that stands for its key. */
function instanceFilter(value: Value, at: At): Expression {
  return at.dialect.scalar?.(value, at) ?? hole('a filter that is not known', at.location);
}

function objectFilter(object: ObjectValue, at: At): Expression {
  const { given, open } = fieldsOf(object, at.ctx);
  const { location } = at;
  const terms = given.map((each) => guarded(each, condition(each, { ...at, location: each.location }), location));
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', location));
  return and(terms, location);
}

/** What remains of a property's condition where the property may be left out or overridden. */
export function guarded({ key, maybe, overridden }: Given, term: Expression, location: Location): Expression {
  if (overridden === 'untrusted') return constant(true, location);
  if (overridden === 'unknown') return or([term, hole(`${key} may be overridden`, location)], location);
  return maybe && !isTrue(term) ? or([term, leftOut(key, location)], location) : term;
}

function condition(given: Given, at: At): Expression {
  const { dialect, place, location, ctx } = at;
  const special = dialect.special?.(given, at);
  if (special !== undefined) return special;
  const key = at.prefix === undefined ? given.key : `${at.prefix}.${given.key}`;
  const name = columnName(place.model, key);
  if (name !== undefined) return fieldFilter(column(place.alias, name, location), given.value, { ...at, name: key });
  const relation = relationOf(place.model, key);
  if (relation) return relationFilter(relation, given.value, { ...at, name: key });
  if (Object.keys(place.model.fields).some((field) => field.startsWith(`${key}.`))) {
    return choice(alternatives(given.value, ctx).map((each) => (each.kind === 'object' ? objectFilter(each, { ...at, prefix: key }) : constant(true, location))), key, location);
  }
  return hole(`${key}: not a field of ${place.model.modelName}`, location);
}

/** A condition on one column. */
export function fieldFilter(field: Expression, value: Value, at: At): Expression {
  return choice(alternatives(value, at.ctx).map((each) => oneField(field, each, at)), at.name, at.location);
}

function oneField(field: Expression, value: Value, at: At): Expression {
  const { ctx, location, dialect } = at;
  if (value.kind === 'constant' && (value.value === undefined || value.value === null)) {
    const becomes = value.value === undefined ? dialect.undefined : dialect.null;
    return becomes === 'leftOut' ? constant(true, location) : becomes === 'null' ? isNull(field, location) : constant(false, location);
  }
  if (value.kind === 'library') return dialect.value?.(value, field, at) ?? hole('a condition that is not known', location);
  if (value.kind === 'object') return dialect.operators?.(value, field, at) ?? constant(true, location);
  if (value.kind === 'list') return listFilter(field, value, at);
  if (value.kind === 'rowList' || (value.kind === 'field' && value.many)) return equalsAny(field, ctx.expression(value, location), location);
  if (value.kind === 'input' && value.type?.type.kind === 'array') return equalsAny(field, ctx.expression(value, location), location);
  const right = ctx.expression(value, location);
  const maybeNull = ctx.mayBe(value, 'null');
  const maybeUndefined = ctx.mayBe(value, 'undefined');
  const term: Expression = (maybeNull && dialect.null === 'null') || (maybeUndefined && dialect.undefined === 'null')
    ? { kind: 'distinct', left: field, right, negated: true, location } : equal(field, right, location);
  const isOptional = (maybeUndefined && dialect.undefined === 'leftOut') || (maybeNull && dialect.null === 'leftOut');
  return isOptional ? or([term, isNull(right, location)], location) : term;
}

/** `field IN (...)`. */
export function listFilter(field: Expression, value: Value, { ctx, location }: At, negated = false): Expression {
  const known = ctx.read(value);
  if (known.kind !== 'list') return known.kind === 'unknown' ? hole(known.reason, location) : equalsAny(field, ctx.expression(known, location), location, negated);
  if (known.items.length === 0) return constant(negated, location);
  const items = known.items.map((item) => ctx.expression(item.value, location));
  if (items.length === 1 && known.items[0]!.repeated) return equalsAny(field, items[0]!, location, negated);
  return { kind: 'inList', operand: field, list: items, negated, location };
}

/** A condition on a relation: an object of conditions on the related row, the row itself, or its key. */
export function relationFilter(relation: ModelRelation, value: Value, at: At): Expression {
  const { ctx, location, place, dialect } = at;
  return choice(alternatives(value, ctx).map((each): Expression => {
    if (each.kind === 'constant' && (each.value === undefined || each.value === null || typeof each.value === 'boolean')) {
      if (typeof each.value === 'boolean') return exists(relation, undefined, at);
      const becomes = each.value === undefined ? dialect.undefined : dialect.null;
      if (becomes !== 'null') return constant(becomes === 'leftOut', location);
      return relation.owns ? isNull(column(place.alias, relation.columns[0] ?? 'unknown', location), location) : not(exists(relation, undefined, at), location);
    }
    if (each.kind === 'object') return byKey(relation, each, at) ?? exists(relation, each, at);
    if (relation.owns && relation.columns.length === 1) return oneField(column(place.alias, relation.columns[0]!, location), keyOf(each, ctx), at);
    return exists(relation, each, at);
  }), at.name, location);
}

/** The key of an entity that stands for it. */
function keyOf(value: Value, ctx: Context): Value {
  return value.kind === 'instance' ? ctx.member(value, 'id') : value;
}

/** `{ org: { id } }` compares the foreign key itself. */
function byKey(relation: ModelRelation, object: ObjectValue, at: At): Expression | undefined {
  const target = modelNamed(relation.model, at.place.model, at.ctx);
  if (!relation.owns || target === undefined) return undefined;
  const { given, open } = fieldsOf(object, at.ctx);
  if (open !== undefined || given.length === 0) return undefined;
  const positions = given.map(({ key }) => relation.referencedColumns.indexOf(columnName(target, key) ?? ''));
  if (positions.some((position) => position < 0)) return undefined;
  return and(given.map((each, index) => guarded(each, fieldFilter(column(at.place.alias, relation.columns[positions[index]!]!, each.location), each.value, { ...at, name: each.key, location: each.location }), each.location)), at.location);
}

function exists(relation: ModelRelation, value: Value | undefined, at: At): Expression {
  const { location, place, ctx } = at;
  const side = related(relation, place, location, ctx);
  if (!side) return hole(`the model ${relation.model} is not known`, location);
  const inner = filterOf(value, { ...omitPrefix(at), place: side.place });
  // A filter that may be left out filters nothing, not even by the relation's being there.
  if (value !== undefined && isTrue(inner)) return constant(true, location);
  return subquery('exists', select({ from: [side.from], where: and([side.on, inner], location), location }), location);
}

function omitPrefix(at: At): At {
  const { prefix: _prefix, ...rest } = at;
  return rest;
}

/** The column of a property of a model. */
export function propertyColumn(model: ModelTable, property: string): string | undefined {
  return columnName(model, property) ?? relationOf(model, property)?.columns[0];
}

/** An object of operators beside a field: all of them hold. */
export function operatorFilter(object: ObjectValue, at: At, operation: (given: Given, at: At) => Expression): Expression {
  const { given, open } = fieldsOf(object, at.ctx);
  const terms = given.map((each) => guarded(each, operation(each, { ...at, location: each.location }), each.location));
  if (open === 'unknown') terms.push(hole('a filter that is not known is spread in', at.location));
  return and(terms, at.location);
}

/** NOT of a condition on a field: of IS NULL it is IS NOT NULL. */
export function negatedFilter(field: Expression, value: Value, at: At): Expression {
  const inner = fieldFilter(field, value, at);
  return inner.kind === 'nullTest' ? { ...inner, negated: !inner.negated } : not(inner, at.location);
}
