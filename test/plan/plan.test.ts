import { PGlite } from '@electric-sql/pglite';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantlint } from '../command-line.js';
import { withProject } from '../fixtures.js';
import { tryRandom } from './random.js';
import { plan, prove } from './support.js';

let db: PGlite;
beforeAll(async () => {
  db = await PGlite.create();
});
afterAll(() => db.close());

const BASE = `create table accounts (id uuid primary key default gen_random_uuid(), name text);
create table users (id uuid primary key default gen_random_uuid(), account_id uuid not null references accounts (id) on delete cascade, email text);
create index on users (account_id);
`;
const sql = (text: string, config?: string) => new Map([['migrations/0001_base.sql', BASE + text], ...(config === undefined ? [] : [['tenantlint.config.json', config] as const])]);
const report = (text: string, args: readonly string[] = [], config?: string) => withProject(sql(text, config), (cwd) => tenantlint(cwd, ['plan', '--report', ...args]));
const DEFAULT = ['--default-tenant', '00000000-0000-4000-8000-000000000000'];

describe('the way to the tenant', () => {
  it('is the foreign key that is never NULL', async () => {
    const { out, status } = await report(`create table notes (id int primary key, editor uuid references users (id), author uuid not null references users (id));`);
    expect(out).toMatch(/from notes\.author → users\.account_id\n {2}because: the only foreign key that is never NULL/);
    expect(status).toBe(0);
  });

  it('is refused where two could name different tenants, until the user decides or the rows prove that they agree', async () => {
    const text = 'create table transfers (id int primary key, sender uuid not null references users (id), receiver uuid not null references users (id));';
    const { out, status } = await report(text);
    expect(out).toMatch(/transfers: refused\n.*equally good and may name different tenants; choose with --via transfers\.sender/);
    expect(status).toBe(1);
    expect((await report(text, ['--via', 'transfers.receiver'])).out).toMatch(/from transfers\.receiver → users\.account_id\n {2}because: as --via says/);
    const agreed = await plan(sql(text), 'migrations', ['--agree']);
    expect(await prove(db, agreed, { full: true })).toEqual([]);
    expect([...agreed.written.values()].join()).toMatch(/transfers: receiver|transfers: sender and receiver lead to different tenants/);
  });

  it('is the row that it is deleted with, or a part of, or that of the signed-in user', async () => {
    const posts = 'create table posts (id int primary key, author uuid not null references users (id));\n';
    const comments = (cascade: string) => `${posts}create table comments (id int primary key, author uuid not null references users (id), post int not null references posts (id)${cascade});`;
    expect((await report(comments(' on delete cascade'))).out).toMatch(/from comments\.post → posts\.account_id\n {2}because: the row is deleted with its parent/);
    expect((await report(comments(''))).out).toMatch(/from comments\.post → posts\.account_id\n {2}because: its parent is itself a part of the others/);
    expect((await report(comments(' on delete cascade'), [], '{ "queries": { "principalColumns": ["author"] } }')).out).toMatch(/from comments\.author → users\.account_id\n {2}because: it holds the signed-in user/);
    expect((await report('create table profiles (user_id uuid primary key references users (id), boss uuid not null references users (id) on delete cascade);')).out).toMatch(/from profiles\.user_id → .*\n {2}because: it is the primary key/);
  });

  it('tries nullable keys one after the other, and says that rows may be left', async () => {
    const { out } = await report('create table logs (id int primary key, a uuid references users (id), b uuid references accounts (id));');
    expect(out).toMatch(/from logs\.a → users\.account_id \(may be NULL\)\n {2}else logs\.b → accounts\.id \(may be NULL\)/);
    expect(out).toMatch(/the migration aborts while a row is left without a tenant/);
  });

  it('leads through tables that may lack the column', async () => {
    const planned = await plan(sql(`create table orders (id int primary key, account_id uuid not null references accounts (id));
create table items (id int primary key, order_id int not null references orders (id));
create table notes (id int primary key, item_id int not null references items (id));`, '{ "tables": { "viaParent": ["items"] } }'), 'migrations');
    expect([...planned.written.values()].join()).toMatch(/FROM items AS p JOIN orders AS p2 ON p2\.id = p\.order_id\nWHERE p\.id = t\.item_id/);
    expect(await prove(db, planned, { full: false })).toEqual([]);
  });

  it('goes from row to row where a table refers to itself', async () => {
    const planned = await plan(sql('create table folders (id int primary key, parent int references folders (id), owner uuid references users (id));'), 'migrations', DEFAULT);
    expect([...planned.written.values()].join()).toMatch(/EXIT WHEN changed = 0/);
    expect(planned.checked.findings).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
    expect((await report('create table folders (id int primary key, account_id uuid references accounts (id), parent int not null references folders (id));')).out).toMatch(/folders: refused\n {2}its only foreign key leads to itself/);
  });

  it('is refused where tables only lead to each other', async () => {
    const cycle = `create table a (id int primary key, account_id uuid references accounts (id), owner uuid references users (id), b_id int);
create table b (id int primary key, a_id int not null references a (id));
alter table a add foreign key (b_id) references b (id);`;
    expect((await report(cycle)).out).toMatch(/^a: refused\n {2}its foreign keys form a cycle with "b", and none that leads out of it is never NULL; choose one with --via a\.owner/m);
    expect((await report(cycle, ['--via', 'a.owner'])).status).toBe(0);
  });

  it('starts, in a circle of tables, at the one whose rows name their tenant', async () => {
    const planned = await plan(sql(`create table b_owned (id int primary key, account_id uuid references accounts (id), last int);
create index on b_owned (account_id);
create table c_part (id int primary key, owned_id int not null references b_owned (id));
create table a_last (id int primary key, part_id int references c_part (id));
alter table b_owned add foreign key (last) references a_last (id);`), 'migrations', DEFAULT);
    expect([...planned.written.values()].join()).toMatch(/UPDATE b_owned[\s\S]*UPDATE c_part[\s\S]*UPDATE a_last AS t\nSET account_id = p\.account_id\nFROM c_part AS p/);
    expect(await prove(db, planned, { full: false })).toEqual([]);
  });

  it('is a parent whose own column is not full yet: the migration aborts for the rows of those without a tenant', async () => {
    const text = 'create table trees (id int primary key, account_id uuid references accounts (id));\ncreate table leaves (id int primary key, tree_id int not null references trees (id));';
    const { out } = await report(text);
    expect(out).toMatch(/trees: refused\n {2}no foreign key leads to a tenant; assign its rows with --default-tenant ID/);
    expect(out).toMatch(/from leaves\.tree_id → trees\.account_id \(may be NULL\)\n.*\n {2}the migration aborts while a row is left without a tenant/);
    const planned = await plan(sql(text), 'migrations');
    expect(await prove(db, planned, { full: true })).toEqual([]);
    expect((await report(text, DEFAULT)).out).toMatch(/from leaves\.tree_id → trees\.account_id\n/);
  });

  it('is not a foreign key that names no single row', async () => {
    const text = 'create table plans (code text, account_id uuid not null references accounts (id));\ncreate index on plans (account_id);\ncreate table uses (id int primary key, plan_code text not null);';
    expect((await report(text, [], '{ "references": [{ "from": "uses.plan_code", "to": "plans.code" }] }')).out).toMatch(/uses: refused\n {2}none of its foreign keys names one row of a table with a tenant/);
  });
});

