import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgliteConnection } from '../../src/database/pglite.js';
import { migrationFromSql } from '../../src/database/project.js';
import { runMigrations } from '../../src/database/run.js';
import type { RunOptions, RunTenancy } from '../../src/database/types.js';
import { tenantlint } from '../command-line.js';
import { withProject } from '../fixtures.js';
import { reset } from '../judge.js';

const ACCOUNT: RunTenancy = { root: 'account', isTenantColumn: (_, column) => column === 'account_id' };

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

async function run(files: readonly string[], options: RunOptions = {}, transaction: 'file' | 'none' = 'file') {
  await reset(pgliteConnection(db), false);
  return runMigrations(pgliteConnection(db), files.map((sql, index) => migrationFromSql(`${index + 1}.sql`, sql, transaction)), { tenancy: ACCOUNT, ...options });
}

// Both accounts' members are in the same teams.
const TEAMS = `
create table account (id uuid primary key);
create table team (id serial primary key, name text);
create table member (id serial primary key, account_id uuid not null references account (id), team_id int not null references team (id), joined timestamptz default now());
create table template (id serial primary key, team_id int not null references team (id), member_id int not null references member (id), body text);
create table part (id serial primary key, template_id int not null references template (id));`;
const ADD = 'alter table template add column account_id uuid references account (id);\n';

describe('rows in the opposite order', () => {
  it.each([
    ['a join that meets several members of a team', 'update template t set account_id = m.account_id from member m where m.team_id = t.team_id;'],
    ['one of them, in no order', 'update template t set account_id = (select m.account_id from member m where m.team_id = t.team_id limit 1);'],
    ['in a DO block', "do $$ begin\n update template t set account_id = m.account_id from member m where m.team_id = t.team_id;\nend $$;"],
    ['in dynamic SQL', "do $$ begin execute format('update %I t set account_id = m.account_id from member m where m.team_id = t.team_id', 'template'); end $$;"],
    ['by MERGE', 'merge into template t using (select team_id, (array_agg(account_id))[1] as account_id from member group by team_id) m on m.team_id = t.team_id when matched then update set account_id = m.account_id;'],
  ])('give another tenant: %s', async (_, backfill) => {
    for (const transaction of ['file', 'none'] as const) {
      const { failures, orderDependent } = await run([TEAMS, `${ADD}${backfill}`], {}, transaction);
      expect(failures).toEqual([]);
      expect(orderDependent).toMatchObject([{ migration: 1, table: 'template', column: 'account_id' }]);
      expect(orderDependent[0]!.rows).toBeGreaterThan(0);
    }
  });

  it.each([
    ['a join over a key', 'update template t set account_id = m.account_id from member m where m.id = t.member_id;'],
    ['a pick in an order of its own', 'update template t set account_id = (select m.account_id from member m where m.team_id = t.team_id order by m.id limit 1);'],
    ['several rows of one tenant', 'update template t set account_id = m.account_id from member m join part p on true where m.id = t.member_id;'],
    ['another value each time', 'alter table template drop constraint template_account_id_fkey; update template set account_id = gen_random_uuid();'],
    ['a statement that fails', 'update template t set account_id = m.account_id from member m where m.team_id = t.nothing;'],
  ])('change nothing: %s', async (_, backfill) => {
    expect((await run([TEAMS, `${ADD}${backfill}`])).orderDependent).toEqual([]);
  });

  it('leave no trace: triggers do not fire, and what was tried is undone', async () => {
    const trigger = `create function stop() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
create trigger stop before update on member for each row execute function stop();`;
    const { failures, orderDependent } = await run([`${TEAMS} ${trigger}`, `${ADD}update template t set account_id = m.account_id from member m where m.team_id = t.team_id;`]);
    expect([failures, orderDependent.length]).toEqual([[], 1]);
    const [{ count }] = (await db.query<{ count: number }>("select count(*)::int as count from pg_roles where rolname like 'tenantlint%'")).rows as [{ count: number }];
    expect(count).toBe(0);
  });
});

