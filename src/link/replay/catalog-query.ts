import type { Expression } from '../../facts/expression.js';
import type { CommonTableExpression, Query, SelectQuery } from '../../facts/query.js';
import { conjuncts } from '../backfill/walk.js';
import { combine } from './catalog-join.js';
import { distinctRows, project } from './catalog-output.js';
import { collectSources, settledBySubject } from './catalog-sources.js';
import type { NamedResult, QueryResult, QueryWorld, Source } from './catalog-types.js';
import { evaluate } from './evaluate.js';
import { array, constant } from './values.js';

/**
 * Evaluates a query whose relations are system views, functions of known values, VALUES, or other such queries.
 * @returns undefined when it reads data or uses what is not modelled
 */
export function queryCatalog(query: Query, world: QueryWorld, outer: readonly NamedResult[] = []): QueryResult | undefined {
  const known = bindTables(query.with, world, outer);
  if (!known) return undefined;
  switch (query.kind) {
    case 'select': return selectRows(query, world, known);
    case 'values': {
      const rows = query.rows.map((row) => ({ values: row.map((item) => evaluate(item, world.scope)) }));
      return { columns: (query.rows[0] ?? []).map((_, index) => `column${index + 1}`), rows, open: false };
    }
    case 'set': {
      const [left, right] = [queryCatalog(query.left, world, known), queryCatalog(query.right, world, known)];
      if (!left || !right || query.operator !== 'union') return undefined;
      const rows = [...left.rows, ...right.rows];
      return { columns: left.columns, rows: query.all ? rows : distinctRows(rows), open: left.open || right.open };
    }
    default: return undefined;
  }
}

function bindTables(list: readonly CommonTableExpression[], world: QueryWorld, outer: readonly NamedResult[]): NamedResult[] | undefined {
  const known = [...outer];
  for (const { name, query, columns } of list) {
    const result = queryCatalog(query, world, known);
    if (!result) return undefined;
    known.unshift({ name, result: columns.length > 0 ? { ...result, columns } : result });
  }
  return known;
}

function selectRows(query: SelectQuery, world: QueryWorld, known: readonly NamedResult[]): QueryResult | undefined {
  if (query.intoTable || query.groupBy.length > 0 || query.having || query.distinctOn.length > 0) return undefined;
  const conditions = [...conjuncts(query.where)];
  const sources: Source[] = [];
  const outerJoins: { readonly alias: string; readonly on: Expression[] }[] = [];
  for (const item of query.from) if (!collectSources(item, world, known, conditions, sources, outerJoins)) return undefined;
  const open = sources.some((source) => source.open) && !settledBySubject(conditions, world);
  const bound = combine(sources, conditions, outerJoins, world);
  if (!bound) return undefined;
  return project(query, bound, sources, world, open);
}

/** The value of a sub-query over the catalog; undefined when it is not decided. */
export function subqueryValue(subquery: Extract<Expression, { kind: 'subquery' }>, world: QueryWorld): Expression | undefined {
  const result = queryCatalog(subquery.query, world);
  if (!result) return undefined;
  const { location } = subquery;
  const certain = result.rows.filter((row) => !row.condition);
  const decided = certain.length === result.rows.length && !result.open;
  switch (subquery.form) {
    case 'exists':
      if (certain.length > 0) return constant(true, location);
      return decided ? constant(false, location) : undefined;
    case 'scalar':
      if (certain.length !== result.rows.length || certain.length > 1) return undefined;
      if (certain.length === 0) return result.open ? undefined : constant(null, location);
      return certain[0]!.values[0];
    case 'array':
      return certain.length === result.rows.length ? array(certain.map((row) => row.values[0]!), location) : undefined;
    case 'any': case 'all': {
      if (!decided || !subquery.left) return undefined;
      const list = certain.map((row) => (row.values.length === 1 ? row.values[0]! : { kind: 'row' as const, items: row.values, location }));
      return evaluate({
        kind: 'quantified', operator: subquery.operator ?? '=', quantifier: subquery.form, left: subquery.left, right: array(list, location), location,
      }, world.scope);
    }
  }
}
