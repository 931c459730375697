import { PGlite } from '@electric-sql/pglite';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgliteConnection } from '../src/database/pglite.js';
import { migrationFromSql } from '../src/database/project.js';
import { runMigrations } from '../src/database/run.js';
import type { RunOptions, RunResult, RunTenancy } from '../src/database/types.js';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';
import { reset } from './judge.js';
import { positionIn } from './lines.js';
import { lineStartsOf } from '../src/check/position.js';

const ACCOUNT: RunTenancy = { root: 'account', isTenantColumn: (_, column) => column === 'account_id' };

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

async function run(files: readonly string[], options: RunOptions = {}, transaction: 'file' | 'none' = 'file'): Promise<RunResult> {
  await reset(pgliteConnection(db), false);
  await db.exec('drop role if exists "app reader"; drop role if exists writer');
  return runMigrations(pgliteConnection(db), files.map((sql, index) => migrationFromSql(`${index + 1}.sql`, sql, transaction)), { tenancy: ACCOUNT, ...options });
}

/** `2.sql:3 the text there`. */
function words(files: readonly string[], { location }: { location: { file: string; start: number; end: number } }): string {
  const text = files[Number(location.file.split('.')[0]) - 1]!;
  return `${location.file}:${positionIn(lineStartsOf(text), location.start)} ${text.slice(location.start, location.end)}`;
}

const SCHEMA = `
create table account (id uuid primary key default gen_random_uuid(), name text not null);
create table member (id bigserial primary key, account_id uuid not null references account (id), email text not null unique);
create table session (id bigint generated always as identity primary key, member_id bigint references member (id), note text);
create table step (id serial primary key, session_id bigint not null references session (id));`;

describe('runMigrations', () => {
  it('runs a backfill along foreign keys on rows of two tenants, each with its parent\'s tenant', async () => {
    const files = [SCHEMA, `
alter table session add column account_id uuid references account (id);
update session s set account_id = m.account_id from member m where m.id = s.member_id;`];
    const result = await run(files);
    expect(result.failures).toEqual([]);
    expect(result.mixedTenants).toEqual([]);
    expect(result.emptyTables).toEqual([]);
    const [nulls] = result.remainingNulls;
    expect(nulls).toMatchObject({ table: 'session', column: 'account_id', nulls: 1, rows: 6, filled: true, migration: 1 });
    expect(words(files, nulls!)).toMatch(/^2\.sql:3 update session/i);
  });

  it('leaves no NULL where no row has one', async () => {
    const result = await run([SCHEMA, 'alter table session add column account_id uuid; update session s set account_id = m.account_id from member m where m.id = s.member_id;'], { rows: 'full' });
    expect(result).toMatchObject({ failures: [], remainingNulls: [], mixedTenants: [], rowsLost: [], migrations: 2, statements: 6 });
  });

  it('says that SET NOT NULL meets NULLs, at the sub-command, and goes on as if it had run', async () => {
    const files = [SCHEMA, `
alter table session
  add column account_id uuid,
  alter column account_id set not null;`, 'create unique index on session (account_id, id);'];
    const result = await run(files);
    expect(result.failures).toMatchObject([{ code: '23502', dependsOnRows: true, follows: false, migration: 1, table: 'session', column: 'account_id' }]);
    expect(words(files, result.failures[0]!)).toBe('2.sql:4 alter column account_id set not null');
    expect(result.remainingNulls).toEqual([]);
    expect(result.rowsLost).toEqual([]);
  });

  it('finds the tenants that an arbitrary backfill mixes up', async () => {
    const files = [SCHEMA, 'alter table session add column account_id uuid;\nupdate session set account_id = (select id from account order by id limit 1);'];
    const { mixedTenants } = await run(files);
    expect(mixedTenants).toMatchObject([{ table: 'session', column: 'account_id', through: ['member_id'], parent: 'member', parentColumn: 'account_id' }]);
    expect(words(files, mixedTenants[0]!)).toMatch(/^2\.sql:2 update session/);
  });

  it('finds rows that a migration deletes', async () => {
    const files = [SCHEMA, 'delete from step\nwhere session_id in (select id from session where member_id is null);'];
    const { rowsLost } = await run(files);
    expect(rowsLost).toMatchObject([{ table: 'step', migration: 1 }]);
    expect(rowsLost[0]!.after).toBeLessThan(rowsLost[0]!.before);
    expect(words(files, rowsLost[0]!)).toMatch(/^2\.sql:1 delete from step/);
  });

  it.each([
    ['an unknown column', 'update step set\n  nothing = 1;', '42703', '2.sql:2 nothing'],
    ['behind characters of two code units', "select '\u{1F600}', nothing\n from step;", '42703', '2.sql:1 nothing'],
    ['in a DO block', "do $$\nbegin\n  perform 1;\n  update step set nothing = 1;\nend $$;", '42703', '2.sql:4 nothing'],
    ['dynamic SQL', "do $body$\nbegin\n  execute 'drop table nothing';\nend $body$;", '42P01', "2.sql:3 execute 'drop table nothing';"],
    ['an exception', "do $$\nbegin\n  raise exception 'stop';\nend $$;", 'P0001', "2.sql:3 raise exception 'stop';"],
    ['a sub-command', 'alter table step add column a int,\n  drop constraint nothing;', '42704', '2.sql:2 drop constraint nothing'],
  ])('places a failure: %s', async (_, sql, code, place) => {
    const files = [SCHEMA, sql];
    const { failures } = await run(files);
    expect(failures.map((failure) => [failure.code, words(files, failure)])).toEqual([[code, place]]);
    expect(failures[0]!.dependsOnRows).toBe(false);
  });

  it('marks what fails after a failure of the same migration, and undoes a failing statement alone', async () => {
    const files = [SCHEMA, 'alter table nothing add column a int; alter table nothing add column b int; create table made (id int);', 'insert into made values (1);'];
    expect((await run(files)).failures.map(({ code, follows }) => [code, follows])).toEqual([['42P01', false], ['42P01', true]]);
  });

  it.each([['file', ['25001']], ['none', []]] as const)('runs a file in a transaction or not: %s', async (transaction, codes) => {
    const result = await run(['create table a (id int);', 'create index concurrently a_id on a (id);'], {}, transaction);
    expect(result.failures.map(({ code }) => code)).toEqual(codes);
  });
});