describe('an owner whom forced row-level security binds', () => {
  const FORCED = `alter table template enable row level security; alter table template force row level security;
create policy own on template using (account_id::text = current_setting('app.account', true));`;
  const FILL = 'update template t set account_id = m.account_id from member m where m.id = t.member_id;';
  const VERIFY = "do $$ begin if exists (select from template where account_id is null) then raise exception 'left'; end if; end $$;";

  it('leaves rows out of a backfill', async () => {
    const { failures, hiddenRows } = await run([TEAMS, `${ADD}${FORCED}`, FILL]);
    expect(failures).toEqual([]);
    expect(hiddenRows).toMatchObject([{ migration: 2, table: 'template', column: 'account_id' }]);
    expect(hiddenRows[0]!.rows).toBeGreaterThan(0);
  });

  it('passes a verification that stops a superuser', async () => {
    const { failures, hiddenRows } = await run([TEAMS, `${ADD}${FORCED}`, VERIFY]);
    expect(failures.map(({ code }) => code)).toEqual(['P0001']);
    expect(hiddenRows.map(({ migration, table, column }) => [migration, table, column])).toEqual([[2, 'template', undefined]]);
  });

  it('reads no source row', async () => {
    const source = `alter table member enable row level security; alter table member force row level security; create policy own on member using (account_id::text = current_setting('app.account', true));`;
    expect((await run([TEAMS, `${ADD}${source}`, FILL])).hiddenRows).toMatchObject([{ table: 'template', column: 'account_id' }]);
  });

  it.each([
    ['FORCE is taken away for the time', `alter table template no force row level security;\n${FILL}\nalter table template force row level security;`],
    ['row_security = off fails instead of hiding', `set local row_security = off;\n${FILL}`],
    ['each tenant is set in turn', `do $$ declare a uuid; begin for a in select id from account loop perform set_config('app.account', a::text, true); update part set id = id; end loop; end $$;`],
    ['a role was chosen', `create role filler bypassrls; grant all on all tables in schema public to filler; set local role filler;\n${FILL}`],
  ])('misses nothing where %s', async (_, sql) => {
    const { hiddenRows } = await run([TEAMS, `${ADD}${FORCED}`, sql]);
    await db.exec("do $$ begin if exists (select from pg_roles where rolname = 'filler') then drop owned by filler; drop role filler; end if; end $$");
    expect(hiddenRows).toEqual([]);
  });

  it('does not run what a role without bounds runs', async () => {
    expect((await run([TEAMS, `${ADD}${FORCED}`, FILL], { bypassesRls: true })).hiddenRows).toEqual([]);
  });

  it('says so of a project, and confirms the rules', async () => {
    const files = new Map([['migrations/1.sql', TEAMS], ['migrations/2.sql', `${ADD}${FORCED}\n`], ['migrations/3.sql', `update template t set account_id = m.account_id\nfrom member m where m.team_id = t.team_id;\n`], ['tenantlint.config.json', '{ "tenant": { "column": "account_id", "root": "account" } }']]);
    const { out } = await withProject(files, (cwd) => tenantlint(cwd, ['replay', '--format', 'json']));
    const { findings } = JSON.parse(out) as { findings: { ruleId: string; file: string; line: number; message: string; replay?: string }[] };
    expect(findings.filter(({ file }) => file === 'migrations/3.sql').map(({ ruleId, line, message, replay }) => `${line} ${ruleId} ${replay ?? message}`)).toEqual([
      '1 backfill-ambiguous-source confirmed',
      // Every team has a member here.
      '1 backfill-may-leave-null not shown',
      '1 backfill-sees-all-rows confirmed',
      expect.stringMatching(/^1 replay-hidden-rows FORCE ROW LEVEL SECURITY hides \d+ rows from an owner that is no superuser: in "template" they keep a NULL in account_id$/),
      expect.stringMatching(/^1 replay-mixed-tenants /),
      expect.stringMatching(/^1 replay-order-dependent \d+ of \d+ rows of "template" get another account_id when the same rows stand in the opposite order/),
    ]);
  });
});
