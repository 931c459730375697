import { quote, relationName } from './sql.js';
import { displayOf, type KeyInfo, type TableInfo } from './table-info.js';
import type { Connection, RunTenancy } from './types.js';

/** NULLs of one tenant column at one moment. */
export interface NullCount {
  readonly table: TableInfo;
  readonly column: string;
  readonly required: boolean;
  readonly nulls: number;
  readonly rows: number;
}

/** Rows of one foreign key whose tenant is not that of the row they refer to. */
export interface Mismatch {
  readonly table: TableInfo;
  readonly column: string;
  readonly through: readonly string[];
  readonly parent: TableInfo;
  readonly parentColumn: string;
  readonly rows: number;
}

/** Counts the NULLs of every tenant column, by `oid column`. */
export async function countNulls(connection: Connection, tables: readonly TableInfo[], tenancy: RunTenancy): Promise<Map<string, NullCount>> {
  const places = tables.flatMap((table) => table.columns.filter(({ name }) => tenancy.isTenantColumn(table, name)).map((column) => ({ table, column })));
  if (places.length === 0) return new Map();
  const counts = await connection.rows<{ place: number; rows: number; nulls: number }>(places.map(({ table, column }, place) => (
    `select ${place} as place, count(*)::int as rows, (count(*) - count(${quote(column.name)}))::int as nulls from ${relationName(table)}`)).join(' union all '));
  return new Map(counts.map(({ place, rows, nulls }) => {
    const { table, column } = places[place]!;
    return [`${table.oid} ${column.name}`, { table, column: column.name, required: column.required, rows, nulls }];
  }));
}

/** Counts, for every foreign key between tables that have a tenant (or lead to the root), the rows whose tenants differ. */
export async function countMismatches(connection: Connection, tables: readonly TableInfo[], tenancy: RunTenancy): Promise<Map<string, Mismatch>> {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const links = tables.flatMap((table) => table.foreignKeys.flatMap((key) => linkOf(table, key, byOid.get(key.parent), tenancy)));
  if (links.length === 0) return new Map();
  const counts = await connection.rows<{ place: number; rows: number }>(links.map(({ table, parent, column, parentColumn, key }, place) => {
    const on = key.columns.map((name, index) => `c.${quote(name)} = p.${quote(key.parentColumns[index]!)}`).join(' and ');
    return `select ${place} as place, count(*)::int as rows from ${relationName(table)} c join ${relationName(parent)} p on ${on} where c.${quote(column)}::text <> p.${quote(parentColumn)}::text`;
  }).join(' union all '));
  return new Map(counts.map(({ place, rows }) => {
    const { key, ...link } = links[place]!;
    return [`${link.table.oid} ${link.column} ${key.columns.join()} ${link.parent.oid}`, { ...link, through: key.columns, rows }];
  }));
}

/** Both ends have a tenant, and the key itself is not the tenant column. */
function linkOf(table: TableInfo, key: KeyInfo, parent: TableInfo | undefined, tenancy: RunTenancy) {
  const column = tenantColumn(table, tenancy);
  const parentColumn = parent && tenantColumn(parent, tenancy);
  if (parent === undefined || column === undefined || parentColumn === undefined || (key.columns.length === 1 && key.columns[0] === column)) return [];
  return [{ table, parent, column, parentColumn, key }];
}

function tenantColumn(table: TableInfo, tenancy: RunTenancy): string | undefined {
  return table.columns.find(({ name }) => tenancy.isTenantColumn(table, name))?.name;
}

/** `t.c (through k → p)`, for messages and tests. */
export function describeMismatch({ table, column, through, parent }: Mismatch): string {
  return `${displayOf(table)}.${column} through ${through.join(', ')} → ${displayOf(parent)}`;
}
