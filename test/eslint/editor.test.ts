import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import plugin from 'eslint-plugin-tenantlint';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rules } from '../../rules/index.js';
import { FactsCache } from '../../src/cache/index.js';
import { Session } from '../../src/editor/session.js';
import { withProject } from '../fixtures.js';
import { eslintIn, shown, withRules } from './host.js';

const SCHEMA = `create table accounts (id uuid primary key);
create table notes (id uuid primary key, account_id uuid not null references accounts (id), title text);
create index on notes (account_id);
`;
const HELPER = `import { Pool } from 'pg';
export const pool = new Pool();
export const byId = (id: string) => pool.query('select * from notes where id = $1', [id]);
`;
const ROUTE = `import { pool } from './db.js';
export async function list(accountId: string) {
  return pool.query('select * from notes where account_id = $1', [accountId]);
}
`;
const UNSCOPED = ROUTE.replace('where account_id = $1', 'where id = $1');
const FILES = new Map([['migrations/0001_base.sql', SCHEMA], ['src/db.ts', HELPER], ['src/notes.ts', ROUTE]]);
/** Longer than the disk is left alone between two looks. */
const MOMENT = 150;

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

type Lint = (file: string, text: string) => Promise<string[]>;

/** A folder with an editor on it: `lint` gives what is shown for an unsaved text. */
async function editing(files: ReadonlyMap<string, string>, work: (lint: Lint, folder: string) => Promise<void>): Promise<void> {
  await withProject(files, async (folder) => {
    const eslint = eslintIn(folder, plugin.configs.recommended);
    await work(async (file, text) => (await eslint.lintText(text, { filePath: join(folder, file) }))[0]!.messages.map(shown), folder);
  });
}

afterEach(() => vi.restoreAllMocks());

describe('the plugin', () => {
  it('has every rule, without options of its own, each with a page', () => {
    expect(Object.keys(plugin.rules).sort()).toEqual([...rules.map(({ id }) => id), 'disable-directive'].sort());
    for (const { meta } of Object.values(plugin.rules)) {
      expect(meta!.schema).toEqual([]);
      expect(meta!.docs!.url).toMatch(/^file:.*\.md$/);
    }
  });

  it('asks the engine once a file, however many rules are on', () => editing(FILES, async (lint) => {
    const asked = vi.spyOn(Session.prototype, 'lint');
    expect(await lint('src/notes.ts', UNSCOPED)).toHaveLength(1);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(asked.mock.calls[0]![2].ids.size).toBeGreaterThan(20);
  }));

  it('gives its levels by the preset; what the configuration of the project switches off is off', () => editing(FILES, async (lint, folder) => {
    const sql = 'create table tags (id uuid primary key, account_id uuid not null references accounts (id));\n';
    const index = async () => (await lint('migrations/0002_tags.sql', sql)).filter((line) => line.includes('tenant-column-index')).length;
    expect(await index()).toBe(1);
    write(folder, 'tenantlint.config.json', '{ "rules": { "tenant-column-index": "off" } }');
    await setTimeout(MOMENT);
    expect(await index()).toBe(0);
  }));

  it('leaves the rules about row-level security alone until it is used, or asked for', () => withProject(FILES, async (folder) => {
    const enabled = async (preset: 'recommended' | 'rls', text: string) => (
      (await eslintIn(folder, plugin.configs[preset]).lintText(text, { filePath: join(folder, 'migrations/0001_base.sql') }))[0]!.messages.some(({ ruleId }) => ruleId === 'tenantlint/rls-enabled'));
    expect(await enabled('recommended', SCHEMA)).toBe(false);
    expect(await enabled('rls', SCHEMA)).toBe(true);
    expect(await enabled('recommended', `${SCHEMA}create policy p on notes using (account_id = current_setting('app.account')::uuid);\n`)).toBe(true);
  }));

  it('says what is wrong with the configuration, once a file', () => editing(new Map([...FILES, ['tenantlint.config.json', '{ "tenat": {} }']]), async (lint) => {
    const lines = await lint('src/notes.ts', ROUTE);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^1:1-.*tenantlint: tenantlint\.config\.json:1: unknown key "tenat"/);
  }));

  it('has nothing to say of what is no part of the project', () => editing(FILES, async (lint) => {
    expect((await lint('node_modules/x/index.js', UNSCOPED)).filter((line) => line.includes('tenantlint/'))).toEqual([]);
  }));
});

