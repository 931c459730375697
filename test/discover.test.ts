import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.js';
import { baseOf, changedFrom, stagedFiles } from '../src/discover/git.js';
import { discover } from '../src/discover/index.js';
import { readSource } from '../src/discover/read.js';

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'tenantlint-discover-')); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

const TABLE = 'CREATE TABLE t (id int);\n';
function write(path: string, text: string | Buffer = TABLE): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
async function found(paths: readonly string[] = [], cwd = root) {
  const discovery = await discover(await loadConfig({ cwd, paths }), cwd, paths);
  return {
    ...discovery,
    histories: discovery.sources.map((source) => `${source.kind} ${source.dir}: ${source.entries.map(({ id, down }) => (down ? `${id}±` : id)).join(' ')}`),
    faults: discovery.sources.flatMap((source) => source.faults.map(({ location, message }) => `${location.file}: ${message}`)),
    reasons: discovery.notices.map(({ location, reason }) => `${location.file}: ${reason}`),
    roles: Object.fromEntries(discovery.files.map(({ path, role }) => [path, role.type])),
  };
}
const git = (...args: string[]) => execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { stdio: 'pipe' });

describe('Prisma', () => {
  test('folders by name, down files, schema, what Prisma does not run', async () => {
    for (const id of ['20240102_b', '20240101000000_a', '20240101000000_c', 'zz_manual']) write(`apps/web/prisma/migrations/${id}/migration.sql`);
    write('apps/web/prisma/migrations/zz_manual/down.sql');
    write('apps/web/prisma/migrations/zz_manual/notes.sql');
    write('apps/web/prisma/schema.prisma', 'model A {\n id Int @id\n}\n');
    const { histories, faults, reasons, roles } = await found();
    expect(histories).toEqual(['prisma apps/web/prisma/migrations: 20240101000000_a 20240101000000_c 20240102_b zz_manual±']);
    expect(faults).toEqual([]);
    expect(reasons).toEqual(['apps/web/prisma/migrations/zz_manual/notes.sql: Prisma runs migration.sql only: this file is not part of the history']);
    expect(roles['apps/web/prisma/schema.prisma']).toBe('model');
  });

  test('sequence numbers stand once; another provider is said', async () => {
    write('prisma/migrations/0001_a/migration.sql');
    write('prisma/migrations/0001_b/migration.sql');
    expect((await found()).faults).toEqual(['prisma/migrations/0001_b/migration.sql: Two migrations have the number 0001: 0001_a/migration.sql and 0001_b/migration.sql.']);
    write('prisma/migrations/migration_lock.toml', 'provider = "mysql"');
    expect(await found()).toMatchObject({ histories: [], reasons: ['prisma/migrations: 2 Prisma migrations for MySQL: only PostgreSQL is read'], files: [] });
  });

  test('a multi-file schema, a schema of another database, a copy', async () => {
    write('prisma/schema/base.prisma', 'datasource db {\n  provider = "postgresql"\n}\n');
    write('prisma/schema/models/user.prisma', 'model U {\n id Int @id\n}\n');
    write('scripts/remote.prisma', 'datasource db {\n  provider = "postgresql"\n}\n');
    write('other/schema.prisma', 'datasource db {\n  provider = "sqlite"\n}\n');
    const { roles, reasons } = await found();
    expect(Object.keys(roles)).toEqual(['prisma/schema/base.prisma', 'prisma/schema/models/user.prisma']);
    expect(reasons).toEqual(['other/schema.prisma: Prisma schema for SQLite: only PostgreSQL is read', expect.stringContaining('scripts/remote.prisma: a Prisma schema beside')]);
  });

  test('two databases in one repository are told apart', async () => {
    for (const app of ['a', 'b']) {
      write(`apps/${app}/prisma/schema.prisma`, 'datasource db {\n  provider = "postgresql"\n}\n');
      write(`apps/${app}/prisma/migrations/1_x/migration.sql`);
    }
    const { files, sources } = await found();
    expect(sources.map(({ group }) => group)).toEqual(['apps/a', 'apps/b']);
    expect(files.map(({ group }) => group)).toEqual(['apps/a', 'apps/a', 'apps/b', 'apps/b']);
  });
});

