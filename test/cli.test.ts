import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withProject } from './fixtures.js';
import { spawnTenantlint, tenantlint, type Outcome, type Surroundings } from './command-line.js';

const BASE = `create table accounts (id uuid primary key);
create table users (id uuid primary key, account_id uuid not null references accounts (id));
create index on users (account_id);
`;
const CLEAN = new Map([['migrations/0001_base.sql', BASE]]);
const FAULTY = new Map([...CLEAN, ['migrations/0002_tenant.sql', `create table notes (id uuid primary key, user_id uuid references users (id));
alter table notes add column account_id uuid not null references accounts (id);
create index on notes (account_id);
`], ['migrations/0003_late.sql', `alter table users add column org text;
alter table notes alter column account_id drop not null;
`]]);

const run = (files: ReadonlyMap<string, string | Buffer>, args: readonly string[], more: Surroundings = {}): Promise<Outcome> => withProject(files, (folder) => tenantlint(folder, args, more));

/** What goes wrong is said in one line. */
function expectOneLine({ status, out, error }: Outcome, words: RegExp): void {
  expect(error).toMatch(words);
  expect(error.trimEnd().split('\n')).toHaveLength(1);
  expect(out).toBe('');
  expect(status).toBe(2);
}

describe('exit status', () => {
  it('0 without errors, 1 with, and the report on standard output alone', async () => {
    const clean = await run(CLEAN, []);
    expect(clean).toMatchObject({ status: 0, error: '' });
    expect(clean.out).toMatch(/No findings\.\n.* read, .* skipped/);
    const faulty = await run(FAULTY, ['check', '--format', 'compact']);
    expect(faulty).toMatchObject({ status: 1, error: '' });
    expect(faulty.out).toMatch(/^migrations\/0003_late\.sql:2:\d+: error no-tenant-regression /m);
  });

  it('1 for more warnings than allowed', async () => {
    const files = new Map([['migrations/0001_base.sql', BASE.replace('create index on users (account_id);', '')]]);
    expect(await run(files, [])).toMatchObject({ status: 0 });
    expect(await run(files, ['--max-warnings', '0'])).toMatchObject({ status: 1 });
  });
});

describe('usage errors', () => {
  it.each([
    [['--formt', 'json'], /Unknown option "--formt"; did you mean "--format"\?/],
    [['--format', 'jsn'], /--format must be one of .*did you mean "json"\?/],
    [['chekc'], /"chekc" is neither a command nor a path; did you mean "check"\?/],
    [['explain', 'tenant-column-indx'], /Unknown rule "tenant-column-indx"; did you mean "tenant-column-index"\?/],
    [['--rule', 'tenant-column-index'], /--rule needs ID:LEVEL/],
    [['--rule', 'tenant-column-index:eror'], /must be error, warn or off.*did you mean "error"\?/],
    [['--rule', 'no-such-rule-at-all:error'], /Unknown rule/],
    [['--max-warnings', 'many'], /--max-warnings needs a whole number/],
    [['--pg-version', '13'], /--pg-version must be 14 to 18, not "13"/],
    [['--jobs', '0'], /--jobs needs a whole number of at least 1/],
    [['--stdin'], /--stdin needs --stdin-filename/],
    [['--preset', 'strickt'], /did you mean "strict"\?/],
    [['--output'], /--output needs a value/],
    [['no/such/path.sql'], /no\/such\/path\.sql/],
    [['--config', 'missing.json'], /missing\.json/],
    [['plan', 'noted'], /plan: unknown table "noted"/],
    [['plan', '--dialect', 'prizma'], /--dialect must be one of .*did you mean "prisma"\?/],
    [['plan', '--via', 'users'], /--via needs TABLE\.COLUMN/],
    [['plan', '--via', 'user.team_id'], /--via: unknown table "user"; did you mean "users"\?/],
    [['--staged'], /git/],
  ])('%j', async (args, words) => expectOneLine(await run(CLEAN, args), words));
});

