import { databaseError } from './error.js';
import { Owners, type Owner, type Row } from './owners.js';
import { addOwnPartition, lacksPartition } from './own-partition.js';
import { optionalColumns, parentValue, ROWS, valueOf } from './row-values.js';
import { literal, quote, relationName } from './sql.js';
import { displayOf, readTables, type KeyInfo, type TableInfo } from './table-info.js';
import type { Connection, RunTenancy } from './types.js';

/** A table that changes often gets no more rows than these. */
const MOST_ROWS = 10 * ROWS;

export interface PopulationOptions {
  /** The same rows in the opposite order. */
  readonly reversed?: boolean;
  /** Values differ in every row, for histories that add unique keys later. */
  readonly distinct?: boolean;
  /** No NULLs. */
  readonly full?: boolean;
  /** Rows keep to their tenant: a row refers to rows of its own tenant only. Absent: foreign keys are spread over all rows. */
  readonly tenancy?: RunTenancy;
  /** Every table in every round, not only those that changed or are nearly empty. */
  readonly always?: boolean;
  /** The first round's number. */
  readonly round?: number;
}

/** The tables of the database, and how many rows each holds, by oid. */
export interface KnownTables {
  readonly tables: readonly TableInfo[];
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Fills tables with rows of two tenants: several candidates for joins, NULL wherever a column allows it in one row of each round.
 * Keys, checks over literals, enums and foreign keys are respected; a row the database refuses is left out.
 */
export class Population {
  private readonly owners: Owners | undefined;
  private round: number;
  private guarded = false;
  private full = false;
  /** Oid → the columns as they were when rows were last made. */
  private readonly seen = new Map<number, string>();
  /** Tables some of whose parents had no row yet. */
  private readonly awaited = new Set<number>();
  /** Why a table got no row, by display name. */
  private readonly refusals = new Map<string, string>();

  constructor(private readonly connection: Connection, private readonly options: PopulationOptions = {}) {
    this.owners = options.tenancy && new Owners(options.tenancy);
    this.round = options.round ?? 0;
  }

  /** Tables that hold no row because the database refused every one, with PostgreSQL's reason. */
  async emptyTables(): Promise<readonly { readonly table: string; readonly reason: string }[]> {
    const tables = await readTables(this.connection);
    const counts = await countRows(this.connection, tables);
    return tables.flatMap((table) => {
      const reason = this.refusals.get(displayOf(table));
      return reason === undefined || counts.get(table.oid)! > 0 ? [] : [{ table: displayOf(table), reason }];
    });
  }

  /**
   * Adds one round of rows.
   * @param known the tables and their rows, where that was just looked up
   * @returns whether any table got rows
   */
  async fill(known?: KnownTables): Promise<boolean> {
    this.guarded = false;
    this.full = this.options.full ?? false;
    return this.addRound(known);
  }

  /** Adds one round of rows to every table, also where rows stand since long. */
  async fillAgain(known?: KnownTables): Promise<boolean> {
    this.seen.clear();
    return this.fill(known);
  }

  /** Adds one round of rows without NULLs in the midst of a migration. @param inTransaction a refused row must not end the transaction that is open */
  async refill(inTransaction: boolean): Promise<void> {
    this.guarded = inTransaction;
    this.full = true;
    await this.addRound();
    // The next round brings the NULLs back.
    this.seen.clear();
  }

  /**
   * Adds the tenant that a statement names, which the project's database has.
   * @returns whether there is such a row now
   */
  async addTenant(column: string, key: string, inTransaction: boolean): Promise<boolean> {
    const tables = await readTables(this.connection);
    const root = tables.find((table) => this.owners?.isRoot(table));
    if (root === undefined) return false;
    this.guarded = inTransaction;
    const byOid = new Map(tables.map((table) => [table.oid, table]));
    this.round += 1;
    const values = this.rowValues(root, this.round * ROWS, await this.parentRows(root, byOid), byOid, [], undefined);
    return await this.insert(root, { ...values, [column]: key }, undefined) === undefined;
  }

  private async addRound(known?: KnownTables): Promise<boolean> {
    const tables = known?.tables ?? await readTables(this.connection);
    const byOid = new Map(tables.map((table) => [table.oid, table]));
    const counts = this.options.always ? undefined : known?.counts ?? await countRows(this.connection, tables);
    let filled = false;
    await this.lookAtOwners(tables);
    for (const table of tables) {
      const rows = counts?.get(table.oid) ?? 0;
      const shape = JSON.stringify([table.columns, table.foreignKeys]);
      if (counts !== undefined && (rows >= MOST_ROWS || (rows >= ROWS && this.seen.get(table.oid) === shape))) continue;
      this.seen.set(table.oid, shape);
      filled = true;
      await this.fillTable(table, byOid);
      if (this.owners?.isRoot(table)) await this.lookAtOwners(tables);
    }
    this.round += 1;
    return filled;
  }

