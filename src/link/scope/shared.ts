import { keyOf } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import type { ClassifiedTable } from '../project.js';
import type { ScopeEnvironment } from './types.js';

/**
 * Which rows may belong to all tenants: those of hybrid tables (`tables.hybrid`) without a tenant, and those of their child tables.
 * Whoever hangs on such a row may be of any tenant.
 */
export class SharedRows {
  private readonly known = new Map<Table, boolean>();
  private readonly exists: boolean;

  constructor(private readonly env: Pick<ScopeEnvironment, 'catalog' | 'tables'>, private readonly owned: (table: Table) => ClassifiedTable | undefined) {
    this.exists = [...env.tables.values()].some((each) => each.hybrid);
  }

  /** Whether rows of the table may be everybody's. */
  has(classified: ClassifiedTable): boolean {
    if (!this.exists) return false;
    if (classified.class !== 'child') return classified.hybrid;
    const found = this.known.get(classified.table);
    if (found !== undefined) return found;
    this.known.set(classified.table, false);
    const answer = this.ownersOf(classified).length > 0 && this.ownersOf(classified).every(({ target }) => this.has(target));
    this.known.set(classified.table, answer);
    return answer;
  }

  /** Whether the domain is that of a key of such rows. */
  isDomain(label: string): boolean {
    if (!this.exists) return false;
    const table = this.env.catalog.tables.get(label.slice(0, label.lastIndexOf('.')));
    const classified = table && this.owned(table);
    return classified !== undefined && this.has(classified);
  }

  /** Whether a row is the tenant's exactly where the one that this column names is: its key, the reference of a child, one that carries the tenant. */
  isOneWith(classified: ClassifiedTable, column: string, label: string): boolean {
    const { table } = classified;
    if (label === `${keyOf(table)}.${column}` || this.isOnlyOwner(classified, column)) return true;
    return table.foreignKeys.some((key) => key.columns.includes(column) && key.columns.some((each) => classified.tenantColumns.some(({ name }) => name === each)));
  }

  /** Whether this reference alone says whose a child's row is. */
  isOnlyOwner(classified: ClassifiedTable, column: string): boolean {
    const owners = classified.class === 'child' ? this.ownersOf(classified) : [];
    return owners.length === 1 && owners[0]!.columns.includes(column);
  }

  /** The references that every row of a child has, or else all. */
  private ownersOf({ table }: ClassifiedTable): { readonly columns: readonly string[]; readonly target: ClassifiedTable }[] {
    const all = table.foreignKeys.flatMap(({ columns, table: name }) => {
      const target = this.env.catalog.tables.get(name);
      const classified = target && this.owned(target);
      return classified ? [{ columns, target: classified }] : [];
    });
    const firm = all.filter(({ columns }) => columns.every((name) => table.columns.get(name)?.notNull === true));
    return firm.length > 0 ? firm : all;
  }
}

/** What a column holds that names a row of the tenant's or one that all share. */
export const sharedLabel = (domain: string): string => `shared ${domain}`;

/** The domain of such a label; undefined for others. */
export const domainOfShared = (label: string): string | undefined => (label.startsWith('shared ') ? label.slice(7) : undefined);
