import type { ClassifiedTable, Project } from '../link/project.js';
import { databaseError } from './error.js';
import { literal, quote, relationName } from './sql.js';
import type { Connection } from './types.js';

/** A role of the run's own. */
const SESSION_ROLE = 'tenantlint_session';

/** What a session of one tenant does to rows that are not its own. */
export interface Crossing {
  readonly what: 'reads' | 'deletes' | 'updates' | 'moves' | 'moves unseen' | 'inserts';
  /** Whether the tenant setting was set. */
  readonly withTenant: boolean;
}

/** What a table's policies let through; `untested` says why nothing could be tried. */
export interface Visibility {
  readonly crossings: readonly Crossing[];
  readonly role: string;
  readonly untested?: string;
}

/**
 * Whether a session of tenant A, as a role that is no owner, reads, changes or makes rows of another tenant (or of none) in tables.
 * First with nothing set, as in a new session, where a setting is NULL; then with the tenant in every setting the policies read, and as the signed-in
 * user's claims; then with nothing set once more: in a session that was used before, the setting is an empty text. Policies must not open.
 * Everything is rolled back.
 * @param tables those whose rows have a tenant: a tenant column, the root's key, or a parent one hop away
 */
export async function visibilities(connection: Connection, project: Project, tables: readonly ClassifiedTable[]): Promise<Map<ClassifiedTable, Visibility>> {
  const role = await sessionRole(connection, project);
  const seen = new Map<ClassifiedTable, Visibility>();
  for (const withTenant of [false, true, false]) {
    for (const table of tables) {
      const before = seen.get(table);
      if (before?.untested !== undefined) continue;
      const now = await visibility(connection, project, table, role, withTenant).catch((error: unknown): Visibility => ({ crossings: [], role, untested: databaseError(error).message }));
      const isNew = (crossing: Crossing): boolean => !before!.crossings.some((each) => each.what === crossing.what && each.withTenant === crossing.withTenant);
      seen.set(table, before === undefined ? now : { ...now, crossings: [...before.crossings, ...now.crossings.filter(isNew)] });
    }
  }
  return seen;
}

async function visibility(connection: Connection, project: Project, table: ClassifiedTable, role: string, withTenant: boolean): Promise<Visibility> {
  const key = table.table.primaryKey?.columns[0];
  const column = table.tenantColumns[0]?.name ?? (table.class === 'root' ? key : undefined);
  const owner = column === undefined ? parentTenant(project, table) : `t.${quote(column)}`;
  if (key === undefined || owner === undefined) return { crossings: [], role, untested: `no key or no way to the tenant of a row of ${table.name}` };
  const relation = relationName(table.table);
  const tenants = await connection.rows<{ tenant: string }>(`select distinct ${owner}::text as tenant from ${relation} t where ${owner} is not null order by 1`);
  const [own, other] = tenants.map(({ tenant }) => tenant);
  if (own === undefined || other === undefined) return { crossings: [], role, untested: `${table.name} holds rows of ${tenants.length} tenants` };
  const session: Session = { connection, role, settings: project.config.rls?.setting === undefined ? settingsOf(project) : [project.config.rls.setting] };
  return { crossings: await tryAll(session, { relation, key, column, owner, own, other }, withTenant ? own : undefined), role };
}

interface Target {
  readonly relation: string;
  readonly key: string;
  readonly column: string | undefined;
  readonly owner: string;
  readonly own: string;
  readonly other: string;
}

interface Session {
  readonly connection: Connection;
  readonly role: string;
  readonly settings: readonly string[];
}

async function tryAll(session: Session, { relation, key, column, owner, own, other }: Target, tenant: string | undefined): Promise<Crossing[]> {
  const { connection } = session;
  const found: Crossing[] = [];
  const foreign = await connection.rows<{ key: string }>(`select ${quote(key)}::text as key from ${relation} t where ${tenant === undefined ? 'true' : `${owner} is distinct from ${literal(tenant)}`}`);
  const ownRows = tenant === undefined ? 0 : (await connection.rows(`select from ${relation} t where ${owner} = ${literal(tenant)}`)).length;
  const tryOut = async (what: Crossing['what'], sql: string, allowed = 0): Promise<void> => {
    if (await attempt(session, tenant, sql) > allowed) found.push({ what, withTenant: tenant !== undefined });
  };
  await tryOut('reads', `select from ${relation} where ${quote(key)}::text in (${foreign.map((row) => literal(row.key)).join(', ')})`);
  await tryOut('deletes', `delete from ${relation}`, ownRows);
  if (column === undefined) return found;
  // Without WHERE: reading a column would bring the policies of SELECT in.
  await tryOut('updates', `update ${relation} set ${quote(column)} = ${literal(tenant ?? other)}`, ownRows);
  await tryOut('moves', `update ${relation} set ${quote(column)} = ${literal(other)} where ${quote(column)} = ${literal(own)}`);
  if (tenant !== undefined) await tryOut('moves unseen', `update ${relation} set ${quote(column)} = ${literal(other)}`);
  await tryOut('inserts', await insertion(connection, relation, column, other));
  return found;
}