describe('Drizzle', () => {
  const journal = (entries: object[], dialect = 'postgresql') => write('drizzle/meta/_journal.json', JSON.stringify({ version: '7', dialect, entries }, null, 1));

  test('the journal orders, and disagrees', async () => {
    for (const name of ['0000_a', '0001_b', '0002_extra', '0001_c']) write(`drizzle/${name}.sql`);
    journal([{ idx: 1, tag: '0001_b' }, { idx: 0, tag: '0000_a' }, { idx: 1, tag: '0001_c' }, { idx: 3, tag: '0003_gone' }, { idx: 4, tag: '0000_a' }]);
    const { histories, faults, sources } = await found();
    expect(histories).toEqual(['drizzle drizzle: 0000_a 0001_b 0001_c']);
    expect(faults).toEqual([
      'drizzle/meta/_journal.json: Two migrations have the number 1: 0001_b and 0001_c.',
      'drizzle/meta/_journal.json: The journal names "0003_gone", but there is no file 0003_gone.sql.',
      'drizzle/meta/_journal.json: The journal names "0000_a" twice.',
      'drizzle/0002_extra.sql: 0002_extra.sql is not in the journal meta/_journal.json, so it never runs.',
    ]);
    const { location } = sources[0]!.faults[0]!;
    expect(readSource(root, location.file).text!.slice(location.start, location.end)).toMatch(/^\{[^}]*"0001_c"[^}]*\}$/);
  });

  test('a journal that names none of the files is no journal of theirs', async () => {
    for (const name of ['0001_b', '0002_c']) write(`drizzle/${name}.sql`);
    journal([{ idx: 0, tag: '0000_gone' }]);
    const { histories, faults, reasons } = await found();
    expect(histories).toEqual(['sql drizzle: 0001 0002']);
    expect(faults).toEqual([]);
    expect(reasons).toEqual(['drizzle: meta/_journal.json names none of the migrations: they are read as SQL, in the order of their names']);
  });

  test('another dialect, a broken journal, the later layout', async () => {
    write('drizzle/0000_a.sql');
    journal([], 'mysql');
    expect((await found()).reasons).toEqual(['drizzle: 1 Drizzle migrations for MySQL: only PostgreSQL is read']);
    write('drizzle/meta/_journal.json', '{');
    expect((await found()).faults[0]).toBe('drizzle/meta/_journal.json: The journal cannot be read: it has no list "entries".');
    write('later/20250101000000_x/migration.sql');
    write('later/20250101000000_x/snapshot.json', '{}');
    expect((await found()).histories).toContain('drizzle later: 20250101000000_x');
  });
});

test('Supabase: timestamped files, seed, declarative schema, tests', async () => {
  for (const name of ['20240102000000_b', '20240101000000_a', '20240102000000_c', 'draft']) write(`supabase/migrations/${name}.sql`);
  write('supabase/seed.sql', 'INSERT INTO t VALUES (1);');
  write('supabase/schemas/t.sql');
  write('supabase/tests/t.sql');
  const { histories, faults, roles, reasons } = await found();
  expect(histories).toEqual(['supabase supabase/migrations: 20240101000000 20240102000000 20240102000000']);
  expect(faults).toHaveLength(1);
  expect(reasons).toEqual([expect.stringContaining('draft.sql: Supabase runs only files named')]);
  expect(roles).toMatchObject({ 'supabase/seed.sql': 'seed', 'supabase/schemas/t.sql': 'model', 'supabase/tests/t.sql': 'seed' });
});

