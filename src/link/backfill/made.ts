import type { Query, SelectQuery } from '../../facts/query.js';
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

  /** Rows of the table, or what it is, have changed. */
  changed(tableKey: string): void {
    for (const [key, { query, resolution }] of this.byKey) {
      const reads = key === tableKey || [...nodes(query)].some((node) => { const table = resolution.tables.get(node as never); return table !== undefined && keyOf(table) === tableKey; });
      if (reads) this.byKey.delete(key);
    }
  }

  clear(): void {
    this.byKey.clear();
  }
}
