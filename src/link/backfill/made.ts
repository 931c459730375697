import type { ColumnExpression } from '../../facts/expression.js';
import type { Query, SelectQuery, TableReference } from '../../facts/query.js';
import { keyOf } from '../catalog/names.js';
import type { Resolution } from '../resolve/types.js';
import { nodes } from './walk.js';

/** A table that holds what a query gave, and what the names in the query mean. */
export interface MadeTable {
  readonly query: SelectQuery;
  readonly resolution: Resolution;
}

/** The tables of CREATE TABLE ... AS whose rows, and those that they were made of, nothing has changed since: reading one is reading its query. */
export class MadeTables {
  private readonly byKey = new Map<string, MadeTable>();

  get(tableKey: string): MadeTable | undefined {
    return this.byKey.get(tableKey);
  }

  made(tableKey: string, query: Query, resolution: Resolution | undefined): void {
    if (resolution && query.kind === 'select' && query.with.length === 0) this.byKey.set(tableKey, { query, resolution });
  }

  /** Rows of the table, or what it is, have changed. @param columns those that were written, where its rows are still the same */
  changed(tableKey: string, columns?: readonly string[]): void {
    for (const [key, made] of this.byKey) if (key === tableKey || readsOf(made, tableKey).some((name) => name === '*' || columns?.includes(name) !== false)) this.byKey.delete(key);
  }

  clear(): void {
    this.byKey.clear();
  }
}

/** The columns of a table that the query speaks of; `*`: perhaps all. A table that it only joins is a column without a name. */
function readsOf({ query, resolution }: MadeTable, tableKey: string): string[] {
  return [...nodes(query)].flatMap((node) => {
    const table = node.kind === 'table' ? resolution.tables.get(node as TableReference) : node.kind === 'column' ? resolution.bindings.get(node as ColumnExpression)?.table : undefined;
    if (node.kind === 'star') return ['*'];
    return table !== undefined && keyOf(table) === tableKey ? [node.kind === 'column' ? (node as ColumnExpression).path.at(-1)! : ''] : [];
  });
}