  private async lookAtOwners(tables: readonly TableInfo[]): Promise<void> {
    if (this.owners === undefined) return;
    const root = tables.find((table) => this.owners!.isRoot(table));
    const key = root?.uniques.find((columns) => columns.length === 1)?.[0];
    const rows = root === undefined || key === undefined ? [] : await this.connection.rows<{ key: string }>(`select ${quote(key)}::text as key from ${relationName(root)} where ${quote(key)} is not null order by ctid limit 50`);
    this.owners.see(tables, rows.map((row) => row.key));
  }

  private async fillTable(table: TableInfo, byOid: ReadonlyMap<number, TableInfo>): Promise<void> {
    const parents = await this.parentRows(table, byOid);
    // Tables that refer to each other: once more when there are rows to refer to.
    if (!this.awaited.has(table.oid) && [...parents.values()].some((rows) => rows.length === 0)) {
      this.awaited.add(table.oid);
      this.seen.delete(table.oid);
    }
    let { made, refusal } = await this.insertRows(table, parents, byOid);
    if (made === 0 && lacksPartition(refusal) && !this.guarded && await addOwnPartition(this.connection, table)) ({ made, refusal } = await this.insertRows(table, parents, byOid));
    if (made > 0) this.refusals.delete(displayOf(table));
    else if (refusal !== undefined && !this.refusals.has(displayOf(table))) this.refusals.set(displayOf(table), refusal);
  }

  /** @returns how many rows the database took, and why it refused the last of the others */
  private async insertRows(table: TableInfo, parents: ReadonlyMap<KeyInfo, Row[]>, byOid: ReadonlyMap<number, TableInfo>): Promise<{ made: number; refusal: string | undefined }> {
    const numbers = Array.from({ length: ROWS }, (_, index) => this.round * ROWS + index);
    let last: string | undefined;
    let made = 0;
    for (const number of this.options.reversed ? numbers.reverse() : numbers) {
      const refusal = await this.insertRow(table, number, parents, byOid);
      if (refusal === undefined) made += 1;
      last = refusal ?? last;
    }
    return { made, refusal: last };
  }

  private async parentRows(table: TableInfo, byOid: ReadonlyMap<number, TableInfo>): Promise<Map<KeyInfo, Row[]>> {
    const parents = new Map<KeyInfo, Row[]>();
    for (const key of table.foreignKeys) {
      const parent = byOid.get(key.parent);
      if (parent === undefined) {
        parents.set(key, []);
        continue;
      }
      // With tenants the whole keys are needed to tell whose a row is.
      const names = this.owners === undefined ? key.parentColumns : [...new Set([...key.parentColumns, ...parent.uniques.flat(), ...(this.owners.tenantColumn(parent) ? [this.owners.tenantColumn(parent)!.name] : [])])];
      const order = key.parentColumns.map((_, index) => index + 1).join(', ');
      parents.set(key, await this.connection.rows<Row>(`select distinct ${names.map((name) => `${quote(name)}::text as ${quote(name)}`).join(', ')} from ${relationName(parent)}
        where ${key.parentColumns.map((name) => `${quote(name)} is not null`).join(' and ')} order by ${order}`));
    }
    return parents;
  }

  /** @returns why the database refused it */
  private async insertRow(table: TableInfo, number: number, parents: ReadonlyMap<KeyInfo, Row[]>, byOid: ReadonlyMap<number, TableInfo>): Promise<string | undefined> {
    let refusal: string | undefined;
    // First with NULLs and defaults; where that is refused, with every column filled.
    const optional = this.full ? [] : optionalColumns(table, number, this.owners?.tenantColumn(table)?.name);
    for (const nulls of optional.length > 0 ? [optional, []] : [[]]) {
      for (const owner of this.ownersFor(table, number, parents, byOid)) {
        refusal = await this.insert(table, this.rowValues(table, number, parents, byOid, nulls, owner), owner);
        if (refusal === undefined) return undefined;
      }
    }
    return refusal;
  }

