import type { Location } from '../../facts/location.js';
import { keyOf } from './names.js';
import { reject } from './rejection.js';
import type { Catalog, Table } from './types.js';

/** Direct children: partitions, and tables that inherit. */
export function childrenOf(catalog: Catalog, table: Table): readonly Table[] {
  const key = keyOf(table);
  return [...catalog.tables.values()].filter((candidate) => candidate.parents.includes(key));
}

/** Direct partitions of a partitioned table. */
export function partitionsOf(catalog: Catalog, table: Table): readonly Table[] {
  return childrenOf(catalog, table).filter((child) => child.isPartition);
}

/** The keys of a table and of everything below it, parents first. */
export function withDescendants(catalog: Catalog, table: Table): readonly string[] {
  const keys = [keyOf(table)];
  for (const child of childrenOf(catalog, table)) {
    for (const key of withDescendants(catalog, child)) if (!keys.includes(key)) keys.push(key);
  }
  return keys;
}

/** The parents of a table that are known. */
export function parentsOf(catalog: Catalog, table: Table): readonly Table[] {
  return table.parents.flatMap((key) => catalog.tables.get(key) ?? []);
}

/** Whether the column comes from a parent, so that it can be changed there only. */
export function isInherited(catalog: Catalog, table: Table, column: string): boolean {
  return parentsOf(catalog, table).some((parent) => parent.columns.has(column));
}

/** Refuses to change a column that comes from a parent. @throws Rejection 42P16 */
export function requireOwnColumn(catalog: Catalog, table: Table, column: string, action: string, location: Location): void {
  if (action !== 'rename' && table.partitionKey?.includes(column)) {
    reject('42P16', `cannot ${action} column "${column}" because it is part of the partition key of relation "${table.name}"`, location);
  }
  if (isInherited(catalog, table, column)) reject('42P16', `cannot ${action} inherited column "${column}"`, location);
}
