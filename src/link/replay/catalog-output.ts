import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { SelectQuery } from '../../facts/query.js';
import { aggregateCalls, computeAggregates } from './aggregates.js';
import { rowScope, valueOf } from './catalog-join.js';
import { functionName, functionRows } from './catalog-sources.js';
import type { Bound, Combination, QueryResult, QueryWorld, ResultRow, Source } from './catalog-types.js';
import { evaluate } from './evaluate.js';
import { conjunction, isKnown, isNull, numberOf, textOf } from './values.js';

/** The select list over the combinations of rows: aggregates, order, DISTINCT, LIMIT. */
export function project(
  query: SelectQuery, combinations: readonly Combination[], sources: readonly Source[], world: QueryWorld, open: boolean,
): QueryResult | undefined {
  const star = query.targets.some(({ expression }) => expression.kind === 'star');
  const columns = query.targets.flatMap((target) => (
    target.expression.kind === 'star' ? starColumns(target.expression.path, sources) : [target.alias ?? outputName(target.expression)]));
  const calls = query.targets.flatMap(({ expression }) => aggregateCalls(expression));
  if (calls.length > 0) {
    if (star || combinations.some((item) => item.open.length > 0)) return undefined;
    if (open && !calls.every((call) => ['array_agg', 'string_agg', 'json_agg', 'jsonb_agg'].includes(functionName(call)))) return undefined;
    const scopes = sortCombinations(query.orderBy, combinations, world).map(({ bound }) => rowScope(bound, world));
    const values = query.targets.map(({ expression }) => computeAggregates(expression, scopes, world.scope));
    return values.every((value) => value !== undefined) ? { columns, rows: [{ values: values as Expression[] }], open: false } : undefined;
  }
  let rows = sortCombinations(query.orderBy, combinations, world).map(({ bound, open: undecided }): ResultRow => {
    const scope = rowScope(bound, world);
    const values = query.targets.flatMap(({ expression }) => (
      expression.kind === 'star' ? starValues(expression.path, sources, bound, expression.location) : [evaluate(expression, scope)]));
    return undecided.length > 0 ? { values, condition: conjunction(undecided, query.location) } : { values };
  });
  if (sources.length === 0 && query.targets.length === 1 && !query.where) {
    const expanded = functionRows(query.targets[0]!.expression, world);
    if (expanded && functionName(query.targets[0]!.expression) !== 'format') rows = [...expanded.rows];
  }
  if (query.distinct) rows = distinctRows(rows);
  if (query.limit || query.offset) {
    const [limit, offset] = [query.limit && numberOf(evaluate(query.limit, world.scope)), query.offset && numberOf(evaluate(query.offset, world.scope))];
    if ((query.limit && limit === undefined) || (query.offset && offset === undefined) || rows.some((row) => row.condition)) return undefined;
    rows = rows.slice(offset ?? 0, limit === undefined ? undefined : (offset ?? 0) + limit);
  }
  return { columns, rows, open };
}

/** The name PostgreSQL gives a select item without an alias. */
export function outputName(expression: Expression): string {
  if (expression.kind === 'column') return expression.path.at(-1)!;
  if (expression.kind === 'call') return expression.name.at(-1)!;
  if (expression.kind === 'cast') return outputName(expression.operand) === '?column?' ? expression.type.name : outputName(expression.operand);
  if (expression.kind === 'subquery') return expression.form === 'exists' ? 'exists' : '?column?';
  return expression.kind === 'case' ? 'case' : expression.kind === 'array' ? 'array' : '?column?';
}

function starColumns(path: readonly string[], sources: readonly Source[]): string[] {
  return sources.filter(({ alias }) => path.length === 0 || alias === path.at(-1)).flatMap(({ columns }) => [...columns]);
}

function starValues(path: readonly string[], sources: readonly Source[], bound: Bound, location: Location): Expression[] {
  return sources.filter(({ alias }) => path.length === 0 || alias === path.at(-1)).flatMap(({ alias, columns }) => columns.map((name) => (
    valueOf({ kind: 'column', path: [alias, name], location }, bound) ?? { kind: 'column', path: [alias, name], location })));
}

function sortCombinations(orderBy: readonly Expression[], combinations: readonly Combination[], world: QueryWorld): readonly Combination[] {
  if (orderBy.length === 0) return combinations;
  const keyed = combinations.map((item) => ({ item, keys: orderBy.map((key) => evaluate(key, rowScope(item.bound, world))) }));
  keyed.sort((a, b) => {
    for (const [index, key] of a.keys.entries()) {
      const [x, y] = [key, b.keys[index]!];
      const [m, n] = [numberOf(x), numberOf(y)];
      if (m !== undefined && n !== undefined && m !== n) return m - n;
      const [s, t] = [textOf(x), textOf(y)];
      if (s !== undefined && t !== undefined && s !== t) return s < t ? -1 : 1;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

/** Each row once. */
export function distinctRows(rows: readonly ResultRow[]): ResultRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (row.condition || !row.values.every(isKnown)) return true;
    const key = JSON.stringify(row.values.map((value) => (isNull(value) ? null : value.kind === 'constant' ? value.value : textOf(value))));
    return !seen.has(key) && seen.add(key);
  });
}
