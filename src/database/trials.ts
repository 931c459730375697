import { databaseError, isAboutRows, type DatabaseError } from './error.js';
import { quote, relationName } from './sql.js';
import { OWN_SCHEMAS, type TableInfo } from './table-info.js';
import { countNulls } from './tenants.js';
import type { Connection, RunStatement, RunTenancy } from './types.js';

/** Rows of one table that a statement gives another tenant, or does not reach, under another condition. */
export interface Deviation {
  readonly table: TableInfo;
  readonly column: string;
  readonly rows: number;
  readonly of: number;
}

/** A role of the trial's own: an owner as migrations have it that no superuser runs. */
const OWNER = 'tenantlint_owner';

/** Everything that belongs to who makes it, handed to the role. */
const HAND_OVER = `
do $$ declare made record; begin
  for made in
    select format('grant all on schema %I to ${OWNER}; grant all on all sequences in schema %I to ${OWNER}', n.nspname, n.nspname) as sql from pg_namespace n where ${OWN_SCHEMAS}
    union all select format('alter table %I.%I owner to ${OWNER}', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm') and ${OWN_SCHEMAS} and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    union all select format('alter routine %s owner to ${OWNER}', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prosecdef and ${OWN_SCHEMAS} and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop execute made.sql; end loop;
end $$`;

/** Tries statements that give rows a tenant under conditions that the run itself does not have. Everything is undone. */
export class Trials {
  /** @param inTransaction whether a transaction is open, which must stay so */
  constructor(private readonly connection: Connection, private readonly tenancy: RunTenancy, private readonly tables: readonly TableInfo[], private readonly inTransaction: boolean) {}

  /** Whether a statement may write rows, or look for NULLs: otherwise there is nothing to try. */
  static concerns({ sql, operations }: RunStatement): boolean {
    return /\b(update|merge|null)\b/i.test(sql) && operations.some(({ kind }) => kind === 'query' || kind === 'execution' || kind === 'notUnderstood');
  }

  /**
   * Runs a statement on the rows as they stand, and on the same rows in the opposite order.
   * A join that meets several rows takes whichever comes first, so does LIMIT without ORDER BY: where the tenants written differ, chance decides whose a row is.
   * @returns tables whose rows got another tenant; none where the statement fails, or writes something else each time
   */
  async inBothOrders({ sql }: RunStatement): Promise<Deviation[]> {
    if (!/\b(update|merge)\b/i.test(sql)) return [];
    const named = this.named(sql);
    const once = await this.tenantsAfter(sql, '');
    const reversed = once && await this.tenantsAfter(sql, reversal(named));
    if (once === undefined || reversed === undefined || differing(once, reversed).size === 0) return [];
    const again = await this.tenantsAfter(sql, '');
    if (again === undefined || differing(once, again).size > 0) return [];
    return [...differing(once, reversed)].map(([place, rows]) => ({ ...this.places(named)[place]!, rows, of: once.filter((row) => row.place === place).length }));
  }

  /**
   * Runs a statement as superuser, and as an owner whom FORCE ROW LEVEL SECURITY binds (PostgreSQL manual, section 5.9).
   * @returns tables of which the owner leaves more NULLs; `passes` when a verification that aborts as superuser does not as owner
   */
  async asBoundOwner({ sql }: RunStatement): Promise<{ readonly hidden: readonly Deviation[]; readonly passes: readonly TableInfo[] }> {
    const forced = await this.forced(this.named(sql));
    if (forced.length === 0 || !await this.isMaker()) return { hidden: [], passes: [] };
    const free = await this.nullsAfter(sql, '');
    const bound = await this.nullsAfter(sql, `create role ${OWNER} nologin; ${HAND_OVER}; set local role ${OWNER}`);
    if (bound === undefined || 'code' in bound) return { hidden: [], passes: [] };
    if (free === undefined || 'code' in free) return { hidden: [], passes: free !== undefined && isAboutRows(free) ? forced : [] };
    const hidden = [...bound.values()].flatMap(({ table, column, nulls, rows }) => {
      const more = nulls - (free.get(`${table.oid} ${column}`)?.nulls ?? nulls);
      return more > 0 ? [{ table, column, rows: more, of: rows }] : [];
    });
    return { hidden, passes: [] };
  }

  private named(sql: string): TableInfo[] {
    const text = sql.toLowerCase();
    return this.tables.filter(({ name }) => text.includes(name.toLowerCase()));
  }

