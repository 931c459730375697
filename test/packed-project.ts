import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The top of this repository. */
export const ROOT = join(import.meta.dirname, '..');
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
/** A query that reads any tenant's row. */
export const BAD_QUERY = "import { pool } from './db.js';\nexport const one = (id) => pool.query('select * from notes where id = $1', [id]);\n";
/** A migration that takes NOT NULL away from a tenant column, on its second line. */
export const BAD_MIGRATION = 'alter table notes add column owner_id uuid;\nalter table notes alter column account_id drop not null;\n';
/** The configurations that the README tells to write, and the same in CommonJS. */
export const ESM = /```js\n\/\/ eslint\.config\.mjs\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![1]!;
export const CJS = "const tenantlint = require('eslint-plugin-tenantlint');\n\nmodule.exports = [...tenantlint.configs.recommended];\n";

let store: string | undefined;

/** The folder with the packages as npm packs them. */
function packed(): string {
  if (store !== undefined) return store;
  if (!existsSync(join(ROOT, 'dist/.built')) || !existsSync(join(ROOT, 'eslint-plugin/dist'))) throw new Error('Not built: run "npm run build" first');
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-store-'));
  for (const [name, from] of [['tenantlint', ROOT], ['eslint-plugin-tenantlint', join(ROOT, 'eslint-plugin')]] as const) {
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: from, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as [{ filename: string }];
    mkdirSync(join(folder, name));
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', join(folder, name), '--strip-components=1']);
  }
  // npm does so when it installs a package.
  chmodSync(join(folder, 'tenantlint/dist/src/cli.js'), 0o755);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return store = folder;
}

/** A new project with the packed packages installed: nothing comes from the network, dependencies are those of this repository. */
function newProject(eslint: string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-packed-'));
  const from = packed();
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  // Copies, not links: what a package requires must be found from where it is installed.
  for (const name of ['tenantlint', 'eslint-plugin-tenantlint']) cpSync(join(from, name), join(modules, name), { recursive: true });
  for (const name of ['libpg-query', 'oxc-parser', '@lezer', 'typescript', '@eslint']) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  symlinkSync(join(ROOT, 'node_modules', eslint), join(modules, 'eslint'));
  symlinkSync('../tenantlint/dist/src/cli.js', join(modules, '.bin/tenantlint'));
  const project = new Project(folder);
  for (const [file, text] of Object.entries(FILES)) project.write(file, text);
  return project;
}

/** A folder of somebody who uses the packages. */
export class Project {
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

/**
 * Works in a new project with the packed packages installed, which is then removed.
 * @param eslint the name under which this repository has the version of ESLint
 */
export async function inProject<T>(work: (project: Project) => T | Promise<T>, eslint = 'eslint'): Promise<T> {
  const project = newProject(eslint);
  try {
    return await work(project);
  } finally {
    project.remove();
  }
}
