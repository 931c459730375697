import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const FILES = {
  'package.json': '{ "name": "shop", "private": true }\n',
  '.gitignore': 'node_modules\n',
  'migrations/0001_base.sql': `create table accounts (id uuid primary key);
create table notes (id uuid primary key, account_id uuid not null references accounts (id), title text);
create index on notes (account_id);
`,
  'src/db.js': "import { Pool } from 'pg';\nexport const pool = new Pool();\n",
  'src/notes.js': "import { pool } from './db.js';\nexport const list = (accountId) => pool.query('select * from notes where account_id = $1', [accountId]);\n",
};
const BAD_QUERY = "import { pool } from './db.js';\nexport const one = (id) => pool.query('select * from notes where id = $1', [id]);\n";
const BAD_MIGRATION = 'alter table notes add column owner_id uuid;\nalter table notes alter column account_id drop not null;\n';
const ESM = "import tenantlint from 'eslint-plugin-tenantlint';\n\nexport default [...tenantlint.configs.recommended];\n";
const CJS = "const tenantlint = require('eslint-plugin-tenantlint');\n\nmodule.exports = [...tenantlint.configs.recommended];\n";

let store: string;

/** A new project with the packed packages installed: nothing comes from the network, dependencies are those of this repository. */
function newProject(eslint = 'eslint'): Project {
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-packed-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  // Copies, not links: what a package requires must be found from where it is installed.
  for (const name of ['tenantlint', 'eslint-plugin-tenantlint']) cpSync(join(store, name), join(modules, name), { recursive: true });
  for (const name of ['libpg-query', 'oxc-parser', '@lezer', 'fast-glob', 'ignore', 'jsonc-parser', 'picocolors', 'typescript', '@eslint']) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  symlinkSync(join(ROOT, 'node_modules', eslint), join(modules, 'eslint'));
  symlinkSync('../tenantlint/dist/src/cli.js', join(modules, '.bin/tenantlint'));
  const project = new Project(folder);
  for (const [file, text] of Object.entries(FILES)) project.write(file, text);
  return project;
}

class Project {
  constructor(readonly folder: string) {}

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  run(command: string, args: readonly string[], env: Record<string, string> = {}): { status: number | null; out: string; error: string } {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: this.folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', ...env } });
    return { status, out: stdout, error: stderr };
  }

  node(script: string, ...args: string[]): ReturnType<Project['run']> {
    return this.run(process.execPath, [join('node_modules', script), ...args]);
  }

  /** Each message as `file:line rule`. */
  eslint(...args: string[]): string[] {
    const { out, error, status } = this.node('eslint/bin/eslint.js', '--format', 'json', ...args);
    if (status === 2 || status === null) throw new Error(error);
    const results = JSON.parse(out) as { filePath: string; messages: { ruleId: string | null; line: number; message: string }[] }[];
    return results.flatMap(({ filePath, messages }) => messages.map(({ ruleId, line, message }) => `${filePath.slice(this.folder.length + 1)}:${line} ${ruleId?.replace('tenantlint/', '') ?? message}`)).sort();
  }

  tenantlint(...args: string[]): ReturnType<Project['run']> {
    return this.run(join(this.folder, 'node_modules/.bin/tenantlint'), args);
  }