  private places(tables: readonly TableInfo[]): { table: TableInfo; column: string; key: readonly string[] }[] {
    return tables.flatMap((table) => {
      const key = table.uniques.find((columns) => columns.length > 0 && columns.every((name) => table.columns.some((column) => column.name === name && column.required)));
      return key === undefined ? [] : table.columns.filter(({ name }) => this.tenancy.isTenantColumn(table, name) && !key.includes(name)).map(({ name }) => ({ table, column: name, key }));
    });
  }

  private async tenantsAfter(sql: string, before: string): Promise<Tenant[] | undefined> {
    const places = this.places(this.named(sql));
    if (places.length === 0) return undefined;
    const query = places.map(({ table, column, key }, place) => (
      `select ${place} as place, array[${key.map((name) => `${quote(name)}::text`).join(', ')}]::text as key, ${quote(column)}::text as tenant from ${relationName(table)}`)).join(' union all ');
    const after = await this.undone(before, sql, () => this.connection.rows<Tenant>(query));
    return after === undefined || !Array.isArray(after) ? undefined : after;
  }

  private async nullsAfter(sql: string, before: string) {
    return this.undone(before, sql, () => countNulls(this.connection, this.named(sql), this.tenancy));
  }

  private async forced(tables: readonly TableInfo[]): Promise<TableInfo[]> {
    if (tables.length === 0) return [];
    const rows = await this.connection.rows<{ oid: number }>(`select c.oid::int as oid from pg_class c where c.relrowsecurity and c.relforcerowsecurity and c.oid in (${tables.map(({ oid }) => oid).join(', ')})`);
    return tables.filter(({ oid }) => rows.some((row) => row.oid === oid));
  }

  /** No SET ROLE is in force: the migration did not choose who runs it. */
  private async isMaker(): Promise<boolean> {
    const [row] = await this.connection.rows<{ maker: boolean }>('select current_user = session_user as maker');
    return row?.maker ?? false;
  }

  /** @returns what `look` sees after a statement, or why the statement failed; undefined when it cannot be tried */
  private async undone<T>(before: string, sql: string, look: () => Promise<T>): Promise<T | DatabaseError | undefined> {
    await this.connection.run(this.inTransaction ? 'savepoint trial' : 'begin');
    try {
      if (before !== '') await this.connection.run(before);
    } catch (error) {
      databaseError(error);
      await this.undo();
      return undefined;
    }
    try {
      await this.connection.run(sql);
      await this.connection.run('reset role');
      return await look();
    } catch (error) {
      return databaseError(error);
    } finally {
      await this.undo();
    }
  }

  private async undo(): Promise<void> {
    await this.connection.run(this.inTransaction ? 'rollback to savepoint trial; release savepoint trial' : 'rollback');
  }
}

interface Tenant {
  readonly place: number;
  readonly key: string;
  readonly tenant: string | null;
}

/** Rows of each place whose tenant differs between two looks. */
function differing(one: readonly Tenant[], other: readonly Tenant[]): Map<number, number> {
  const tenants = new Map(one.map(({ place, key, tenant }) => [`${place} ${key}`, tenant]));
  const counts = new Map<number, number>();
  for (const { place, key, tenant } of other) {
    const before = tenants.get(`${place} ${key}`);
    if (before !== undefined && before !== tenant) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

/** Writes every row of some tables anew, the last one first: scans and indexes meet them in the opposite order. No trigger fires. */
function reversal(tables: readonly TableInfo[]): string {
  return `
do $$ declare place record; row_id tid; rows tid[]; begin
  perform set_config('session_replication_role', 'replica', true);
  for place in select c.oid::regclass as name, (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a' order by a.attnum limit 1) as col
    from pg_class c where c.relkind = 'r' and (c.oid in (${tables.map(({ oid }) => oid).join(', ')}) or c.oid in (select inhrelid from pg_inherits where inhparent in (${tables.map(({ oid }) => oid).join(', ')}))) loop
    execute format('select array_agg(ctid order by ctid desc) from only %s', place.name) into rows;
    if place.col is null then continue; end if;
    foreach row_id in array coalesce(rows, '{}') loop
      execute format('update only %s set %I = %I where ctid = $1', place.name, place.col, place.col) using row_id;
    end loop;
  end loop;
  perform set_config('session_replication_role', 'origin', true);
end $$`;
}
