import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../src/report/types.js';
import { spawnTenantlint, tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';

const BASE = 'create table accounts (id uuid primary key);\ncreate table users (id uuid primary key, account_id uuid references accounts (id));\n';
const PROJECT = new Map([['migrations/0001_base.sql', BASE]]);

describe('code of the project', () => {
  const MARK = 'import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("executed", import.meta.url), "");\nexport default {};\n';
  const executed = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('executed'));
  it('is not executed: neither what it holds nor what it imports, nor a configuration that is refused', () => withProject(new Map([
    ...PROJECT, ['tenantlint.config.mjs', MARK], ['knexfile.js', MARK], ['drizzle.config.ts', MARK], ['prisma.config.ts', MARK], ['src/index.ts', MARK], ['ormconfig.js', MARK], ['alembic/env.py', 'open("executed", "w")\n'],
  ]), async (folder) => {
    for (const command of ['check', 'tables', 'gate']) {
      const { status, error } = await spawnTenantlint(folder, [command, '--no-config-code']);
      expect(executed(folder)).toEqual([]);
      expect([status, error]).toEqual([2, 'tenantlint: tenantlint.config.mjs: a config that is code is not run here; use tenantlint.config.json\n']);
    }
    expect((await spawnTenantlint(folder, ['check'])).error).toBe('');
    expect(executed(folder)).toEqual(['executed']);
  }));

  it('stays unexecuted with a configuration that is data', () => withProject(new Map([
    ...PROJECT, ['tenantlint.config.json', '{}'], ['knexfile.js', MARK], ['drizzle.config.ts', MARK], ['prisma.config.ts', MARK], ['src/index.ts', MARK],
    ['.git/config', '[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch executed\n\thooksPath = .\n[diff]\n\texternal = touch executed\n'], ['.git/HEAD', 'ref: refs/heads/main\n'], ['.git/objects/x', ''], ['.git/refs/x', ''],
  ]), async (folder) => {
    expect((await spawnTenantlint(folder, ['check', '--no-config-code'])).status).toBe(1);
    expect((await spawnTenantlint(folder, ['check', '--types', '--no-cache'])).status).toBe(1);
    expect(executed(folder)).toEqual([]);
  }));
});

describe('paths', () => {
  it.each([
    ['{ "migrations": [{ "dir": "../outside", "kind": "sql" }] }', /must be inside of the project/], ['{ "migrations": [{ "dir": "/etc", "kind": "sql" }] }', /must be inside of the project/],
    ['{ "schema": ["../../etc/passwd"] }', /must be inside of the project/], ['{ "source": { "include": ["../**"] } }', /must be inside of the project/],
  ])('of the configuration stay in the project: %s', async (config, words) => withProject(new Map([...PROJECT, ['tenantlint.config.json', config]]), async (folder) => {
    const { status, error } = await tenantlint(folder, []);
    expect(status).toBe(2);
    expect(error).toMatch(words);
  }));

  it('of a journal and a baseline are compared, not opened', () => withProject(new Map([['secret.sql', 'select * from users where secret;\n']]), (outside) => withProject(new Map([
    ['drizzle/0000_base.sql', BASE], ['drizzle/meta/_journal.json', JSON.stringify({ version: '7', dialect: 'postgresql', entries: [{ idx: 0, version: '7', when: 1, tag: '0000_base', breakpoints: true }, { idx: 1, version: '7', when: 2, tag: `../../${outside.split('/').at(-1)!}/secret`, breakpoints: true }] })],
    ['tenantlint-baseline.json', JSON.stringify({ version: 1, findings: [{ ruleId: 'x', file: join(outside, 'secret.sql'), message: 'm', fingerprint: 'f' }] })],
  ]), async (folder) => {
    const { out } = await tenantlint(folder, ['check', '--format', 'json']);
    const { findings, skipped } = JSON.parse(out) as { findings: { file: string; ruleId: string }[]; skipped: { file: string }[] };
    expect(findings.map(({ ruleId }) => ruleId)).toContain('linear-migration-history');
    expect([...findings, ...skipped].filter(({ file }) => file.includes('secret'))).toEqual([]);
  })));
});

