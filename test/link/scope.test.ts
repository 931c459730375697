import { describe, expect, it } from 'vitest';
import { largeQueries } from '../bench/large-queries.js';
import { environment, scope, summary, tables } from './scope-support.js';

const env = environment();
const cases = (text: string) => text.trim().split('\n').map((line) => line.split(' => ').map((part) => part.trim()) as [string, string]);

function check(heading: string, text: string): void {
  describe(heading, () => { it.each(cases(text))('%s => %s', (sql, expected) => { expect(summary(scope(sql, env))).toBe(expected); }); });
}

check('tenant values', `
select * from projects where account_id = $1 => scoped
select * from projects where $1 = account_id => scoped
select * from projects where account_id = 5 => scoped
select (select max(id) from projects p where p.account_id = t.project_id) from tasks t where t.project_id = 2 and exists (select from projects q where q.id = t.project_id and q.account_id = $1) => projects unscoped
select * from projects where account_id = current_setting('app.account')::int => scoped
select * from projects where account_id = nullif(current_setting('app.account', true), '')::int => scoped
select * from projects where account_id::text = $1::text => scoped
select * from projects where account_id in ($1) => scoped
select * from projects where account_id = any ($1) => scoped
select * from projects where account_id = any (array[$1]) => scoped
select * from projects where account_id = any (array(select $1)) => scoped
select * from projects where account_id is not distinct from $1 => scoped
select * from projects where account_id = (select $1) => scoped
select * from projects where account_id in (values ($1)) => scoped
select * from projects where account_id in (select unnest($1::int[])) => scoped
select * from projects where (account_id, id) = ($1, $2) => scoped
select * from projects where (account_id, id) in (($1, $2), ($1, $3)) => scoped
with p as (select $1::int as a) select * from projects, p where account_id = p.a => scoped
with p as (select $1::int as a) select * from projects where account_id = (select a from p) => scoped
select * from projects, unnest($1::int[]) as u(a) where account_id = u.a => scoped
select * from accounts where id = $1 => scoped
select * from projects where account_id = my_account() => projects unknown
select * from projects where account_id = coalesce($1, account_id) => projects optional
select * from projects a left join tasks s on s.project_id = a.id left join tasks c on c.project_id = coalesce(s.project_id, a.id) where a.account_id = $1 => scoped
select * from projects a, projects b, tasks c where c.project_id = coalesce(b.id, a.id) and a.account_id = $1 => projects disjunctive, tasks disjunctive
select * from projects a, tasks c where c.project_id = coalesce($2, a.id) and a.account_id = $1 => tasks disjunctive
select * from projects a join tasks c on c.project_id <> coalesce(a.id, a.parent_id) where a.account_id = $1 => tasks unscoped
select * from projects a where a.account_id = coalesce(a.account_id, a.id) => projects unscoped
select * from projects where coalesce($1, account_id) = account_id => projects optional
select * from projects where account_id = case when $1 is null then account_id else $1 end => projects optional
select * from projects where account_id = id => projects unscoped
table projects => projects unscoped
`);

check('two scalar sub-selects that are equal', `
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) = (select u.account_id from users u where u.id = $3 and u.account_id = $1) => scoped
select id from projects where id = $2 and (select u.account_id from users u where u.id = $3 and u.account_id = $1) = (select p.account_id from projects p where p.id = $2) => scoped
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) = (select u.account_id from users u where u.id = $3) => projects unscoped, projects unscoped, users unscoped
select id from projects where id = $2 and (select p.account_id from projects p where p.name = $4) = (select u.account_id from users u where u.id = $3 and u.account_id = $1) => projects unscoped, projects unscoped
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) <> (select u.account_id from users u where u.id = $3 and u.account_id = $1) => projects unscoped, projects unscoped
`);

