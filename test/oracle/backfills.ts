import type { Random } from './random.js';

/** Users and teams belong to accounts; sessions get their account in the migration that is generated. `team_id` of sessions has no foreign key. */
export const BACKFILL_BASE = `create table accounts (id int primary key, slug text not null unique, code text);
create table teams (id int primary key, account_id int not null references accounts (id), name text not null, lead_id int);
create table users (id int primary key, account_id int not null references accounts (id), team_id int references teams (id), email text not null unique, nick text);
create table sessions (id int primary key, user_id int not null references users (id), owner_id int references users (id), team_id int, kind text not null, note text, n int, done boolean);
create table members (team_id int not null references teams (id), user_id int not null references users (id), level int, primary key (team_id, user_id));
`;

/** Three of them name an account. */
const LETTERS = ['a', 'b', 'c', 'd'];

/**
 * Writes a migration that adds sessions.account_id, fills it, perhaps tests for NULLs that are left, and perhaps forbids them.
 * @returns its statements
 */
export function generateBackfill(random: Random): string[] {
  const one = new Generator(random);
  const fills = Array.from({ length: random.weighted([[5, 1], [4, 2], [1, 3]]) }, () => one.fill());
  const opposite = random.chance(0.3) ? one.halves() : [];
  return [
    random.weighted([[9, 'alter table sessions add column account_id int'], [1, 'alter table sessions add column account_id int default 1'], [1, 'alter table sessions add column account_id int references accounts (id)']]),
    ...(opposite.length > 0 ? [...opposite, ...(random.chance(0.3) ? fills.slice(0, 1) : [])] : fills),
    ...(random.chance(0.55) ? [one.check()] : []),
    ...(random.chance(0.15) ? [one.check()] : []),
    ...one.ending(),
  ];
}

/** A path from a session to an account: items of FROM, what joins them, and the account. */
interface Path { readonly from: string; readonly where: string; readonly value: string }

class Generator {
  constructor(private readonly random: Random) {}

  fill(where = this.random.chance(0.55) ? this.condition(2) : undefined): string {
    const { random } = this;
    const and = where === undefined ? '' : ` and ${where}`;
    const only = where === undefined ? '' : ` where ${where}`;
    const path = this.path();
    const { from, value } = path;
    switch (random.weighted([[7, 'from'], [6, 'select'], [2, 'value'], [2, 'cte'], [3, 'derived'], [2, 'merge'], [2, 'row'], [2, 'delete'], [1, 'insert'], [1, 'unset'], [1, 'case']])) {
      case 'from': return `update sessions s set account_id = ${this.wrapped(value)} from ${from} where ${path.where}${and}`;
      case 'select': return `update sessions s set account_id = ${this.wrapped(this.scalar())}${only}`;
      case 'value': return `update sessions s set account_id = ${random.pick(['1', '(select id from accounts limit 1)', 'nullif(n, 1)', 'n', 'coalesce(n, 1)', 'coalesce(n, owner_id)', 'n + 1', 'abs(n)', 'length(kind)', 'greatest(n, owner_id)', "(select id from accounts where slug = 'a')", 'team_id', "(case kind when 'a' then 1 else n end)"])}${only}`;
      case 'cte': return `with x as (select s.id, ${value} as a from sessions s, ${from} where ${path.where}) update sessions s set account_id = x.a from x where x.id = s.id${and}`;
      case 'derived': return `update sessions s set account_id = ${this.wrapped('x.a')} from ${this.derived()} where ${random.pick(['x.k = s.user_id', 'x.k = s.owner_id', 'x.k = s.user_id', 's.user_id = x.k'])}${and}`;
      case 'merge': return this.merge();
      case 'row': return `update sessions s set (account_id, note) = ${random.pick([`(select u.account_id, s.note from users u where u.id = s.user_id)`, `(${this.scalar()}, s.note)`, "(select u.account_id, 'x' from users u where u.id = s.owner_id)", "(1, 'x')", '(null, s.note)'])}${only}`;
      case 'delete': return `delete from sessions s where ${random.pick(['s.account_id is null', `s.account_id is null and ${this.condition(1)}`, `s.account_id is null or ${this.condition(1)}`, this.condition(1), 's.id in (select x.id from sessions x where x.account_id is null)', 'not exists (select from users u where u.id = s.owner_id)', 's.owner_id is null'])}`;
      case 'insert': return random.pick([
        "insert into sessions (id, user_id, kind, account_id) select 1000 + u.id, u.id, 'c', u.account_id from users u", "insert into sessions (id, user_id, kind) select 1000 + u.id, u.id, 'c' from users u",
        "insert into sessions (id, user_id, kind, account_id) select 1, u.id, 'c', u.account_id from users u limit 1 on conflict (id) do update set account_id = excluded.account_id",
        "insert into sessions (id, user_id, kind, account_id) select 1000 + u.id, u.id, 'c', t.account_id from users u left join teams t on t.id = u.team_id",
      ]);
      case 'unset': return `update sessions s set ${random.pick(['account_id = null', 'account_id = default', "kind = 'c'", 'owner_id = s.user_id', 'owner_id = null', "note = 'x'"])}${only}`;
      default: return `update sessions s set account_id = case when ${this.condition(1)} then ${this.scalar()} ${random.chance(0.3) ? `when ${this.condition(1)} then ${this.scalar()} ` : ''}${random.chance(0.7) ? `else ${this.scalar()} ` : ''}end${only}`;
    }
  }

