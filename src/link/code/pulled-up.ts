import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { DerivedTable, Query, SelectQuery } from '../../facts/query.js';
import { isQuery, nodes } from '../queries/nodes.js';

/**
 * `SELECT ... FROM (a UNION b) AS rows WHERE rows.role = 'admin'` as `a AND a.role = 'admin' UNION b AND b.role = 'admin'`: it has a row if and only if that has one,
 * and what a and b ask for holds then.
 * @returns undefined where the conditions cannot be asked of the query inside
 */
export function pulledUp({ from: [only, ...others], where, groupBy, having, limit, offset, with: commons }: SelectQuery): Query | undefined {
  if (only?.kind !== 'derived' || others.length + groupBy.length + commons.length > 0 || (having ?? limit ?? offset) !== undefined) return undefined;
  return where === undefined ? { ...only.query } : asked(only, only.query, where);
}

function asked(of: DerivedTable, query: Query, where: Expression): Query | undefined {
  if (query.kind === 'set') {
    const isOpen = query.operator === 'union' && query.limit === undefined && query.offset === undefined;
    const [left, right] = isOpen ? [asked(of, query.left, where), asked(of, query.right, where)] : [];
    return left && right && { ...query, left, right } as Query;
  }
  if (query.kind !== 'select' || query.groupBy.length + query.distinctOn.length > 0 || (query.having ?? query.limit ?? query.offset) !== undefined) return undefined;
  const condition = inside(of, query, where);
  return condition && { ...query, where: { kind: 'and', operands: [...(query.where ? [query.where] : []), condition], location: where.location } };
}

/** The condition with what a part of the query selects in place of its columns; undefined where one of them is not known, or is named inside of a query. */
function inside(of: DerivedTable, { targets }: SelectQuery, where: Expression): Expression | undefined {
  const names = namesOf(of.query);
  const isOwn = (node: object): node is ColumnExpression => (node as Expression).kind === 'column' && ((node as ColumnExpression).path.length === 1 || (node as ColumnExpression).path[0] === of.alias);
  if (nodes(where).filter(isQuery).some((query) => nodes(query).some(isOwn))) return undefined;
  let isKnown = true;
  const replaced = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null || isQuery(part as Query)) return part;
    if (Array.isArray(part)) return part.map(replaced);
    if (isOwn(part)) {
      const selected = targets[names.indexOf(part.path.at(-1)!)]?.expression;
      isKnown &&= part.path.length === 2 && selected !== undefined && (selected.kind === 'column' || selected.kind === 'constant' || selected.kind === 'parameter');
      return selected;
    }
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, key === 'location' ? each : replaced(each)]));
  };
  const condition = replaced(where) as Expression;
  return isKnown ? condition : undefined;
}

/** The names of the columns of a query, which its first part gives. */
function namesOf(query: Query): readonly (string | undefined)[] {
  if (query.kind === 'set') return namesOf(query.left);
  return query.kind === 'select' ? query.targets.map(({ alias, expression }) => alias ?? (expression.kind === 'column' ? expression.path.at(-1) : undefined)) : [];
}
