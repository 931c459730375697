-- script: CREATE TABLE twice
create table t (a int);
create table t (b int);
create table if not exists t (b int, unique (zzz));
create view t as select 1 as x;
create index t on t (a);
create sequence t;
-- script: duplicate columns and system columns
create table t (a int, a int);
create table t (xmin int);
create table t (a int);
alter table t add column a int;
alter table t add column if not exists a text unique;
alter table t add column ctid int;
-- script: a table that is not there
alter table nothing add column a int;
alter table if exists nothing add column a int;
drop table nothing;
drop table if exists nothing;
drop view nothing;
drop index nothing;
drop index if exists nothing;
drop sequence nothing;
alter table nothing rename to something;
alter table nothing rename column a to b;
create index on nothing (a);
create policy p on nothing;
drop policy p on nothing;
drop policy if exists p on nothing;
drop trigger g on nothing;
truncate nothing;
grant select on nothing to public;
create table t (a int references nothing);
alter table nothing enable row level security;
create table u (like nothing);
create table u () inherits (nothing);
alter table app.nothing add column a int;
-- script: the wrong kind of object
create table t (a int);
create view v as select a from t;
create index i on t (a);
create sequence s;
create materialized view m as select a from t;
drop table v;
drop view t;
drop view m;
drop table i;
drop index t;
drop table s;
drop sequence t;
alter table v add column b int;
alter table v alter column a set not null;
alter table v enable row level security;
create policy p on v;
create index on v (a);
create index on m (a);
alter view t rename to u;
create table u (a int references v);
-- script: rename and set schema
create schema app;
create table t (a int primary key, b int references t);
create table u (a int references t (a));
create view v as select t.a, b from t;
alter table t rename to t2;
alter table t2 set schema app;
alter table app.t2 rename column a to id;
alter table u drop constraint u_a_fkey;
alter table app.t2 drop constraint t_b_fkey;
alter table app.t2 rename to u;
alter table u set schema app;
alter table app.u set schema nowhere;
-- script: a renamed table keeps the names of its constraints and indexes
create table t (a int primary key, b int unique check (b > 0));
alter table t rename to u;
create table t (a int primary key);
create table t (a int primary key, b int unique check (b > 0));
alter table u rename constraint t_pkey to u_pkey;
create table t3 (a int, constraint u_pkey primary key (a));
-- script: rename into an existing name
create table t (a int, b int);
create table u (a int);
create index i on t (a);
alter table t rename to u;
alter table t rename to i;
alter table t rename column a to b;
alter table t rename column c to d;
alter index i rename to t;
alter index i rename to j;
alter index i rename to k;
alter index if exists i rename to k;
alter table j rename to i;
-- script: search_path decides where names go
create schema app;
create table t (a int);
set search_path = app, public;
create table t (b int);
create table u (c int);
alter table t add column d int;
set search_path = public;
alter table t add column e int;
alter table u add column f int;
create table app.w (a int references t);
-- script: a search path with schemas that do not exist
set search_path = nowhere, public;
create table t (a int);
set search_path = "$user", public;
create table u (a int);
-- script: unknown schema
create table nowhere.t (a int);
create schema app;
create schema app;
create schema if not exists app;
create table app.t (a int);
drop schema app;
drop schema app cascade;
drop schema app;
drop schema if exists app;
-- script: temporary tables hide others
create table t (a int);
create temp table t (b int);
alter table t add column c int;
drop table t;
alter table t add column d int;
-- script: drop table with foreign keys, views and policies
create table p (id int primary key);
create table c (p_id int references p);
create view v as select id from p;
create table x (a int);
create policy pol on x using (a in (select id from p));
drop table p;
drop table p cascade;
-- script: a view of a view goes with it
create table t (a int);
create view v as select a from t;
create view w as select a from v;
drop view v;
drop view v cascade;
drop table t;
-- script: LIKE
create table src (id serial primary key, name text not null default 'x' unique, n int check (n > 0), g int generated always as (n * 2) stored,
  i int generated always as identity);