check('ANY, ALL and lists of rows', `
select * from projects where account_id > any (select u.account_id from users u where u.account_id = $1) => projects unscoped
select * from projects where account_id <> any (select u.account_id from users u where u.account_id = $1) => projects unscoped
select * from projects where not account_id = any (select u.account_id from users u where u.account_id = $1) => projects negated
select * from projects where not account_id <> all (select u.account_id from users u where u.account_id = $1) => scoped
select * from projects where account_id = all (select u.account_id from users u where u.account_id = $1) => projects unscoped
select * from projects where account_id <> any (array[$1]) => projects unscoped
select * from projects where account_id < any (array[$1]) => projects unscoped
select * from projects where account_id = all (array[$1]) => scoped
select * from projects where not account_id <> any (array[$1]) => scoped
select * from projects where account_id = any (array[id]) => projects unscoped
select * from projects where account_id = any (array[$1, id]) => projects disjunctive
select * from projects where account_id = any (array[]::int[]) => scoped
select * from projects where (id, account_id) in ((account_id, $1), ($3, $1)) => scoped
select * from projects where (id, account_id) in ((1, account_id), (2, account_id)) => projects unscoped
`);

check('two sub-selects, one of them an aggregate', `
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) = (select max(u.account_id) from users u where u.account_id = $1) => scoped
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) = (select count(u.account_id) from users u where u.account_id = $1) => projects unscoped, projects unscoped
select id from projects where id = $2 and (select p.account_id from projects p where p.id = $2) = (select max(u.account_id) over () from users u where u.account_id = $1 and u.id = $3) => projects unscoped, projects unscoped
`);

check('outer joins, blocks and truth values', `
select * from tasks t left join projects p on p.id = t.project_id where coalesce(p.account_id, $1) = $1 => tasks disjunctive, projects disjunctive
select * from tasks t left join projects p on p.id = t.project_id where coalesce(p.name, t.name) = 'x' and p.account_id = $1 => scoped
select * from tasks t left join projects p on p.id = t.project_id and p.account_id = $1 where coalesce(p.name, 'x') = 'x' => tasks disjunctive
select * from projects p full join tasks t on t.project_id = p.id where p.account_id = $1 => scoped
select * from projects p full join tasks t on t.project_id = p.id where p.account_id = $1 and t.n > 1 => scoped
select account_id, count(*) from projects group by account_id, name having account_id = $1 and count(*) > 1 => scoped
select * from (select account_id, id from projects limit 5) p where account_id = $1 => projects unscoped
select * from (select distinct on (id) account_id, id from projects) p where account_id = $1 => projects unscoped
select * from (select account_id, row_number() over (partition by account_id) as r from projects) p where account_id = $1 => scoped
select * from (select account_id, row_number() over (partition by name) as r from projects) p where account_id = $1 => projects unscoped
select * from (select account_id from projects union select account_id from users) p where account_id = $1 => scoped
select * from (select account_id from projects except select account_id from users) p where account_id = $1 => scoped
select * from (select account_id from projects union all select account_id from users order by account_id limit 3) p where account_id = $1 => projects unscoped, users unscoped
select * from projects where account_id in ($1, null) => scoped
select * from projects p where p.account_id = $1 and exists (select from tasks t where t.project_id = p.id or t.other_id = p.id) => scoped
select * from tasks where project_id in (select id from projects where account_id = $1) or other_id in (select id from projects where account_id = $1) => scoped
select * from tasks where project_id in (select id from projects where account_id = $1) or n = 1 => tasks disjunctive
select * from projects where (account_id = $1 and id = $2) or (account_id = $1 and id = $3) => scoped
select * from projects where (account_id = $1 and id = $2) or id = $3 => projects disjunctive
select * from projects where not (account_id <> $1 or name = 'x') => scoped
select * from projects where not (account_id = $1 and name = 'x') => projects unscoped
select * from projects where (account_id = $1) is not true => projects unscoped
`);

describe('one row by a unique index', () => {
  const indexed = environment(`${tables}
    create table codes (id int primary key, account_id int not null references accounts (id), code text not null);
    create unique index on codes (code);
    create table slugs (id int primary key, account_id int not null references accounts (id), slug text not null);
    create unique index on slugs (lower(slug));
    create table parts (id int primary key, account_id int not null references accounts (id), part text not null);
    create unique index on parts (part) where id > 0;`);
  it.each([['codes', 'code', 'scoped'], ['slugs', 'slug', 'slugs unscoped'], ['parts', 'part', 'parts unscoped']])('%s by %s: %s', (table, column, expected) => {
    expect(summary(scope(`select * from projects where account_id = $1 and account_id = (select c.account_id from ${table} c where c.${column} = $2)`, indexed))).toBe(expected);
  });
});

