import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CheckResult } from '../../src/check/types.js';
import { checkProject, loadProject, type LoadedProject } from '../../src/commands/pipeline.js';
import { tenantlint } from '../command-line.js';
import { withProject } from '../fixtures.js';
import { reset } from '../judge.js';
import { populateTenants } from '../populate.js';
import { renderStatement } from '../../src/database/render-sql.js';
import { runMigration } from './run-migration.js';
import { connectionOf, type Database } from '../database.js';

export interface Planned {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
  readonly before: LoadedProject;
  /** The project with what plan wrote. */
  readonly after: LoadedProject;
  readonly checked: CheckResult;
  /** Path → text of the files that are new or changed. */
  readonly written: ReadonlyMap<string, string>;
  /** Tables that plan refused, by name. */
  readonly refused: readonly string[];
}

/** Runs `plan --out DIR` on a project, and reads the project again. */
export async function plan(files: ReadonlyMap<string, string>, dir: string, args: readonly string[] = [], presets: { readonly preset?: 'strict' | 'rls' } = {}): Promise<Planned> {
  return withProject(files, async (cwd) => {
    const before = await loadProject({ cwd, paths: [] });
    const { status, out, error } = await tenantlint(cwd, ['plan', '--out', dir, ...args]);
    const after = await loadProject({ cwd, paths: [] });
    const written = new Map(readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => [relative(cwd, join(entry.parentPath, entry.name)), readFileSync(join(entry.parentPath, entry.name), 'utf8')] as const).filter(([path, text]) => files.get(path) !== text));
    const refused = [...error.matchAll(/^tenantlint: refused (\S+):/gm)].map((match) => match[1]!);
    return { status, out, error, refused, before, after, checked: checkProject(after, cwd, presets), written };
  });
}

/**
 * Runs the migrations of a planned project: the old ones, then rows of two tenants that never mix, then the new ones.
 * @returns what went wrong, in words: the statement that failed; tables with NULLs; rows whose tenant is not their parent's
 */
export async function prove(db: Database, { before, after, refused }: Planned, options: { readonly full: boolean; readonly supabase?: boolean; readonly mayBeEmpty?: boolean }): Promise<string[]> {
  await reset(connectionOf(db), options.supabase ?? false);
  const old = new Set(before.project.migrations.map(({ file }) => file));
  const failure = await runAll(db, after, (file) => old.has(file), true);
  if (failure !== undefined) return [`the old history: ${failure}`];
  const roots = after.project.tables.flatMap(({ class: kind, root }) => (kind === 'tenant' && root ? [root.table] : []));
  const [root] = [...new Set(roots)].sort((a, b) => roots.filter((each) => each === b).length - roots.filter((each) => each === a).length);
  await populateTenants(db, { full: options.full, ...(root && { root: (await db.query<{ name: string }>(`select format('%I.%I', $1::text, $2::text) as name`, [root.schema, root.name])).rows[0]!.name }) });
  const failed = await runAll(db, after, (file) => !old.has(file), false);
  return failed === undefined ? (await mixedUp(db, after, refused)).filter((problem) => !(options.mayBeEmpty && problem.endsWith('has no rows'))) : [failed];
}

async function runAll(db: Database, { project, text }: LoadedProject, wanted: (file: string) => boolean, rendered: boolean): Promise<string | undefined> {
  for (const { file, transaction } of project.migrations) {
    if (!wanted(file)) continue;
    const facts = project.files.get(file)!;
    const source = text(file)!;
    const together = transaction === 'file' && (facts.language !== 'sql' || facts.statements.length > 1);
    if (together) await db.exec('begin');
    try {
      if (rendered && facts.language !== 'sql') for (const statement of facts.statements) await db.exec(renderStatement(statement));
      else await runMigration(db, facts, source);
    } catch (error) {
      await db.exec('rollback');
      return `${file}: ${(error as { code?: string }).code ?? ''} ${(error as Error).message}`;
    }
    if (together) await db.exec('commit');
  }
  return undefined;
}

/** Every tenant table has no NULL, and every foreign key leads to a row of the same tenant (rows of the first tenant may be orphans that got it by default). */
async function mixedUp(db: Database, { project }: LoadedProject, refused: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const name = (table: { schema: string; name: string }) => `"${table.schema}"."${table.name}"`;
  const byName = new Map(project.tables.map((table) => [table.name, table]));
  for (const { table, tenantColumns: [column], hybrid, references, class: kind } of project.tables) {
    if (kind !== 'tenant' || !column || hybrid || refused.includes(table.name)) continue;
    const count = async (sql: string) => (await db.query<{ n: number }>(sql)).rows[0]!.n;
    if (await count(`select count(*)::int as n from ${name(table)}`) === 0) problems.push(`${table.name} has no rows`);
    if (await count(`select count(*)::int as n from ${name(table)} where "${column.name}" is null`) > 0) problems.push(`${table.name} keeps NULLs`);
    for (const { to, columns, toColumns } of references) {
      const other = byName.get(to)!;
      const theirs = other.class === 'tenant' ? other.tenantColumns[0]?.name : undefined;
      if (theirs === undefined || other.hybrid) continue;
      const on = columns.map((own, index) => `t."${own}" = p."${toColumns[index]!}"`).join(' and ');
      if (await count(`select count(*)::int as n from ${name(table)} t join ${name(other.table)} p on ${on} where t."${column.name}" <> p."${theirs}"`) > 0) problems.push(`${table.name}.${columns.join('+')} leads to another tenant`);
    }
  }
  return problems;
}