describe('a buffer', () => {
  it('is read as it is: changed, broken, mended', () => editing(FILES, async (lint) => {
    expect(await lint('src/notes.ts', ROUTE)).toEqual([]);
    const [found] = await lint('src/notes.ts', UNSCOPED);
    expect(found).toMatch(/^3:\d+-\d+:\d+ tenantlint\/require-tenant-scope /);
    expect((await lint('src/notes.ts', UNSCOPED.replace('{', '{ if (')))[0]).toContain('Parsing error');
    expect(await lint('src/notes.ts', ROUTE)).toEqual([]);
    expect(await lint('src/notes.ts', `\n${UNSCOPED}`)).toEqual([found!.replace(/^3:(\d+)-3/, '4:$1-4')]);
  }));

  it('of a migration: what is broken in it hides nothing else', () => editing(FILES, async (lint) => {
    const bad = 'alter table notes alter column account_id drop not null;\n';
    const rule = async (text: string) => (await lint('migrations/0002_late.sql', text)).filter((line) => line.includes('no-tenant-regression'));
    expect(await rule(bad)).toHaveLength(1);
    expect((await rule(`alter tabel x;\n${bad}`))[0]).toMatch(/^2:/);
    expect(await rule('select 1;\n')).toEqual([]);
  }));

  it.each(['\r\n', '\r'])('with line ends %j', (end) => editing(FILES, async (lint) => {
    expect((await lint('src/notes.ts', UNSCOPED.replaceAll('\n', end)))[0]).toMatch(/^3:\d+-3:/);
    expect((await lint('migrations/0002_late.sql', ['select 1;', 'alter table notes alter column account_id drop not null;', ''].join(end)))[0]).toMatch(/^2:/);
  }));

  it('with a byte order mark and line ends of JavaScript alone', () => editing(FILES, async (lint) => {
    const [plain] = await lint('src/notes.ts', UNSCOPED);
    expect(await lint('src/notes.ts', `\uFEFF${UNSCOPED}`)).toEqual([plain]);
    expect((await lint('src/notes.ts', `/* 😀\u2028 */ ${UNSCOPED}`))[0]).toMatch(/^4:/);
  }));
});

describe('the rest of the project', () => {
  it('is what is on disk now: a new migration, a deleted one, a changed helper', () => editing(FILES, async (lint, folder) => {
    const text = "import { pool } from './db.js';\nexport const labels = () => pool.query('select * from labels');\n";
    expect(await lint('src/labels.ts', text)).toEqual([]);
    write(folder, 'migrations/0002_labels.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\n');
    await setTimeout(MOMENT);
    expect((await lint('src/labels.ts', text))[0]).toMatch(/^2:.*require-tenant-scope/);
    rmSync(join(folder, 'migrations/0002_labels.sql'));
    await setTimeout(MOMENT);
    expect(await lint('src/labels.ts', text)).toEqual([]);
    expect(await lint('src/notes.ts', UNSCOPED)).toHaveLength(1);
    write(folder, 'src/db.ts', 'export const pool = { query: (text: string, values: unknown[]) => [text, values] };\n');
    await setTimeout(MOMENT);
    expect(await lint('src/notes.ts', UNSCOPED)).toEqual([]);
  }));

  it('may be broken elsewhere', () => editing(new Map([...FILES, ['src/broken.ts', 'export const = ('], ['migrations/0000_broken.sql', 'create tabel x;\n']]), async (lint) => {
    expect(await lint('src/notes.ts', UNSCOPED)).toHaveLength(1);
  }));
});

it('says the same of a whole project, gone through file by file', () => {
  const queries = new Map(Array.from({ length: 25 }, (_, i) => [`src/query${i}.ts`, UNSCOPED] as const));
  return editing(new Map([...FILES, ...queries]), async (lint) => {
    for (const [file, text] of queries) expect(await lint(file, text), file).toHaveLength(1);
    expect(await lint('src/query3.ts', ROUTE)).toEqual([]);
  });
});

describe('languages', () => {
  const bad = 'alter table notes alter column account_id drop not null;\n';
  const rule = 'tenantlint/no-tenant-regression';
  const schema = 'datasource db {\n  provider = "postgresql"\n}\n';

  it('obey the directives of ESLint in their own comments', () => withProject(new Map([...FILES, ['prisma/schema.prisma', schema]]), async (folder) => {
    const eslint = eslintIn(folder, [...withRules(['no-tenant-regression']), { linterOptions: { reportUnusedDisableDirectives: 'error' } }]);
    const lint = async (file: string, text: string) => (await eslint.lintText(text, { filePath: join(folder, file) }))[0]!.messages.map(({ ruleId, message, line }) => `${line} ${ruleId} ${message}`);
    for (const text of [`-- eslint-disable-next-line ${rule} -- why\n${bad}`, `${bad.trimEnd()} -- eslint-disable-line ${rule}\n`, `/* eslint-disable ${rule} */\n${bad}`, `/* eslint ${rule}: off */\n${bad}`]) {
      expect(await lint('migrations/0002_late.sql', text), text).toEqual([]);
    }
    expect(await lint('migrations/0002_late.sql', bad)).toHaveLength(1);
    expect(await lint('migrations/0002_late.sql', `-- eslint-disable-next-line ${rule}\nselect 1;\n`)).toEqual([expect.stringMatching(/^1 null Unused eslint-disable directive/)]);
    expect(await lint('prisma/schema.prisma', `${schema}// eslint-disable-next-line ${rule}\n`)).toEqual([expect.stringMatching(/^4 null Unused/)]);
    expect(await lint('tools/x.py', `# eslint-disable-next-line ${rule}\nx = "# eslint-disable ${rule}"\n`)).toEqual([expect.stringMatching(/^1 null Unused/)]);
  }));

  it('of a body in dollar quotes as well', () => withProject(FILES, async (folder) => {
    const eslint = eslintIn(folder, withRules(['no-tenant-regression']));
    const text = `do $$ begin\n  -- eslint-disable-next-line ${rule}\n  ${bad.trimEnd()}\nend $$;\n`;
    const count = async (sql: string) => (await eslint.lintText(sql, { filePath: join(folder, 'migrations/0002_late.sql') }))[0]!.messages.length;
    expect([await count(text), await count(text.replace('-- eslint', '-- '))]).toEqual([0, 1]);
  }));

  it('have no options', () => {
    expect(() => plugin.languages['sql']!.validateLanguageOptions({ mode: 1 })).toThrow('Unknown language option "mode"');
  });
});