check('conditions', `
select * from projects => projects unscoped
select * from projects where id = $1 => projects unscoped
select * from projects order by account_id => projects unscoped
select account_id, count(*) from projects group by account_id => projects unscoped
select account_id, count(*) from projects group by account_id having account_id = $1 => scoped
select id, count(*) from projects group by id having account_id = $1 => scoped
select account_id from projects group by account_id having max(account_id) = $1 => projects unscoped
select * from projects where not (account_id <> $1) => scoped
select * from projects where not (account_id <> $1 or id = 5) => scoped
select * from projects where (account_id = $1) is true => scoped
select * from projects where (account_id = $1) = true => scoped
select * from projects where case when account_id = $1 then true else false end => scoped
select * from projects where account_id = $1 or false => scoped
select * from projects where account_id = $1 or 1 = 0 => scoped
select * from projects where account_id = $1 or (account_id = $1 and id = 2) => scoped
select * from projects where false => scoped
select * from projects where account_id = null => scoped
select * from projects where account_id = $1 or true => projects disjunctive
select * from projects where account_id = $1 or id = $2 => projects disjunctive
select * from projects where account_id = $1 or 1 = 1 => projects disjunctive
select * from projects where account_id = $1 or $1 is null => projects optional
select * from projects where ($2 or account_id = $1) => projects optional
select c.* from projects c join projects p on c.parent_id = p.id where p.account_id = $1 or c.account_id = $1 => scoped
select t.* from tasks t join projects p on t.project_id = p.id join projects o on t.other_id = o.id where p.account_id = $1 or o.account_id = $1 => scoped
select c.* from projects c left join projects p on c.parent_id = p.id where p.account_id = $1 or c.account_id = $1 => scoped
select c.* from projects c left join projects p on c.parent_id = p.id where p.account_id = $1 or c.n = $2 => projects disjunctive, projects disjunctive
select t.* from tasks t join projects p on t.project_id = p.id where p.account_id = $1 or t.id = $2 => tasks disjunctive, projects disjunctive
select * from projects where coalesce(account_id = $1, true) => projects optional
select * from projects where coalesce(account_id = $1, false) => scoped
select * from projects where account_id <> $1 => projects negated
select * from projects where not account_id = $1 => projects negated
select * from projects where account_id is distinct from $1 => projects negated
select * from projects where account_id not in ($1) => projects negated
select * from projects where account_id > $1 => projects negated
select * from projects where account_id <> all ($1) => projects negated
select * from projects where (account_id = $1) is not false => projects optional
select * from projects where account_id is not null => projects unscoped
`);

