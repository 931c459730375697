import type { PGlite } from '@electric-sql/pglite';
import type { LoadedProject } from '../src/commands/pipeline.js';
import type { ClassifiedTable } from '../src/rule.js';

const APPLICATION = 'application';

/**
 * Whether a session of tenant A, as a role that is no owner, reads, changes or makes rows of another tenant (or of none) in a table.
 * The tenant is set in every setting the policies read, and as the signed-in user's claims.
 * @returns what it can do, in words; empty when the policies keep the tenants apart
 */
export async function crossings(db: PGlite, { project }: LoadedProject, name: string, setting: string | undefined): Promise<string[]> {
  const table = project.tables.find((each) => each.name === name);
  const key = table?.table.primaryKey?.columns[0];
  const column = table?.tenantColumns[0]?.name ?? (table?.class === 'root' ? key : undefined);
  const owner = column === undefined ? parentTenant(table) : `t."${column}"`;
  if (table === undefined || key === undefined || owner === undefined) return [`no tenant table ${name}`];
  const relation = `"${table.table.schema}"."${table.table.name}"`;
  const { rows } = await db.query<{ tenant: string }>(`select distinct ${owner}::text as tenant from ${relation} t where ${owner} is not null order by 1`);
  const [own, other] = rows.map(({ tenant }) => tenant);
  if (own === undefined || other === undefined) return [`${name} holds rows of ${rows.length} tenants`];
  await prepare(db);
  const found: string[] = [];
  // Once as tenant A, once with nothing set: a policy must not open then.
  for (const tenant of [undefined, own]) {
    const attempt = async (sql: string): Promise<number> => {
      await db.exec('begin');
      try {
        await enter(db, tenant, setting, settingsOf(project));
        const result = await db.query(sql);
        return result.rows.length > 0 ? result.rows.length : result.affectedRows ?? 0;
      } catch {
        return 0;
      } finally {
        await db.exec('rollback; reset role');
      }
    };
    const { rows: foreign } = await db.query<{ key: string }>(`select "${key}"::text as key from ${relation} t where ${tenant === undefined ? 'true' : `${owner} is distinct from '${tenant}'`}`);
    const who = tenant === undefined ? 'without a tenant' : 'as another tenant';
    const ownRows = tenant === undefined ? 0 : (await db.query(`select from ${relation} t where ${owner} = '${tenant}'`)).rows.length;
    const tryOut = async (what: string, sql: string, allowed = 0): Promise<void> => {
      if (await attempt(sql) > allowed) found.push(`${what} ${who}`);
    };
    await tryOut('reads', `select from ${relation} where "${key}"::text in (${foreign.map((row) => `'${row.key}'`).join(', ')})`);
    await tryOut('deletes', `delete from ${relation}`, ownRows);
    if (column === undefined) continue;
    // Without WHERE: reading a column would bring the policies of SELECT in.
    await tryOut('updates', `update ${relation} set "${column}" = '${tenant ?? other}'`, ownRows);
    await tryOut('moves', `update ${relation} set "${column}" = '${other}' where "${column}" = '${own}'`);
    if (tenant !== undefined) await tryOut('moves unseen', `update ${relation} set "${column}" = '${other}'`);
    await tryOut('inserts', await insertion(db, relation, column, other));
  }
  return found;
}

/** The tenant of a child's row is that of its parent. */
function parentTenant(table: ClassifiedTable | undefined): string | undefined {
  const [step, ...more] = table?.path ?? [];
  if (step === undefined || more.length > 0) return undefined;
  return `(select p."${step.endColumn}" from "${step.to}" p where p."${step.toColumns[0]}" = t."${step.columns[0]}")`;
}

async function prepare(db: PGlite): Promise<void> {
  await db.exec(`
    do $$ begin if not exists (select from pg_roles where rolname = '${APPLICATION}') then create role ${APPLICATION} nologin; end if; end $$;
    do $$ declare r text; begin
      for r in select rolname from pg_roles where rolname in ('authenticated', 'app_user') loop execute format('grant %I to ${APPLICATION}', r); end loop;
    end $$;
    do $$ declare s text; begin
      for s in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema' loop
        execute format('grant usage on schema %I to ${APPLICATION}; grant all on all tables in schema %I to ${APPLICATION}', s, s);
      end loop;
    end $$`);
}

async function enter(db: PGlite, tenant: string | undefined, named: string | undefined, settings: readonly string[]): Promise<void> {
  await db.exec(`set local role ${APPLICATION}`);
  if (tenant === undefined) return;
  for (const setting of named === undefined ? settings : [named]) await db.query('select set_config($1, $2, true)', [setting, tenant]);
  const claims = JSON.stringify({ sub: tenant, org_id: tenant, app_metadata: { org_id: tenant } });
  await db.query('select set_config($1, $2, true)', ['request.jwt.claims', claims]);
}

/** Settings that policies and functions read, apart from the claims. */
function settingsOf({ databases }: LoadedProject['project']): string[] {
  const text = JSON.stringify(databases.map(({ catalog }) => [[...catalog.tables.values()].map(({ policies }) => policies), [...catalog.functions.values()]]));
  return [...new Set([...text.matchAll(/"current_setting"\],"arguments":\[\{"kind":"constant","value":"([^"]+)"/g)].map(([, name]) => name!))].filter((name) => !name.startsWith('request.'));
}

/** A copy of a row under the other tenant, with a key of its own. */
async function insertion(db: PGlite, relation: string, column: string, tenant: string): Promise<string> {
  const { rows } = await db.query<{ name: string; type: string }>(`
    select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a where a.attrelid = '${relation}'::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`);
  const { rows: [row] } = await db.query<Record<string, string | null>>(`select ${rows.map(({ name }) => `"${name}"::text`).join(', ')} from ${relation} where "${column}" = '${tenant}' limit 1`);
  const { rows: keys } = await db.query<{ name: string }>(`
    select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]) where i.indrelid = '${relation}'::regclass and i.indisunique`);
  const values = rows.map(({ name, type }) => {
    if (name === column) return `'${tenant}'`;
    if (keys.some((key) => key.name === name)) return type === 'uuid' ? 'gen_random_uuid()' : /int/.test(type) ? '987654' : `'made here'`;
    const value = row?.[name];
    return value === null || value === undefined ? 'null' : `'${value.replaceAll("'", "''")}'`;
  });
  return `insert into ${relation} (${rows.map(({ name }) => `"${name}"`).join(', ')}) values (${values.join(', ')})`;
}