describe('what the database at hand lacks', () => {
  it('makes a role that statements name and no migration creates', async () => {
    const result = await run([SCHEMA, 'grant select on account to "app reader", writer; create policy own on session to writer using (true);']);
    expect([result.failures, result.roles]).toEqual([[], ['app reader', 'writer']]);
  });

  it('makes the tenant that a statement names and no migration inserts, and no other parent', async () => {
    const nobody = '00000000-0000-0000-0000-00000000000a';
    const files = [SCHEMA, `alter table session add column account_id uuid references account (id); update session set account_id = '${nobody}' where member_id is null; update session set member_id = 99 where id = 1;`];
    const { failures, tenants } = await run(files);
    expect([failures.map(({ code, message }) => `${code} ${message}`), tenants]).toEqual([['23503 insert or update on table "session" violates foreign key constraint "session_member_id_fkey"'], [nobody]]);
  });

  it.each([
    ['by list', 'list (account_id)', "create table event_rest partition of event default;"],
    ['by range', 'range (at)', "create table event_2024 partition of event for values from ('2000-01-01') to ('2030-01-01'); create table event_rest partition of event default;"],
    ['by hash', 'hash (account_id)', 'create table event_0 partition of event for values with (modulus 2, remainder 0); create table event_1 partition of event for values with (modulus 2, remainder 1);'],
  ])('fills a partitioned table before it has a partition: %s', async (_, key, partitions) => {
    const files = [`${SCHEMA} create table event (id bigint not null, account_id uuid not null references account (id), at date not null) partition by ${key};`,
      'alter table event add column member_id bigint not null;', partitions, "alter table event add column step_id int not null;"];
    const { failures, emptyTables, rowsLost } = await run(files);
    expect(failures.map(({ migration, code, column }) => [migration, code, column])).toEqual([[1, '23502', 'member_id'], [3, '23502', 'step_id']]);
    expect(failures[0]).toMatchObject({ table: 'event', message: 'column "member_id" of relation "event" contains null values' });
    expect([emptyTables, rowsLost]).toEqual([[], []]);
  });

  it('makes no role that a later migration creates', async () => {
    const { failures, roles } = await run([SCHEMA, 'grant select on account to writer;', 'create role writer;']);
    expect([failures.map(({ code }) => code), roles]).toEqual([['42704'], []]);
  });

  it('excuses what needs a missing extension, and what needs that', async () => {
    const files = [
      `${SCHEMA} create extension postgis; create table place (id int primary key, at geometry); alter table member add column home geometry;`,
      "alter table place add column name text; create index on member (home); select create_hypertable('step', 'id');", 'alter table nothing add column a int; update step set nothing = 1;',
    ];
    const { failures, notRun } = await run(files, { missing: ['postgis', 'timescaledb'] });
    expect(failures.map(({ code, migration }) => `${migration} ${code}`)).toEqual(['2 42P01', '2 42703']);
    expect(notRun.map((each) => words(files, each))).toEqual(['1.sql:5 create extension postgis', '1.sql:5 geometry', '1.sql:5 geometry', '2.sql:1 add column name text', '2.sql:1 create index on member (home)', '2.sql:1 create_hypertable']);
    expect(notRun.map(({ reason }) => reason).at(-1)).toBe('Not run: function create_hypertable(unknown, unknown) does not exist; the database lacks the extension "postgis", "timescaledb"');
  });

  it('excuses only what is in the schema of an extension that has one', async () => {
    const files = [`${SCHEMA} create trigger touched before update on step for each row execute function touch();`, "select net.http_get('http://localhost');"];
    const { failures, notRun } = await run(files, { missing: ['pg_net'] });
    expect([failures.map(({ message }) => message), notRun.map(({ reason }) => reason)]).toEqual([['function touch() does not exist'], ['Not run: schema "net" does not exist; the database lacks the extension "pg_net"']]);
  });

  it('excuses what an unread migration may have made, and the tables of the migration tool', async () => {
    const files = new Map([
      ['migrations/00001_base.sql', '-- +goose Up\ncreate table account (id uuid primary key);\ngrant select on goose_db_version to reader;\n'],
      ['migrations/00002_more.go', 'package migrations\n\nfunc init() { goose.AddMigrationContext(up, nil) }\n'],
      ['migrations/00003_use.sql', '-- +goose Up\nlock table account in share mode;\nupdate made_in_go set a = 1;\nalter table account attach partition account_1 default;\nalter table account drop column if exists b, add column a int;\n'],
    ]);
    const { status, out } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--format', 'json']));
    const { findings, skipped } = JSON.parse(out) as { findings: Shown[]; skipped: { file: string; line: number; reason: string }[] };
    expect([status, findings.filter(({ ruleId }) => ruleId.startsWith('replay-'))]).toEqual([0, []]);
    expect(skipped.map(({ file, line, reason }) => `${file}:${line} ${reason}`).filter((each) => each.includes('ot run'))).toEqual([
      'migrations/00002_more.go:1 Not run: this migration is written in a language that is not read',
      'migrations/00001_base.sql:3 Not run: relation "goose_db_version" does not exist; the migration tool makes it',
      'migrations/00003_use.sql:3 Not run: relation "made_in_go" does not exist; migrations/00002_more.go may make it, which is not run',
      'migrations/00003_use.sql:4 Not run: ALTER action ATTACH PARTITION cannot be performed on relation "account"; migrations/00002_more.go may make it, which is not run',
    ]);
  });

  it('blames the migration when every extension is there', async () => {
    expect((await run(['create table place (id int primary key, at geometry);'])).failures.map(({ code }) => code)).toEqual(['42704']);
  });
});