check('joins', `
select * from projects p join tasks t on t.project_id = p.id where p.account_id = $1 => scoped
select * from projects p, tasks t where t.project_id = p.id and p.account_id = $1 => scoped
select * from projects p join tasks t on t.id = p.id where p.account_id = $1 => tasks unscoped
select * from projects p left join tasks t on t.project_id = p.id where p.account_id = $1 => scoped
select * from projects p left join tasks t on t.project_id = p.id and p.account_id = $1 => projects unscoped
select * from projects p left join notes n on n.account_id = $1 => projects unscoped
select * from projects p left join notes n on n.account_id = p.account_id where p.account_id = $1 => scoped
select * from kinds k left join projects p on p.kind_id = k.id and p.account_id = $1 => scoped
select * from kinds k left join projects p on p.kind_id = k.id where p.account_id = $1 => scoped
select * from kinds k left join projects p on p.kind_id = k.id where p.account_id = $1 or p.account_id is null => projects disjunctive
select * from kinds k left join projects p on p.kind_id = k.id where p.account_id is not distinct from $1 => projects unscoped
select * from projects p right join tasks t on t.project_id = p.id where p.account_id = $1 => scoped
select * from projects p right join tasks t on t.project_id = p.id and p.account_id = $1 => tasks unscoped
select * from projects p full join notes n on n.account_id = p.account_id and n.account_id = $1 => projects unscoped, notes unscoped
select * from projects p full join notes n on n.account_id = p.account_id where p.account_id = $1 => scoped
select * from projects p full join notes n using (account_id) where account_id = $1 => scoped
select * from projects p full join notes n using (account_id) where n.account_id = $1 => scoped
select * from projects natural join invoices where account_id = $1 => scoped
select * from projects join invoices using (account_id) where account_id = $1 => scoped
select * from projects p cross join notes n where p.account_id = $1 => notes unscoped
select * from projects p cross join lateral (select * from tasks t where t.project_id = p.id) x where p.account_id = $1 => scoped
select * from projects p left join lateral (select * from tasks t where t.project_id = p.id limit 1) x on true where p.account_id = $1 => scoped
select * from projects a join projects b on b.id = a.parent_id where a.account_id = $1 => scoped
select * from projects a join projects b on b.name = a.name where a.account_id = $1 => projects unscoped
select * from projects p join users u on u.id = p.id where p.account_id = $1 => users unscoped
select * from kinds k join projects p on p.kind_id = k.id where k.id = $1 => projects unscoped
select * from projects p join projects q on q.kind_id = p.kind_id where p.account_id = $1 => projects unscoped
select * from tasks a join tasks b on b.project_id = a.project_id join projects p on p.id = a.project_id where p.account_id = $1 => scoped
select * from projects p join kinds k on k.n = p.account_id join notes n on n.account_id = k.n where p.account_id = $1 => scoped
select * from invoices i join lines l on l.invoice_no = i.no where i.account_id = $1 => lines unscoped
select * from invoices i join lines l on l.invoice_no = i.no and l.account_id = i.account_id where i.account_id = $1 => scoped
select * from projects p join notes n on n.account_id is not distinct from p.account_id where p.account_id = $1 => scoped
select * from kinds k left join (projects p join tasks t on t.project_id = p.id) on p.kind_id = k.id and p.account_id = $1 => scoped
select * from tasks t left join projects p on p.id = t.project_id and p.account_id = $1 => tasks unscoped
`);

check('sub-selects', `
select * from tasks where project_id in (select id from projects where account_id = $1) => scoped
select * from tasks where project_id = any (select id from projects where account_id = $1) => scoped
select * from tasks where project_id = (select max(id) from projects where account_id = $1) => scoped
select * from tasks where project_id = (select id from projects where id = $2 and account_id = $1) => scoped
select * from tasks where project_id not in (select id from projects where account_id = $1) => tasks negated
select * from tasks t where exists (select from projects p where p.id = t.project_id and p.account_id = $1) => scoped
select * from tasks t where not exists (select from projects p where p.id = t.project_id and p.account_id = $1) => tasks negated
select * from tasks t where exists (select count(*) from projects p where p.id = t.project_id and p.account_id = $1) => tasks unscoped
select * from tasks t where exists (select from projects p where p.account_id = $1) => tasks unscoped
select * from tasks t where exists (select from projects p left join notes n on p.id = t.project_id where p.account_id = $1) => tasks unscoped, notes unscoped
select * from projects where account_id = $1 and id in (select project_id from tasks) => scoped
select * from projects where account_id = $1 and id in (select project_id from tasks limit 5) => tasks unscoped
select * from projects where account_id = $1 and id in (select min(project_id) from tasks) => tasks unscoped
select * from projects where account_id = $1 and id in (select min(project_id) from tasks group by project_id) => tasks unscoped
select * from projects where account_id = $1 and id in (select project_id from tasks group by project_id) => scoped
select * from projects where account_id = $1 and id in (select distinct project_id from tasks) => scoped
select * from projects where account_id = $1 and id in (select distinct on (n) project_id from tasks) => tasks unscoped
select * from projects where account_id = $1 and id in (select project_id from tasks union select id from notes) => notes unscoped
select * from projects where account_id = $1 and id not in (select project_id from tasks) => tasks unscoped
select * from projects where account_id = $1 and not exists (select from tasks where project_id = projects.id) => scoped
select * from projects where account_id = $1 and exists (select from tasks) => tasks unscoped
select * from projects where (id, account_id) in (select project_id, $1::int from tasks) => scoped
select id, (select count(*) from tasks t where t.project_id = p.id) from projects p where account_id = $1 => scoped
select id, (select count(*) from tasks t) from projects p where account_id = $1 => tasks unscoped
select * from projects where account_id = $1 order by (select max(n) from tasks t where t.project_id = projects.id) => scoped
select * from projects where account_id = $1 limit (select count(*) from notes) => notes unscoped
select case when exists (select from notes where account_id = $1) then 1 end => scoped
select * from tasks where project_id in (select id from projects) => tasks unscoped, projects unscoped
select * from tasks where id = $2 and project_id in (select id from projects where id = $3) => tasks unscoped, projects unscoped
select * from tasks t where project_id in (select id from projects where account_id = $1) or exists (select from projects p where p.id = t.other_id and p.account_id = $1) => scoped
select * from tasks t where project_id in (select id from projects where account_id = $1) or t.n = 1 => tasks disjunctive
select * from tasks t where exists (select 1 from projects where id = t.project_id and account_id = $1 union all select 1 from projects where id = t.other_id and account_id = $1) => scoped
select * from projects where account_id = $1 and exists (select from notes where id = account_id) => notes unscoped
`);