describe('SQL', () => {
  test.each<[string, string[], string]>([
    ['numbers as numbers', ['m/migrations/1_a.sql', 'm/migrations/10_c.sql', 'm/migrations/2_b.sql'], 'sql m/migrations: 1 2 10'],
    ['golang-migrate', ['migrations/000001_a.up.sql', 'migrations/000001_a.down.sql', 'migrations/000002_b.up.sql'], 'sql migrations: 000001± 000002'],
    ['Flyway', ['db/V1__a.sql', 'db/V1.2__b.sql', 'db/V1_10__c.sql', 'db/R__views.sql', 'db/U1__a.sql'], 'sql db: 1± 1.2 1.10 views'],
    ['days and names', ['migrations/20250110_b.sql', 'migrations/20250110_a.sql', 'migrations/later.sql'], 'sql migrations: 20250110 20250110 later'],
    ['dates with dashes', ['migrations/2024-02-01-b.sql', 'migrations/2024-01-15-a.sql'], 'sql migrations: 2024-01-15 2024-02-01'],
    ['numbered files in the root', ['0002_b.sql', '0001_a.sql'], 'sql .: 0001 0002'],
    ['rollback names and folders', ['migrations/01_a.sql', 'migrations/rollback_01_a.sql', 'migrations/02_b.sql', 'migrations/down/02_b.sql'], 'sql migrations: 01± 02±'],
    ['a title that ends in rollback', ['migrations/01_fix_rollback.sql'], 'sql migrations: 01'],
    ['letters', ['migrations/012b_y.sql', 'migrations/012_x.sql'], 'sql migrations: 012 012b'],
    ['a lone schema', ['db/schema.sql'], 'sql db: schema'],
  ])('%s', async (_, files, history) => {
    files.forEach((file) => write(file));
    const { histories, faults } = await found();
    expect({ histories, faults }).toEqual({ histories: [history], faults: [] });
  });

  test('comments in the words that create a table, and a comment that creates none', async () => {
    write('db/schema.sql', 'create /* all of it */ table a (id int);\n');
    expect((await found()).histories).toEqual(['sql db: schema']);
    write('db/schema.sql', '/*\ncreate table a (id int);\n*/\nselect 1;\n');
    expect((await found()).histories).toEqual([]);
  });

  test('one number twice is a fault', async () => {
    write('migrations/07_a.sql');
    write('migrations/7_b.sql');
    expect((await found()).faults).toEqual(['migrations/7_b.sql: Two migrations have the number 7: 07_a.sql and 7_b.sql.']);
  });

  test('a folder for each migration, up.sql and down.sql in it: Diesel, Hasura', async () => {
    for (const name of ['2024-01-01-000000_users', '2024-01-02-000000_notes']) { write(`migrations/${name}/up.sql`); write(`migrations/${name}/down.sql`, 'DROP TABLE t;'); }
    for (const name of ['000_control', '010_identity', '010_more', 'notes']) write(`packages/db/src/migrations/${name}/up.sql`);
    write('diesel.toml', '');
    const { histories, faults, sources } = await found();
    expect(histories).toEqual(['sql migrations: 2024-01-01-000000± 2024-01-02-000000±', 'sql packages/db/src/migrations: 000 010 010 notes']);
    expect(sources.map(({ transaction }) => transaction)).toEqual(['file', 'file']);
    expect(faults).toEqual(['packages/db/src/migrations/010_more/up.sql: Two migrations have the number 010: 010_identity/up.sql and 010_more/up.sql.']);
  });

  test('sqitch follows its plan', async () => {
    write('sqitch.plan', '%syntax-version=1.0.0\n%project=x\n\nb 2024-01-01T00:00:00Z a <a@example.com> # one\na [b] 2024-01-02T00:00:00Z a <a@example.com> # two\ngone 2024-01-02T00:00:00Z a <a@example.com>\n');
    for (const name of ['deploy/a', 'deploy/b', 'revert/b', 'verify/a', 'deploy/c']) write(`${name}.sql`);
    const { histories, faults, reasons } = await found();
    expect(histories).toEqual(['sql .: b± a']);
    expect(faults).toEqual(['sqitch.plan: The plan names "gone", but there is no deploy/gone.sql.']);
    expect(reasons).toEqual(['deploy/c.sql: not in sqitch.plan: sqitch never runs this file']);
  });

  test('other databases are said, not read', async () => {
    write('clickhouse/migrations/1_a.sql');
    write('my/migrations/1_a.sql', 'CREATE TABLE `a` (id int AUTO_INCREMENT) ENGINE=InnoDB;');
    write('pg/migrations/1_a.sql', '-- `quoted` word\nCREATE TABLE a (id serial);');
    const { histories, reasons } = await found();
    expect(histories).toEqual(['sql pg/migrations: 1']);
    expect(reasons).toEqual(['clickhouse/migrations: 1 SQL files for ClickHouse: only PostgreSQL is read', 'my/migrations: 1 SQL files for MySQL: only PostgreSQL is read']);
  });

  test('schema dumps, seeds and queries beside migrations; tools that are not read yet', async () => {
    write('db/migrations/1_a.sql');
    write('db/structure.sql');
    write('db/seeds/users.sql');
    write('db/queries/users.sql', 'SELECT 1;');
    write('kysely/migrations/20240101_a.ts', "import { Kysely } from 'kysely';\nexport async function up(db: Kysely<any>) {}\n");
    write('pgm/migrations/20240101_a.js', 'exports.up = (pgm) => {};\n');
    const { roles, reasons } = await found();
    expect(roles).toEqual({ 'db/migrations/1_a.sql': 'migration', 'db/structure.sql': 'model', 'db/seeds/users.sql': 'seed', 'db/queries/users.sql': 'query', 'kysely/migrations/20240101_a.ts': 'migration', 'pgm/migrations/20240101_a.js': 'migration' });
    expect(reasons).toEqual([]);
  });

  test('a Drizzle history that goes on after CONCURRENTLY again and again runs outside of a transaction', async () => {
    const journal = (count: number) => JSON.stringify({ dialect: 'postgresql', entries: Array.from({ length: count }, (_, idx) => ({ idx, when: idx, tag: `000${idx}_a` })) });
    for (let idx = 0; idx < 4; idx++) write(`drizzle/000${idx}_a.sql`, `CREATE INDEX CONCURRENTLY i${idx} ON t (id);\n`);
    write('drizzle/meta/_journal.json', journal(4));
    const { sources, reasons } = await found();
    expect(sources.map(({ transaction }) => transaction)).toEqual(['none']);
    expect(reasons).toEqual([expect.stringContaining('drizzle: 3 migrations use CONCURRENTLY and others follow')]);
    rmSync(join(root, 'drizzle/0003_a.sql'));
    write('drizzle/meta/_journal.json', journal(3));
    expect((await found()).sources.map(({ transaction }) => transaction)).toEqual(['file']);
  });

  test('declarative schemas of Supabase are no history of their own', async () => {
    write('supabase/migrations/20240101000000_a.sql');
    write('supabase/schemas/01_tables/01_t.sql');
    write('supabase/schemas/05_rls/05-01_t.sql', 'CREATE POLICY p ON t USING (true);\n');
    write('supabase/schemas/05_rls/05-02_u.sql', 'CREATE POLICY q ON t USING (true);\n');
    const { histories, faults, roles } = await found();
    expect(histories).toEqual(['supabase supabase/migrations: 20240101000000']);
    expect(faults).toEqual([]);
    expect(roles['supabase/schemas/01_tables/01_t.sql']).toBe('model');
  });

  test('files of tables that nobody has numbered run after what they need', async () => {
    write('db/tables/accounts.sql', 'CREATE TABLE accounts (id int PRIMARY KEY, kind account_kind NOT NULL, parent_id int REFERENCES users (id));\n');
    write('db/tables/comments.sql', '-- of posts\nCREATE TABLE comments (post_id int REFERENCES public.posts (id), users int);\nCREATE INDEX ON comments (post_id);\n');
    write('db/tables/posts.sql', 'CREATE TABLE posts (id int PRIMARY KEY, by_id int REFERENCES users (id));\n');
    write('db/tables/types.sql', "CREATE TYPE account_kind AS ENUM ('a');\nCREATE TABLE kinds (kind account_kind);\n");
    write('db/tables/users.sql', 'CREATE TABLE users (id int PRIMARY KEY, account_id int REFERENCES accounts (id));\n');
    expect((await found()).histories).toEqual(['sql db/tables: users types accounts posts comments']);
    write('db/tables/001_users.sql', 'CREATE TABLE x (id int);\n');
    expect((await found()).histories).toEqual(['sql db/tables: 001_users accounts comments posts types users']);
  });

  test('of several dumps of one database the last one counts', async () => {
    const head = "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n";
    write('backups/app_20240101.sql', `${head}CREATE TABLE public.t (id int);\n`);
    write('backups/app_20240301.sql', `${head}CREATE TABLE IF NOT EXISTS "public"."t" (id int);\n`);
    write('backups/other_20230101.sql', `${head}CREATE TABLE public.u (id int);\n`);
    const { histories, reasons, roles } = await found();
    expect(histories).toEqual(['sql backups: app_20240301 other_20230101']);
    expect(reasons).toEqual(['backups/app_20240101.sql: pg_dump wrote a later copy of this database as well: this one was not read']);
    expect(Object.keys(roles)).toEqual(['backups/app_20240301.sql', 'backups/other_20230101.sql']);
  });
});