describe('names of the project in reports', () => {
  const NAME = 'x\u001b]0;owned\u0007\u009b31m\u202e\u007f<img src=x onerror=alert(1)>&\'`';
  const HOSTILE = new Map([
    ['migrations/0001_base.sql', `${BASE}create table "${NAME}" (id uuid primary key, account_id uuid references accounts (id));\n`],
    [`queries/<script>alert(1)<\u001b[2Jscript>.sql`, `select * from "${NAME}";\nselect from from ${NAME};\n`],
  ]);

  const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

  it.each(FORMATS)('are harmless as %s', (format) => withProject(HOSTILE, async (folder) => {
    const { out, error, status } = await tenantlint(folder, ['check', '--format', format, '--preset', 'strict']);
    expect(status).toBe(1);
    expect((out + error).match(OBEYED)).toBeNull();
    if (format === 'html' || format === 'junit') expect(out).not.toMatch(/<img|<script/i);
    if (format === 'github') expect(out.split('\n').filter((line) => line.startsWith('::') && !/^::(?:error|warning|notice) /.test(line))).toEqual([]);
  }));

  it.each([
    'tables', 'tables --format json', 'tables --format markdown', 'tables --format html', 'gate', 'plan', 'plan --dialect prisma', 'plan --dialect drizzle', 'plan --dialect typeorm', 'plan --dialect knex', 'plan --dialect alembic', 'init --dry-run', 'init --dry-run --format ts', 'baseline',
    'check --exemptions', 'check --exemptions --format json', 'check --debug', 'check --coverage', 'check --stats',
  ])('are harmless in what `%s` prints', (words) => withProject(new Map([
    ...HOSTILE, ['migrations/0002_more.sql', `create table "${NAME}2" (id uuid primary key, of uuid references "${NAME}" (id), "${NAME}" text);\n`],
    ['queries/named.sql', `-- tenantlint-disable-next-line require-tenant-scope -- because of ${NAME}\nselect * from "${NAME}";\n`],
  ]), async (folder) => {
    const { out, error, status } = await tenantlint(folder, words.split(' '));
    expect((out + error).match(OBEYED)).toBeNull();
    expect([status, out + error]).not.toEqual([2, expect.anything()]);
    if (words.endsWith('html')) expect(out).not.toMatch(/<img|<script/i);
  }));
});

describe('one input, one report', () => {
  const project = join(import.meta.dirname, '../fixtures/projects/saas-25');
  const bytes = async (folder: string, args: readonly string[], env: Record<string, string>): Promise<string> => {
    const { out, status } = await spawnTenantlint(folder, ['check', '--format', 'json', '--preset', 'strict', '--no-cache', ...args], { env });
    expect(status).toBe(1);
    return out.replace(/"ms": \d+/, '"ms": 0');
  };

  it('whatever the language, the time zone and the day', async () => {
    const plain = await bytes(project, [], { LC_ALL: 'C', TZ: 'UTC' });
    expect(await bytes(project, [], { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', LANGUAGE: 'tr', TZ: 'Pacific/Kiritimati' })).toBe(plain);
    expect(await bytes(project, [], { LC_ALL: 'sv_SE.UTF-8', TZ: 'America/Caracas', HOME: '/nonexistent' })).toBe(plain);
  });

  it('whatever the order in which the files were made, and the numbers of threads', async () => {
    const files = readdirSync(project, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((each) => each.isFile()).map(({ parentPath, name }): [string, string] => [relative(project, join(parentPath, name)), readFileSync(join(parentPath, name), 'utf8')]);
    const reports = await Promise.all([[files, '1'], [[...files].reverse(), '4']].map(([each, jobs]) => withProject(new Map(each as [string, string][]), (folder) => bytes(folder, ['--jobs', jobs as string], {}))));
    expect(files.length).toBeGreaterThan(5);
    expect(reports[1]).toBe(reports[0]);
  });

  it('whatever the working folder: paths are relative to it, and say nothing of where the project lies', async () => {
    const found = (text: string, folder: string): string[] => (JSON.parse(text) as { findings: { file: string; line: number; ruleId: string; message: string; fingerprint: string }[] }).findings
      .map(({ file, line, ruleId, message, fingerprint }) => `${posix.join(folder, file)}:${line} ${ruleId} ${message} ${fingerprint}`).sort();
    const plain = await bytes(project, [], {});
    const below = await bytes(join(project, 'src'), ['..'], {});
    expect(found(below, 'src')).toEqual(found(plain, '.'));
    expect(plain + below).not.toContain(project);
  });
});
