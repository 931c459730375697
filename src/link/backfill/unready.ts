import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { MergeQuery, TableReference, UpdateQuery } from '../../facts/query.js';
import { displayName, keyOf } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import { declaredNotNull } from './names.js';
import type { Names } from './names.js';
import type { Histories, OpenBackfill } from './state.js';
import { nodes, nodesOfKind } from './walk.js';

/** A column that a backfill reads before it exists. */
export interface AwaitedColumn {
  readonly tableKey: string;
  readonly column: string;
  readonly table: string;
  readonly location: ColumnExpression['location'];
  readonly backfill: OpenBackfill;
}

interface Reading {
  readonly value: Expression;
  readonly query: UpdateQuery | MergeQuery;
  readonly table: Table;
  readonly names: Names;
  readonly backfill: OpenBackfill;
  /** PostgreSQL rejects the statement: only a column that is not there yet matters then. */
  readonly failed: boolean;
  readonly awaited: AwaitedColumn[];
}

/** Notes the columns of other tables that a value reads and that are not filled, or not there, at this moment. */
export function unreadySources(reading: Reading, histories: Histories): void {
  const seen = new Set<string>();
  for (const column of columnsBehind(reading.value, reading.names)) {
    const leaf = reading.names.leaf(column);
    if (!leaf) noteAbsent(column, reading);
    else if (!reading.failed && leaf.table && leaf.column && keyOf(leaf.table) !== keyOf(reading.table)) {
      const key = `${keyOf(leaf.table)}.${leaf.name}`;
      const history = histories.get(keyOf(leaf.table), leaf.name);
      if (seen.has(key) || !history?.addedLater || history.filledByDefault || history.fillings.length > 0) continue;
      if (declaredNotNull(leaf.table, leaf.column) || histories.mayHoldRows(leaf.table) === 'no') continue;
      seen.add(key);
      reading.backfill.unready.push({
        table: displayName(leaf.table), key: keyOf(leaf.table), column: leaf.name, reason: 'is not backfilled yet', location: history.added,
      });
    }
  }
}

function columnsBehind(value: Expression, names: Names): ColumnExpression[] {
  return [...nodesOfKind(value, 'column')].flatMap((column) => {
    const expanded = names.expand(column);
    if (expanded === column) return [column];
    return [...nodesOfKind(expanded, 'column')];
  });
}

function noteAbsent(column: ColumnExpression, { query, table, names, backfill, awaited }: Reading): void {
  const name = column.path.at(-1)!;
  const qualifier = column.path.at(-2);
  for (const node of nodes(query)) {
    if (node.kind !== 'table') continue;
    const reference = node as TableReference;
    const candidate = names.tableOf(reference);
    if (!candidate || candidate === table || candidate.columns.has(name)) continue;
    if (qualifier !== undefined && qualifier !== (reference.alias ?? reference.name.name)) continue;
    awaited.push({ tableKey: keyOf(candidate), column: name, table: displayName(candidate), location: column.location, backfill });
  }
}
