import { OWN_SCHEMAS } from './table-info.js';
import type { Connection } from './types.js';

/** A table as the database itself describes it (PostgreSQL manual, chapter 53). */
export interface LiveTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materializedView' | 'foreignTable';
  /** Of a partitioned table: tools and functions make more of them as time goes by. */
  readonly partition: boolean;
  readonly columns: readonly LiveColumn[];
  readonly keys: readonly { readonly name: string; readonly primary: boolean; readonly columns: readonly string[] }[];
  readonly foreignKeys: readonly {
    readonly name: string; readonly columns: readonly string[]; readonly schema: string; readonly parent: string; readonly parentColumns: readonly string[]; readonly validated: boolean;
    readonly onDelete: 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault';
  }[];
  /** `expression` as PostgreSQL prints it. */
  readonly checks: readonly { readonly name: string; readonly expression: string; readonly validated: boolean }[];
  readonly triggers: readonly { readonly name: string; readonly enabled: boolean }[];
  /** Columns that are expressions are null. */
  readonly indexes: readonly { readonly name: string; readonly unique: boolean; readonly valid: boolean; readonly columns: readonly (string | null)[]; readonly partial: boolean }[];
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  readonly policies: readonly { readonly name: string; readonly command: string; readonly permissive: boolean; readonly roles: readonly string[]; readonly using: string | null; readonly check: string | null }[];
}

export interface LiveColumn {
  readonly name: string;
  /** PostgreSQL's internal name (`int8`), the element's for an array. */
  readonly type: string;
  readonly dimensions: number;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** The default as PostgreSQL prints it. */
  readonly default: string | null;
  readonly generated: boolean;
  readonly identity: boolean;
}

const RELATIONS = `
select n.nspname as schema, c.relname as name,
  case c.relkind when 'v' then 'view' when 'm' then 'materializedView' when 'f' then 'foreignTable' else 'table' end as kind, c.relispartition as partition,
  c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as "forceRowSecurity",
  (select coalesce(json_agg(json_build_object('name', a.attname, 'type', coalesce(e.typname, t.typname), 'dimensions', case when e.oid is null then 0 else greatest(a.attndims, 1) end,
      'notNull', a.attnotnull, 'default', (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated = ''), 'hasDefault', a.atthasdef and a.attgenerated = '', 'generated', a.attgenerated <> '', 'identity', a.attidentity <> '') order by a.attnum), '[]')
    from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
  (select coalesce(json_agg(json_build_object('name', k.conname, 'primary', k.contype = 'p', 'columns', ${columnsOf('k.conrelid', 'k.conkey')}) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u')) as keys,
  (select coalesce(json_agg(json_build_object('name', k.conname, 'columns', ${columnsOf('k.conrelid', 'k.conkey')}, 'schema', pn.nspname, 'parent', p.relname,
      'parentColumns', ${columnsOf('k.confrelid', 'k.confkey')}, 'validated', k.convalidated,
      'onDelete', case k.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'setNull' when 'd' then 'setDefault' else 'noAction' end) order by k.conname), '[]')
    from pg_constraint k join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
    where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0) as "foreignKeys",
  (select coalesce(json_agg(json_build_object('name', k.conname, 'expression', pg_get_expr(k.conbin, k.conrelid), 'validated', k.convalidated) order by k.conname), '[]')
    from pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checks,
  (select coalesce(json_agg(json_build_object('name', t.tgname, 'enabled', t.tgenabled <> 'D') order by t.tgname), '[]')
    from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) as triggers,
  (select coalesce(json_agg(json_build_object('name', x.relname, 'unique', i.indisunique, 'valid', i.indisvalid and i.indisready, 'partial', i.indpred is not null,
      'columns', (select json_agg((select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = u.n and u.n > 0) order by u.o)
        from unnest(i.indkey::int2[]) with ordinality u(n, o) where u.o <= i.indnkeyatts)) order by x.relname), '[]')
    from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid) as indexes,
  (select coalesce(json_agg(json_build_object('name', p.polname, 'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      'permissive', p.polpermissive, 'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
      'roles', (select json_agg(case when r = 0 then 'public' else pg_get_userbyid(r)::text end) from unnest(p.polroles) r)) order by p.polname), '[]')
    from pg_policy p where p.polrelid = c.oid) as policies
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${OWN_SCHEMAS}
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2`;

function columnsOf(relation: string, numbers: string): string {
  return `(select json_agg(a.attname order by u.o) from unnest(${numbers}) with ordinality u(n, o) join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.n)`;
}

/** Every relation of the project's schemas. */
export async function readCatalog(connection: Connection): Promise<LiveTable[]> {
  return connection.rows<LiveTable>(RELATIONS);
}

export interface LiveRole {
  readonly name: string;
  readonly bypassRls: boolean;
  readonly superuser: boolean;
}

/** Attributes of the roles that exist among those named. */
export async function readRoles(connection: Connection, names: readonly string[]): Promise<LiveRole[]> {
  if (names.length === 0) return [];
  return connection.rows<LiveRole>('select rolname as name, rolbypassrls as "bypassRls", rolsuper as superuser from pg_roles where rolname = any ($1::text[]) order by 1', [names]);
}
