import { spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCatalog } from '../src/database/catalog.js';
import { compareCatalogs } from '../src/database/compare.js';
import { runGate } from '../src/database/gate.js';
import { openEmbedded } from '../src/database/pglite.js';
import type { Connection } from '../src/database/types.js';
import { loadProject } from '../src/commands/pipeline.js';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';
import { serverMissing, startPostgres, type PostgresServer } from './postgres-server.js';

const SCHEMA = `create table account (id uuid primary key);
create table "Order" (
  id bigint generated always as identity primary key,
  account_id uuid references account (id),
  "it's" text,
  total numeric(10, 2) not null default 0 constraint positive check (total >= 0),
  twice numeric generated always as (total * 2) stored,
  unique (account_id, "it's")
);
create schema billing;
create table billing.invoice (id int primary key, account_id uuid not null references account (id), order_id bigint references "Order" (id));
create index on billing.invoice (account_id);
alter table billing.invoice enable row level security;
alter table billing.invoice force row level security;
create policy own on billing.invoice using (account_id = current_setting('app.tenant')::uuid);
create function billing.stay() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger stay before update on billing.invoice for each row execute function billing.stay();
`;
const CONFIG = '{ "tenant": { "column": "account_id", "root": "account" }, "rls": { "setting": "app.tenant", "roles": ["app_user"] } }';
const FILES = new Map([['db/migrations/1.sql', SCHEMA], ['tenantlint.config.json', CONFIG]]);
const TENANT = '00000000-0000-4000-8000-000000000001';

describe('gate', () => {
  it('prints one statement that PostgreSQL runs', async () => {
    const { status, out } = await withProject(FILES, (cwd) => tenantlint(cwd, ['gate']));
    expect([status, out]).toEqual([0, `SELECT 'Order' AS "table", 'account_id' AS "column", count(*) AS nulls FROM "public"."Order" WHERE "account_id" IS NULL
UNION ALL
SELECT 'billing.invoice' AS "table", 'account_id' AS "column", count(*) AS nulls FROM "billing"."invoice" WHERE "account_id" IS NULL;
`]);
    const { connection } = await openEmbedded();
    await connection.run(`${SCHEMA} insert into "Order" default values;`);
    expect(await connection.rows(out)).toEqual([{ table: 'Order', column: 'account_id', nulls: 1 }, { table: 'billing.invoice', column: 'account_id', nulls: 0 }]);
    await connection.close();
  });

  it('exits with status 2 where there is no tenant table', async () => {
    const { status, error } = await withProject(new Map([['db/migrations/1.sql', 'create table t (id int);']]), (cwd) => tenantlint(cwd, ['gate']));
    expect([status, error]).toEqual([2, 'tenantlint: no tenant table found: there is nothing to count.\n']);
  });

  it.each([
    ['nonsense', /^tenantlint: The database URL must look like postgres:\/\/user@host:5432\/database\n$/],
    ['mysql://u:p4ss@localhost/x', /^tenantlint: The database URL must look like/],
    ['postgres://u:p4ss@127.0.0.1:1/x', /^tenantlint: (Cannot connect to the database: .*|The client for PostgreSQL servers is not installed: .*)\n$/],
  ])('says in one line, without the password, why there is no database: %s', async (url, words) => {
    const { status, out, error } = await withProject(FILES, (cwd) => tenantlint(cwd, ['gate', '--database-url', url]));
    expect([status, out]).toEqual([2, '']);
    expect(error).toMatch(words);
    expect(error).not.toContain('p4ss');
  });

  it('says without the password what a server answers, even where that names it', () => withRefusal('"u" may not log in with p4 ss or p4%20ss or other-word', async (port) => {
    const refused = async (url: string) => (await withProject(FILES, (cwd) => tenantlint(cwd, ['gate', '--database-url', url]))).error;
    expect(await refused(`postgres://u:p4%20ss@127.0.0.1:${port}/x?sslmode=disable`)).toBe('tenantlint: Cannot connect to the database: of the URL may not log in with *** or *** or other-word\n');
    expect(await refused(`postgres://u@127.0.0.1:${port}/x?sslmode=disable&password=other-word`)).toContain('p4 ss or p4%20ss or ***');
  }));
});

/** A server that lets nobody in, and says why in these words. */
async function withRefusal(words: string, work: (port: number) => Promise<void>): Promise<void> {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${words}\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  const server = createServer((socket) => socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, fields]))).on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