describe('what is there already', () => {
  it('is not added again', async () => {
    const planned = await plan(sql('create table notes (id int primary key, account_id uuid references accounts (id), author uuid not null references users (id));\ncreate index notes_account on notes (account_id);'), 'migrations');
    const [text] = planned.written.values();
    expect(text).not.toMatch(/ADD COLUMN|FOREIGN KEY|CREATE INDEX/);
    expect(planned.checked.findings).toEqual([]);
    expect(await prove(db, planned, { full: false })).toEqual([]);
  });

  it('may stay nullable where NULL means shared', async () => {
    const planned = await plan(sql('create table themes (id int primary key, author uuid references users (id));', '{ "tables": { "hybrid": ["themes"] } }'), 'migrations');
    expect([...planned.written.values()].join()).not.toMatch(/SET NOT NULL|RAISE/);
  });

  it('is lifted and restored where row-level security is forced', async () => {
    const planned = await plan(sql('create table notes (id int primary key, author uuid not null references users (id));\nalter table notes enable row level security;\nalter table notes force row level security;\n'), 'migrations');
    expect(planned.checked.findings.map(({ ruleId }) => ruleId)).not.toContain('backfill-sees-all-rows');
    expect(planned.after.project.tables.find(({ name }) => name === 'notes')!.table.forceRowSecurity).toBe(true);
  });

  it('is complete: nothing to do', () => withProject(sql(''), async (cwd) => {
    expect(await tenantlint(cwd, ['plan'])).toMatchObject({ status: 0, error: '' });
    expect((await tenantlint(cwd, ['plan'])).out).toMatch(/^Nothing to do: every tenant table has the tenant column/);
  }));
});

describe('the command', () => {
  const NOTES = 'create table notes (id int primary key, author uuid not null references users (id));\ncreate table pages (id int primary key, note int not null references notes (id));\n';

  it('prints the files under their names', () => withProject(sql(NOTES), async (cwd) => {
    const { out, status } = await tenantlint(cwd, ['plan']);
    expect(out).toMatch(/^-- file: migrations\/0002_add_account_id_to_notes_and_pages\.sql\n-- add account_id to notes and pages\n/);
    expect(status).toBe(0);
    expect(readdirSync(join(cwd, 'migrations'))).toHaveLength(1);
  }));

  it('plans the tables that are named, and those they read from', () => withProject(sql(NOTES), async (cwd) => {
    expect((await tenantlint(cwd, ['plan', '--report', 'notes'])).out).not.toMatch(/pages/);
    expect((await tenantlint(cwd, ['plan', '--report', 'pages'])).out).toMatch(/notes\.account_id[\s\S]*pages\.account_id/);
  }));

  it('writes all files or none, and over none', () => withProject(sql(NOTES), async (cwd) => {
    mkdirSync(join(cwd, 'out'));
    writeFileSync(join(cwd, 'out/0002_add_account_id_to_notes_and_pages.sql'), 'mine');
    const { error, status } = await tenantlint(cwd, ['plan', '--out', 'out']);
    expect(error).toMatch(/0002_add_account_id_to_notes_and_pages\.sql is there already: nothing was written\n$/);
    expect(status).toBe(2);
    expect(readdirSync(join(cwd, 'out'))).toHaveLength(1);
  }));

  it.each([
    [['--default-tenant', 'system'], /--default-tenant system is no uuid, which \w+\.account_id holds/],
    [['--via', 'notes.title'], /refused notes: --via notes\.title: no foreign key over this column leads to a tenant \(author does\)/],
    [['--rls'], /--rls needs the setting/],
  ])('%j is answered in one line', (args, words) => withProject(sql(NOTES), async (cwd) => {
    expect((await tenantlint(cwd, ['plan', ...args])).error).toMatch(words);
  }));
});

it('made-up schemas are planned right, or refused', { timeout: 300_000 }, async () => {
  const { problems, tables, refused } = await tryRandom(db, { seed: 7, count: 12 });
  expect(problems.join('\n\n')).toBe('');
  expect(tables).toBeGreaterThan(refused * 2);
});