check('derived tables, CTEs, views', `
select * from (select * from projects) p where p.account_id = $1 => scoped
select * from (select * from projects limit 5) p where p.account_id = $1 => projects unscoped
select * from (select * from projects offset 5) p where p.account_id = $1 => projects unscoped
select * from (select distinct on (name) * from projects) p where p.account_id = $1 => projects unscoped
select * from (select *, row_number() over (order by id) as r from projects) p where p.account_id = $1 => projects unscoped
select * from (select *, row_number() over (partition by account_id order by id) as r from projects) p where p.account_id = $1 => scoped
select * from (select account_id, count(*) from projects group by account_id) p where p.account_id = $1 => scoped
select * from (select max(account_id) as account_id from projects) p where p.account_id = $1 => projects unscoped
select * from (select id, account_id from projects union all select id, account_id from notes) p where p.account_id = $1 => scoped
select * from (select id, account_id from projects where account_id = $1 union all select id, account_id from notes) p => notes unscoped
select * from (select id, account_id from projects except select id, account_id from notes) p where p.account_id = $1 => scoped
select * from (select id, account_id from projects union select id, account_id from notes limit 5) p where p.account_id = $1 => projects unscoped, notes unscoped
select id from projects where account_id = $1 union select id from notes where account_id = $1 => scoped
select id from projects where account_id = $1 union select id from notes => notes unscoped
with p as (select * from projects where account_id = $1) select * from tasks t join p on p.id = t.project_id => scoped
with p as (select * from projects) select * from p where account_id = $1 => scoped
with p as (select * from projects) select * from p where account_id = $1 union all select * from p => projects unscoped
with p as (select * from projects) select * from p a join p b on b.id = a.parent_id where a.account_id = $1 => scoped
with p as (select * from projects) select 1 => scoped
with projects as (select * from projects where account_id = $1) select * from projects => scoped
with p (x, y) as (select id, account_id from projects) select * from p where y = $1 => scoped
with p (x, y) as (select id, account_id from projects) select * from p where x = $1 => projects unscoped
with recursive r as (select id, parent_id from projects where account_id = $1 union all select p.id, p.parent_id from projects p join r on p.parent_id = r.id) select * from r => scoped
with recursive r as (select id, parent_id from projects where id = $1 union all select p.id, p.parent_id from projects p join r on p.parent_id = r.id) select * from r => projects unscoped, projects unscoped
with recursive r as (select id, account_id from projects union all select p.id, p.account_id from projects p join r on p.parent_id = r.id) select * from r where account_id = $1 => scoped
with recursive r as (select id, account_id, name from projects union all select p.id, p.account_id, p.name from projects p join r on p.name = r.name) select * from r where account_id = $1 => projects unscoped, projects unscoped
with recursive r as (select id, account_id from projects union all select p.id, p.account_id from projects p join r on p.parent_id = r.id limit 9) select * from r where account_id = $1 => projects unscoped, projects unscoped
with recursive r as (select id, account_id from projects union all select p.id, p.account_id from projects p join r on p.parent_id = r.id offset 9) select * from r where account_id = $1 => projects unscoped, projects unscoped
with recursive r as (select id, account_id from projects union all select p.id, p.account_id from projects p join r on p.parent_id = r.id) select * from r where account_id = $1 union all select * from r => projects unscoped, projects unscoped
with recursive r as (select id, parent_id from projects union all select p.id, p.parent_id from projects p join r on p.parent_id = r.id) select * from projects where account_id = $1 => scoped
with recursive r as (select id, account_id from projects where account_id = $1 union all select p.id, p.account_id from projects p join r on p.kind_id = r.id) select * from r => projects unscoped
with d as (delete from projects where account_id = $1 returning id) delete from tasks using d where project_id = d.id => scoped
with d as (delete from projects where id = $1 returning id, account_id) select * from d where account_id = $2 => projects unscoped
with u as (update tasks set project_id = $2 from projects p where p.id = tasks.project_id and p.account_id = $1 returning tasks.project_id) select * from projects p join u on u.project_id = p.id => projects unscoped
with n as (insert into projects (id, account_id) values ($2, $1) returning id) insert into tasks (id, project_id) select 1, id from n => scoped
select * from named_projects where account_id = $1 => scoped
select * from named_projects where id = $1 => projects unscoped
select * from totals where account_id = $1 => scoped
select * from grand_total => projects unscoped
select * from tasks t join named_projects p on p.id = t.project_id where p.account_id = $1 => scoped
select * from (select p.id, n.account_id as a from projects p left join notes n on n.id = p.id where p.account_id = $1) x where x.a = $1 => scoped
`);