describe('bad input', () => {
  it('an empty folder', async () => expectOneLine(await run(new Map(), []), /nothing was checked/));

  it('a config with an unknown key', async () => {
    expectOneLine(await run(new Map([...CLEAN, ['tenantlint.config.json', '{ "tenat": {} }']]), []), /tenantlint\.config\.json.*tenat.*tenant/);
  });

  it('a config that is no JSON', async () => {
    expectOneLine(await run(new Map([...CLEAN, ['tenantlint.config.json', '{ "tenant": ']]), []), /tenantlint\.config\.json/);
  });

  it('a syntax error hides nothing else and is named', async () => {
    const { out, status } = await run(new Map([...FAULTY, ['migrations/0004_broken.sql', 'alter tabel users;\nselect 1;\n']]), ['--format', 'json']);
    const { skipped, findings } = JSON.parse(out) as { skipped: unknown[]; findings: unknown[] };
    expect(skipped).toMatchObject([{ file: 'migrations/0004_broken.sql', line: 1, reason: expect.stringContaining('syntax error') }]);
    expect(findings.length).toBeGreaterThan(0);
    expect(status).toBe(1);
  });

  it('invalid UTF-8 is named', async () => {
    const { out } = await run(new Map<string, string | Buffer>([...CLEAN, ['migrations/0002_bytes.sql', Buffer.from([0x2d, 0x2d, 0xff, 0xfe, 0x41, 0x0a])]]), []);
    expect(out).toMatch(/0002_bytes\.sql:1 {2}.*UTF-8/);
  });

  it.skipIf(process.getuid?.() === 0)('an unreadable file is named', () => withProject(CLEAN, async (folder) => {
    const file = join(folder, 'migrations/0002_secret.sql');
    writeFileSync(file, 'select 1;');
    chmodSync(file, 0);
    expect((await tenantlint(folder, [])).out).toMatch(/0002_secret\.sql:1 {2}.*permission denied/);
  }));

  it('10,000 nested parentheses end in a notice', async () => {
    const { out, status } = await run(new Map([...CLEAN, ['migrations/0002_deep.sql', `select ${'('.repeat(10_000)}1${')'.repeat(10_000)};\n`]]), []);
    expect(out).toContain('0002_deep.sql');
    expect(status).toBe(0);
  });

  it('a file of 10 MB is read or named', async () => {
    const rows = `insert into users (id, account_id) values ${Array.from({ length: 200 }, () => '(gen_random_uuid(), null)').join(', ')};\n`;
    const { out, status } = await run(new Map([...CLEAN, ['migrations/0002_big.sql', rows.repeat(Math.ceil(10 * 1024 * 1024 / rows.length))]]), ['--format', 'json']);
    const { stats, skipped } = JSON.parse(out) as { stats: { files: number }; skipped: unknown[] };
    expect(stats.files + skipped.length).toBeGreaterThanOrEqual(2);
    expect([0, 1]).toContain(status);
  });

  it('a journal that names a missing migration', async () => {
    const journal = { version: '7', dialect: 'postgresql', entries: [{ idx: 0, version: '7', when: 1, tag: '0000_base', breakpoints: true }, { idx: 1, version: '7', when: 2, tag: '0001_gone', breakpoints: true }] };
    const { out, status } = await run(new Map([['drizzle/0000_base.sql', BASE], ['drizzle/meta/_journal.json', JSON.stringify(journal)]]), ['--format', 'compact']);
    expect(out).toMatch(/error linear-migration-history .*0001_gone/);
    expect(status).toBe(1);
  });
});

describe('output', () => {
  it('is written whole to a file', () => withProject(FAULTY, async (folder) => {
    const { status, out } = await tenantlint(folder, ['--format', 'json', '--output', 'report.json']);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({ version: 1 });
    mkdirSync(join(folder, 'taken'));
    expectOneLine(await tenantlint(folder, ['--output', 'taken']), /Cannot write/);
  }));

  it('has colours when they are asked for', async () => {
    expect((await run(FAULTY, ['--color'])).out).toContain('\u001b[31m');
    expect((await run(FAULTY, [])).out).not.toContain('\u001b[');
    expect((await run(FAULTY, [], { env: { FORCE_COLOR: '1' } })).out).toContain('\u001b[31m');
    expect((await run(FAULTY, ['--color', '--no-color'])).out).not.toContain('\u001b[');
  });

  it('is the same in every run', async () => {
    const once = async () => (await run(FAULTY, ['--format', 'json'])).out.replace(/"ms": \d+/, '');
    expect(await once()).toBe(await once());
  });
});