describe('the live catalog', () => {
  let connection: Connection;
  beforeAll(async () => {
    ({ connection } = await openEmbedded());
  });
  afterAll(() => connection.close());

  /** What differs after a change made by hand. */
  async function drift(change: string): Promise<string[]> {
    await connection.run('drop schema public cascade; drop schema if exists billing cascade; create schema public');
    await connection.run(SCHEMA);
    await connection.run(change);
    return withProject(FILES, async (cwd) => {
      const { project } = await loadProject({ cwd, paths: [] });
      return compareCatalogs(project.databases[0]!.catalog, await readCatalog(connection)).map(({ message }) => message);
    });
  }

  it.each([
    ['select 1', []],
    ['alter table "Order" drop column "it\'s"', ['Column "it\'s" of "Order" does not exist in the database', '"Order" has no unique (account_id, it\'s) in the database', '"Order" has no unique index (account_id, it\'s) in the database']],
    ['alter table "Order" add column extra int', ['The database has a column "extra" in "Order" that the migrations and models do not know']],
    ['alter table "Order" alter column account_id set not null', ['Column "account_id" of "Order" is NOT NULL in the database, not nullable']],
    ['alter table billing.invoice alter column id type bigint', ['Column "id" of "billing.invoice" is int8 in the database, not int4']],
    ['alter table "Order" alter column total drop default', ['Column "total" of "Order" has no default in the database']],
    ['alter table billing.invoice drop constraint invoice_account_id_fkey', ['"billing.invoice" has no foreign key (account_id) → public.account(id) in the database']],
    ['create index on "Order" (total)', ['"Order" has an index (total) ("Order_total_idx") in the database that the migrations and models do not know']],
    ["update pg_index set indisvalid = false where indexrelid = 'billing.invoice_account_id_idx'::regclass", ['Index "invoice_account_id_idx" of "billing.invoice" is invalid in the database: drop and create it again']],
    ['alter table billing.invoice no force row level security', ['FORCE ROW LEVEL SECURITY of "billing.invoice" is off in the database, not on']],
    ['alter table billing.invoice disable row level security', ['Row-level security of "billing.invoice" is off in the database, not on']],
    ['alter policy own on billing.invoice using (true)', ['USING of policy "own" of "billing.invoice" says something else in the database: true']],
    ["alter policy own on billing.invoice using (account_id = current_setting('app.tenant')::uuid or account_id is null)", [expect.stringMatching(/^USING of policy "own" of "billing.invoice" says something else in the database: .*IS NULL/)]],
    ["alter policy own on billing.invoice using (current_setting('app.tenant')::uuid = invoice.account_id)", []],
    ['drop policy own on billing.invoice', ['Policy "own" of "billing.invoice" does not exist in the database']],
    ['create policy more on billing.invoice using (true)', ['"billing.invoice" has a policy "more" in the database that the migrations do not know']],
    ['drop table billing.invoice', ['Table "billing.invoice" does not exist in the database']],
    ['alter policy own on billing.invoice to pg_monitor', ['Policy "own" of "billing.invoice" is for pg_monitor in the database, not for public']],
    ["drop policy own on billing.invoice; create policy own on billing.invoice as restrictive using (account_id = current_setting('app.tenant')::uuid)", ['Policy "own" of "billing.invoice" is restrictive for all in the database, not permissive for all']],
    ["alter policy own on billing.invoice with check (true)", ['Policy "own" of "billing.invoice" has a USING and a WITH CHECK in the database']],
    ['alter table billing.invoice drop constraint invoice_account_id_fkey, add constraint invoice_account_id_fkey foreign key (account_id) references account (id) not valid', ['Foreign key "invoice_account_id_fkey" of "billing.invoice" is NOT VALID in the database, not validated']],
    ['alter table billing.invoice drop constraint invoice_account_id_fkey, add constraint invoice_account_id_fkey foreign key (account_id) references account (id) on delete cascade', ['Foreign key "invoice_account_id_fkey" of "billing.invoice" is ON DELETE CASCADE in the database, not NO ACTION']],
    ['alter table "Order" drop constraint positive', ['"Order" has no CHECK constraint "positive" in the database']],
    ['alter table "Order" drop constraint positive, add constraint positive check (total >= 0) not valid', ['CHECK constraint "positive" of "Order" is NOT VALID in the database, not validated']],
    ['alter table "Order" drop constraint positive, add constraint positive check (total > 0)', ['CHECK constraint "positive" of "Order" says something else in the database: (total > (0)::numeric)']],
    ['alter table "Order" add check (id > 0)', ['"Order" has a CHECK constraint "Order_id_check" in the database that the migrations and models do not know']],
    ['alter table "Order" alter column total set default 5', ['The default of column "total" of "Order" is another in the database: 5']],
    ["alter table billing.invoice alter column account_id set default '00000000-0000-4000-8000-000000000001'", ['Column "account_id" of "billing.invoice" has a default in the database']],
    ['alter table "Order" alter column twice drop expression', ['Column "twice" of "Order" is a plain column in the database, not a generated column']],
    ['alter table "Order" alter column id drop identity', ['Column "id" of "Order" is a plain column in the database, not an identity column']],
    ['drop index billing.invoice_account_id_idx; create index invoice_account_id_idx on billing.invoice (account_id) where order_id > 0', ['"billing.invoice" has no index (account_id) in the database', '"billing.invoice" has an index (account_id) over some rows ("invoice_account_id_idx") in the database that the migrations and models do not know']],
    ['alter table billing.invoice disable trigger stay', ['Trigger "stay" of "billing.invoice" is disabled in the database']],
    ['drop trigger stay on billing.invoice', ['"billing.invoice" has no trigger "stay" in the database']],
    ['create table by_hand (id int)', ['The database has a table "by_hand" that the migrations and models do not know']],
    ['create table by_hand (id int) partition by list (id); create table by_hand_1 partition of by_hand for values in (1)', ['The database has a table "by_hand" that the migrations and models do not know']],
  ])('differs after: %s', async (change, messages) => {
    expect(await drift(change)).toEqual(messages);
  });

  it.each([
    "id in (1, 2)", "id in (1)", "id not in (1, 2)", 'id between 1 and 5', 'id not between 1 and 5', 'order_id in (select id from "Order" o where o.account_id = invoice.account_id)',
    'order_id not in (select id from "Order")', 'exists (select 1 from "Order" o join account a on a.id = o.account_id where o.id = order_id)', 'exists (select * from "Order")',
    "account_id::text like 'a%' and not (id = 1 or id = 2)", 'coalesce(order_id, 0) <> 1 and id != 3', 'account_id is not distinct from null', "current_user = 'app_user'", "now() > '2024-01-01'::timestamptz",
    "case when id = 1 then true else order_id is null end", "id = any (array[1, 2])", "id = any ('{1,2}')", "account_id = nullif(current_setting('app.tenant', true), '')::uuid", "(select current_setting('app.tenant'))::uuid = account_id",
    "('{\"a\":1}'::jsonb ->> 'a')::int = id", "lower(account_id::text) = 'A'", "(id > 1) is true", "account_id in (with w as (select id from account) select id from w)", "extract(year from now()) > 2000", "now() - interval '24 hours' < '2024-01-01'", "id > '7'", "trim(account_id::text) <> ''",
  ])('keeps what a policy says, in its own words: %s', async (using) => {
    const schema = SCHEMA.replace("using (account_id = current_setting('app.tenant')::uuid)", `using (${using})`);
    expect(schema).not.toBe(SCHEMA);
    await connection.run('drop schema public cascade; drop schema if exists billing cascade; create schema public');
    await connection.run(schema);
    const differences = await withProject(new Map([['db/migrations/1.sql', schema], ['tenantlint.config.json', CONFIG]]), async (cwd) => (
      compareCatalogs((await loadProject({ cwd, paths: [] })).project.databases[0]!.catalog, await readCatalog(connection))));
    expect(differences.map(({ message }) => message)).toEqual([]);
  });

  it.each([
    ["id = 1 and (order_id = 2 or order_id is null)", "(id = 1 and order_id = 2) or order_id is null"],
    ["id = 1 and order_id = 2", "order_id = 1 and id = 2"],
    ["id < order_id", "order_id < id"],
    ["not (id = 1) and order_id = 2", "not (id = 1 and order_id = 2)"],
  ])('tells %s from %s', async (written, stored) => {
    const policy = (using: string) => SCHEMA.replace("using (account_id = current_setting('app.tenant')::uuid)", `using (${using})`);
    await connection.run('drop schema public cascade; drop schema if exists billing cascade; create schema public');
    await connection.run(policy(stored));
    const differences = await withProject(new Map([['db/migrations/1.sql', policy(written)], ['tenantlint.config.json', CONFIG]]), async (cwd) => (
      compareCatalogs((await loadProject({ cwd, paths: [] })).project.databases[0]!.catalog, await readCatalog(connection))));
    expect(differences.map(({ message }) => message)).toEqual([expect.stringContaining('USING of policy "own" of "billing.invoice" says something else')]);
  });

  it('finds roles that stand above policies in the database alone', async () => {
    await drift('drop role if exists reader; create role reader bypassrls; drop role if exists app_user; create role app_user');
    const files = new Map(FILES).set('db/migrations/2.sql', 'create role reader;\n');
    const found = await withProject(files, async (cwd) => runGate(connection, (await loadProject({ cwd, paths: [] })).project));
    expect(found.reported.map(({ problem }) => problem.message)).toEqual(['The role "reader" is a role with BYPASSRLS in the database, not bound by policies']);
  });

  it('has rows without a tenant, and a role that no policy binds', async () => {
    await drift(`insert into account values ('${TENANT}'); insert into "Order" (account_id) values ('${TENANT}'), (null); drop role if exists app_user; create role app_user bypassrls`);
    const found = await withProject(FILES, async (cwd) => runGate(connection, (await loadProject({ cwd, paths: [] })).project));
    expect(found.reported.map(({ ruleId, problem }) => [ruleId, problem.message])).toEqual([
      ['gate-null-tenant', '1 row of "Order" in the database has no account_id'],
      ['gate-drift', 'The role "app_user" has BYPASSRLS in the database: no policy binds it'],
    ]);
    expect(found.counted).toBe(2);
  });

  it('counts only columns that are there, and writes nothing', async () => {
    await drift('alter table billing.invoice drop column account_id cascade');
    const found = await withProject(FILES, async (cwd) => runGate(connection, (await loadProject({ cwd, paths: [] })).project));
    expect(found.notices.map(({ reason }) => reason)).toEqual(['"billing.invoice".account_id is not in the database: its NULLs were not counted']);
  });
});