describe('the config decides', () => {
  test('named folders replace detection, and what is left out is said', async () => {
    write('a/1_x.sql');
    write('b/1_x.sql');
    write('q/x.sql', 'SELECT 1;');
    write('q/x.test.sql', 'SELECT 1;');
    write('tenantlint.config.json', '{ "migrations": [{ "dir": "b", "transaction": "file" }], "source": { "exclude": ["**/*.test.sql"] } }');
    const { histories, sources, reasons, roles } = await found();
    expect(histories).toEqual(['sql b: 1']);
    expect(sources[0]!.transaction).toBe('file');
    expect(reasons).toEqual([`a: 1 sql migrations are not read: the config's "migrations" does not name this folder`]);
    expect(roles).toEqual({ 'b/1_x.sql': 'migration', 'q/x.sql': 'query' });
  });

  test('named models, also by glob', async () => {
    write('x/one.prisma', 'model A {\n id Int @id\n}\n');
    write('y/two.prisma', 'model B {\n id Int @id\n}\n');
    write('tenantlint.config.json', '{ "schema": ["x/*.prisma"] }');
    expect((await found()).roles).toEqual({ 'x/one.prisma': 'model' });
    write('tenantlint.config.json', '{ "schema": ["z/*.prisma"] }');
    await expect(found()).rejects.toThrow('"schema": no file matches "z/*.prisma"');
  });
});

