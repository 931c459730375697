import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverageReport } from '../src/commands/coverage.js';
import { checkProject, loadProject } from '../src/commands/pipeline.js';
import { withProject } from './fixtures.js';

const FOLDER = join(import.meta.dirname, '../fixtures/projects');
const projects = readdirSync(FOLDER).filter((name) => statSync(join(FOLDER, name)).isDirectory()).sort();
const READ = /\.(?:sql|prisma|[cm]?[jt]sx?|py|vue|svelte|astro)$/;

/** How many statements a SQL text has, found out without the parser that is tested. */
function statementsIn(text: string): number {
  const plain = text.replace(/--.*|\/\*[^]*?\*\/|(\$\w*\$)[^]*?\1|'(?:[^']|'')*'|"[^"]*"/g, (found) => (/^["'$]/.test(found) ? 'x' : ' '));
  return plain.split(';').filter((part) => part.trim() !== '').length;
}

async function countsOf(cwd: string) {
  const { coverage } = checkProject(await loadProject({ cwd, paths: [] }), cwd, {});
  const files = (readdirSync(cwd, { recursive: true }) as string[]).map((file) => file.replaceAll('\\', '/')).filter((file) => READ.test(file) && statSync(join(cwd, file)).isFile());
  return { coverage, files, sql: files.filter((file) => /(?:^|\/)migrations\/[^/]+\.sql$/.test(file)).map((file) => readFileSync(join(cwd, file), 'utf8')) };
}

describe.each(projects)('%s', (name) => {
  it('says of how many files and statements it knows', async () => {
    const { coverage, files, sql } = await countsOf(join(FOLDER, name));
    expect(coverage.filesRead + coverage.filesSkipped).toBe(files.length);
    // Migrations in code make their statements as they run.
    if (sql.length === 0 || sql.length !== coverage.migrations) return;
    expect(coverage.statements).toBe(sql.reduce((sum, text) => sum + statementsIn(text), 0));
  });
});

it('what cannot be read is counted, not left out', async () => {
  const files = new Map<string, string>([
    ['migrations/0001_a.sql', 'create table accounts (id uuid primary key);\n'], ['migrations/0002_b.sql', 'create table users (id uuid primary key);\ncreate tabel notes (id int);\nselect 1;\n'],
    ['src/a.ts', 'export const = ;\n'], ['src/b.py', 'x = 1\n'],
  ]);
  await withProject(files, async (cwd) => {
    const { coverage, files: found } = await countsOf(cwd);
    expect([coverage.filesRead, coverage.filesSkipped, found.length]).toEqual([3, 1, 4]);
    expect([coverage.migrations, coverage.statements, coverage.statementsNotUnderstood]).toEqual([2, 4, 1]);
  });
});

it('the coverage counts queries by ORM, and names each that is not decided with its reason', async () => {
  const files = new Map<string, string>([
    ['migrations/0001_a.sql', 'create table accounts (id uuid primary key);\ncreate table notes (id uuid primary key, account_id uuid not null references accounts (id), body text);\n'],
    ['src/a.ts', `import { Pool } from 'pg';
const pool = new Pool();
export const one = (id: string) => pool.query('select * from notes where id = $1', [id]);
export const own = (id: string, accountId: string) => pool.query('select * from notes where id = $1 and account_id = $2', [id, accountId]);
export const some = (condition: string) => pool.query(\`select * from notes where \${condition}\`);
`],
    ['queries/some.sql', 'select * from notes where ${condition};\n'],
  ]);
  await withProject(files, async (cwd) => {
    const report = coverageReport(checkProject(await loadProject({ cwd, paths: [] }), cwd, {}), cwd);
    const [, ...rows] = report.slice(report.indexOf('queries of tenant tables by')).split('\n');
    expect(rows.map((row) => row.replace(/ {2,}/g, ' | '))).toMatchInlineSnapshot(`
      [
        "--------------------------- | ---- | ------ | -------- | -------",
        "SQL of a file | 1 | 0 | 0 | 1",
        "pg | 3 | 1 | 1 | 1",
        "",
        "queries/some.sql:1: whether "notes" is pinned to one tenant cannot be told: it has conditions that cannot be read",
        "src/a.ts:5: whether "notes" is pinned to one tenant cannot be told: it has conditions that cannot be read",
        "",
      ]
    `);
  });
});
