import type { Expression } from '../../facts/expression.js';
import type { MergeQuery, UpdateQuery } from '../../facts/query.js';
import type { Graph } from './graph.js';
import type { Names } from './names.js';
import { nodes } from './walk.js';

const ranges = new Set(['<', '>', '<=', '>=', 'between']);

/** Whether an UPDATE is limited to a part of its table: by LIMIT in a sub-select, by a range, or by anything beyond `c IS NULL` and joins. */
export function isBatch(query: UpdateQuery | MergeQuery, graph: Graph, column: string, names: Names): boolean {
  if ([...nodes(query)].some((node) => node.kind === 'select' && 'limit' in node && node.limit !== undefined && 'from' in node && isOver(node, query, names))) return true;
  return graph.conditions.some((condition) => isRange(condition, query, names) && !reads(condition, column));
}

/** The limited select reads the table that is updated. */
function isOver(select: unknown, query: UpdateQuery | MergeQuery, names: Names): boolean {
  const table = names.tableOf(query.target);
  return table !== undefined && [...nodes(select)].some((node) => node.kind === 'table' && names.tableOf(node as UpdateQuery['target']) === table);
}

function isRange(condition: Expression, query: UpdateQuery | MergeQuery, names: Names): boolean {
  if (condition.kind !== 'operator' || !ranges.has(condition.operator) || !condition.left) return false;
  return names.leaf(condition.left)?.item === query.target || names.leaf(condition.right)?.item === query.target;
}

function reads(condition: Expression, column: string): boolean {
  return [...nodes(condition)].some((node) => node.kind === 'column' && (node as unknown as { path: readonly string[] }).path.at(-1) === column);
}