describe('paths', () => {
  const files = new Map([...FAULTY, ['README.md', '# Notes\n'], ['docs/a.md', ''], ['other/mysql/1.sql', 'create table t (id int) engine=InnoDB;\n'],
    ['queries/users.sql', 'select 1;\n'], ['migrations/0004_more.sql', 'alter table users alter column account_id drop not null;\n']]);
  const places = async (...args: string[]) => [...new Set((await run(files, [...args, '--format', 'compact'])).out.match(/^\S+?\.sql(?=:)/gm))].sort();

  it('limit the findings, not what is known', async () => {
    expect(await places('migrations/0004_more.sql')).toEqual(['migrations/0004_more.sql']);
    expect(await places('migrations')).toContain('migrations/0003_late.sql');
    expect(await places('migrations/000[34]*.sql')).toEqual(['migrations/0003_late.sql', 'migrations/0004_more.sql']);
    const clean = await run(files, ['queries']);
    expect(clean).toMatchObject({ status: 0, error: '' });
    expect(clean.out).toContain('No findings.');
  });

  it.each([
    [['README.md'], /^tenantlint: README\.md: no migration, model or query file/],
    [['docs', 'README.md'], /^tenantlint: docs, README\.md: no migration, model or query file/],
    [['other/mysql/1.sql'], /1\.sql: no migration.*MySQL: only PostgreSQL is read/],
    [['no/such.sql'], /no\/such\.sql: no such file or folder/],
    [['nothing/**/*.sql'], /no file matches/],
  ])('%j', async (args, words) => expectOneLine(await run(files, args), words));
});

describe('rule names', () => {
  it('that do not exist are an error that names the nearest', async () => {
    const config = new Map([...CLEAN, ['tenantlint.config.json', '{ "rules": { "owned-referenc": "error" } }']]);
    expectOneLine(await run(config, []), /did you mean "owned-reference"/);
  });
});

describe('part of a project', () => {
  const git = (folder: string, ...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);

  it('--staged and --changed-since report only what changed, judged within the whole', () => withProject(CLEAN, async (folder) => {
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'base');
    expect(await tenantlint(folder, ['--staged'])).toMatchObject({ status: 0 });
    writeFileSync(join(folder, 'migrations/0002_tenant.sql'), FAULTY.get('migrations/0002_tenant.sql')!);
    writeFileSync(join(folder, 'migrations/0003_late.sql'), FAULTY.get('migrations/0003_late.sql')!);
    git(folder, 'add', 'migrations/0003_late.sql');
    const staged = await tenantlint(folder, ['--staged', '--format', 'compact']);
    expect(staged.out).toContain('0003_late.sql:2');
    expect(staged.out).not.toContain('0002_tenant.sql:');
    expect((await tenantlint(folder, ['--changed-since', 'HEAD', '--format', 'compact'])).out).toContain('0003_late.sql:2');
  }));

  it('--stdin stands in for a file, on disk or not', async () => {
    const text = 'alter table users alter column account_id drop not null;\n';
    for (const file of ['migrations/0003_new.sql', 'migrations/0001_base.sql']) {
      const input = file.includes('0001') ? `${BASE}${text}` : text;
      const { out, status } = await run(CLEAN, ['--stdin', '--stdin-filename', file, '--format', 'compact'], { input });
      expect(out).toContain(`${file}:`);
      expect(status).toBe(1);
    }
  });
});