  /** Two fills whose conditions are each other's opposite, or nearly. */
  halves(): string[] {
    const condition = this.condition(1);
    const other = this.random.weighted([[3, `not (${condition})`], [3, `(${condition}) is not true`], [2, 's.account_id is null'], [2, `not coalesce(${condition}, false)`], [1, `(${condition}) is false`], [1, `(${condition}) = false`]]);
    const { from, where, value } = this.random.pick(PATHS);
    return [`update sessions s set account_id = ${value} from ${from} where ${where} and ${condition}`, `update sessions s set account_id = ${this.random.chance(0.5) ? this.scalar() : '1'} where ${other}`];
  }

  private path(): Path {
    return this.random.pick(PATHS);
  }

  private wrapped(value: string): string {
    return this.random.weighted([[12, value], [1, `coalesce(${value}, 1)`], [1, `coalesce(${value}, n)`], [1, `${value}::int`], [1, `nullif(${value}, 2)`], [1, `case when s.owner_id is null then 1 else ${value} end`]]);
  }

  private scalar(): string {
    return this.random.pick(SCALARS);
  }

  private derived(): string {
    return this.random.pick(DERIVED);
  }

  private merge(): string {
    const { random } = this;
    const condition = random.chance(0.4) ? ` and ${this.condition(1)}` : '';
    return `merge into sessions s using ${random.pick(['users u on u.id = s.user_id', 'users u on u.id = s.owner_id', '(select id, account_id from users where nick is not null) u on u.id = s.user_id'])} when matched${condition} then ${random.pick(['update set account_id = u.account_id', 'update set account_id = u.account_id', 'delete', 'update set account_id = null'])}`;
  }

  /** A condition on the session `s`. */
  condition(depth: number): string {
    const { random } = this;
    if (depth > 0 && random.chance(0.4)) {
      const [a, b] = [this.condition(depth - 1), this.condition(depth - 1)];
      return random.pick([`(${a} and ${b})`, `(${a} or ${b})`, `not (${a})`, `(${a}) is true`, `(${a}) is not true`, `(${a}) is not false`, `(${a}) is unknown`, `(${a}) is not unknown`, `not (${a} or ${b})`]);
    }
    return random.weighted([[3, 's.account_id is null'], ...CONDITIONS.map((text): [number, string] => [1, text])]);
  }

  /** A test for NULLs that are left, and what is done about them. */
  check(): string {
    const { random } = this;
    const raise = random.weighted([[9, "raise exception 'left'"], [1, "raise notice 'left'"], [1, 'null']]);
    let test = this.truth();
    if (random.chance(0.15)) test = random.pick([`${test} or ${this.truth()}`, `${test} and ${this.truth()}`, `not (${test})`, `(${test}) is true`, `coalesce(${test}, false)`, `(${test}) is not true`, `(${test})::boolean`]);
    if (random.chance(0.2)) return this.variableCheck(raise);
    const body = random.weighted([[8, `if ${test} then ${raise}; end if;`], [1, `if not (${test}) then null; else ${raise}; end if;`], [1, `assert not (${test}), 'left';`], [1, `if exists (select from sessions) then if ${test} then ${raise}; end if; end if;`], [1, `if ${test} then ${raise}; end if; update sessions set n = n;`]]);
    return random.weighted([[12, `do $$ begin ${body} end $$`], [1, `do $$ begin ${body} exception when others then null; end $$`], [1, `select count(*) from sessions where account_id is null`]]);
  }