const missing = serverMissing();
describe.skipIf(missing !== undefined)(`on a server${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  const psql = (url: string, sql: string) => {
    const { status, stderr } = spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', url, '-c', sql], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  };

  it('counts and compares; the URL may come from the environment, its password is printed nowhere', async () => {
    const url = server.database('gate');
    psql(url, `${SCHEMA} alter table "Order" add column extra int; insert into "Order" (account_id) values (null); create role app_user`);
    const given = await withProject(FILES, (cwd) => tenantlint(cwd, ['gate', '--database-url', url, '--format', 'json']));
    const fromEnvironment = await withProject(FILES, (cwd) => tenantlint(cwd, ['gate', '--format', 'json'], { env: { DATABASE_URL: url } }));
    const findings = ({ out }: { out: string }) => (JSON.parse(out) as { findings: { ruleId: string; file: string; line: number; message: string; tables: string[] }[] }).findings.map(({ ruleId, file, line, message, tables }) => ({ ruleId, file, line, message, tables }));
    expect([given.status, given.error]).toEqual([1, '']);
    expect(findings(given)).toEqual([
      { ruleId: 'gate-drift', file: 'db/migrations/1.sql', line: 2, message: 'The database has a column "extra" in "Order" that the migrations and models do not know', tables: ['Order'] },
      { ruleId: 'gate-null-tenant', file: 'db/migrations/1.sql', line: 4, message: '1 row of "Order" in the database has no account_id', tables: ['Order'] },
    ]);
    expect(findings(fromEnvironment)).toEqual(findings(given));
    expect(JSON.stringify([given, fromEnvironment])).not.toContain('s3cret-word');
  });

  it('is content with a database that is as described', async () => {
    const url = server.database('same');
    psql(url, SCHEMA);
    const { status, out } = await withProject(FILES, (cwd) => tenantlint(cwd, ['gate', '--database-url', url, '--no-color']));
    expect(out).toMatch(/No findings\.[\s\S]*Looked at the database: 2 tenant columns counted, 3 tables compared\.\n$/);
    expect(status).toBe(0);
  });

  it('replays on an empty database, and on no other', async () => {
    const url = server.database('replay');
    const replay = () => withProject(FILES, (cwd) => tenantlint(cwd, ['replay', '--database-url', url, '--format', 'json']));
    expect((JSON.parse((await replay()).out) as { findings: { ruleId: string }[] }).findings.filter(({ ruleId }) => ruleId.startsWith('replay-'))).toEqual([]);
    expect(await replay()).toEqual({ status: 2, out: '', error: 'tenantlint: The database is not empty: replay runs on an empty scratch database only\n' });
  });

  it('replays one history after the other, and leaves no role behind', async () => {
    const url = server.database('histories');
    const prisma = (table: string) => `create role "Reader of ${table}"; create table account (id uuid primary key); create table ${table} (id int primary key, account_id uuid not null references account (id)); grant select on ${table} to "Reader of ${table}", guest;`;
    const files = new Map(['a', 'b'].map((name) => [`apps/${name}/prisma/migrations/20240101000000_base/migration.sql`, prisma(name)]));
    const { status, out, error } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--database-url', url, '--no-color']));
    expect([status, error]).toEqual([0, '']);
    expect(out).toMatch(/Replayed: 2 migrations, 8 statements sent to PostgreSQL, 0 failed/);
    expect(spawnSync('psql', ['-X', '-A', '-t', url, '-c', "select rolname from pg_roles where rolname like 'Reader%' or rolname in ('guest', 'tenantlint_session')"], { encoding: 'utf8' }).stdout).toBe('');
  });
});
