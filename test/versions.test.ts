import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkProject, loadProject } from '../src/commands/pipeline.js';
import { openEmbedded } from '../src/database/pglite.js';
import { openServer } from '../src/database/server.js';
import type { Connection } from '../src/database/types.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../src/facts/version.js';
import { withProject } from './fixtures.js';
import { majorVersion, serverMissing, startPostgres, type PostgresServer } from './postgres-server.js';

const SCHEMA = `
create table u (id uuid primary key, org_id uuid, unique (org_id, id));
create table t (id uuid primary key, org_id uuid, a int, b int, tag text);
create table p (id int, org_id uuid) partition by list (id);
create table par (id int, a int not null);
create table ch (c int) inherits (par);
create view v as select 1 as x;
create table g (id int, s int generated always as (id) stored);
create table n (id int not null);
`;

/** A statement, and the first version that runs it; a negative one: the last. */
const STATEMENTS: readonly (readonly [version: number, sql: string])[] = [
  [14, 'select * from (select 1) as x'],
  [14, 'alter table t add constraint c check (a > 0) not valid'],
  [14, 'alter table t add foreign key (org_id, id) references u (org_id, id) on delete set null'],
  [14, "select json_object('{a,1}'), json_build_object('a', 1)"],
  [14, 'update t set a = 1 returning t.a'],
  [14, 'create table m (a int constraint x not null)'],
  [14, 'alter table p add foreign key (org_id) references u (id)'],
  [14, 'create function uuidv7() returns uuid language sql as $$select gen_random_uuid()$$; select uuidv7()'],
  [14, 'select random()'],
  [15, 'merge into t using u on t.id = u.id when matched then delete'],
  [15, 'alter table t add constraint q unique nulls not distinct (org_id)'],
  [15, 'create unique index i on t (org_id) nulls not distinct'],
  [15, 'alter table t add foreign key (org_id, id) references u (org_id, id) on delete set null (id)'],
  [15, 'create view w with (security_invoker = true) as select * from t'],
  [15, 'alter view v set (security_invoker = true)'],
  [15, 'create publication w for table t where (a > 1)'],
  [15, 'create publication w for table t (id)'],
  [15, 'create publication w for tables in schema public'],
  [15, "select regexp_count('a', 'b')"],
  [16, 'select * from (select 1)'],
  [16, "select json_object('a': 1)"],
  [16, "select '1' is json"],
  [16, 'select json_array(1, 2)'],
  [16, 'select json_arrayagg(a) from t'],
  [16, "select json_objectagg('a': a) from t"],
  [16, 'select any_value(a) from t'],
  [16, 'select system_user'],
  [16, 'create statistics on a, b from t'],
  [16, 'grant pg_read_all_data to current_user with inherit false'],
  [17, 'merge into t using u on t.id = u.id when matched then delete returning t.id'],
  [17, 'merge into t using u on t.id = u.id when not matched by source then delete'],
  [17, 'with m as (merge into t using u on t.id = u.id when matched then delete returning t.id) select * from m'],
  [17, "select json_value('{}'::jsonb, '$.a')"],
  [17, 'select json_scalar(1)'],
  [17, "select * from json_table('[]'::jsonb, '$[*]' columns (a int path '$.a')) as j"],
  [17, 'alter table g alter column s set expression as (id + 1)'],
  [17, 'grant maintain on t to public'],
  [17, 'select random(1, 2)'],
  [17, 'select now() at local'],
  [17, 'set transaction_timeout = 0'],
  [18, 'create table w (id int, d int generated always as (id + 1) virtual)'],
  [18, 'create table w (id int, d int generated always as (id + 1))'],
  [18, 'alter table t add constraint w not null a'],
  [18, 'alter table t add constraint w not null b not valid'],
  [18, 'create table w (a int not null no inherit)'],
  [18, 'alter table t add constraint w check (a > 0) not enforced'],
  [18, 'alter table t add constraint w foreign key (org_id) references u (id) not enforced'],
  [18, 'create table w (id int4range, v tstzrange, primary key (id, v without overlaps))'],
  [18, 'update t set a = 1 returning with (old as o) o.a'],
  [18, 'select uuidv7()'],
  [18, 'alter table t alter column id set default uuidv7()'],
  [18, 'alter table p add foreign key (org_id) references u (id) not valid'],
  [18, 'alter table n drop constraint n_id_not_null'],
  [18, 'alter table n rename constraint n_id_not_null to x'],
  [18, 'do $$ declare x uuid; begin update t set id = uuidv7(); end $$'],
  [18, 'create function f() returns void language plpgsql as $$ begin update t set a = 1 returning with (old as o) o.a; end $$'],
  [-17, 'alter table ch alter column a drop not null'],
];

const runsOn = (version: number, server: number): boolean => (version > 0 ? server >= version : server <= -version);

describe.each([14, 15, 16, 17, 18])('--pg-version %i', (pgVersion) => {
  it.each(STATEMENTS)('since %i: %s', async (version, sql) => {
    const failures = await withProject(new Map([['migrations/1.sql', SCHEMA], ['migrations/2.sql', `${sql};\n`]]), async (cwd) => (
      checkProject(await loadProject({ cwd, paths: [], pgVersion }), cwd, {}).findings.filter(({ ruleId }) => ruleId === 'no-failing-statement').map(({ message }) => message)
    ));
    if (runsOn(version, pgVersion)) expect(failures).toEqual([]);
    else expect(failures).not.toEqual([]);
  });
});

it('tells apart every version between the oldest and the newest', () => {
  expect([OLDEST_VERSION, NEWEST_VERSION]).toEqual([14, 18]);
});

let server: PostgresServer | undefined;
afterAll(() => server?.stop());

describe.each([
  ['embedded', 18, undefined, async (): Promise<Connection> => (await openEmbedded()).connection],
  ['server', majorVersion() ?? 0, serverMissing(), async (): Promise<Connection> => {
    server = await startPostgres();
    return openServer(server.database('versions'), 60_000);
  }],
] as const)('PostgreSQL, %s', (_name, own, missing, open) => {
  let db: Connection;
  beforeAll(async () => {
    if (missing === undefined) db = await open();
  });
  afterAll(() => db?.close());

  it.skipIf(missing !== undefined).each(STATEMENTS)('since %i: %s', async (version, sql) => {
    await db.run(`begin; ${SCHEMA}`);
    const failure = await db.run(sql).then(() => undefined, (error: { message: string }) => error.message);
    await db.run('rollback');
    if (runsOn(version, own)) expect(failure).toBeUndefined();
    else expect(failure).toBeDefined();
  });
});