  private variableCheck(raise: string): string {
    const { random } = this;
    const [select, test] = random.pick(VARIABLES);
    return `do $$ declare m bigint; v int; ids text[]; begin ${select}; if ${test} then ${raise}; end if; end $$`;
  }

  private truth(): string {
    const { random } = this;
    const where = random.weighted([[6, 'account_id is null'], [1, 'account_id is not null'], [1, "account_id is null and kind = 'a'"], [1, 'account_id is null or owner_id is null'], [1, 'not (account_id is not null)'], [1, 'account_id is null and account_id is null']]);
    if (random.chance(0.3)) return random.pick([`exists (select from sessions where ${where})`, `exists (select 1 from sessions s join users u on u.id = s.owner_id where s.account_id is null)`, `not exists (select from sessions where ${where})`]);
    if (random.chance(0.5)) return random.pick(TRUTHS);
    const count = random.pick(COUNTS).replace('WHERE', `where ${where}`);
    const operator = random.pick(['>', '>', '<>', '!=', '=', '>=', '<', '<=']);
    const bound = random.weighted([[6, '0'], [2, '1'], [1, '5']]);
    return random.chance(0.8) ? `${count} ${operator} ${bound}` : `${bound} ${operator} ${count}`;
  }

  ending(): string[] {
    return this.random.weighted<string[]>([
      [4, ['alter table sessions alter column account_id set not null']], [3, []],
      [1, ['alter table sessions add constraint filled check (account_id is not null) not valid', 'alter table sessions validate constraint filled', 'alter table sessions alter column account_id set not null']],
      [1, ['alter table sessions add constraint filled check (account_id is not null)']],
      [1, ['alter table sessions rename column account_id to tenant', 'alter table sessions alter column tenant set not null']],
      [1, ["do $$ begin if not exists (select from sessions where account_id is null) then alter table sessions alter column account_id set not null; end if; end $$"]],
      [1, ["do $$ begin if not exists (select from sessions where account_id is null) then alter table sessions alter column account_id set not null; else raise exception 'left'; end if; end $$"]],
      [1, ['alter table sessions add unique (account_id, id)', 'alter table sessions drop constraint sessions_pkey', 'alter table sessions add primary key (account_id, id)']],
    ]);
  }
}