it('a fingerprint changes with what may change a finding, and not otherwise', () => withProject(FILES, async (folder) => {
  const session = new Session(folder);
  const before = session.fingerprint();
  write(folder, 'docs/readme.md', 'nothing');
  await setTimeout(MOMENT);
  expect(session.fingerprint()).toBe(before);
  write(folder, 'migrations/0002_more.sql', 'alter table notes add column body text;\n');
  await setTimeout(MOMENT);
  expect(session.fingerprint()).not.toBe(before);
}));

it('reads at first what an earlier session, or the command line, has kept of the files', () => withProject(FILES, async (folder) => {
  const place = { path: join(folder, 'kept'), fingerprint: Buffer.alloc(20) };
  const found = vi.spyOn(FactsCache.prototype, 'get');
  const lint = () => {
    found.mockClear();
    const findings = new Session(folder, place).lint(join(folder, 'src/notes.ts'), UNSCOPED, { ids: new Set(['require-tenant-scope']) });
    return { findings, read: found.mock.results.filter(({ value }) => value !== undefined).length };
  };
  const first = lint();
  expect(first.read).toBe(0);
  expect(first.findings).toHaveLength(1);
  expect(lint()).toEqual({ ...first, read: FILES.size });
  write(folder, 'kept.facts', 'nothing');
  expect(lint()).toEqual(first);
}));

describe('a file on which work does not end in time', () => {
  const long = `import { pool } from './db.js';\n${Array.from({ length: 200 }, (_, at) => `export async function f${at}(id: string) {\n  const rows = await pool.query('select * from notes where id = $1', [id]);\n  return rows.rows.map((row) => row.title + id).filter((title) => title !== id);\n}\n`).join('')}`;
  const ids = new Set(['require-tenant-scope']);
  /** More looks at the clock than at a short file, and fewer than at the long one. */
  const fileTimeout = 0.003;

  /** A clock that stands still but for who looks at it: nothing depends on the machine. */
  async function withSlowClock<T>(work: () => T | Promise<T>): Promise<T> {
    let now = performance.now();
    const clocks = [vi.spyOn(performance, 'now').mockImplementation(() => ++now), vi.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: now * 1000, system: 0 }))];
    try {
      return await work();
    } finally {
      for (const clock of clocks) clock.mockRestore();
    }
  }

  it('is said to be left alone, until it is saved anew; others are linted without it', () => withProject(new Map([...FILES, ['src/long.ts', long]]), async (folder) => {
    const session = new Session(folder);
    const lint = (file: string, text: string, seconds: number) => session.lint(join(folder, file), text, { ids, fileTimeout: seconds });
    await withSlowClock(() => expect(() => lint('src/long.ts', long, fileTimeout)).toThrow(`Work on src/long.ts did not come to an end within ${fileTimeout} s`));
    expect(() => lint('src/long.ts', `${long}\n`, 60)).toThrow('until it is saved anew');
    expect(lint('src/notes.ts', UNSCOPED, 60)).toHaveLength(1);
    write(folder, 'src/long.ts', `${long}\n`);
    await setTimeout(MOMENT);
    expect(lint('src/long.ts', `${long}\n`, 60)).toHaveLength(200);
  }));

  it('takes from the settings of ESLint how long that is, and shows why a file is not checked', () => withProject(new Map([...FILES, ['src/long.ts', long]]), async (folder) => {
    const eslint = eslintIn(folder, [...plugin.configs.recommended, { settings: { tenantlint: { fileTimeout } } }]);
    const { messages } = (await withSlowClock(() => eslint.lintText(long, { filePath: join(folder, 'src/long.ts') })))[0]!;
    expect(messages.map(({ message }) => message.slice(0, 60))).toEqual(['tenantlint: Work on src/long.ts did not come to an end withi']);
  }));
});
