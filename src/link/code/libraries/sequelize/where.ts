import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { ObjectValue, Value } from '../../values.js';
import { conditionOfText } from '../../sql-part.js';
import { and, column, constant, equal, hole, isTrue, leftOut, not, opaque, operator, or } from '../build.js';
import { fieldsOf, type Given } from '../objects.js';
import { type At, type Dialect, fieldFilter, filterOf, listFilter, negatedFilter, operatorFilter } from '../entities/filter.js';
import { columnName, relationOf } from '../prisma/models.js';
import type { Reading } from '../entities/reading.js';

const SIGNS: Readonly<Record<string, string>> = { 'Op.gt': '>', 'Op.gte': '>=', 'Op.lt': '<', 'Op.lte': '<=' };

/** How Sequelize reads `where` (its manual, "Model querying"): null is IS NULL, a list is IN, undefined throws. */
export function dialectOf(reading?: Reading): Dialect {
  const dialect: Dialect = {
    undefined: 'refused', null: 'null', list: 'and',
    value: (value, field, at) => literal(value, field, at),
    operators: (object, field, at) => operators(object, field, at),
    special: (given, at) => special(given, at, reading),
  };
  return dialect;
}

function literal(value: { readonly type: string; readonly data: unknown }, field: Expression | undefined, { location, ctx }: At): Expression | undefined {
  if (value.type === 'literal') {
    const text = value.data as Value;
    if (field !== undefined) return equal(field, opaque('literal', [], location), location);
    return conditionOfText({ text, bound: {}, location, options: {} }, ctx);
  }
  if (value.type === 'where') return opaque('where', [], location);
  return field === undefined ? undefined : equal(field, opaque(value.type, [], location), location);
}

function operators(object: ObjectValue, field: Expression, at: At): Expression {
  return operatorFilter(object, at, (given, own) => operation(field, given, own));
}

function operation(field: Expression, { key, value }: Given, at: At): Expression {
  const { ctx, location } = at;
  const known = ctx.read(value);
  switch (key) {
    case 'Op.eq': case 'Op.is': return fieldFilter(field, value, at);
    case 'Op.in': case 'Op.any': return known.kind === 'library' ? literal(known, field, at) ?? hole('a list', location) : listFilter(field, value, at);
    case 'Op.notIn': return listFilter(field, value, at, true);
    case 'Op.ne': case 'Op.not': {
      if (known.kind === 'list') return listFilter(field, value, at, true);
      return negatedFilter(field, value, at);
    }
    case 'Op.or': case 'Op.and': {
      const items = known.kind === 'list' ? known.items.map((item) => item.value) : [value];
      const terms = items.map((item) => fieldFilter(field, item, at));
      return key === 'Op.or' ? or(terms, location) : and(terms, location);
    }
    default: {
      const sign = entryOf(SIGNS, key);
      return sign === undefined ? opaque(key, [field], location) : operator(sign, field, ctx.expression(value, location), location);
    }
  }
}

function special(given: Given, at: At, reading: Reading | undefined): Expression | undefined {
  const { key, value } = given;
  const { ctx, location } = at;
  if (key === 'Op.and') return filterOf(value, { ...at, dialect: { ...at.dialect, list: 'and' } });
  if (key === 'Op.or') return alternativesOf(value, at);
  if (key === 'Op.not') {
    const inner = filterOf(value, at);
    return isTrue(inner) ? inner : not(inner, location);
  }
  const path = /^\$(.+)\$$/.exec(key)?.[1]?.split('.');
  if (path && reading) {
    const field = pathColumn(reading, path, at);
    return field ? fieldFilter(field, value, { ...at, name: key }) : hole(`${key} is not known`, location);
  }
  if (columnName(at.place.model, key) === undefined && relationOf(at.place.model, key) === undefined) {
    // The name of a column stands for itself.
    const own = at.place.model.columns.find(({ name }) => name === key);
    if (own) return fieldFilter(column(at.place.alias, own.name, location), value, { ...at, name: key });
    if (key.includes('.')) return opaque('json', [], location);
  }
  return ctx.language === 'python' ? constant(true, location) : undefined;
}

/** `[Op.or]`: a list of conditions, or an object whose parts are. */
function alternativesOf(value: Value, at: At): Expression {
  const { ctx, location } = at;
  const known = ctx.read(value);
  if (known.kind === 'list') {
    const terms = known.items.map((item) => filterOf(item.value, at));
    return terms.length === 0 ? constant(true, location) : or(terms, location);
  }
  if (known.kind !== 'object') return known.kind === 'union' ? or(known.options.map((each) => alternativesOf(each.value, at)), location) : filterOf(value, at);
  const terms = fieldsOf(known, ctx).given.map((each) => {
    const one: ObjectValue = { ...known, entries: [{ kind: 'property', key: each.key, value: each.value, maybe: false, location: each.location }] };
    const term = filterOf(one, { ...at, location: each.location });
    return each.maybe ? or([term, leftOut(each.key, each.location)], each.location) : term;
  });
  return terms.length === 0 ? constant(true, location) : or(terms, location);
}

/** The column that `$org.name$` names, of a relation that is joined. */
function pathColumn(reading: Reading, path: readonly string[], { location }: At): Expression | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (rest.length === 0) {
    const name = columnName(reading.place.model, first) ?? reading.place.model.columns.find((each) => each.name === first)?.name;
    return name === undefined ? undefined : column(reading.place.alias, name, location);
  }
  const inner = reading.joined.get(first);
  return inner && pathColumn(inner, rest, { location } as At);
}