const PATHS: readonly Path[] = [
  { from: 'users u', where: 'u.id = s.user_id', value: 'u.account_id' },
  { from: 'users u', where: 's.owner_id = u.id', value: 'u.account_id' },
  { from: 'users u', where: 'u.id in (s.user_id)', value: 'u.account_id' },
  { from: 'users u', where: '(u.id, 1) = (s.user_id, 1)', value: 'u.account_id' },
  { from: 'users u', where: 'u.email = s.note', value: 'u.account_id' },
  { from: 'users u', where: 'u.nick = s.note', value: 'u.account_id' },
  { from: 'users u', where: 'u.id >= s.user_id', value: 'u.account_id' },
  { from: 'users u', where: 'u.id = s.user_id and u.nick is not null', value: 'u.account_id' },
  { from: 'users u', where: "u.id = s.user_id and u.email = 'a1'", value: 'u.account_id' },
  { from: 'teams t', where: 't.id = s.team_id', value: 't.account_id' },
  { from: 'teams t', where: 't.name = s.kind', value: 't.account_id' },
  { from: 'accounts a', where: 'a.slug = s.kind', value: 'a.id' },
  { from: 'users u join teams t on t.id = u.team_id', where: 'u.id = s.user_id', value: 't.account_id' },
  { from: 'users u left join teams t on t.id = u.team_id', where: 'u.id = s.user_id', value: 't.account_id' },
  { from: 'users u left join teams t on t.id = u.team_id', where: 'u.id = s.user_id', value: 'coalesce(t.account_id, u.account_id)' },
  { from: 'teams t right join users u on t.id = u.team_id', where: 'u.id = s.user_id', value: 'coalesce(t.account_id, u.account_id)' },
  { from: 'teams t full join users u on t.id = u.team_id', where: 'u.id = s.user_id', value: 'u.account_id' },
  { from: 'users u join members m on m.user_id = u.id join teams t on t.id = m.team_id', where: 'u.id = s.user_id', value: 't.account_id' },
  { from: 'members m, teams t', where: 'm.user_id = s.user_id and t.id = m.team_id', value: 't.account_id' },
  { from: 'members m join teams t on t.id = m.team_id', where: 'm.user_id = s.user_id and m.team_id = s.team_id', value: 't.account_id' },
  { from: 'members m join users u using (team_id)', where: 'm.user_id = s.user_id', value: 'u.account_id' },
  { from: 'sessions o join users u on u.id = o.user_id', where: 'o.id = s.id', value: 'u.account_id' },
  { from: 'sessions o', where: 'o.user_id = s.user_id and o.account_id is not null', value: 'o.account_id' },
  { from: 'users u, accounts a', where: 'u.id = s.user_id and a.id = u.account_id', value: 'a.id' },
  { from: 'users u cross join accounts a', where: 'u.id = s.user_id', value: 'u.account_id' },
  { from: 'users u cross join accounts a', where: 'u.id = s.user_id', value: 'a.id' },
  { from: '(select * from users) u', where: 'u.id = s.user_id', value: 'u.account_id' },
  { from: '(select id, account_id from users) u (k, a)', where: 'u.k = s.user_id', value: 'u.a' },
  { from: '(values (1, 1), (2, 2)) v (k, a)', where: 'v.k = s.user_id', value: 'v.a' },
];

const SCALARS: readonly string[] = [
  ...['account_id', 'max(account_id)', 'min(u.account_id)', 'any_value(account_id)', 'count(*)', 'sum(account_id)'].flatMap((value) => [`(select ${value} from users u where u.id = s.user_id)`, `(select ${value} from users u where u.id = s.owner_id)`]),
  '(select max(account_id) from users u)', '(select u.account_id from users u where u.nick = s.note limit 1)', '(select u.account_id from users u where u.nick = s.note order by u.id limit 1)',
  '(select t.account_id from members m join teams t on t.id = m.team_id where m.user_id = s.user_id limit 1)', '(select max(t.account_id) from members m join teams t on t.id = m.team_id where m.user_id = s.user_id)',
  '(select min(t.account_id) from members m join teams t on t.id = m.team_id where m.user_id = s.user_id having min(t.account_id) = max(t.account_id))',
  '(select min(t.account_id) from members m join teams t on t.id = m.team_id where m.user_id = s.user_id having count(distinct t.account_id) = 1)',
  '(select min(t.account_id) from members m join teams t on t.id = m.team_id where m.user_id = s.user_id having count(*) = 1)',
  '(select min(t.account_id) from members m join teams t on t.id = m.team_id where m.user_id = s.user_id having min(t.id) = max(t.id))',
  '(select t.account_id from teams t join members m on m.team_id = t.id and m.user_id = s.user_id group by t.account_id limit 1)', '(select distinct u.account_id from users u where u.id = s.user_id)',
  '(select distinct on (u.nick) u.account_id from users u where u.nick = s.note)', '(select t.account_id from teams t where t.id = (select u.team_id from users u where u.id = s.user_id))',
  '(select t.account_id from users u left join teams t on t.id = u.team_id where u.id = s.user_id)', 'coalesce((select t.account_id from users u join teams t on t.id = u.team_id where u.id = s.user_id), (select u.account_id from users u where u.id = s.user_id))',
  '(select x.account_id from (select account_id, id from users) x where x.id = s.user_id)', '(select x.a from (select max(account_id) as a, id from users group by id) x where x.id = s.user_id)', '(select account_id from users u where u.id = s.user_id offset 1)',
  '(select (select max(a.id) from accounts a where a.slug = u.nick) from users u where u.id = s.user_id)', '(select account_id from users u where u.id = s.user_id and u.nick is not null)', '(select account_id from users u where u.id = s.user_id union select 1 limit 1)',
];