describe('paths', () => {
  beforeEach(() => {
    write('shop/migrations/1_a.sql');
    write('shop/migrations/2_b.sql');
    write('shop/q.sql', 'SELECT 1;');
  });

  test('a folder is the project', async () => {
    expect(await found(['shop'])).toMatchObject({ root: join(root, 'shop'), histories: ['sql migrations: 1 2'] });
    expect((await found(['shop'])).focus).toBeUndefined();
  });

  test.each([['migrations/2_b.sql'], ['migrations'], ['migrations/2*.sql']])('%s is a part: the whole project is known', async (path) => {
    const discovery = await found([path], join(root, 'shop'));
    expect(discovery).toMatchObject({ root: join(root, 'shop'), histories: ['sql migrations: 1 2'] });
    expect(discovery.focus).toContain('migrations/2_b.sql');
    expect(discovery.focus).not.toContain('q.sql');
  });

  test('below a config the project is the config\'s', async () => {
    write('tenantlint.config.json', '{}');
    expect(await found(['shop/q.sql'])).toMatchObject({ root, focus: ['shop/q.sql'], histories: ['sql shop/migrations: 1 2'] });
  });

  test('what is not there is refused', async () => {
    await expect(found(['nowhere'])).rejects.toThrow('nowhere: no such file or folder');
    await expect(found(['shop/*.nothing'])).rejects.toThrow('shop/*.nothing: no file matches');
  });
});

