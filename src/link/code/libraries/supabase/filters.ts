import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { and, column, constant, equal, equalsAny, hole, isNull, leftOut, not, opaque, operator, or } from '../build.js';
import { constantText, fieldsOf, trustOf } from '../objects.js';
import { type Step } from './builder.js';
import { parseFilters, type FilterNode } from './filter-text.js';

/** A condition, and the embedded table whose rows it filters (`projects` of `projects.org_id`); empty for the table itself. */
export interface Filter {
  readonly path: readonly string[];
  readonly condition: (alias: string) => Expression;
}

const SIGNS: Readonly<Record<string, string>> = { neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };

const SEARCHES = new Set([
  'like', 'ilike', 'likeAllOf', 'likeAnyOf', 'ilikeAllOf', 'ilikeAnyOf', 'contains', 'containedBy', 'overlaps', 'textSearch', 'rangeGt', 'rangeGte', 'rangeLt', 'rangeLte', 'rangeAdjacent',
  'match', 'imatch', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj', 'fts', 'plfts', 'phfts', 'wfts', 'regexMatch', 'regexIMatch',
]);

const METHODS = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'is', 'isDistinct', 'in', 'notIn', 'match', 'not', 'or', 'filter', ...SEARCHES]);

/** Whether a method of a builder is a filter. */
export function isFilter(method: string): boolean {
  return METHODS.has(method);
}

/** The conditions that a call adds: all of them hold (PostgREST manual, "Horizontal filtering"). */
export function filtersOf({ method, args, location }: Step, ctx: Context): readonly Filter[] {
  const [first, second, third] = args;
  if (method === 'match') return matchFilters(first, location, ctx);
  if (method === 'or') return orFilter(first, second, location, ctx);
  const name = first && constantText(first, ctx);
  if (name === undefined || second === undefined) return [{ path: [], condition: () => hole('a filter that is not known', location) }];
  if (method === 'not' || method === 'filter') {
    const sign = constantText(second, ctx);
    if (sign === undefined) return [{ path: [], condition: () => hole('an operator that is not known', location) }];
    return [onColumn(name, (target) => {
      const term = comparison(sign.replace(/^not\./, ''), target, third ?? { kind: 'constant', value: null }, location, ctx);
      return method === 'not' || sign.startsWith('not.') ? not(term, location) : term;
    }, location)];
  }
  return [onColumn(name, (target) => comparison(method, target, second, location, ctx), location)];
}

/** A column of the table or of an embedded one; what stands behind an arrow is a part of a JSON value. */
function onColumn(name: string, condition: (target: Expression) => Expression, location: Location): Filter {
  const isPart = name.includes('->');
  const path = (isPart ? name.split('->')[0]! : name).split('.');
  const last = path.pop()!;
  return { path, condition: (alias) => (isPart ? opaque('json', [column(alias, last, location)], location) : condition(column(alias, last, location))) };
}

function comparison(sign: string, target: Expression, value: Value, location: Location, ctx: Context): Expression {
  if (sign === 'eq') return equal(target, ctx.expression(value, location), location);
  const mark = entryOf(SIGNS, sign);
  if (mark !== undefined) return operator(mark, target, ctx.expression(value, location), location);
  if (sign === 'in' || sign === 'notIn') return membership(target, value, sign === 'notIn', location, ctx);
  if (sign === 'is') return isTest(target, value, location, ctx);
  return SEARCHES.has(sign) ? opaque(sign, [target], location) : hole(`the filter ${sign}`, location);
}

function membership(target: Expression, value: Value, negated: boolean, location: Location, ctx: Context): Expression {
  const list = ctx.read(value);
  if (list.kind !== 'list') return equalsAny(target, ctx.expression(value, location), location, negated);
  if (list.items.length === 0) return constant(negated, location);
  const items = list.items.map((item) => ctx.expression(item.value, location));
  return items.length === 1 && list.items[0]!.repeated ? equalsAny(target, items[0]!, location, negated) : { kind: 'inList', operand: target, list: items, negated, location };
}

function isTest(target: Expression, value: Value, location: Location, ctx: Context): Expression {
  const known = ctx.read(value);
  if (known.kind !== 'constant') return opaque('is', [target], location);
  if (known.value === null || known.value === 'null') return isNull(target, location);
  return known.value === true || known.value === 'true' ? { kind: 'booleanTest', operand: target, test: 'true', location }
    : { kind: 'booleanTest', operand: target, test: 'false', location };
}

/** `match({ a: 1, b: 2 })`. */
function matchFilters(value: Value | undefined, location: Location, ctx: Context): readonly Filter[] {
  const object = value && ctx.read(value);
  if (object?.kind !== 'object') {
    const isOpen = object !== undefined && trustOf(object, ctx) === 'untrusted';
    return isOpen ? [] : [{ path: [], condition: () => hole('a filter that is not known', location) }];
  }
  const { given, open } = fieldsOf(object, ctx);
  const filters = given.filter(({ overridden }) => overridden !== 'untrusted').map(({ key, value: each, maybe, overridden, location: place }) => onColumn(key, (target) => {
    const term = equal(target, ctx.expression(each, place), place);
    if (overridden) return hole(`${key} may be overridden`, place);
    return maybe ? or([term, leftOut(key, place)], place) : term;
  }, place));
  return open === 'unknown' ? [...filters, { path: [], condition: () => hole('a filter that is not known is spread in', location) }] : filters;
}

/** `or('a.eq.1,and(b.eq.2,c.is.null)', { referencedTable })`. */
function orFilter(text: Value | undefined, options: Value | undefined, location: Location, ctx: Context): readonly Filter[] {
  const known = options && ctx.read(options);
  const of = known?.kind === 'object' ? known.entries.flatMap((entry) => (entry.kind === 'property' && /^(?:referencedTable|foreignTable)$/.test(entry.key) ? constantText(entry.value, ctx) ?? [] : [])) : [];
  const nodes = text && parseFilters(text, ctx);
  const condition = (alias: string): Expression => (nodes ? or(nodes.map((node) => nodeCondition(node, alias, location, ctx)), location) : hole('the text of or() is not known', location));
  return [{ path: of.flatMap((name) => name.split('.')), condition }];
}

function nodeCondition(node: FilterNode, alias: string, location: Location, ctx: Context): Expression {
  if (node.kind === 'junction') {
    const items = node.items.map((item) => nodeCondition(item, alias, location, ctx));
    const whole = node.operator === 'and' ? and(items, location) : or(items, location);
    return node.negated ? not(whole, location) : whole;
  }
  const { path, condition } = onColumn(node.column, (target) => comparison(node.operator, target, node.value, location, ctx), location);
  // A filter on an embedded table inside of or() says nothing of this table's columns.
  const term = path.length > 0 ? opaque('embedded', [], location) : condition(alias);
  return node.negated ? not(term, location) : term;
}
