import type { Connection } from './types.js';

/** What has to be known of a table to make rows for it. */
export interface TableInfo {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnInfo[];
  readonly foreignKeys: readonly KeyInfo[];
  readonly uniques: readonly (readonly string[])[];
  /** CHECK constraints as PostgreSQL prints them. */
  readonly checks: readonly string[];
}

export interface ColumnInfo {
  readonly name: string;
  /** Name of the base type, below a domain. */
  readonly type: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** An identity column, or its default is nextval(): the database numbers the rows. */
  readonly numbered: boolean;
  readonly generated: boolean;
  readonly labels: readonly string[] | null;
  /** Characters or digits that fit; below 1 when there is no limit. */
  readonly length: number;
}

export interface KeyInfo {
  readonly columns: readonly string[];
  /** Oid of the table it refers to. */
  readonly parent: number;
  readonly parentColumns: readonly string[];
}

/** Relations of the project: not PostgreSQL's own, not those of extensions. */
export const OWN_SCHEMAS = "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'";

const TABLES = `
select c.oid::int as oid, n.nspname as schema, c.relname as name,
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', b.typname, 'required', a.attnotnull or t.typnotnull,
      'hasDefault', a.atthasdef and a.attgenerated = '' or a.attidentity <> '', 'generated', a.attgenerated <> '', 'length', a.atttypmod - 4,
      'numbered', a.attidentity <> '' or a.atthasdef and (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum) like 'nextval(%',
      'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid)) order by a.attnum), '[]')
    from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object('columns', (select json_agg(a.attname order by u.o) from unnest(k.conkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n),
      'parent', k.confrelid::int,
      'parentColumns', (select json_agg(a.attname order by u.o) from unnest(k.confkey) with ordinality u(n, o)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n)) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0) as "foreignKeys",
  (select coalesce(json_agg((select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[]))), '[]')
    from pg_index i where i.indrelid = c.oid and i.indisunique) as uniques,
  (select coalesce(json_agg(pg_get_constraintdef(k.oid)), '[]') from pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checks
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition and ${OWN_SCHEMAS}
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 2, 3`;

/** The tables of the database, those that are referred to before those that refer to them. */
export async function readTables(connection: Connection): Promise<TableInfo[]> {
  const tables = (await connection.rows<TableInfo>(TABLES)).map((table) => ({ ...table, uniques: table.uniques.map((columns) => columns ?? []) }));
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const done = new Set<TableInfo>();
  const visit = (table: TableInfo, path: readonly TableInfo[]): void => {
    if (done.has(table) || path.includes(table)) return;
    for (const { parent } of table.foreignKeys) {
      const next = byOid.get(parent);
      if (next !== undefined) visit(next, [...path, table]);
    }
    done.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...done];
}

/** The name as reports show it: bare in schema public. */
export function displayOf({ schema, name }: Pick<TableInfo, 'schema' | 'name'>): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
