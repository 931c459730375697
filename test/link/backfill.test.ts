import { describe, expect, it } from 'vitest';
import { loadProject } from '../../src/commands/pipeline.js';
import type { Project } from '../../src/link/project.js';
import { withProject } from '../fixtures.js';

const base = `
create table accounts (id uuid primary key, slug text not null unique);
create table users (id uuid primary key, account_id uuid not null references accounts (id), team_id uuid);
create table sessions (id uuid primary key, user_id uuid not null references users (id), owner_id uuid references users (id), kind text not null);
`;
const add = 'alter table sessions add column account_id uuid;';
const fill = 'update sessions s set account_id = u.account_id from users u where u.id = s.owner_id;';

async function linked(...migrations: string[]): Promise<Project> {
  const files = new Map([base, ...migrations].map((text, index) => [`migrations/000${index + 1}_x.sql`, text]));
  return withProject(files, async (cwd) => (await loadProject({ cwd, paths: [] })).project);
}

const block = (body: string, declare = '') => `do $$ ${declare ? `declare ${declare} ` : ''}begin ${body} end $$;`;
const counted = (select: string, test: string) => block(`${select}; if ${test} then raise exception 'left'; end if;`, 'n bigint; v uuid; ids text[];');

describe('what verifies', () => {
  const verifies: [string, string][] = [
    ['count > 0', counted('select count(*) into n from sessions where account_id is null', 'n > 0')],
    ['0 < count', counted('select count(*) into n from sessions where account_id is null', '0 < n')],
    ['NOT (count = 0)', counted('select count(*) into n from sessions where account_id is null', 'not (n = 0)')],
    ['count - count', counted('n := (select count(*) - count(account_id) from sessions)', 'n <> 0')],
    ['sum over CASE', counted('select sum(case when account_id is null then 1 else 0 end) into n from sessions', 'n > 0')],
    ['sum of a union', counted('select sum(c) into n from (select count(*) as c from sessions where account_id is null union all select count(*) from users where team_id is null) x', 'n > 0')],
    ['first id', counted('select id into v from sessions where account_id is null limit 1', 'v is not null')],
    ['list of ids', counted('select array_agg(id::text) into ids from sessions where account_id is null', 'ids is not null')],
    ['bool_or', block("if (select bool_or(account_id is null) from sessions) then raise exception 'left'; end if;")],
    ['more rows than values', block("if (select count(*) from sessions) > (select count(account_id) from sessions) then raise exception 'left'; end if;")],
    ['fewer values than rows', block("if (select count(account_id) from sessions) < (select count(*) from sessions) then raise exception 'left'; end if;")],
    ['not as many values as rows', block("if (select count(account_id) from sessions) <> (select count(*) from sessions) then raise exception 'left'; end if;")],
    ['as many values as rows, ELSE', block("if (select count(*) from sessions) = (select count(account_id) from sessions) then null; else raise exception 'left'; end if;")],
    ['a constant of the first', counted('select 1 into n from sessions where account_id is null limit 1', 'n is not null')],
    ['rows without a partner', block("if exists (select from sessions s where not exists (select from accounts a where a.id = s.account_id)) then raise exception 'left'; end if;")],
    ['either column', block("if exists (select from sessions where account_id is null or owner_id is null) then raise exception 'left'; end if;")],
  ];
  it.each(verifies)('%s', async (_, check) => {
    const { nullChecks, backfills } = await linked(`${add}${fill}${check}`);
    expect(nullChecks.filter(({ column }) => column === 'account_id').map(({ aborts }) => aborts)).toEqual(['yes']);
    expect(backfills.map(({ verifiedLater }) => verifiedLater)).toEqual([true]);
  });

  const doesNot: [string, string][] = [
    ['a further condition', block("if exists (select from sessions where account_id is null and kind = 'x') then raise exception 'left'; end if;")],
    ['a join', block("if exists (select from sessions s join users u on u.id = s.owner_id where s.account_id is null) then raise exception 'left'; end if;")],
    ['AND of another reason', block("if exists (select from sessions where account_id is null) and exists (select from accounts) then raise exception 'left'; end if;")],
    ['EXISTS of a count is always true', block("if not exists (select count(*) from sessions where account_id is null) then raise exception 'left'; end if;")],
    ['the NULL itself is compared', counted('select account_id into v from sessions where account_id is null limit 1', 'v is not null')],
    ['more values than rows', block("if (select count(account_id) from sessions) > (select count(*) from sessions) then raise exception 'left'; end if;")],
    ['rows of another table', block("if (select count(*) from users) > (select count(account_id) from sessions) then raise exception 'left'; end if;")],
    ['values of a join', block("if (select count(*) from sessions) > (select count(s.account_id) from sessions s, users u) then raise exception 'left'; end if;")],
    ['rows of a join', block("if (select count(*) from sessions s, users u) > (select count(account_id) from sessions) then raise exception 'left'; end if;")],
    ['different values', block("if (select count(*) from sessions) > (select count(distinct account_id) from sessions) then raise exception 'left'; end if;")],
    ['some rows', block("if (select count(*) from sessions where kind = 'x') > (select count(account_id) from sessions) then raise exception 'left'; end if;")],
    ['some rows by FILTER', block("if (select count(*) filter (where kind = 'x') from sessions) > (select count(account_id) from sessions) then raise exception 'left'; end if;")],
    ['some values by FILTER', block("if (select count(*) from sessions) > (select count(account_id) filter (where kind = 'x') from sessions) then raise exception 'left'; end if;")],
    ['a NULL of the first', counted('select null into v from sessions where account_id is null limit 1', 'v is not null')],
    ['a count is there', block("if (select count(*) from sessions where account_id is null) is not null then raise exception 'left'; end if;")],
    ['some rows without a partner', block("if exists (select from sessions s where not exists (select from accounts a where a.id = s.account_id) and s.kind = 'x') then raise exception 'left'; end if;")],
    ['rows without a count of partners', block("if exists (select from sessions s where not exists (select count(*) from accounts a where a.id = s.account_id)) then raise exception 'left'; end if;")],
    ['more than some', counted('select count(*) into n from sessions where account_id is null', 'n > 5')],
  ];
  it.each(doesNot)('not: %s', async (_, check) => {
    const { backfills } = await linked(`${add}${fill}${check}`);
    expect(backfills.map(({ verifiedLater }) => verifiedLater)).toEqual([false]);
  });
});