check('writes', `
update projects set name = 'x' where account_id = $1 => scoped
update projects set name = 'x' where id = $1 => projects unscoped
update projects set name = 'x' => projects unscoped
update tasks set n = 1 from projects p where p.id = tasks.project_id and p.account_id = $1 => scoped
update tasks set n = 1 from projects p where p.id = $2 and p.account_id = $1 => tasks unscoped
update tasks set n = (select n from projects p where p.id = tasks.project_id) where id = $1 => tasks unscoped, projects unscoped
update projects set n = (select count(*) from tasks where project_id = projects.id) where account_id = $1 => scoped
update projects set n = (select count(*) from tasks) where account_id = $1 => tasks unscoped
update projects set name = 'x' where account_id = $1 returning (select max(n) from tasks) => tasks unscoped
delete from projects where account_id = $1 => scoped
delete from tasks using projects p where p.id = tasks.project_id and p.account_id = $1 => scoped
delete from tasks where project_id in (select id from projects where account_id = $1) => scoped
delete from tasks where project_id = $2 and exists (select from projects where id = $2 and account_id = $1) => scoped
delete from tasks where project_id = $2 and exists (select from projects where id = $3 and account_id = $1) => tasks unscoped
with ok as (select id from projects where id = $2 and account_id = $1) delete from tasks where project_id = $2 => tasks unscoped
insert into projects (id, account_id) values ($1, $2) => scoped
insert into projects (id, account_id) select id, $1 from notes => notes unscoped
insert into projects (id, account_id) select id, account_id from notes where account_id = $1 => scoped
insert into tasks (id, project_id) select 1, id from projects where id = $2 and account_id = $1 => scoped
insert into tasks (id, project_id) values (1, (select id from projects where id = $2 and account_id = $1)) => scoped
insert into invoices (account_id, no) values ($1, $2) on conflict (account_id, no) do update set amount = 1 => scoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set name = 'x' => projects unscoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set name = 'x' where projects.account_id = excluded.account_id => scoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set name = 'x' where projects.account_id = $1 => scoped
with w as (insert into projects (account_id, parent_id) values ($1, $2) returning *) select * from tasks t join w on t.project_id = w.parent_id => tasks unscoped
with w as (insert into projects (account_id, parent_id) values ($1, $2) returning *) select * from tasks t join w on t.project_id = w.id => scoped
with w as (insert into projects (account_id, parent_id) values ($1, $2) returning *) select * from notes n join w on n.account_id = w.account_id => scoped
with w as (insert into projects (account_id, parent_id) select account_id, id from projects where account_id = $1 returning *) select * from tasks t join w on t.project_id = w.parent_id => scoped
with w as (insert into projects (account_id, parent_id) values ($1, (select max(id) from projects)) returning *) select * from tasks t join w on t.project_id = w.parent_id => projects unscoped, tasks unscoped
insert into projects (id, account_id) values ($2, $1) on conflict do nothing => scoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set n = excluded.n returning (select max(q.id) from projects q where q.account_id = projects.account_id) => projects unscoped, projects unscoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set n = excluded.n where projects.account_id = $1 returning (select max(q.id) from projects q where q.account_id = projects.account_id) => scoped
insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set account_id = $3 where projects.account_id = $1 returning (select max(q.id) from notes q where q.account_id = projects.account_id) => notes unscoped
with w as (insert into projects (id, account_id) values ($2, $1) on conflict (id) do update set n = 1 returning account_id) select * from notes join w using (account_id) => projects unscoped, notes unscoped
with w as (insert into projects (id, account_id) values ($2, $1) on conflict (id) do nothing returning account_id) select * from notes join w using (account_id) => scoped
with w as (insert into invoices (account_id, no) values ($1, $2) on conflict (account_id, no) do update set amount = 1 returning *) select * from notes join w using (account_id) => scoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id and p.account_id = v.a when matched then delete => scoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id when matched and p.account_id = v.a then delete => scoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id when matched then delete => projects unscoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id when matched and p.account_id = v.a then delete when not matched then insert (id, account_id) values (v.id, v.a) => projects unscoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id and p.account_id = v.a when not matched by source then delete => projects unscoped
merge into projects p using (values ($2, $1)) v(id, a) on p.id = v.id and p.account_id = v.a when not matched by source and p.account_id = $1 then delete => scoped
merge into projects p using notes n on p.account_id = n.account_id and n.account_id = $1 when matched then delete when not matched then insert (id, account_id) values (n.id, n.account_id) => notes unscoped
`);