async function attempt({ connection, role, settings }: Session, tenant: string | undefined, sql: string, unreferenced = false): Promise<number> {
  let keptByKey: boolean;
  await connection.run('begin');
  try {
    if (unreferenced) await connection.run('set local session_replication_role = replica');
    await connection.run(`set local role ${quote(role)}`);
    if (tenant !== undefined) {
      for (const setting of settings) await connection.rows('select set_config($1, $2, true)', [setting, tenant]);
      await connection.rows('select set_config($1, $2, true)', ['request.jwt.claims', JSON.stringify({ sub: tenant, org_id: tenant, app_metadata: { org_id: tenant } })]);
    }
    return await connection.affected(sql);
  } catch (error) {
    keptByKey = databaseError(error).code === '23503' && sql.startsWith('delete ');
  } finally {
    await connection.run('rollback; reset role');
  }
  // Rows that others refer to: a foreign key keeps them, no policy.
  return keptByKey && !unreferenced ? attempt({ connection, role, settings }, tenant, sql, true) : 0;
}

/** The first configured role that exists, else a role of the run's own with all privileges, member of what policies commonly name. */
async function sessionRole(connection: Connection, { config }: Project): Promise<string> {
  const roles = (await connection.rows<{ name: string }>('select rolname as name from pg_roles')).map(({ name }) => name);
  const configured = config.rls?.roles?.find((role) => roles.includes(role));
  const role = configured ?? SESSION_ROLE;
  if (!roles.includes(role)) await connection.run(`create role ${quote(role)} nologin`);
  for (const common of ['authenticated', 'app_user']) if (configured === undefined && roles.includes(common)) await connection.run(`grant ${quote(common)} to ${quote(role)}`);
  await connection.run(`do $$ declare s text; begin
    for s in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema' loop
      execute format('grant usage on schema %I to ${quote(role)}; grant all on all tables in schema %I to ${quote(role)}; grant usage on all sequences in schema %I to ${quote(role)}', s, s, s);
    end loop;
  end $$`);
  return role;
}

/** The tenant of a child's row is that of its parent. */
function parentTenant({ tables }: Project, { path }: ClassifiedTable): string | undefined {
  const [step, ...more] = path;
  const parent = tables.find(({ name }) => name === step?.to);
  if (step?.endColumn === undefined || more.length > 0 || parent === undefined) return undefined;
  return `(select p.${quote(step.endColumn)} from ${relationName(parent.table)} p where p.${quote(step.toColumns[0]!)} = t.${quote(step.columns[0]!)})`;
}

/** Settings that policies and functions read, apart from the claims. */
function settingsOf({ databases }: Project): string[] {
  const text = JSON.stringify(databases.map(({ catalog }) => [[...catalog.tables.values()].map(({ policies }) => policies), [...catalog.functions.values()]]));
  return [...new Set([...text.matchAll(/"current_setting"\],"arguments":\[\{"kind":"constant","value":"([^"]+)"/g)].map(([, name]) => name!))].filter((name) => !name.startsWith('request.'));
}

/** A copy of a row under the other tenant, with a key of its own. */
async function insertion(connection: Connection, relation: string, column: string, tenant: string): Promise<string> {
  const columns = await connection.rows<{ name: string; type: string; isKey: boolean }>(`
    select a.attname as name, format_type(a.atttypid, null) as type,
      exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and a.attnum = any (i.indkey::int2[])) as "isKey"
    from pg_attribute a where a.attrelid = ${literal(relation)}::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`);
  const [row] = await connection.rows<Record<string, string | null>>(`select ${columns.map(({ name }) => `${quote(name)}::text`).join(', ')} from ${relation} where ${quote(column)} = ${literal(tenant)} limit 1`);
  const values = columns.map(({ name, type, isKey }) => {
    if (name === column) return literal(tenant);
    if (isKey) return type === 'uuid' ? 'gen_random_uuid()' : /int/.test(type) ? '987654' : literal('made here');
    return literal(row?.[name] ?? null);
  });
  return `insert into ${relation} (${columns.map(({ name }) => quote(name)).join(', ')}) overriding system value values (${values.join(', ')})`;
}