create index src_lower on src (lower(name));
create index on src (n) where n > 3;
create table plain (like src);
create table everything (like src including all);
create table defaults (like src including defaults including constraints);
create table indexes (extra int, like src including indexes);
create table less (like src including all excluding indexes);
create table twice (name text, like src);
-- script: CREATE TABLE AS
create table src (id int primary key, name text not null);
create table dst as select id, name as title, count(*) over () as n from src;
create table named (a, b) as select id, name from src;
create table empty as select * from src with no data;
select id into picked from src;
create table if not exists dst as select 1 as one;
create table dst as select 1 as one;
create table dup as select id, id from src;
-- script: views and their columns
create table t (a int not null, b text);
create view v as select * from t;
create view w (x, y) as select * from t;
create view v as select 1 as one;
create or replace view v as select a, b, 1 as c from t;
create or replace view v as select a from t;
create or replace view v as select b, a, 1 as c from t;
alter table t add column c int;
alter table t rename column a to id;
alter view v rename column c to d;
create or replace view t as select 1 as x;
create materialized view m as select id from t;
create materialized view m as select id from t;
create materialized view if not exists m as select id from t;
drop materialized view v;
drop materialized view m;
-- script: several sub-commands run by passes
create table p (id int primary key);
create table t (a int);
alter table t add constraint t_fk foreign key (b) references p, add column b int;
alter table t alter column c set not null, add column c int;
alter table t add column a text, drop column a;
alter table t add primary key (d), add column d int;
alter table t alter column e set default 5, add column e int;
-- script: IF NOT EXISTS skips the whole statement
create table t (a int);
create table if not exists t (a int, b int references nothing, unique (a), check (zzz > 0));
create index if not exists i on t (a);
create index if not exists i on t (a);
alter table t add column if not exists a int not null unique check (a > 0);
alter table if exists nothing add constraint c check (a > 0), add column b int;
-- script: a statement that fails in part changes nothing
create table t (a int);
alter table t add column b int, add column a int;
alter table t add column b int references nothing;
create table u (a int primary key, b int references nothing);
create table u (a int);
drop table t, nothing;
drop table if exists nothing, t;
-- script: RESTRICT and CASCADE over views in a chain
create table t (id int primary key, a int, b int);
create view v as select id, a from t;
create materialized view m as select a from v;
create view w as select count(*) as n from m;
alter table t drop column b;
alter table t drop column a;
alter view v rename to vv;
alter table t rename to tt;
drop materialized view m;
drop view vv cascade;
drop table tt;
-- script: a view over joins, sub-selects and CTEs
create table a (id int primary key, x int);
create table b (id int primary key, a_id int, x int);
create view v as with c as (select a.id, b.x from a join b on b.a_id = a.id) select c.id, (select max(x) from a where a.id = c.id) as top from c;
alter table b drop column x;
alter table a drop column x;
alter table b rename column x to y;
alter table a rename to aa;
alter table b rename to bb;
drop table bb;
drop table aa cascade;
-- script: a foreign key from another schema
create schema app;
create table app.orgs (id int primary key);
create table orgs (id int primary key);
set search_path = app, public;
create table public.t (a int references orgs, b int references public.orgs);
alter table orgs rename to organizations;
alter table orgs rename to others;
alter table t rename to tt;
drop table organizations;
-- script: set schema takes indexes and sequences along
create schema app;
create table t (id serial primary key, a int unique);
create table app.x (a int);
alter table t set schema app;
drop index t_a_key;
create table t (id serial primary key, a int unique);
alter table t set schema app;
alter table x set schema public;
-- script: temporary tables and CREATE TABLE IN the search path
create temp table t (id serial primary key, a int unique);
create table t (id int);
create index on t (a);
alter table t rename to u;
alter table u add column b int references t;