describe('settings', () => {
  it('a list of several values is named', () => {
    expect(scope('select * from projects where account_id in ($1, $2)', env)[0]).toMatchObject({ verdict: 'scoped', tenantList: true });
    expect(scope('select * from projects where account_id = $1 or account_id = $2', env)[0]).toMatchObject({ verdict: 'scoped', tenantList: true });
    expect(scope('select * from projects where account_id in ($1, $1)', env)[0]).not.toHaveProperty('tenantList');
    expect(scope('select * from projects where account_id in ($1, $2) and account_id = $1', env)[0]).not.toHaveProperty('tenantList');
  });

  it('hybrid tables may be read with the shared rows', () => {
    expect(summary(scope('select * from templates where account_id = $1 or account_id is null', env))).toBe('scoped');
    expect(summary(scope('select * from notes where account_id = $1 or account_id is null', env))).toBe('notes disjunctive');
    expect(summary(scope('delete from templates where account_id = $1 or account_id is null', env))).toBe('templates disjunctive');
    expect(summary(scope('select * from kinds left join templates t on t.id = kinds.id where t.account_id = $1 or t.account_id is null', env))).not.toBe('scoped');
  });

  it('tables that nothing creates show what is not known', () => {
    expect(summary(scope('select * from projects where (select * from nowhere) = (select account_id from projects p where p.id = $1)', env))).toBe('projects unscoped, projects unscoped');
    expect(summary(scope('select p.* from projects p join (select * from nowhere) n on n.account_id = p.account_id where p.account_id = $1', env))).toBe('scoped');
    expect(summary(scope('select u.* from (select * from projects union all select * from nowhere) u where u.account_id = $1', env))).toBe('scoped');
    expect(summary(scope('select u.* from (select * from nowhere union all select * from projects) u where u.account_id = $1', env))).toBe('projects unknown');
  });

  it('the tenant of a new row proves that a composite reference is to a row of it or to a shared one', () => {
    const made = 'create table accounts (id int primary key); create table templates (id int primary key, account_id int references accounts (id), unique (account_id, id));'
      + 'create table uses (id int primary key, account_id int references accounts (id), template_id int, other_id int references templates (id), foreign key (account_id, template_id) references templates (account_id, id));';
    const mixed = environment(made, (base) => ({ tables: { ...base.tables, hybrid: ['templates', 'uses'] } }));
    const through = (column: string) => summary(scope(`select t.* from uses u join templates t on t.id = u.${column} where u.account_id = $1`, mixed));
    expect([through('template_id'), through('other_id')]).toEqual(['scoped', 'scoped']);
    const changed = (column: string) => summary(scope(`update templates t set id = 1 from uses u where t.id = u.${column} and u.account_id = $1`, mixed));
    expect([changed('template_id'), changed('other_id')]).toEqual(['scoped', 'templates unscoped']);
  });

  it('unique secrets prove the tenant', () => {
    expect(summary(scope('select * from api_keys where token = $1', env))).toBe('scoped');
    expect(summary(scope('select * from api_keys where prefix = $1', env))).toBe('api_keys unscoped');
    const listed = environment(undefined, (base) => ({ queries: { ...base.queries, credentialColumns: ['api_keys.prefix'] } }));
    expect(summary(scope('select p.* from api_keys k join projects p on p.account_id = k.account_id where k.prefix = $1', listed))).toBe('scoped');
  });

  it('the signed-in user proves the tenant through membership', () => {
    const listed = environment(undefined, (base) => ({
      queries: { ...base.queries, principalColumns: ['user_id', 'users.id'], parameters: { tenant: ['org'], principal: ['me'] } },
    }));
    const sql = (who: string) => `select * from projects p join memberships m on m.account_id = p.account_id where m.user_id = ${who}`;
    const named = (text: string) => summary(scope(text.replace(/:(\w+)/g, '$1'), { ...listed, variables: new Set(['me', 'org', 'other']) }));
    expect(named(sql(':me'))).toBe('scoped');
    expect(named(sql(':other'))).toBe('projects unscoped, memberships unscoped');
    expect(named('select * from projects where account_id = :org')).toBe('scoped');
    expect(named('select * from projects where account_id = :other')).toBe('projects unscoped');
    expect(named('select * from users where id = :me')).toBe('scoped');
    const isList = (text: string) => scope(text.replace(/:(\w+)/g, '$1'), { ...listed, variables: new Set(['me', 'org', 'other']) }).some(({ tenantList }) => tenantList === true);
    const either = (...conditions: readonly string[]) => isList(`select * from memberships where ${conditions.join(' or ')}`);
    // Whose rows they are besides is no second tenant.
    expect([either('user_id = :me', 'account_id = :org'), either('account_id = :org', 'user_id = :me'), either('user_id = :me', 'account_id = :org', 'user_id = :me')]).toEqual([false, false, false]);
    expect([either('account_id = :org', 'account_id = 7'), either('user_id = :me', 'account_id = :org', 'account_id = 7'), either('account_id = :org', 'user_id = :me', 'account_id = 7')]).toEqual([true, true, true]);
    expect(either('account_id = :org', 'user_id = :other')).toBe(false);
    expect(named('select * from memberships where account_id = :org or user_id = :other')).toBe('memberships disjunctive');
  });

  it('views report the reference in the query', () => {
    const sql = 'select * from named_projects where id = 1';
    const [verdict] = scope(sql, env);
    expect(sql.slice(verdict!.reference.location.start, verdict!.reference.location.end)).toBe('named_projects');
  });
});

/** What grows with the square of its size would not end within a test; the bench shows the curves. */
describe('size', () => {
  it.each(Object.entries(largeQueries))('%s', (_, make) => {
    expect(summary(scope(make(2000), env))).toBe('scoped');
  });
});
