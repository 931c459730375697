import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { ObjectValue, Value } from '../../values.js';
import { and, column, constant, equal, isTrue, not, opaque, operator, or } from '../build.js';
import { type Given } from '../objects.js';
import { type At, type Dialect, fieldFilter, filterOf, listFilter, negatedFilter, operatorFilter } from '../entities/filter.js';

const SIGNS: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };

/** How MikroORM reads conditions (its manual, "Query conditions"): undefined is taken for null, a list is IN, an id is the key. */
export const dialect: Dialect = {
  undefined: 'null', null: 'null', list: 'key',
  value: (value, field, { location }) => (value.type === 'raw' ? opaque('raw', field ? [field] : [], location) : undefined),
  operators, special, scalar,
};

function operators(object: ObjectValue, field: Expression, at: At): Expression {
  return operatorFilter(object, at, (given, own) => operation(field, given, own));
}

function operation(field: Expression, { key, value }: Given, at: At): Expression {
  const { ctx, location } = at;
  switch (key) {
    case '$eq': return fieldFilter(field, value, at);
    case '$in': return listFilter(field, value, at);
    case '$nin': return listFilter(field, value, at, true);
    case '$ne': case '$not': return negatedFilter(field, value, at);
    case '$or': case '$and': {
      const known = ctx.read(value);
      const terms = (known.kind === 'list' ? known.items.map((item) => item.value) : [value]).map((each) => fieldFilter(field, each, at));
      return key === '$or' ? or(terms, location) : and(terms, location);
    }
    default: {
      const sign = entryOf(SIGNS, key);
      return sign === undefined ? opaque(key, [field], location) : operator(sign, field, ctx.expression(value, location), location);
    }
  }
}

function special({ key, value }: Given, at: At): Expression | undefined {
  const { ctx, location } = at;
  if (!key.startsWith('$')) return undefined;
  const known = ctx.read(value);
  const items = known.kind === 'list' ? known.items : [{ value, maybe: false, repeated: false }];
  switch (key) {
    case '$and': return and(items.map((item) => {
      const term = filterOf(item.value, at);
      return item.maybe && !isTrue(term) ? or([term, constant(true, location)], location) : term;
    }), location);
    case '$or': return items.length === 0 ? constant(true, location) : or(items.map((item) => filterOf(item.value, at)), location);
    case '$not': case '$none': {
      const inner = filterOf(value, at);
      return isTrue(inner) ? inner : not(inner, location);
    }
    case '$some': return filterOf(value, at);
    default: return opaque(key, [], location);
  }
}

/** An id, a list of ids, or an entity, in place of conditions. */
function scalar(value: Value, at: At): Expression | undefined {
  const { ctx, location, place } = at;
  if (value.kind === 'list' && value.items.some((item) => ctx.read(item.value).kind === 'object')) return or(value.items.map((item) => filterOf(item.value, at)), location);
  if (value.kind === 'external' || value.kind === 'unknown' || (value.kind === 'input' && isFilterType(value))) return undefined;
  const key = place.model.constraints.find(({ kind }) => kind === 'primaryKey');
  const name = key?.kind === 'primaryKey' && key.columns.length === 1 ? key.columns[0]! : undefined;
  if (name === undefined) return undefined;
  const field = column(place.alias, name, location);
  if (value.kind === 'list') return listFilter(field, value, at);
  if (value.kind === 'instance') return equal(field, ctx.expression(ctx.member(ctx.allocate(value), 'id'), location), location);
  return fieldFilter(field, value, { ...at, dialect: { ...dialect, undefined: 'refused', null: 'refused' } });
}

function isFilterType({ type, name }: Extract<Value, { kind: 'input' }>): boolean {
  const named = type?.type.kind === 'named' ? type.type.path.at(-1) : undefined;
  return type?.type.kind === 'object' || (named !== undefined && /^(any|unknown|object|Record|Partial|.*(?:Query|Where|Filters?|Conditions?|Criteria|Options))$/.test(named)) || (type === undefined && /where|filter|criteria|cond|query/i.test(name));
}
