-- columns
select id, email from users
select nope from users
select u.nope from users u
select users.id from users u
select users.id from users
select public.users.id from public.users
select audit.users.id from public.users
select public.users.id from users, audit.users
select id from users, projects
select email from users, projects
select u.id from users u, projects u
select x.id from users
select displayName from users
select "displayName" from users
select user_id from projects
select ctid, xmin, tableoid from users
select ctid from users, projects
select u.ctid from users u
select oid from users
select users from users
select u from users u
select u.* from users u
select x.* from users u
select *
select count(u.*) from users u
select (u).email from users u
select p.full_title from projects p
select full_title(p) from projects p
select full_title from projects p
select twice(position) from tasks
select t.twice from tasks t
select a.b.c.d from users
select accountid from users
select name from active_users
select account from active_users
-- aliases
select t.a, t.b from users as t(a, b)
select t.id from users as t(a, b)
select t.email from users as t(a)
select * from users as t(a,b,c,d,e,f,g,h,i,j)
select a from (select 1) as t(a)
select * from (select 1) as t(a, b)
-- joins
select u.id from users u join projects p on p.owner_id = u.id
select * from users u join projects p on p.owner_id = x.id
select * from users join projects on users.id = owner_id
select id from users join projects on users.id = projects.owner_id
select account_id from users join projects using (account_id)
select users.account_id from users join projects using (account_id)
select id from users join projects using (account_id)
select 1 from users join projects using (nope)
select 1 from users join tasks using (account_id)
select 1 from users natural join logs
select account_id from users natural join logs
select j.id from (users u join logs l on true) as j
select u.id from (users u join logs l on true) as j
select j.account_id from (users u join logs l on true) as j
select u.id from users u left join lateral (select * from projects p where p.owner_id = u.id) x on true
select u.id from users u left join (select * from projects p where p.owner_id = u.id) x on true
select * from users u, (select u.id) x
select * from users u, lateral (select u.id) x
select * from users u right join lateral (select u.id) x on true
select * from users u full join lateral (select u.id) x on true
select * from projects p, unnest(p.tags) t
select * from projects p, unnest(p.tags) as t(tag) where t.tag = 'x'
select tag from projects p, unnest(p.tags) as t(tag)
select t from projects p, unnest(p.tags) t
select g from generate_series(1, 3) g
select generate_series from generate_series(1, 3)
select x from generate_series(1, 3) g
select g.x from generate_series(1, 3) g
select value from jsonb_array_elements('[1]')
select e.value from jsonb_array_elements('[1]') e
select key, value from users u, jsonb_each(u.meta)
select o, n from unnest(array[1,2]) with ordinality as t(n, o)
select * from a
select j.id from users join logs using (account_id) as j
select j.account_id from users join logs using (account_id) as j
select 1 from users u join users u on true
select 1 from users join users on true
select 1 from users, audit.users
select 1 from users u left join (projects p join tasks t on t.project_id = p.id and t.assignee = u.id) on p.owner_id = u.id
select 1 from users u join (projects p join tasks t on t.project_id = p.id) on p.owner_id = u.id and t.assignee = u.id
select 1 from projects p join tasks t on t.project_id = p.id join users u on u.id = t.assignee and p.owner_id = u.id
-- ctes
with x as (select id from users) select id from x
with x as (select id from users) select email from x
with x(a) as (select id from users) select a from x
with x(a, b) as (select id from users) select a from x
with x as (select * from y), y as (select 1) select * from x
with recursive x as (select * from y), y as (select 1) select * from x
with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select n from t
with recursive t as (select 1 as n union all select t.m + 1 from t) select n from t
with x as (select 1 a), x as (select 2 a) select * from x
with users as (select 1 as one) select email from users
with users as (select 1 as one) select one from users
with users as (select 1 as one) select email from public.users
with d as (delete from logs returning account_id) select account_id from d
with d as (delete from logs returning account_id) select message from d
with d as (update users set age = 1 returning *) insert into logs (account_id) select account_id from d
with x as (select id as account_id from accounts) update users set account_id = x.account_id from x
with recursive r as (select id, owner_id from projects union all select p.id, p.owner_id from projects p join r on r.id = p.id) select * from r
with x as (select 1 as a) update x set a = 2
-- update
update users set age = 1
update users set nope = 1
update users u set u.age = 1
update users set users.age = 1
update users u set age = u.age + 1
update users set age = 1 where users.nope = 1
update users u set age = 1 where users.id = u.id
update projects p set account_id = u.account_id from users u where u.id = p.owner_id
update tasks t set assignee = p.owner_id from projects p join users u on u.id = t.assignee where p.id = t.project_id
update tasks set assignee = p.owner_id from projects p join users u on u.id = tasks.assignee where p.id = tasks.project_id
update tasks t set assignee = p.owner_id from projects p left join users u on u.id = p.owner_id where p.id = t.project_id and u.id is not null
update tasks t set assignee = x.owner_id from (select owner_id from projects p where p.id = t.project_id) x
update tasks t set assignee = x.owner_id from lateral (select owner_id from projects p where p.id = t.project_id) x
update tasks t set assignee = (select owner_id from projects p where p.id = t.project_id)
update tasks t set assignee = (select owner_id, id from projects p where p.id = t.project_id)
update tasks t set (assignee, state) = (select owner_id, title from projects p where p.id = t.project_id)
update tasks t set (assignee, state) = (select owner_id from projects p where p.id = t.project_id)
update tasks t set (assignee, state) = (null, 'x')
update users set age = 1, age = 2
update tasks set total = 3
update tasks set total = default
update users u set age = 1 from users u where true
update users set age = 1 from users u2 where u2.id = users.id
update users set age = 1 from users where true
update users set account_id = accounts.id
update tasks t set position = 1 from (values (1, 2)) as v(id, pos) where v.id = t.id
update users t set age = v.n from (values ('a', 2)) as v(id, n) where v.id = t.id
update users t set age = v.n from (values ('a'::uuid, 2)) as v(id, n) where v.id = t.id
update missing_table set a = 1
update users set age = 1 returning id, old.age, new.age
update users set age = 1 returning nope
update users set age = 1 where current_timestamp > now()
update logs l set account_id = u.account_id from users u, projects p where p.owner_id = u.id and l.message = p.title
update logs l set account_id = u.account_id from users u join projects p on p.owner_id = u.id and l.message = p.title
-- delete
delete from logs where account_id is null
delete from logs l using users u where u.account_id = l.account_id
delete from logs l using users u join projects p on p.account_id = l.account_id where true
delete from logs l where logs.message = ''
delete from logs where nope = 1
delete from logs using logs l2 where l2.at = logs.at returning l2.message
-- insert
insert into logs (account_id, message) values (null, 'x')
insert into logs (account_id, nope) values (null, 'x')
insert into logs (account_id, account_id) values (null, null)
insert into logs (account_id) values (null, 'x')
insert into logs (account_id, message) values (null)
insert into logs values (null)
insert into logs values (null, 'a', now(), 3)
insert into logs values (null, 'a'), (null)
insert into logs values (null, 1), (gen_random_uuid(), 'a')
insert into logs (message) values (default)
insert into logs default values
insert into logs (message) select title from projects
insert into logs (message) select logs.message
insert into logs (message) select title, id from projects
insert into logs (account_id, message) select title from projects
insert into logs (account_id) select title from projects
insert into logs (account_id) select id from projects
insert into logs (account_id) select 'a'
insert into logs (account_id) select 'a' union select 'b'
insert into logs (account_id) values (coalesce(null, 'b'))
insert into logs (account_id) values (case when true then 'x' end)
insert into logs (message) select id from projects
insert into logs (message) select id from users
insert into logs (at) select due from projects
insert into logs (at) select created_at from accounts
insert into logs (at) values (1)
insert into logs (at) values ('now')
insert into users (id, email, active) values (gen_random_uuid(), 'a', 1)
insert into users (id, email, age) values (gen_random_uuid(), 'a', true)
insert into users (id, email, age) values (gen_random_uuid(), 'a', 1.5)
insert into users (id, email, meta) select id, email, raw from users
insert into users (id, email, meta) select id, email, email from users
insert into tasks (id, project_id, position, total) values (1, 1, 1, 2)
insert into tasks (id, project_id, position, total) values (1, 1, 1, default)
insert into tasks (id, project_id, position, total) select 1, 1, 1, 2
insert into moods (id, m) values (1, 'good')
insert into moods (id, s) values (1, 'abc')
insert into moods (id, s) values (1, 3)
insert into moods (id, u) select id, s from moods
insert into active_users (id) values (null)
insert into projects (account_id, title, tags) values (gen_random_uuid(), 'a', array['x'])
insert into projects (account_id, title, tags) values (gen_random_uuid(), 'a', 'x'::text)
insert into logs (message) values ('x') returning account_id, nope
insert into logs (message) values (count(*))
insert into logs (message) values ((select title from projects limit 1))
insert into logs (message) values ((select title, id from projects limit 1))
-- on conflict
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict (email) do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict (account_id) do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict (nope) do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict (lower(email)) do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict do update set age = 1
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict on constraint users_pkey do nothing
insert into users (id, email) values (gen_random_uuid(), 'a') on conflict on constraint users_nope do nothing
insert into accounts (name, plan) values ('a', 'b') on conflict on constraint accounts_plan_index do nothing
insert into accounts (name, plan) values ('a', 'b') on conflict (plan) do update set name = excluded.name
insert into accounts (name, plan) values ('a', 'b') on conflict (plan) do update set name = excluded.nope
insert into accounts (name, plan) values ('a', 'b') on conflict (plan) do update set name = name
insert into accounts (name, plan) values ('a', 'b') on conflict (plan) do update set nope = 1
insert into accounts (name, plan) values ('a', 'b') on conflict (plan) do update set name = accounts.name || excluded.name where accounts.plan is not null
insert into accounts as a (name, plan) values ('a', 'b') on conflict (plan) do update set name = accounts.name
insert into projects (account_id, title) values (gen_random_uuid(), 'a') on conflict (title) do nothing
insert into projects (account_id, title) values (gen_random_uuid(), 'a') on conflict (title, account_id) do nothing
insert into tasks (id, project_id, position) values (1, 1, 1) on conflict (project_id, position) do nothing
insert into tasks (id, project_id, position) values (1, 1, 1) on conflict (project_id, position) where state = 'open' do nothing
insert into logs (message) values ('x') on conflict (message) do nothing
insert into logs (message) values ('x') on conflict do nothing
-- merge
merge into users u using projects p on p.owner_id = u.id when matched then update set age = 1 when not matched then insert (id, email) values (p.owner_id, p.title)
merge into users u using projects p on p.owner_id = u.id when not matched then insert (id, email) values (u.id, p.title)
merge into users u using projects p on p.owner_id = u.id when matched then update set nope = 1
merge into users u using projects p on p.nope = u.id when matched then delete
merge into users u using projects u on true when matched then delete
merge into users u using projects p on p.owner_id = u.id when not matched by source then update set age = p.id
merge into users u using projects p on p.owner_id = u.id when matched and p.title = 'x' then delete returning u.id, p.id
-- sub-queries and scopes
select * from users u where exists (select 1 from projects where owner_id = u.id)
select * from users u where exists (select 1 from projects p where p.owner_id = users.id)
select * from users u where exists (select 1 from projects where nope = u.id)
select * from users u where id in (select owner_id from projects)
select * from users u where id in (select owner_id, id from projects)
select * from users u where (id, account_id) in (select owner_id, account_id from projects)
select * from users u where (id, account_id) in (select owner_id from projects)
select (select id, title from projects) from users
select (select title from projects p where p.owner_id = email::uuid) from users
select * from users where age = (select email from projects limit 1)
select * from users where exists (select message from logs where age = 1)
select * from users where id = any (select id from projects)
select array(select id from projects)
select array(select id, title from projects)
select u.id from users u where u.id = (select p.nope from projects p where p.owner_id = u.id)
select * from (select id from users) s where s.email = 'x'
select * from (select id from users) where email = 'x'
select email from (select id, email from users)
-- types
select * from users where id = email
select * from users where id = 'x'
select * from users where id = age
select * from users where id = 1
select * from users where age = '1'
select * from users where age = email
select * from users where active = 1
select * from users where active = 'true'
select * from users where active = email
select * from users where age
select * from users where not age
select * from users where active and age
select * from users where active or email = 'x'
select * from users where email like 'x%'
select * from users where id like 'x%'
select * from users where age like '1%'
select * from users where raw = raw
select * from users where meta = meta
select * from users where meta = 'x'
select * from users where meta = email
select * from users where raw = '{}'
select * from accounts where created_at = 1
select * from accounts where created_at > now() - interval '1 day'
select * from accounts where created_at = current_date
select * from accounts where created_at > 'yesterday'
select * from accounts where created_at between '2020-01-01' and now()
select * from accounts where created_at between 1 and 2
select * from accounts where plan = name
select * from projects where budget = 1
select * from projects where budget = id
select * from projects where budget = title
select * from projects where tags = title
select * from projects where title = any (tags)
select * from projects where id = any (tags)
select * from projects where title = any (title)
select * from projects where id in ('1', '2')
select * from projects where id in (1, 'x'::text)
select * from projects where owner_id in (select id from accounts)
select * from projects where id in (select id from users)
select * from projects where account_id is distinct from title
select * from projects where account_id is not distinct from owner_id
select * from projects where (id, title) = (1, 'x')
select * from projects where (id, title) = (1, 'x', 2)
select * from projects where (account_id, title) = (title, 'x')
select coalesce(title, id) from projects
select coalesce(title, 'x') from projects
select coalesce(budget, id) from projects
select coalesce(due, now()) from projects
select coalesce(owner_id, title) from projects
select case when id = 1 then title else due end from projects
select case when id = 1 then title else 'x' end from projects
select case id when 1 then 'a' when 'b'::text then 'c' end from projects
select case when id then 1 end from projects
select greatest(id, title) from projects
select nullif(id, title) from projects
select nullif(title, '') from projects
select id::uuid from projects
select owner_id::bigint from projects
select owner_id::text from projects
select title::uuid from projects
select due::int from projects
select active::int from users
select active::bigint from users
select age::boolean from users
select min(id) from users
select max(active) from users
select sum(title) from projects
select sum(budget) from projects
select max(title), min(due) from projects
select count(nope) from projects
select m = 'good' from moods
select m = s from moods
select s = 'x' from moods
select s = 1 from moods
select s = u from moods
select * from moods where u = s
select * from users u join audit.users a on a.account_id = u.account_id
select * from users u join audit.users a using (account_id)
select * from users u join audit.users a on a.id = u.age
select current_setting('x') = id from users
select current_setting('x')::uuid = id from users
select * from users where id = current_user
select * from users where age = count(*)
select * from (select 'abc' as x) s join users u on u.id = s.x
select * from (select null as x) s join users u on u.id = s.x
select upper(email) = id from users
select meta->>'a' = id from users
select (meta->>'a')::uuid = id from users
select meta->>'a' = 1 from users
-- grouping
select account_id, count(*) from users group by account_id
select account_id, email, count(*) from users group by account_id
select id, email, count(*) from users group by id
select u.id, u.email, count(p.id) from users u left join projects p on p.owner_id = u.id group by u.id
select u.id, p.title, count(p.id) from users u left join projects p on p.owner_id = u.id group by u.id
select email, count(*) from users
select email from users having count(*) > 1
select count(*) from users where count(*) > 1
select count(*) from users having email = 'x'
select lower(email), count(*) from users group by lower(email)
select lower(email), count(*) from users group by email
select upper(email), count(*) from users group by lower(email)
select lower(email) as e, count(*) from users group by e
select lower(email) as email, count(*) from users group by email
select account_id as a, count(*) from users group by 1
select account_id as a, count(*) from users group by 3
select account_id, count(*) from users group by account_id order by email
select account_id, count(*) from users group by account_id order by count(*)
select account_id, count(*) from users group by account_id order by max(email)
select count(count(*)) from users
select sum(age) over () from users
select sum(count(*)) over () from users
select email, sum(count(*)) over () from users
select row_number() over (order by email) from users
select row_number() from users
select id from users where row_number() over () = 1
select account_id, (select max(title) from projects p where p.account_id = users.account_id) from users group by account_id
select account_id, (select max(title) from projects p where p.owner_id = users.id) from users group by account_id
select count(*) filter (where age > 1) from users
select count(*) filter (where email) from users
select array_agg(email order by age) from users
select u.account_id from users u group by u.account_id having count(*) > 1 and u.email = 'x'
select account_id, count(*) from users group by rollup (account_id)
select distinct account_id from users order by account_id
select distinct account_id from users order by email
select distinct on (account_id) account_id, email from users order by account_id, age
select distinct on (account_id) account_id, email from users order by age
select max(age), now() from users
select (select count(*) from users where users.account_id = p.account_id) from projects p
select p.id, (select count(p.title)) from projects p
select id from users group by id, account_id having true
select sum(age) + age from users
select 1 from users group by email order by id
select users.* , count(*) from users group by id
select t.*, count(*) from tasks t group by t.position
select coalesce(account_id, id), count(*) from users group by coalesce(account_id, id)
select coalesce(account_id, id), count(*) from users group by account_id
-- order
select email as e from users order by e
select email as e from users order by nope
select email from users order by 2
select email from users order by 1
select email from users order by 'x'
select email as e from users where e = 'x'
select email as age, age as email from users order by email
select id as x, age as x from users order by x
select id from users union select owner_id from projects order by id
select id from users union select owner_id from projects order by owner_id
select id from users union select owner_id from projects order by lower(id::text)
select id, email from users union select owner_id from projects
select id from users union select title from projects
select id from users union select id from projects
select id from users union all select null
select email from users except select title from projects
select age from users intersect select id from projects
select age from users union select title from projects order by 1
values (1, 'a'), (2, 'b')
values (1, 'a'), (2)
values (1), ('a'::text)
select * from (values (1), (2)) v
select column1 from (values (1), (2)) v
select column2 from (values (1), (2)) v
select a from (values (1), (2)) v(a)
-- others
select * from users for update of users
select * from users limit 1 offset 2
select * from users where id in (select id from accounts where accounts.id = users.account_id order by name)
select * from users where unnest(array[true])
select * from information_schema.columns where table_name = 'x'
select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
select nspname from pg_namespace where relname = 'x'
select * from pg_catalog.pg_indexes where indexname = 'x'
select extract(year from created_at) from accounts
select created_at at time zone 'utc' from accounts
select exists (select 1 from users) as e
select tags[1] = title from projects
select tags[1] = id from projects
select array_length(tags, 1) = 1 from projects
select u.meta['a'] from users u
select row(u.id, u.email) from users u
select (p).title, (p).nope from projects p
select json_agg(u) from users u
select row_to_json(u) from users u
select u is null from users u
select * from users u where u.id = u
select string_agg(email, ',' order by email) from users group by account_id
select * from twice(2) t
select t from twice(2) t
select * from users tablesample system (10)
select account_id from users u join logs l using (account_id) join projects p using (account_id)
select 1 from users u join projects p on p.owner_id = u.id join logs l using (account_id)
table users
select * from only users