describe('transactions', () => {
  it.each([
    ['first', 'set transaction isolation level serializable; create table a (id int);', []],
    ['after settings', "set local lock_timeout = '5s'; set transaction isolation level serializable; create table a (id int);", []],
    ['after a BEGIN of the file itself', 'begin; set transaction isolation level serializable; create table a (id int); commit;', []],
    ['after a query', 'create table a (id int); set transaction isolation level serializable; create table b (id int);', ['25001']],
    ["that fails", "set transaction snapshot '1'; create table a (id int);", ['0A000']],
  ])('SET TRANSACTION %s', async (_, sql, codes) => {
    const result = await run([sql, 'insert into a values (1);']);
    expect(result.failures.map(({ code }) => code)).toEqual(codes);
  });

  it('goes on after a COMMIT that fails, and after a ROLLBACK TO nothing', async () => {
    const files = [`${SCHEMA} alter table step add constraint late foreign key (session_id) references session (id) deferrable initially deferred;`,
      'begin; insert into step (session_id) values (-1); commit; create table a (id int);', 'begin; rollback to nowhere; commit; insert into a values (1);'];
    expect((await run(files, { rows: 'none' }, 'none')).failures.map(({ code }) => code)).toEqual(['23503', '3B001']);
  });
});

interface Shown { ruleId: string; severity: string; file: string; line: number; column: number; message: string; tables: string[]; tenantColumn?: string; replay?: string }

