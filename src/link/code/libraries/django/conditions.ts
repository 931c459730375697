import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Arguments, Context } from '../../library.js';
import { distinctExpressions } from '../../lower.js';
import type { Result, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { and, column, constant, equal, hole, inSubquery, isNull, isTrue, leftOut, not, opaque, operator, or, select, subquery } from '../build.js';
import { choice, fieldFilter, listFilter, type Dialect } from '../entities/filter.js';
import { flagOf } from '../entities/given.js';
import { alternatives, trustOf } from '../objects.js';
import { textOf } from '../sqlalchemy/given.js';
import { columnName, relationOf, type Place } from '../prisma/models.js';
import { related } from '../prisma/relation-filters.js';
import { embedded } from './embedded.js';
import { ownExpression, qData, type ExpressionData } from './expressions.js';
import { functionExpression } from './functions.js';
import { givenColumn, queryOf, querySetIn } from './queryset-data.js';

/** Where a condition stands: the row it is about. */
export interface At {
  readonly place: Place;
  readonly ctx: Context;
  readonly location: Location;
  readonly annotations?: ReadonlyMap<string, Expression>;
  /** Fields of this result are columns of the row itself. */
  readonly row?: Result;
  /** The conditions of a table's own constraints: names of columns alone. */
  readonly named?: (name: string) => string;
}

const SIGNS: Readonly<Record<string, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
const DIALECT: Dialect = { undefined: 'null', null: 'null' };

/** The condition of `filter(...)`: Qs and look-ups that all hold. */
export function conditionsOf({ positional, named, open, unplaced }: Arguments, at: At): Expression {
  const terms = [...positional.map((value) => conditionOf(value, at)), ...lookups(entriesOf(named), at.place, at)];
  // `**filters` of which nothing is known narrows, and names no tenant.
  if (open) terms.push(unplaced?.some(({ value }) => trustOf(value, at.ctx) === 'untrusted') === true ? constant(true, at.location) : hole('conditions that are not known', at.location));
  return and(terms, at.location);
}

/** A Q, an `Exists`, an expression that is true or false. */
export function conditionOf(value: Value, at: At): Expression {
  const { ctx, location } = at;
  return choice(alternatives(value, ctx).map((each): Expression => {
    const q = qData(each, ctx);
    if (q?.kind === 'leaf') {
      const { named } = q.arguments;
      const own = new Map([...named].filter(([name]) => name !== '_connector' && name !== '_negated'));
      const terms = conditionsOf({ ...q.arguments, named: own }, { ...at, location: q.location });
      const connector = named.get('_connector');
      const kind = connector === undefined ? 'AND' : textOf(connector, ctx);
      const inner = kind === 'AND' ? terms : kind === 'OR' ? or([...q.arguments.positional.map((part) => conditionOf(part, at)), ...lookups(entriesOf(own), at.place, at)], location) : opaque('conditions', [terms], location);
      return flagOf(named.get('_negated'), ctx) === true ? negated(inner, location) : inner;
    }
    const pair = pairOf(each, ctx);
    if (pair) return and(lookups([pair], at.place, at), location);
    if (q?.kind === 'not') return negated(conditionOf(q.operand, at), location);
    if (q) return q.kind === 'and' ? and([conditionOf(q.left, at), conditionOf(q.right, at)], location) : eitherOf(conditionOf(q.left, at), conditionOf(q.right, at), location);
    const own = ownExpression(each, ctx);
    if (own) return expressionOf(own, at);
    if (each.kind === 'constant') return constant(true, location);
    if (each.kind === 'condition') return hole('a condition', location);
    return trustOf(each, ctx) === 'untrusted' ? constant(true, location) : hole('a condition that is not known', location);
  }), 'a condition', location);
}

/** `Q(('name', value))`: a look-up as migrations write it. */
function pairOf(value: Value, ctx: Context): Entry | undefined {
  if (value.kind !== 'list' || value.form !== 'tuple' || value.items.length !== 2) return undefined;
  const key = textOf(value.items[0]!.value, ctx);
  return key === undefined ? undefined : { parts: key.split('__'), value: value.items[1]!.value, key };
}

/** `Q() | Q(a=1)`: an empty Q is left out. */
function eitherOf(left: Expression, right: Expression, location: Location): Expression {
  if (isTrue(left)) return right;
  return isTrue(right) ? left : or([left, right], location);
}

/** NOT; of nothing it is nothing. */
export function negated(inner: Expression, location: Location): Expression {
  if (isTrue(inner)) return inner;
  return inner.kind === 'nullTest' && inner.operand.kind === 'column' ? { ...inner, negated: !inner.negated } : not(inner, location);
}

interface Entry {
  readonly parts: readonly string[];
  readonly value: Value;
  readonly key: string;
}

function entriesOf(named: ReadonlyMap<string, Value>): readonly Entry[] {
  return [...named].map(([key, value]) => ({ parts: key.split('__'), value, key }));
}

/** Look-ups of one call: those that go by way of the same relation speak of the same related row. */
function lookups(entries: readonly Entry[], place: Place, at: At): readonly Expression[] {
  const groups = new Map<string, Entry[]>();
  const terms: Expression[] = [];
  for (const entry of entries) {
    const [first = ''] = entry.parts;
    const mayBeLeftOut = alternatives(entry.value, at.ctx).some(isUndefined);
    if (at.named === undefined && !mayBeLeftOut && relationOf(place.model, first) && isFollowed(entry.parts, place)) groups.set(first, [...groups.get(first) ?? [], entry]);
    else terms.push(lookup(entry, place, at));
  }
  for (const group of groups.values()) terms.push(followed(group, place, at));
  return terms;
}

/** Whether a look-up goes on behind a relation, other than to the key that is a column of this side. */
function isFollowed([first, second]: readonly string[], place: Place): boolean {
  const relation = relationOf(place.model, first!)!;
  if (second === undefined || isLookup(second)) return !relation.owns;
  return !(relation.owns && isKey(second, relation.model, relation.referencedColumns[0]!, place));
}

function isKey(name: string, _model: string, referenced: string, _place: Place): boolean {
  return name === 'pk' || name === referenced || (name === 'id' && referenced === 'id');
}

const LOOKUPS = /^(?:exact|iexact|contains|icontains|in|gte?|lte?|startswith|istartswith|endswith|iendswith|range|isnull|regex|iregex|contained_by|has_keys?|has_any_keys|overlap|search|trigram_similar|date|year|month|day|week|week_day|quarter|time|hour|minute|second|len)$/;

function isLookup(name: string): boolean {
  return LOOKUPS.test(name);
}

/** The condition on related rows: there is one for which all of it holds. */
function followed(group: readonly Entry[], place: Place, at: At): Expression {
  const [first] = group[0]!.parts;
  const relation = relationOf(place.model, first!)!;
  const { location, ctx } = at;
  const isAbsent = group.length === 1 && group[0]!.parts[1] === 'isnull' ? flagOf(group[0]!.value, ctx) : undefined;
  const side = related(relation, place, location, ctx);
  if (!side) return hole(`the model ${relation.model} is not known`, location);
  const exists = (terms: readonly Expression[]): Expression => subquery('exists', select({ from: [side.from], where: and([side.on, ...terms], location), location }), location);
  if (isAbsent !== undefined) return isAbsent ? not(exists([]), location) : exists([]);
  const rest = group.map((entry): Entry => {
    const parts = entry.parts.slice(1);
    return { ...entry, parts: parts.length === 0 || isLookup(parts[0]!) ? ['pk', ...parts] : parts };
  });
  return exists(lookups(rest, side.place, { ...at, place: side.place }));
}

function lookup({ parts, value, key }: Entry, place: Place, at: At): Expression {
  const { location, ctx } = at;
  const found = fieldAt(parts, place, at);
  if (found === undefined) {
    const optional = alternatives(value, ctx).some(isUndefined);
    const relation = relationOf(place.model, parts[0] ?? '');
    if (optional && relation) return choice(alternatives(value, ctx).map((each) => (isUndefined(each) ? constant(true, location) : followed([{ parts, value: each, key }], place, at))), key, location);
    return hole(`${key}: not a field of ${place.model.modelName}`, location);
  }
  return compared(found.field, found.rest, value, key, at);
}

/** The column that the beginning of a look-up names, and what is left of it. */
function fieldAt(parts: readonly string[], place: Place, at: At): { readonly field: Expression; readonly rest: readonly string[] } | undefined {
  const [first = '', ...rest] = parts;
  const { location } = at;
  if (at.named) return { field: column(undefined, at.named(first), location), rest };
  const own = at.place === place ? at.annotations?.get(first) : undefined;
  if (own) return { field: own, rest };
  const name = columnName(place.model, first);
  if (name !== undefined) return { field: column(place.alias, name, location), rest };
  const relation = relationOf(place.model, first);
  if (relation?.owns === true) return { field: column(place.alias, relation.columns[0]!, location), rest: rest[0] !== undefined && isKey(rest[0], relation.model, relation.referencedColumns[0]!, place) ? rest.slice(1) : rest };
  // A field of the model whose table this one extends.
  const link = Object.entries(place.model.relations ?? {}).find(([own2, { owns }]) => owns && own2.endsWith('_ptr'));
  const side = link && related(link[1], place, location, at.ctx);
  const inherited = side && fieldAt(parts, side.place, { ...at, place: side.place });
  if (!side || !inherited) return undefined;
  return { field: subquery('scalar', select({ targets: [{ expression: inherited.field }], from: [side.from], where: side.on, location }), location), rest: inherited.rest };
}

/** `field__lookup=value`. */
function compared(field: Expression, rest: readonly string[], value: Value, key: string, at: At): Expression {
  const { ctx, location, place } = at;
  const [kind = 'exact', ...more] = rest;
  const filter = { place, name: key, location, ctx, dialect: DIALECT };
  if (more.length > 0 || !isLookup(kind)) return opaque(rest.join('__'), [field, valueOf(value, at)], location);
  switch (kind) {
    case 'exact': return orNull(field, value, at) ?? eitherValue(field, alternatives(value, ctx).map((each): Expression => {
      const set = querySetIn(each, ctx);
      if (set) return equal(field, subquery('scalar', embedded(queryOf(set, [{ expression: givenColumn(set) }]), set, at), location), location);
      if (ownExpression(each, ctx) || isKeyed(each)) return equal(field, valueOf(each, at), location);
      return fieldFilter(field, each, filter);
    }), key, location);
    case 'in': return choice(alternatives(value, ctx).map((each): Expression => {
      const set = querySetIn(each, ctx);
      if (set) return set.empty === true ? constant(false, location) : inSubquery(field, embedded(queryOf(set, [{ expression: givenColumn(set) }]), set, at), location);
      const own = ownExpression(each, ctx);
      if (own) { const made = expressionOf(own, at); return made.kind === 'subquery' && made.query.kind === 'select' ? inSubquery(field, made.query, location) : opaque('in', [field, made], location); }
      if (isUndefined(each)) return constant(true, location);
      if (each.kind === 'rowList') return listFilter(field, { kind: 'field', result: each.result, path: [...each.path, 'pk'], many: true, maybe: false }, filter);
      return listFilter(field, each, filter);
    }), key, location);
    case 'isnull': {
      const known = flagOf(value, ctx);
      return known === undefined ? or([isNull(field, location), leftOut(key, location)], location) : isNull(field, location, !known);
    }
    default: {
      const sign = entryOf(SIGNS, kind);
      const right = valueOf(value, at);
      if (sign !== undefined) return operator(sign, field, right, location);
      return opaque(kind, [field, right], location);
    }
  }
}

/** One of several values, on several paths: the field has the one that is given, and no list of them is asked for. */
function eitherValue(field: Expression, options: readonly Expression[], key: string, location: Location): Expression {
  const values = distinctExpressions(options.flatMap((each) => (each.kind === 'operator' && each.operator === '=' && each.left === field && each.right ? [each.right] : [])));
  if (options.length < 2 || values.length < 2 || options.some((each) => each.kind !== 'operator' || each.left !== field)) return choice(options, key, location);
  return equal(field, { kind: 'call', name: ['coalesce'], arguments: values, location }, location);
}

/** A value that may be None asks for one thing by all the same: the rows that have that value, or none. */
function orNull(field: Expression, value: Value, at: At): Expression | undefined {
  const { ctx, location } = at;
  const options = alternatives(value, ctx);
  const [other, ...more] = options.filter((each) => !(each.kind === 'constant' && each.value === null));
  if (other === undefined || more.length > 0) return undefined;
  const isNullable = options.length > 1 || (other.kind === 'row' && ctx.mayBe(other, 'null'));
  if (!isNullable || !(other.kind === 'row' || other.kind === 'input' || other.kind === 'field')) return undefined;
  return { kind: 'distinct', left: field, right: valueOf(other, at), negated: true, location };
}

/** Rows and instances stand for their key. */
function isKeyed(value: Value): boolean {
  return value.kind === 'row' || value.kind === 'reference' || value.kind === 'instance';
}

/** A value as an expression: `F`, sub-queries and functions in the row's own terms, rows by their key. */
export function valueOf(value: Value, at: At): Expression {
  const { ctx, location } = at;
  const known = ctx.read(value);
  const own = ownExpression(known, ctx);
  if (own) return expressionOf(own, at);
  const set = querySetIn(known, ctx);
  if (set) return subquery('scalar', embedded(queryOf(set, [{ expression: givenColumn(set) }]), set, at), location);
  if (at.row !== undefined && (known.kind === 'row' || known.kind === 'field') && known.result === at.row) {
    const own = pathExpression([...known.path, ...(known.kind === 'row' ? ['pk'] : [])].join('__'), at);
    if (own) return own;
  }
  if (known.kind === 'row') return ctx.expression({ kind: 'field', result: known.result, path: [...known.path, 'pk'], many: false, maybe: known.maybe }, location);
  if (known.kind === 'instance') return ctx.expression(ctx.member(value, 'pk'), location);
  if (known.kind === 'list') return { kind: 'array', items: known.items.map((item) => valueOf(item.value, at)), location };
  const q = qData(known, ctx);
  return q ? conditionOf(known, at) : ctx.expression(value, location);
}

/** `F('project__org')`, `OuterRef('pk')`, `Exists(rows)`, `Count('x')`. */
export function expressionOf(own: ExpressionData, at: At): Expression {
  return functionExpression(own, {
    location: own.location, ctx: at.ctx, path: (text) => pathExpression(text, at), value: (value) => valueOf(value, at), condition: (value) => conditionOf(value, at),
    sub: (value, form) => {
      const set = querySetIn(value, at.ctx);
      return set && subquery(form, embedded(queryOf(set, form === 'exists' ? [{ expression: constant(1, own.location) }] : [{ expression: givenColumn(set) }]), set, at), own.location);
    },
  });
}

/** The column at the end of a path of relations: of the row itself, or read by way of its keys. */
export function pathExpression(text: string, at: At): Expression | undefined {
  return alongPath(text.split('__'), at.place, at);
}

function alongPath(parts: readonly string[], place: Place, at: At): Expression | undefined {
  const own = fieldAt(parts, place, at);
  if (own && own.rest.length === 0) return own.field;
  const [first = '', ...rest] = parts;
  const relation = at.named ? undefined : relationOf(place.model, first);
  const side = relation && related(relation, place, at.location, at.ctx);
  if (!side) return own && opaque(own.rest.join('__'), [own.field], at.location);
  const inner = alongPath(rest.length === 0 ? ['pk'] : rest, side.place, { ...at, place: side.place });
  return inner && subquery('scalar', select({ targets: [{ expression: inner }], from: [side.from], where: side.on, location: at.location }), at.location);
}

/** The condition of an index or a constraint: its names are the fields of the one table. */
export function checkCondition(value: Value, named: (name: string) => string, ctx: Context, location: Location): Expression {
  const at: At = { place: undefined as unknown as Place, ctx, location, named };
  const own = ownExpression(value, ctx);
  return own ? expressionOf(own, at) : conditionOf(value, at);
}
