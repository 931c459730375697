import { plainValue } from './row-values.js';
import type { ColumnInfo, TableInfo } from './table-info.js';
import type { RunTenancy } from './types.js';

/** A row as text, by column. */
export type Row = Readonly<Record<string, string | null>>;

/** Whom a row is made for: one of the two tenants, by number, or nobody (it has no way to a tenant). */
export type Owner = 0 | 1 | 'nobody';

/**
 * Knows which tenant each made-up row belongs to, so that a new row refers to rows of its own tenant only:
 * by its tenant column where it has one, else as it was made. Tables without a foreign-key path to a tenant are shared by both.
 */
export class Owners {
  /** Table and key of a row → its tenant. */
  private readonly made = new Map<string, Owner>();
  private owned: ReadonlySet<number> = new Set();
  /** Keys of the two root rows. */
  private keys: readonly string[] = [];

  constructor(private readonly tenancy: RunTenancy) {}

  /** Looks at the tables as they are now. @param rootKeys the keys of the root table's rows, in order; empty without a root */
  see(tables: readonly TableInfo[], rootKeys: readonly string[]): void {
    const known = this.keys.filter((key) => rootKeys.includes(key));
    this.keys = [...known, ...rootKeys.filter((key) => !known.includes(key))].slice(0, 2);
    const owned = new Set(tables.filter((table) => this.isRoot(table) || this.tenantColumn(table) !== undefined).map(({ oid }) => oid));
    for (let size = -1; size !== owned.size;) {
      size = owned.size;
      for (const table of tables) if (!this.tenancy.isShared?.(table) && table.foreignKeys.some(({ parent }) => owned.has(parent))) owned.add(table.oid);
    }
    this.owned = owned;
  }

  isRoot({ name }: TableInfo): boolean {
    return name === this.tenancy.root;
  }

  isOwned(table: number): boolean {
    return this.owned.has(table);
  }

  tenantColumn(table: TableInfo): ColumnInfo | undefined {
    return table.columns.find(({ name }) => this.tenancy.isTenantColumn(table, name));
  }

  /** What a tenant column holds for a tenant: the key of its root row, or a value of the column's type. */
  valueFor(tenant: 0 | 1, column: ColumnInfo): string {
    const key = this.keys[tenant];
    const fits = key !== undefined && (column.type !== 'uuid' || /^[0-9a-f-]{36}$/i.test(key)) && (!/^(int|numeric)/.test(column.type) || /^\d+$/.test(key));
    return fits ? key : plainValue(column.type, tenant, column.length);
  }

  /** Whose a row is; undefined when it is another tenant's, or not known. */
  ownerOf(table: TableInfo, row: Row): Owner | undefined {
    if (this.isRoot(table)) return tenantAt(table.uniques.flatMap(([only, ...more]) => (more.length === 0 && only !== undefined ? [this.keys.indexOf(row[only] ?? '')] : [])).find((index) => index >= 0));
    const column = this.tenantColumn(table);
    const value = column === undefined ? undefined : row[column.name] ?? null;
    if (value === null) return 'nobody';
    if (column !== undefined && value !== undefined) return ([0, 1] as const).find((tenant) => this.valueFor(tenant, column) === value);
    return keysOf(table, row).map((key) => this.made.get(key)).find((owner) => owner !== undefined);
  }

  /** Remembers whom a row was made for. @param values as they were inserted: without any way to a tenant the row is nobody's */
  remember(table: TableInfo, row: Row, values: Row, owner: Owner): void {
    const column = this.tenantColumn(table)?.name;
    const hasWay = this.isRoot(table) || (column !== undefined && (values[column] ?? null) !== null)
      || table.foreignKeys.some(({ parent, columns }) => this.isOwned(parent) && columns.every((name) => (values[name] ?? null) !== null));
    for (const key of keysOf(table, row)) this.made.set(key, hasWay ? owner : 'nobody');
  }
}

function tenantAt(index: number | undefined): Owner | undefined {
  return index === 0 || index === 1 ? index : undefined;
}

function keysOf({ oid, uniques }: TableInfo, row: Row): string[] {
  return uniques.map((columns) => columns.map((column) => row[column] ?? null)).filter((values) => values.length > 0 && !values.includes(null)).map((values) => `${oid} ${JSON.stringify(values)}`);
}
