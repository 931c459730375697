import type { Location } from '../../../../facts/location.js';
import type { Query, SetQuery } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { itemsOf } from './given.js';
import { finished, queryData, statementData, statementValue, type QueryData } from './statement.js';

const METHODS = /^(union|intersect|except_?)(_all)?$/;

/** `union(a, b)`, `union_all(a, b)`, `intersect(a, b)`, `except_(a, b)`. */
export function setOf(name: string, values: readonly Value[], location: Location, ctx: Context): Value | undefined {
  const [, word, all] = METHODS.exec(name) ?? [];
  const given = values.flatMap((value) => itemsOf(value, ctx) ?? [value]);
  const arms = given.map((value) => queryData(value, ctx));
  const first = given[0] && statementData(given[0], ctx);
  if (word === undefined || !first || !arms.every((arm) => arm !== undefined)) return undefined;
  const operator: SetQuery['operator'] = word === 'union' ? 'union' : word === 'intersect' ? 'intersect' : 'except';
  const query = (arms as Query[]).reduce((left, right): SetQuery => ({ kind: 'set', operator, all: all !== undefined, left, right, orderBy: [], with: [], location }));
  return statementValue({ query, tables: [], selected: first.selected, written: new Map(), ...(first.session && { session: first.session }) });
}

/** `a.union(b)`; ORDER BY and LIMIT of a set operation. */
export function setMethod(data: QueryData, object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (METHODS.test(name)) return setOf(name, [object, ...call.arguments.positional], call.location, ctx);
  if (data.query.kind !== 'set') return undefined;
  return /^(?:order_by|limit|offset|fetch|execution_options|options)$/.test(name) ? statementValue({ ...data, query: { ...finished(data, ctx), location: data.query.location } }) : undefined;
}