describe('the listing', () => {
  const files = async () => (await found()).files.map(({ path }) => path);

  test('ignored and vendored files are left out, with git and without', async () => {
    write('.gitignore', 'tmp/\n*.bak.sql\n!keep.bak.sql\n');
    write('a/.gitignore', '/local.sql\n');
    for (const path of ['a/local.sql', 'a/b/local.sql', 'tmp/x.sql', 'x.bak.sql', 'keep.bak.sql', 'node_modules/p/x.sql', 'dist/x.sql']) write(path, 'SELECT 1;');
    expect(await files()).toEqual(['a/b/local.sql', 'keep.bak.sql']);
    git('init', '-q');
    expect(await files()).toEqual(['a/b/local.sql', 'keep.bak.sql']);
    git('add', '.');
    rmSync(join(root, 'keep.bak.sql'));
    expect(await files()).toEqual(['a/b/local.sql']);
  });

  test('an ignored folder that is named is read', async () => {
    write('.gitignore', 'out/\n');
    write('out/migrations/1_a.sql');
    git('init', '-q');
    expect((await found(['out'])).histories).toEqual(['sql migrations: 1']);
  });

  test('loops of symbolic links end', async () => {
    write('a/x.sql', 'SELECT 1;');
    symlinkSync('..', join(root, 'a/loop'));
    expect(await files()).toEqual(['a/x.sql']);
  });
});

describe('reading', () => {
  test.each<[string, Buffer, string | undefined, string | undefined]>([
    ['a byte order mark', Buffer.from('\uFEFFé'), 'é', undefined],
    ['UTF-16 with a byte order mark', Buffer.from('\uFEFFSELECT é', 'utf16le'), 'SELECT é', undefined],
    ['UTF-16 without', Buffer.from('SELECT 1;', 'utf16le'), 'SELECT 1;', undefined],
    ['invalid UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'a\uFFFDb', 'not valid UTF-8: the bytes are read as U+FFFD'],
    ['NUL', Buffer.from('a\0b'), 'a b', 'holds NUL characters, which PostgreSQL rejects; read as spaces'],
    ['binary', Buffer.from([0x1f, 0x8b, 0, 0xff]), undefined, 'is a binary file'],
  ])('%s', (_, bytes, text, reason) => {
    write('x.sql', bytes);
    const result = readSource(root, 'x.sql');
    expect([result.text, result.notices[0]?.reason]).toEqual([text, reason]);
  });

  test('what is no file', () => {
    mkdirSync(join(root, 'folder.sql'));
    symlinkSync('self.sql', join(root, 'self.sql'));
    const reason = (path: string) => readSource(root, path).notices[0]?.reason;
    expect([reason('folder.sql'), reason('gone.sql'), reason('self.sql')]).toEqual(['is a folder, not a file', 'does not exist any more', 'is a symbolic link to itself']);
  });
});

describe('git', () => {
  test('staged and changed files', () => {
    git('init', '-q');
    write('a/one.sql');
    write('a/two.sql');
    git('add', '.');
    git('commit', '-qm', 'x');
    write('a/one.sql', 'SELECT 2;');
    write('a/é new.sql');
    git('add', 'a/one.sql');
    expect(stagedFiles(root)).toEqual(['a/one.sql']);
    expect(stagedFiles(join(root, 'a'))).toEqual(['one.sql']);
    expect(changedFrom(root, baseOf(root, 'HEAD', '--changed-since'))).toEqual(['a/one.sql', 'a/é new.sql']);
    expect(() => baseOf(root, '--output=x', '--changed-since')).toThrow('--changed-since: git does not know the revision "--output=x"');
    expect(() => baseOf(root, 'nope', '--changed-since')).toThrow('git does not know the revision "nope"');
  });

  test('outside of a repository', () => {
    expect(() => stagedFiles(root)).toThrow(/^--staged: .* is not in a git repository$/);
  });
});

describe('migrations that are programs', () => {
  test('among SQL files, those with a number are part of the history', async () => {
    for (const name of ['0001_a.sql', '0003_c.up.sql', '0003_c.down.sql', '0010_wrapped.sql']) write(`db/migrations/${name}`);
    for (const name of ['0002_fill.go', '0002_fill_test.go', '0010_wrapped.js', 'embed.go', 'migrate.ts', '0011_last.up.ts', '0011_last.down.ts']) write(`db/migrations/${name}`, '');
    const { histories, sources, reasons, roles } = await found();
    expect(histories).toEqual(['sql db/migrations: 0001 0002 0003± 0010 0011']);
    expect(sources[0]?.entries.filter(({ opaque }) => opaque).map(({ file }) => file)).toEqual(['db/migrations/0002_fill.go', 'db/migrations/0011_last.up.ts']);
    expect(reasons).toEqual(['db/migrations: 2 migrations are Go and TypeScript: not read by this version, so what they fill is unknown']);
    expect(roles['db/migrations/0002_fill.go']).toBeUndefined();
  });

  test('in place of migration.sql, or beside it', async () => {
    write('prisma/migrations/20240101000000_a/migration.sql');
    write('prisma/migrations/20240102000000_b/migration.ts', '');
    write('prisma/migrations/20240103000000_c/migration.sql');
    write('prisma/migrations/20240103000000_c/data-migration.ts', '');
    write('prisma/migrations/20240103000000_c/utils.ts', '');
    const { sources } = await found();
    expect(sources[0]?.entries.map(({ file, opaque }) => `${file.slice('prisma/migrations/2024010'.length)}${opaque ? '?' : ''}`)).toEqual([
      '1000000_a/migration.sql', '2000000_b/migration.ts?', '3000000_c/migration.sql', '3000000_c/data-migration.ts?',
    ]);
  });
});

test('SQL files by any of their extensions', async () => {
  for (const name of ['V1__A.SQL', 'V2__b.pgsql', 'V3__c.psql']) write(`migrations/${name}`);
  expect((await found()).histories).toEqual(['sql migrations: 1 2 3']);
});

test('a Drizzle entry that is older than the one before it', async () => {
  const entry = (idx: number, when: number) => ({ idx, version: '7', when, tag: `000${idx}_x`, breakpoints: true });
  for (const idx of [0, 1, 2, 3]) write(`drizzle/000${idx}_x.sql`);
  write('drizzle/meta/_journal.json', JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry(0, 10), entry(1, 30), entry(2, 20), entry(3, 40)] }));
  expect((await found()).faults).toEqual([expect.stringContaining('"0002_x" has no later "when" than "0001_x" before it')]);
});