describe('coverage', () => {
  const from = (where: string) => `update sessions s set account_id = u.account_id from users u where ${where};`;
  const cases: [string, string, string, string][] = [
    ['a required key', from('u.id = s.user_id'), 'total', ''],
    ['a nullable key', from('u.id = s.owner_id'), 'partial', 'sessions.owner_id is nullable'],
    ['a nullable key, then the rest', `${fill}${from('u.id = s.user_id and s.owner_id is null')}`, 'total', ''],
    ['complementary conditions', `${from("u.id = s.user_id and s.kind = 'a'")}${from("u.id = s.user_id and not s.kind = 'a'")}`, 'total', ''],
    ['ranges that meet', `${from("u.id = s.user_id and s.kind < 'm'")}${from("u.id = s.user_id and s.kind >= 'm'")}`, 'total', ''],
    ['ranges with a gap', `${from("u.id = s.user_id and s.kind < 'm'")}${from("u.id = s.user_id and s.kind > 'm'")}`, 'partial', 'WHERE leaves out rows that do not meet this condition'],
    ['a look-up that may find nothing', "update sessions set account_id = (select id from accounts where slug = 'x');", 'unknown', ''],
    ['CASE with every branch', 'update sessions s set account_id = case when s.owner_id is null then gen_random_uuid() else gen_random_uuid() end;', 'total', ''],
    ['CASE without ELSE', 'update sessions s set account_id = case when s.owner_id is not null then gen_random_uuid() end;', 'partial', 'CASE has no ELSE'],
    ['an unknown function', 'update sessions s set account_id = tenant_of(s.id);', 'unknown', ''],
    ['several columns at once', 'update sessions s set (account_id, kind) = (select u.account_id, s.kind from users u where u.id = s.user_id);', 'total', ''],
    ['a boolean compared with true', `${from("u.id = s.user_id and (s.kind = 'a') = true")}${from("u.id = s.user_id and (s.kind = 'a') = false")}`, 'total', ''],
    ['a boolean compared with false twice', `${from("u.id = s.user_id and (s.kind = 'a') = false")}${from("u.id = s.user_id and (s.kind = 'a') = false")}`, 'partial', 'WHERE leaves out rows that do not meet this condition'],
    ['IS DISTINCT FROM and its opposite', `${from("u.id = s.user_id and s.kind is distinct from 'a'")}${from("u.id = s.user_id and s.kind is not distinct from 'a'")}`, 'total', ''],
    ['IN and its opposite', `${from("u.id = s.user_id and s.kind in ('a', 'b')")}${from("u.id = s.user_id and s.kind not in ('a', 'b')")}`, 'total', ''],
    ['a batch', 'update sessions s set account_id = u.account_id from users u where u.id = s.user_id and s.id in (select id from sessions where account_id is null limit 9);', 'unknown', ''],
    ['MERGE', 'merge into sessions s using users u on u.id = s.user_id when matched then update set account_id = u.account_id;', 'total', ''],
  ];
  it.each(cases)('%s', async (_, statements, coverage, why) => {
    const { backfills } = await linked(`create function tenant_of(uuid) returns uuid language sql as $$ select null::uuid $$;${add}${statements}`);
    const last = backfills.filter(({ column }) => column === 'account_id').at(-1)!;
    expect([last.coverage, last.isLast, last.leavesNull.map(({ message }) => message).join('; ')]).toEqual([coverage, true, why]);
  });

  it('a table that is made anew has no history', async () => {
    const { notNullChanges } = await linked(`${add}${fill}`, 'drop table sessions; create table sessions (id uuid primary key, account_id uuid); alter table sessions alter column account_id set not null;');
    expect(notNullChanges.map(({ mayHoldRows, filledBy }) => [mayHoldRows, filledBy.length])).toEqual([['no', 0]]);
  });

  it('a column that is generated has a value in every row', async () => {
    const generated = 'alter table sessions add column account_id uuid generated always as (user_id) stored;';
    const row = "insert into sessions (id, user_id, kind) select gen_random_uuid(), id, 'x' from users;";
    const { backfills, notNullChanges } = await linked(`${generated}${row}`, 'alter table sessions alter column account_id set not null;');
    expect([backfills.filter(({ column }) => column === 'account_id').length, notNullChanges.map(({ filledBy }) => filledBy.map(({ how, coverage }) => `${how} ${coverage}`))]).toEqual([0, [['generated total']]]);
    const later = await linked(`${add}`, 'alter table sessions alter column account_id add generated by default as identity;', 'alter table sessions alter column account_id set not null;');
    expect(later.notNullChanges.map(({ filledBy }) => filledBy.map(({ how }) => how))).toEqual([['generated']]);
  });

  it('a partial index proves one row where its predicate is asked for of the source alone', async () => {
    const index = "create table leads (user_id uuid not null, account_id uuid not null references accounts (id), kind text not null); create unique index on leads (user_id) where kind = 'x';";
    const reasons = async (where: string) => (await linked(`${index}${add}update sessions s set account_id = l.account_id from leads l where l.user_id = s.user_id and ${where};`)).backfills.map(({ ambiguous }) => ambiguous !== undefined);
    expect([await reasons("l.kind = 'x'"), await reasons("s.kind = 'x'"), await reasons('l.kind = s.kind'), await reasons("l.kind = 'y'")]).toEqual([[false], [true], [true], [true]]);
  });

  it('strict conditions rule each other out', async () => {
    const { backfills } = await linked(`alter table sessions add column n int, add column m int;${add}${['n > 0', 'n <= 0', '(n = m) is not true'].map((where) => `update sessions set account_id = gen_random_uuid() where ${where};`).join('')}`);
    expect(backfills.at(-1)).toMatchObject({ coverage: 'total', isLast: true });
  });

  it('a look-up in a comment is one of a column that is there', async () => {
    const { nullChecks } = await linked(`${add}${fill}\n-- select count(*) from sessions where account_id is null;\n-- select count(*) from nowhere where account_id is null;\n-- select count(*) from sessions where gone is null;\nalter table sessions alter column account_id set not null;`);
    expect(nullChecks.map(({ table, column, reason }) => [table, column, reason])).toEqual([['sessions', 'account_id', 'comment']]);
  });

  it('follows renamed tables and columns', async () => {
    const { notNullChanges } = await linked('alter table sessions add column tenant uuid; update sessions set tenant = gen_random_uuid();',
      'alter table sessions rename column tenant to account_id; alter table sessions rename to visits; alter table visits alter column account_id set not null;');
    expect(notNullChanges.map(({ table, isTenantColumn, filledBy }) => [table, isTenantColumn, filledBy.length])).toEqual([['visits', true, 1]]);
  });
});