const DERIVED: readonly string[] = [
  '(select id as k, account_id as a from users) x', '(select user_id as k, max(t.account_id) as a from members m join teams t on t.id = m.team_id group by user_id) x', '(select distinct on (user_id) user_id as k, t.account_id as a from members m join teams t on t.id = m.team_id) x',
  '(select distinct on (user_id) user_id as k, t.account_id as a from members m join teams t on t.id = m.team_id order by user_id, t.id) x', '(select distinct user_id as k, t.account_id as a from members m join teams t on t.id = m.team_id) x', '(select user_id as k, t.account_id as a from members m join teams t on t.id = m.team_id) x',
  '(select m.user_id as k, min(t.account_id) as a from members m join teams t on t.id = m.team_id group by 1 having count(distinct t.account_id) = 1) x', '(select m.user_id as k, min(t.account_id) as a from members m join teams t on t.id = m.team_id group by 1 having min(t.account_id) = max(t.account_id)) x',
  '(select id as k, account_id as a from users order by id limit 3) x', '(select id as k, account_id as a from users where id < 3 union all select id, 1 from users where id > 3) x', '(select u.id as k, t.account_id as a from users u left join teams t on t.id = u.team_id) x', '(select u.id as k, t.account_id as a from users u join teams t on t.id = u.team_id) x',
  '(select nick as n, id as k, account_id as a from users group by nick, id, account_id) x', '(select account_id as a, id as k, row_number() over (partition by nick) as r from users) x', '(values (1, 1), (2, 2)) x (k, a)', '(select user_id as k, array_agg(t.account_id) as l, min(t.account_id) as a from members m join teams t on t.id = m.team_id group by user_id) x',
];

const CONDITIONS: readonly string[] = [
  's.account_id is null', 's.owner_id is null', 's.owner_id is not null', 's.note is null', 's.n is not null', "s.kind = 'a'", "s.kind <> 'a'", "s.kind in ('a', 'b')", "s.kind not in ('a', 'b')", "s.kind < 'b'", "s.kind >= 'b'", "s.note = 'a'", "s.note <> 'a'",
  "s.note in ('a', 'b')", "s.note not in ('a')", "s.note is distinct from 'a'", "s.note is not distinct from 'a'", 's.n > 1', 's.n <= 1', '1 < s.n', 's.n = 1', 's.n != 1', 's.done', 's.done = true', 's.done = false', 's.done is true', 's.done is not true', 's.n between 1 and 2', "s.note like 'a%'",
  's.owner_id = s.user_id', 's.n = s.team_id', 'true', 'false', 'null', 's.id <= 3', 's.id in (select id from sessions where account_id is null limit 2)', 's.id between 1 and 4', 'exists (select from members m where m.user_id = s.user_id)',
  'exists (select from users u where u.id = s.owner_id)', 's.user_id in (select user_id from members)', "coalesce(s.note, 'a') = 'a'", "s.kind = any (array['a', 'b'])", 's.n + 1 > 1', "lower(s.note) = 'a'", 's.account_id is not null', '(s.kind, s.n) = (\'a\', 1)', 's.id % 2 = 0',
];

const VARIABLES: readonly (readonly [select: string, test: string])[] = [
  ['select count(*) into m from sessions where account_id is null', 'm > 0'], ['m := (select count(*) from sessions where account_id is null)', 'm <> 0'], ['select count(*) - count(account_id) into m from sessions', 'm > 0'], ['select id into v from sessions where account_id is null limit 1', 'v is not null'],
  ['select account_id into v from sessions where account_id is null limit 1', 'v is not null'], ['select array_agg(id::text) into ids from sessions where account_id is null', 'ids is not null'], ['select array_agg(id::text) into ids from sessions where account_id is null', 'array_length(ids, 1) > 0'], ['select 1 into m from sessions where account_id is null', 'found'],
  ['perform 1 from sessions where account_id is null', 'found'], ['perform count(*) from sessions where account_id is null', 'found'], ["select count(*) into m from sessions where account_id is null and kind = 'a'", 'm > 0'], ['select count(*) into m from sessions where account_id is null', 'm > 5'], ['select count(account_id) into m from sessions', 'm = 0'],
  ['select min(id) into v from sessions where account_id is null', 'v is not null'], ['select count(*) filter (where account_id is null) into m from sessions', 'm > 0'], ['select max(user_id) into v from sessions where account_id is null', 'not v is null'],
];