describe('configurations of the tools, read as text', () => {
  test('prisma.config.ts names schema and migrations', async () => {
    write('db/store.prisma', 'datasource db {\n  provider = "postgresql"\n}\nmodel A {\n id Int @id\n}\n');
    write('old/schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\nmodel B {\n id Int @id\n}\n');
    write('db/steps/first/migration.sql');
    const without = await found();
    expect(without.roles['db/store.prisma']).toBeUndefined();
    write('prisma.config.ts', 'export default defineConfig({\n  // schema: "old",\n  schema: path.join("db", "store.prisma"),\n  migrations: { path: `db/steps` },\n});\n');
    const { roles, histories } = await found();
    expect(roles['db/store.prisma']).toBe('model');
    expect(histories).toEqual(['prisma db/steps: first']);
  });

  test('package.json names a schema', async () => {
    write('app/package.json', '{ "prisma": { "schema": "./data/store.prisma" } }');
    write('app/data/store.prisma', 'datasource db {\n  provider = "postgresql"\n}\n');
    write('prisma/schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\n');
    expect((await found()).roles['app/data/store.prisma']).toBe('model');
  });

  test('drizzle.config.ts names a folder whose journal is not there', async () => {
    write('server/out/one.sql');
    write('server/out/two.sql');
    write('drizzle.config.ts', 'export default { out: "./server/out", dialect: "postgresql" };\n');
    expect(await found()).toMatchObject({ histories: ['drizzle server/out: one two'], reasons: ['server/out: no meta/_journal.json: the migrations are read in the order of their names'] });
    write('drizzle.config.ts', 'export default { out: "./server/out", dialect: "sqlite" };\n');
    expect(await found()).toMatchObject({ histories: [], reasons: ['server/out: 2 Drizzle migrations for SQLite: only PostgreSQL is read'] });
  });
});

test('what Drizzle writes to the folder of Supabase is run once', async () => {
  write('supabase/migrations/0000_a.sql');
  write('supabase/migrations/meta/_journal.json', JSON.stringify({ dialect: 'postgresql', entries: [{ idx: 0, when: 1, tag: '0000_a' }] }));
  write('drizzle.config.ts', 'export default { out: "./supabase/migrations", dialect: "postgresql" };\n');
  expect((await found()).histories).toEqual(['supabase supabase/migrations: 0000']);
});