/** What stands in each of the real systems: statements that PostgreSQL rejects, rows that stop a verification, NULLs that remain. */
const SYSTEMS: Readonly<Record<string, { readonly rejected: readonly string[]; readonly stopped: readonly string[]; readonly nulls: readonly string[] }>> = {
  // Users need no account yet, and what has no account stops every verification; so no NULL remains behind one.
  resolutionflow: {
    rejected: ['005_account_on_psa.py:24 42P01'],
    stopped: ['001_account_on_sessions.py:36', '002_account_on_ai_tables.py:34', '003_account_on_user_tables.py:19', '004_account_on_scripts.py:44', '007_account_on_maintenance.py:29', '008_account_on_target_lists.py:29'],
    nulls: [],
  },
  // Four of the backfills are rejected, and services, on which the fifth relies, are never filled; expenses alone are filled and set NOT NULL.
  nextaccounting: {
    rejected: ['20250302090000_backfill_tenant:5 42P01', '20250311090000_settings_not_null:7 23502'],
    stopped: [],
    nulls: ['services', 'ServiceRequest', 'bookings', 'WorkOrder', 'invoices', 'ScheduledReminder', 'IdempotencyKey'].map((table) => {
      const lines = ['services', 'ServiceRequest', 'bookings', 'WorkOrder', 'invoices', 'expenses', 'ScheduledReminder', 'booking_settings', 'IdempotencyKey'];
      return `${table}.tenantId 20250301090000_add_tenant_columns:${lines.indexOf(table) + 2}`;
    }),
  },
  // The default organisation gets whatever no join fills: nothing remains.
  warden: { rejected: ['20250110000001_discover.sql:18 42702'], stopped: [], nulls: [] },
  // The first of five; the others follow from it. The columns are not there, so they hold no NULL.
  'saas-25': { rejected: ['0002_bright_heron.sql:1 23502'], stopped: [], nulls: [] },
};