const COUNTS: readonly string[] = [
  '(select count(*) from sessions WHERE)', '(select count(1) from sessions WHERE)', '(select count(id) from sessions WHERE)', '(select count(note) from sessions WHERE)', '(select count(*) filter (where account_id is null) from sessions)', "(select count(*) filter (where account_id is null) from sessions where kind = 'a')",
  '(select sum(case when account_id is null then 1 else 0 end) from sessions)', '(select sum(case when account_id is null then 0 else 1 end) from sessions)', '(select coalesce(sum(case when account_id is null then 2 end), 0) from sessions)', "(select sum(case when account_id is null then 1 end) from sessions where kind = 'a')",
  '(select count(*) - count(account_id) from sessions)', '(select count(id) - count(account_id) from sessions)', '(select count(note) - count(account_id) from sessions)', '(select count(*) - count(distinct account_id) from sessions)', '((select count(*) from sessions) - (select count(account_id) from sessions))',
  "((select count(*) from sessions where kind = 'a') - (select count(account_id) from sessions where kind = 'a'))", '((select count(*) from users) - (select count(account_id) from sessions))', '((select count(*) from sessions WHERE) + (select count(*) from users where nick is null))', '(select count(*) from (select 1 from sessions WHERE) x)',
  '(select sum(c) from (select count(*) as c from sessions WHERE union all select count(*) from users where team_id is null) x)', '(select sum(x.c) from (select count(*) as c from sessions WHERE) x)', '(select max(c) from (select count(*) as c from sessions WHERE) x)', '(select count(*) from (select id from sessions WHERE limit 1) x)', 'coalesce((select count(*) from sessions WHERE), 0)',
  'array_length(array(select id from sessions WHERE), 1)', 'cardinality(array(select id from sessions WHERE))', '(select count(*) from sessions WHERE group by kind limit 1)', '(select count(*) from sessions WHERE having count(*) > 1)', '(select count(*) from sessions WHERE offset 1)', 'greatest((select count(*) from sessions WHERE), 0)',
  '(select count(*) from sessions s left join users u on u.id = s.user_id where s.account_id is null)', '(select count(*) from sessions s, users u where s.account_id is null)', '(select case when count(*) > 0 then 1 else 0 end from sessions WHERE)', '(case when exists (select from sessions WHERE) then 1 else 0 end)', '(select length(string_agg(kind, \'\')) from sessions WHERE)',
];