  private async insert(table: TableInfo, values: Readonly<Record<string, string | null>>, owner: Owner | undefined): Promise<string | undefined> {
    const names = Object.keys(values);
    const keys = [...new Set(table.uniques.flat())];
    const returning = this.owners === undefined || keys.length === 0 ? '' : ` returning ${keys.map((name) => `${quote(name)}::text as ${quote(name)}`).join(', ')}`;
    const sql = names.length === 0
      ? `insert into ${relationName(table)} default values`
      : `insert into ${relationName(table)} (${names.map(quote).join(', ')}) overriding system value values (${names.map((name) => literal(values[name] ?? null)).join(', ')})`;
    try {
      if (this.guarded) await this.connection.run('savepoint row');
      const [row] = await this.connection.rows<Row>(sql + returning);
      if (owner !== undefined && row !== undefined && returning !== '') this.owners?.remember(table, row, values, owner);
      return undefined;
    } catch (error) {
      // A check or a trigger wants other values; the tables need some rows, not each row.
      if (this.guarded) await this.connection.run('rollback to savepoint row');
      return databaseError(error).message;
    }
  }

  /** Whom a row may be made for, the preferred one first: where it needs a parent, one that has such rows. One row of a round has the parents that belong to nobody. */
  private ownersFor(table: TableInfo, number: number, parents: ReadonlyMap<KeyInfo, Row[]>, byOid: ReadonlyMap<number, TableInfo>): readonly (Owner | undefined)[] {
    const { owners } = this;
    if (owners === undefined || !owners.isOwned(table.oid)) return [undefined];
    const has = (key: KeyInfo, owner: Owner): boolean => this.candidates(key, parents, byOid, owner).length > 0;
    const order: readonly Owner[] = number % 2 === 0 ? [0, 1] : [1, 0];
    const orphan = number % ROWS === ROWS - 2 && !this.full && owners.tenantColumn(table) === undefined
      && table.foreignKeys.some((key) => owners.isOwned(key.parent) && has(key, 'nobody'));
    const possible = [...(orphan ? ['nobody' as const] : []), ...order].filter((owner) => table.foreignKeys.every((key) => !this.isNeeded(table, key) || has(key, owner)));
    return possible.length > 0 ? possible.slice(0, 1) : [undefined];
  }

  private isNeeded(table: TableInfo, key: KeyInfo): boolean {
    return (this.owners?.isOwned(key.parent) ?? false) && key.parent !== table.oid && table.columns.some(({ name, required, hasDefault }) => required && !hasDefault && key.columns.includes(name));
  }

  /** The rows of a key's parent that a row of this owner may refer to. */
  private candidates(key: KeyInfo, parents: ReadonlyMap<KeyInfo, Row[]>, byOid: ReadonlyMap<number, TableInfo>, owner: Owner | undefined): readonly Row[] {
    const rows = parents.get(key)!;
    const parent = byOid.get(key.parent);
    if (owner === undefined || parent === undefined || !this.owners!.isOwned(parent.oid)) return rows;
    return rows.filter((row) => this.owners!.ownerOf(parent, row) === owner);
  }

  private rowValues(
    table: TableInfo, number: number, parents: ReadonlyMap<KeyInfo, Row[]>, byOid: ReadonlyMap<number, TableInfo>, nulls: readonly string[], owner: Owner | undefined,
  ): Record<string, string | null> {
    const values: Record<string, string | null> = {};
    const tenantColumn = this.owners?.tenantColumn(table);
    for (const column of table.columns) {
      const unique = table.uniques.some((columns) => columns.includes(column.name));
      const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name));
      if (column.generated || column.numbered && key === undefined || (column.hasDefault && column.type !== 'bool' && !unique && key === undefined)) continue;
      if (nulls.includes(column.name)) values[column.name] = null;
      else if (key !== undefined) values[column.name] = parentValue(key, column, table, this.candidates(key, parents, byOid, owner), owner === undefined ? number : number >> 1);
      else if (column === tenantColumn && owner !== undefined && owner !== 'nobody') values[column.name] = this.owners!.valueFor(owner, column);
      else values[column.name] = valueOf(column, table, number, unique || (this.options.distinct ?? false));
    }
    return values;
  }
}

/** Rows of each table, by oid. */
export async function countRows(connection: Connection, tables: readonly TableInfo[]): Promise<Map<number, number>> {
  if (tables.length === 0) return new Map();
  const rows = await connection.rows<{ oid: number; count: number }>(tables.map((table) => `select ${table.oid} as oid, (select count(*)::int from ${relationName(table)}) as count`).join(' union all '));
  return new Map(rows.map(({ oid, count }) => [oid, count]));
}