describe('tenantlint replay', () => {
  const projects = join(import.meta.dirname, '../fixtures/projects');

  /** What is shown of each example project; UPDATE_GOLDEN=1 writes it anew. */
  it.each(['resolutionflow', 'nextaccounting', 'warden', 'saas-25'])('finds in %s what PostgreSQL rejects, the NULLs that remain and what policies let through', async (name) => {
    const { status, out, error } = await tenantlint(join(projects, name), ['replay', '--format', 'json']);
    const { findings } = JSON.parse(out) as { findings: Shown[] };
    const shown = `${JSON.stringify(findings.map(({ ruleId, severity, file, line, column, message, replay }) => ({
      at: `${file}:${line}:${column}`, ...(ruleId.startsWith('replay-') ? { severity, message } : { replay }), ruleId,
    })), null, 1)}\n`;
    const golden = join(projects, `${name}.replay.json`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, shown);
    expect(shown).toBe(readFileSync(golden, 'utf8'));
    expect([status, error]).toEqual([1, '']);
    const at = ({ file, line }: Shown) => `${file.replace('/migration.sql', '').split('/').at(-1)!}:${line}`;
    const of = (rule: string) => findings.filter(({ ruleId }) => ruleId === rule);
    expect({
      rejected: of('replay-failing-statement').map((finding) => `${at(finding)} ${/\((\w{5})\)/.exec(finding.message)![1]!}`),
      stopped: of('replay-refused-rows').map(at),
      nulls: of('replay-remaining-null').map((finding) => `${finding.tables.join()}.${finding.tenantColumn!} ${at(finding)}`),
    }).toEqual(SYSTEMS[name]);
    // What the rules call certain is certain.
    expect(findings.filter(({ replay }) => replay === 'refuted')).toEqual([]);
  });

  /** Users of every tenant ask for services, which all went to the default tenant: what they asked for is theirs, and its service is another's. */
  const SERVICES = ['12 ServiceRequest', '21 bookings', '31 WorkOrder'].map((place) => `replay-mixed-tenants ${place}`);

  it.each([
    // Rows whose user has no account stop each verification, as they must.
    ['resolutionflow-fixed', [36, 34, 19, 44, 31, 29, 30].map((line) => `replay-refused-rows ${line} `)],
    ['nextaccounting-fixed', SERVICES], ['warden-fixed', []], ['saas-25-fixed', []],
  ])('finds nothing else in %s', async (name, places) => {
    const { out } = await tenantlint(join(projects, name), ['replay', '--format', 'json']);
    const { findings } = JSON.parse(out) as { findings: Shown[] };
    expect(findings.map(({ ruleId, line, tables }) => `${ruleId} ${line} ${tables.join()}`)).toEqual(places);
  });

  const FILES = new Map([
    ['migrations/1.sql', 'create table account (id uuid primary key);\ncreate table note (id int primary key, account_id uuid references account (id));\n'],
    ['migrations/2.sql', 'create table log (id int primary key, account_id uuid not null references account (id));\n-- tenantlint-disable-next-line replay-failing-statement -- made by hand\nalter table by_hand add column a int;\n'],
    ['tenantlint.config.json', '{ "tenant": { "column": "account_id", "root": "account" } }'],
  ]);

  it('honours suppressions, and check knows the names of what replay finds', async () => {
    const findings = ({ out }: { out: string }) => (JSON.parse(out) as { findings: Shown[] }).findings.filter(({ ruleId }) => ruleId.startsWith('replay-') || ruleId === 'disable-directive');
    const [replayed, checked] = await withProject(FILES, async (cwd) => [await tenantlint(cwd, ['replay', '--format', 'json']), await tenantlint(cwd, ['check', '--format', 'json'])] as const);
    expect(findings(replayed)).toEqual([]);
    expect(findings(checked)).toEqual([]);
  });

  it('tries policies of tables in other schemas', async () => {
    const files = new Map([['migrations/1.sql', `create schema app; create table app.account (id uuid primary key);
create table app.note (id int primary key, account_id uuid not null references app.account (id)); create index on app.note (account_id);
create table app.line (id int primary key, note_id int not null references app.note (id));
alter table app.line enable row level security; alter table app.line force row level security;
create policy all_of_them on app.line using (true);`]]);
    const { out } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--format', 'json']));
    expect((JSON.parse(out) as { findings: Shown[] }).findings.filter(({ ruleId }) => ruleId === 'replay-row-security').map(({ message }) => message)).toEqual([expect.stringContaining('In "app.line" a session of one tenant can read, delete rows of another')]);
  });

  it.each([
    ['open in a new session, where the setting is NULL', "using (coalesce(account_id = current_setting('app.tenant', true)::uuid, true))", 'a session without a tenant can read, delete'],
    ['open in a session used before, where the setting is empty', "using (current_setting('app.tenant', true) = '' or account_id::text = current_setting('app.tenant', true))", 'a session without a tenant can read, delete'],
    ['for all to delete, though other rows refer to these', "for delete using (true); create policy own on note for select using (account_id::text = current_setting('app.tenant', true))", 'a session of one tenant can delete'],
  ])('tries policies that are %s', async (_, policy, words) => {
    const files = new Map([['migrations/1.sql', `create table account (id uuid primary key);
create table note (id int primary key, account_id uuid not null references account (id)); create index on note (account_id);
create table line (id int primary key, account_id uuid not null references account (id), note_id int not null references note (id)); create index on line (account_id);
alter table line enable row level security; create policy other on line using (account_id::text = current_setting('app.tenant', true));
alter table note enable row level security; create policy all_of_them on note ${policy};`]]);
    const { out } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--format', 'json']));
    expect((JSON.parse(out) as { findings: Shown[] }).findings.filter(({ ruleId }) => ruleId === 'replay-row-security').map(({ message }) => message)).toEqual([expect.stringContaining(`In "note" ${words}`)]);
  });

  it('does not try policies of a table that is not as the migrations describe it', async () => {
    const files = new Map([['migrations/1.sql', 'create table account (id uuid primary key);\ncreate table note (id int primary key);\nalter table note enable row level security;\n'],
      ['migrations/2.sql', "alter table note add column account_id uuid default ((1 / 0)::text)::uuid references account (id);\n"]]);
    const { status, out } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--format', 'json']));
    expect(status).toBe(1);
    expect((JSON.parse(out) as { skipped: { reason: string }[] }).skipped.map(({ reason }) => reason)).toContain('Row-level security was not tried: column t.account_id does not exist');
  });

  it('exits with status 0 when nothing is proven, and says what ran', async () => {
    const files = new Map([['migrations/1.sql', 'create table account (id uuid primary key);\ncreate table note (id int primary key, account_id uuid not null references account (id));\ncreate index on note (account_id);\n']]);
    const { status, out, error } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--no-color']));
    expect(out).toMatch(/Replayed: 1 migration, 3 statements sent to PostgreSQL, 0 failed, 0 places not run or not shown\.\n$/);
    expect([status, error]).toEqual([0, '']);
  });

  it('exits with status 2 where there is no migration', async () => {
    expect(await withProject(new Map([['a.ts', 'export {};']]), (cwd) => tenantlint(cwd, ['replay']))).toEqual({ status: 2, out: '', error: 'tenantlint: no migration found: nothing was run.\n' });
  });
});