const TRUTHS: readonly string[] = [
  '(select bool_or(account_id is null) from sessions)', '(select bool_or(account_id is not null) from sessions)', '(select not bool_and(account_id is not null) from sessions)', '(select bool_and(account_id is null) from sessions)', 'not (select every(account_id is not null) from sessions)', "(select bool_or(account_id is null) from sessions where kind = 'a')",
  "(select bool_or(account_id is null) filter (where kind = 'a') from sessions)", '(select coalesce(bool_or(account_id is null), false) from sessions)', '(select bool_or(not (account_id is not null)) from sessions)', '(select count(*) > count(account_id) from sessions)', '(select count(*) <> count(account_id) from sessions)', 'not (select count(*) = count(account_id) from sessions)',
  '(select count(account_id) < count(*) from sessions)', '(select count(account_id) > count(*) from sessions)', '(select count(account_id) <> count(*) from sessions)', '(select count(*) >= count(account_id) from sessions)', '(select count(*) from sessions) > (select count(account_id) from sessions)', '(select count(*) from sessions) <> (select count(account_id) from sessions)',
  '(select count(*) from users) > (select count(account_id) from sessions)', '(select count(*) from sessions) > (select count(distinct account_id) from sessions)', "(select count(*) from sessions where kind = 'a') > (select count(account_id) from sessions)", '(select count(*) from sessions) > (select count(s.account_id) from sessions s, users u)', '(select id from sessions where account_id is null limit 1) is not null',
  '(select account_id from sessions where account_id is null limit 1) is not null', 'not ((select id from sessions where account_id is null limit 1) is null)', '(select note from sessions where account_id is null limit 1) is not null', '(select max(id) from sessions where account_id is null) is not null', '(select max(account_id) from sessions where account_id is null) is not null', '(select array_agg(id) from sessions where account_id is null) is not null',
  '(select count(*) from sessions where account_id is null) is not null', '(select 1 from sessions where account_id is null limit 1) is not null', '(select null from sessions where account_id is null limit 1) is not null', 'exists (select from sessions s where not exists (select from accounts a where a.id = s.account_id))', "exists (select from sessions s where not exists (select from accounts a where a.id = s.account_id and a.code = 'a'))",
  "exists (select from sessions s where not exists (select from accounts a where a.id = s.account_id) and s.kind = 'a')", 'exists (select from sessions s left join accounts a on a.id = s.account_id where a.id is null)', 'exists (select from sessions s left join accounts a on a.id = s.account_id where a.code is null)', 'exists (select from sessions s left join accounts a on a.id = s.account_id where s.account_id is null)',
  'exists (select from sessions s join accounts a on a.id = s.account_id where a.id is null)', 'exists (select count(*) from sessions where account_id is null)', 'exists (select from sessions where account_id is null group by kind)', 'exists (select from sessions where account_id is null group by kind having count(*) > 1)', 'exists (select from sessions having count(*) > count(account_id))',
  'exists (select from sessions group by kind having count(*) > count(account_id))', 'exists (select from (select id from sessions where account_id is null) x)', "exists (select from (select id, kind from sessions where account_id is null) x where x.kind = 'a')", 'exists (select from sessions where account_id is null offset 1)', 'exists (select id from sessions where account_id is null union select id from users where nick is null)',
  'exists (select id from sessions where account_id is null intersect select id from users)', 'exists (select id from sessions where account_id is null except select id from users)', '(select count(*) from sessions where account_id is null) > (select 0)', '(select exists (select from sessions where account_id is null))', '(select count(*) from sessions where account_id is null) = 0 is false',
  '(select true from sessions where account_id is null limit 1)', '(select account_id is null from sessions order by account_id nulls first limit 1)', 'exists (select from sessions s, users u where s.account_id is null and u.id = s.user_id)', 'null in (select account_id from sessions)', '1 in (select 1 from sessions where account_id is null)',
];

/** Rows for the tables of the base, in an order of their own. `loose`: how often what may be NULL, or without a partner, is. */
export function backfillRows(random: Random, loose: number): string[] {
  const ids = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const maybe = (value: number | string): string => (random.chance(loose) ? 'null' : typeof value === 'number' ? String(value) : `'${value}'`);
  const letter = (): string => random.pick(LETTERS);
  const accounts = ids(3);
  const teams = ids(4);
  const users = ids(5);
  const pairs = teams.flatMap((team) => users.map((user) => [team, user] as const)).filter(() => random.chance(0.35));
  return [
    `insert into accounts values ${accounts.map((id) => `(${id}, '${LETTERS[id - 1]!}', ${maybe(letter())})`).join(', ')}`,
    `insert into teams values ${teams.map((id) => `(${id}, ${random.pick(accounts)}, '${letter()}', ${maybe(1)})`).join(', ')}`,
    `insert into users values ${users.map((id) => `(${id}, ${random.pick(accounts)}, ${maybe(random.pick(teams))}, '${letter()}${id}', ${maybe(letter())})`).join(', ')}`,
    ...random.sample(pairs, pairs.length).map(([team, user]) => `insert into members values (${team}, ${user}, ${maybe(1)})`),
    ...ids(random.integer(3, 8)).map((id) => `insert into sessions values (${id}, ${random.pick(users)}, ${maybe(random.pick(users))}, ${maybe(random.integer(1, random.chance(loose) ? 9 : 4))}, '${letter()}', ${maybe(random.chance(0.3) ? `a${random.integer(1, 5)}` : letter())}, ${maybe(random.integer(0, 3))}, ${random.chance(loose) ? 'null' : String(random.chance(0.5))})`),
  ];
}
