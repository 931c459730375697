-- script: foreign keys without a unique key
create table p (id int, a int, b int, primary key (id), unique (a, b));
create table t (x int, y int);
alter table t add foreign key (x) references p (a);
alter table t add foreign key (x, y) references p (b, a);
alter table t add foreign key (x, y) references p;
alter table t add foreign key (x) references p;
alter table t add foreign key (x) references p (zzz);
alter table t add foreign key (zzz) references p;
alter table t add foreign key (x) references t;
alter table t add foreign key (x) references t (y);
create unique index p_a on p (a);
alter table t add foreign key (x) references p (a);
create unique index p_b on p (b) where b > 0;
alter table t add foreign key (y) references p (b);
drop index p_a;
drop index p_a cascade;
-- script: foreign key types
create table ints (id int primary key);
create table bigs (id bigint primary key);
create table uuids (id uuid primary key);
create table texts (id text primary key);
create table numerics (id numeric primary key);
create table t (i int, b bigint, u uuid, x text, n numeric, v varchar(5), ts timestamptz, bo boolean);
alter table t add foreign key (b) references ints;
alter table t add foreign key (i) references bigs;
alter table t add foreign key (x) references uuids;
alter table t add foreign key (u) references texts;
alter table t add foreign key (u) references uuids;
alter table t add foreign key (v) references texts;
alter table t add foreign key (i) references numerics;
alter table t add foreign key (n) references ints;
alter table t add foreign key (x) references ints;
alter table t add foreign key (bo) references ints;
alter table t add foreign key (ts) references texts;
-- script: duplicate constraint names
create table p (id int primary key);
create table t (a int, b int, constraint one check (a > 0));
alter table t add constraint one check (b > 0);
alter table t add constraint one foreign key (a) references p;
alter table t add constraint one unique (a);
alter table t add constraint two foreign key (a) references p;
alter table t add constraint two foreign key (a) references p;
alter table t add constraint p_pkey unique (a);
alter table t add constraint p unique (a);
create table u (a int, constraint one check (a > 0));
-- script: NOT VALID and VALIDATE
create table p (id int primary key);
create table t (a int, b int);
alter table t add constraint c check (a > 0) not valid;
alter table t add constraint f foreign key (b) references p not valid;
alter table t add constraint u unique (a);
alter table t validate constraint c;
alter table t validate constraint f;
alter table t validate constraint c;
alter table t validate constraint nothing;
alter table t validate constraint u;
-- script: dropping keys that others need
create table p (id int primary key, a int unique);
create table t (x int references p, y int references p (a));
alter table p drop constraint p_pkey;
alter table p drop constraint p_a_key;
drop index p_pkey;
alter table p drop constraint p_pkey cascade;
alter table p drop constraint p_a_key cascade;
-- script: dropping a key of which there are two
create table p (id int primary key, unique (id));
create table t (x int references p);
alter table p drop constraint p_id_key;
-- script: renamed constraints
create table p (id int primary key);
create table t (a int unique, b int check (b > 0), c int references p);
alter table t rename constraint t_a_key to a_once;
alter index a_once rename to a_twice;
alter table t rename constraint t_b_check to b_positive;
alter table t rename constraint t_c_fkey to c_to_p;
alter table t rename constraint nothing to something;
alter table t rename constraint b_positive to c_to_p;
alter table t rename constraint a_twice to p_pkey;
alter table t drop constraint a_twice, drop constraint b_positive, drop constraint c_to_p;
-- script: constraints USING INDEX
create table t (a int, b int, c int);
create unique index ia on t (a);
create unique index ib on t (b);
create index ic on t (c);
create unique index ip on t (c) where a > 0;
create unique index ie on t ((a + 1));
alter table t add constraint t_key primary key using index ia;
alter table t add unique using index ib;
alter table t add unique using index ib;
alter table t add constraint x unique using index ic;
alter table t add constraint x unique using index ip;
alter table t add constraint x unique using index ie;
alter table t add constraint x unique using index nothing;
alter table t drop constraint ib;
-- script: exclusion constraints
create table t (r int4range, s tsrange, exclude using gist (r with &&), constraint apart exclude using gist (s with &&));
alter table t add exclude using gist (r with &&, s with &&);
alter table t drop constraint t_r_excl;
alter table t drop constraint apart;
-- script: a table that references itself
create table t (id int primary key, parent int references t, other int references t (id));
alter table t drop column other;
alter table t drop column id;
alter table t drop constraint t_pkey;
drop table t;
-- script: primary key over an expression index does not count
create table p (a int, b int);
create unique index on p (a, b);
create table t (x int, y int, foreign key (x, y) references p (a, b));
alter table p drop column b;
alter table p drop column b cascade;