describe('other commands', () => {
  it('--version and --help', async () => {
    expect((await run(CLEAN, ['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await run(CLEAN, ['--help'])).out).toContain('explain');
    expect((await run(CLEAN, ['check', '--help'])).out).toContain('--max-warnings N');
  });

  it('rules lists every rule', async () => {
    const list = JSON.parse((await run(CLEAN, ['rules', '--format', 'json'])).out) as { id: string }[];
    expect(list.map(({ id }) => id)).toContain('tenant-column-index');
    expect((await run(CLEAN, ['rules'])).out).toContain('tenant-column-index');
  });

  it('explain shows a page, or a line', async () => {
    expect((await run(CLEAN, ['explain', 'tenant-column-index'])).out).toMatch(/^tenant-column-index\n/);
    const { out, status } = await run(FAULTY, ['explain', 'migrations/0003_late.sql:2']);
    expect(out).toContain('no-tenant-regression');
    expect(status).toBe(0);
    expectOneLine(await run(FAULTY, ['explain', 'nowhere.sql:2']), /not among the/);
  });

  it('tables lists every table', async () => {
    const rows = JSON.parse((await run(CLEAN, ['tables', '--format', 'json'])).out) as object[];
    expect(rows).toMatchObject([{ name: 'accounts', class: 'root' }, { name: 'users', class: 'tenant', tenantColumn: 'account_id', nullable: false, foreignKey: true, index: true }]);
    expect((await run(CLEAN, ['tables', '--format', 'markdown'])).out).toContain('| users | tenant | account_id | no | yes | yes |');
  });

  it('init gives each guess with its reason, in a form that loads', () => withProject(new Map([...CLEAN, ['migrations/0002_more.sql', `create table currencies (code text primary key);
alter table users enable row level security;
create policy own on users using (account_id = current_setting('app.account', true)::uuid);
`]]), async (folder) => {
    for (const format of ['json', 'ts']) {
      const { out } = await tenantlint(folder, ['init', '--dry-run', '--format', format]);
      expect(out).toMatch(/^\/\/ Detected: migrations \(sql, 2 migrations\)\.$/m);
      expect(out).toMatch(/\/\/ Assumed tenant column account_id, root table accounts\. 1 table has the column/);
      expect(out).toMatch(/No foreign key links these to the root table.*\n.*\n {2}"tables": \{\n {4}"global": \[\n {6}"currencies"/);
      expect(out).toMatch(/"rls": \{\n {4}"setting": "app\.account"/);
    }
    expect(await tenantlint(folder, ['init', '--yes'])).toMatchObject({ status: 0, error: '' });
    expect((await tenantlint(folder, ['check'])).out).toMatch(/\(from the configuration\)/);
    expect((await tenantlint(folder, ['check'])).out).not.toMatch(/no-unclassified-table/);
  }));

  it('init writes a config that works, once', () => withProject(CLEAN, async (folder) => {
    expect((await tenantlint(folder, ['init', '--dry-run'])).out).toContain('"account_id"');
    expect(existsSync(join(folder, 'tenantlint.config.json'))).toBe(false);
    expect(await tenantlint(folder, ['init'])).toMatchObject({ status: 0 });
    expectOneLine(await tenantlint(folder, ['init']), /--force/);
    expect(await tenantlint(folder, [])).toMatchObject({ status: 0 });
  }));

  it('a baseline hides what is known and tells what is gone', () => withProject(FAULTY, async (folder) => {
    expect(await tenantlint(folder, ['baseline'])).toMatchObject({ status: 0 });
    const known = await tenantlint(folder, []);
    expect(known.status).toBe(0);
    expect(known.out).toContain('in the baseline not shown');
    writeFileSync(join(folder, 'migrations/0003_late.sql'), 'select 1;\n');
    expect((await tenantlint(folder, [])).out).toMatch(/no longer found/);
  }));
});

describe('as a process', () => {
  const spawned = (files: ReadonlyMap<string, string>, args: readonly string[], more = {}): Promise<Outcome> => withProject(files, (folder) => spawnTenantlint(folder, args, more));

  it('exits with the status, the report whole on standard output', async () => {
    const { status, out, error } = await spawned(FAULTY, ['--format', 'json']);
    expect({ status, error }).toEqual({ status: 1, error: '' });
    expect(JSON.parse(out)).toMatchObject({ version: 1 });
  });

  it('says a usage error in one line', async () => expectOneLine(await spawned(CLEAN, ['--formt']), /^tenantlint: Unknown option/));

  it('reads standard input', async () => {
    const { out, status } = await spawned(CLEAN, ['--stdin', '--stdin-filename', 'migrations/0001_base.sql', '--format', 'compact'], { input: `${BASE}alter table users alter column account_id drop not null;\n` });
    expect(out).toContain('0001_base.sql:');
    expect(status).toBe(1);
  });

  it('is quiet when nobody reads its output', async () => {
    expect((await spawned(FAULTY, [], { closeEarly: true })).error).toBe('');
  });
});