  git(...args: string[]): ReturnType<Project['run']> {
    return this.run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The findings of a report for people or machines, as `file:line rule`. */
function findingsIn(text: string): string[] {
  const github = [...text.matchAll(/^::(?:error|warning) file=([^,]*),line=(\d+),.*?title=tenantlint%3A ([\w-]+)::/gm)];
  return github.map(([, file, line, rule]) => `${file}:${line} ${rule}`).sort();
}

function inProject<T>(work: (project: Project) => T, eslint?: string): T {
  const project = newProject(eslint);
  try {
    return work(project);
  } finally {
    project.remove();
  }
}

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist/.built')) || !existsSync(join(ROOT, 'eslint-plugin/dist'))) throw new Error('Not built: run "npm run build" first');
  store = mkdtempSync(join(tmpdir(), 'tenantlint-store-'));
  for (const [name, from] of [['tenantlint', ROOT], ['eslint-plugin-tenantlint', join(ROOT, 'eslint-plugin')]] as const) {
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', store], { cwd: from, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ filename: string }];
    mkdirSync(join(store, name));
    execFileSync('tar', ['-xzf', join(store, filename), '-C', join(store, name), '--strip-components=1']);
  }
  // npm does so when it installs a package.
  chmodSync(join(store, 'tenantlint/dist/src/cli.js'), 0o755);
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

describe('a new project', { timeout: 180_000 }, () => {
  it.each([['eslint', 'eslint.config.mjs', ESM], ['eslint', 'eslint.config.cjs', CJS], ['eslint-v9', 'eslint.config.mjs', ESM], ['eslint-v9', 'eslint.config.cjs', CJS]])(
    '%s with %s underlines an unscoped query and a bad migration', (eslint, config, text) => inProject((project) => {
      project.write(config, text);
      expect(project.eslint('.')).toEqual([]);
      project.write('src/one.js', BAD_QUERY);
      project.write('migrations/0002_late.sql', BAD_MIGRATION);
      expect(project.eslint('.')).toEqual([
        'migrations/0001_base.sql:2 tenant-column-not-null', 'migrations/0002_late.sql:2 no-tenant-regression', 'src/one.js:2 require-tenant-scope',
      ]);
    }, eslint));

  it.each(['eslint', 'eslint-v9'])('%s --cache serves nothing stale when the schema changes', (eslint) => inProject((project) => {
    project.write('eslint.config.mjs', ESM);
    project.write('src/labels.js', BAD_QUERY.replace('notes', 'labels'));
    const lint = () => project.eslint('--cache', 'src');
    expect(lint()).toEqual([]);
    const before = readFileSync(join(project.folder, '.eslintcache'), 'utf8');
    expect(lint()).toEqual([]);
    expect(readFileSync(join(project.folder, '.eslintcache'), 'utf8')).toBe(before);
    project.write('migrations/0002_labels.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\ncreate index on labels (account_id);\n');
    expect(lint()).toEqual(['src/labels.js:2 require-tenant-scope']);
    project.write('tenantlint.config.json', '{ "rules": { "require-tenant-scope": "off" } }');
    expect(lint()).toEqual([]);
  }, eslint));

  it('fails before the commit, in ESLint and in continuous integration with the same findings', () => inProject((project) => {
    expect(project.tenantlint('init', '--eslint').out).toBe('eslint.config.mjs written.\n');
    project.git('init', '-q');
    expect(project.tenantlint('init', '--hook').out).toMatch(/pre-commit written/);
    project.git('add', '.');
    expect(project.git('commit', '-m', 'base').status).toBe(0);
    project.write('src/one.js', BAD_QUERY);
    project.write('migrations/0002_late.sql', BAD_MIGRATION);
    project.git('add', '.');
    const commit = project.git('commit', '-m', 'bad');
    expect(commit.status).toBe(1);
    const staged = findingsIn(project.tenantlint('check', '--staged', '--format', 'github').out);
    expect(staged).toHaveLength(3);
    for (const finding of staged) expect(commit.out + commit.error).toContain(finding.split(' ')[1]);
    expect(project.eslint('.')).toEqual(staged);
    const action = /^ {6}run: \|\n([\s\S]*)/m.exec(readFileSync(join(ROOT, 'action.yml'), 'utf8'))![1]!.replace(/^ {8}/gm, '');
    const integration = (env: Record<string, string>) => project.run('bash', ['-c', action], { CHANGED_SINCE: '', MAX_WARNINGS: '', SARIF: '', VERSION: '', ...env });
    const whole = integration({});
    expect(whole.status).toBe(1);
    expect(findingsIn(whole.out)).toEqual(staged);
    const changed = integration({ CHANGED_SINCE: 'HEAD', SARIF: 'out.sarif' });
    expect([changed.status, findingsIn(changed.out)]).toEqual([1, staged]);
    expect(JSON.parse(readFileSync(join(project.folder, 'out.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
    project.git('reset', '-q', '--hard');
    expect(integration({ MAX_WARNINGS: '0' }).status).toBe(0);
  }));
});
