import type { Reported } from '../check/suppress.js';
import type { Location, Notice } from '../facts/location.js';
import type { Project } from '../link/project.js';
import { readCatalog, type LiveTable } from './catalog.js';
import { runFindings, visibilityFinding } from './findings.js';
import { setUpSupabase, SUPABASE_SESSION, VECTOR } from './platform.js';
import { historiesOf, runTenancy, type RunHistory } from './project.js';
import { runMigrations } from './run.js';
import { relationName } from './sql.js';
import type { Connection, RunOptions, RunResult } from './types.js';
import type { Evidence } from './verdicts.js';
import { visibilities } from './visibility.js';

/** A database for one history: empty, and the extensions it does not have. */
export type Opener = (history: RunHistory) => Promise<{ readonly connection: Connection; readonly missing: readonly string[] }>;

/** Everything a replay of a project showed. */
export interface Proof {
  readonly reported: readonly Reported[];
  /** What was not run or not tried, with its place. */
  readonly notices: readonly Notice[];
  readonly evidence: Evidence;
}

/**
 * Runs every history of a project's migrations, each on a database of its own, and looks at what one tenant can do to another at the end.
 * @param text the text of a file, by its path relative to the project's root
 */
export async function proveProject(project: Project, text: (file: string) => string | undefined, open: Opener, progress?: (done: number, total: number) => void): Promise<Proof> {
  const proofs: Reported[] = [];
  const notices: Notice[] = [];
  const results: RunResult[] = [];
  const live: LiveTable[] = [];
  const crossed = new Map<string, boolean>();
  const histories = historiesOf(project, text);
  const total = histories.reduce((sum, { migrations }) => sum + migrations.length, 0);
  let done = 0;
  for (const history of histories) {
    const { connection, missing } = await open(history);
    try {
      notices.push(...missing.map((name) => ({ location: startOf(history), reason: `The database has no extension "${name}": statements that need it are not run` })), ...history.notRun);
      const result = await runHistory(connection, project, history, missing, { progress: (count) => progress?.(done + count, total) });
      notices.push(...result.notRun);
      if (result.tenants.length > 0) notices.push({ location: startOf(history), reason: `Tenants that statements name and no migration inserts were made for this run: ${result.tenants.join(', ')}` });
      if (result.roles.length > 0) notices.push({ location: startOf(history), reason: `Roles that statements name and no migration creates were made for this run, without privileges: ${result.roles.join(', ')}` });
      results.push(result);
      proofs.push(...runFindings(result));
      const tables = await readCatalog(connection);
      live.push(...tables);
      notices.push(...emptyTables(project, result, startOf(history)));
      for (const each of await tryPolicies(connection, project, tables)) {
        crossed.set(each.table, each.reported.length > 0);
        proofs.push(...each.reported);
        if (each.notice) notices.push(each.notice);
      }
      done += history.migrations.length;
    } finally {
      await connection.close();
    }
  }
  const ran = new Set(histories.flatMap(({ migrations }) => migrations.map(({ file }) => file)));
  return { reported: proofs, notices, evidence: { results, ran, notRun: histories.flatMap(({ notRun }) => notRun.map(({ location }) => location)), live, crossed } };
}

/** What the migrations expect to be there before the first of them. */
export async function prepareDatabase(connection: Connection, { supabase }: Pick<RunHistory, 'supabase'>, missing: readonly string[]): Promise<void> {
  if (supabase) await setUpSupabase(connection, missing);
  if (missing.includes('vector')) await connection.run(`set search_path = ${supabase ? 'extensions' : 'public'}; ${VECTOR}; reset search_path`);
}

/**
 * Prepares an empty database and runs one history on it.
 * @param missing extensions that the database does not have
 */
export async function runHistory(connection: Connection, project: Project, history: RunHistory, missing: readonly string[], options: Pick<RunOptions, 'rows' | 'progress'> = {}): Promise<RunResult> {
  await prepareDatabase(connection, history, missing);
  const tenancy = runTenancy(project);
  const lacking = new Set(missing);
  // A missing extension is said once, not for the statement that asks for it.
  const migrations = history.migrations.map((migration) => ({
    ...migration, statements: migration.statements.filter(({ operations: [first, ...more] }) => more.length > 0 || first?.kind !== 'createExtension' || !lacking.has(first.name)),
  }));
  return runMigrations(connection, migrations, { ...options, missing, ...(tenancy && { tenancy }), ...(history.supabase && { session: SUPABASE_SESSION, bypassesRls: true }) });
}

function startOf({ migrations: [first] }: RunHistory): Location {
  return { file: first?.file ?? '', start: 0, end: 0 };
}

/** Tenant tables of which nothing could be shown. */
function emptyTables(project: Project, { emptyTables: empty }: RunResult, fallback: Location): Notice[] {
  return empty.flatMap(({ table, reason }) => {
    const known = project.tables.find(({ name, class: kind }) => name === table && kind !== 'view' && kind !== 'ignored');
    return known === undefined ? [] : [{ location: known.location ?? fallback, reason: `No row could be made for "${table}" (${reason}): little was shown of it` }];
  });
}

/** Only tables with row-level security: without it every row is open, and `rls-enabled` says so. */
async function tryPolicies(connection: Connection, project: Project, live: readonly LiveTable[]): Promise<{ table: string; reported: readonly Reported[]; notice?: Notice }[]> {
  const secured = new Set(live.filter(({ rowSecurity }) => rowSecurity).map(relationName));
  const tables = project.tables.filter((table) => ['tenant', 'child', 'root'].includes(table.class) && secured.has(relationName(table.table)) && !table.hybrid);
  return [...await visibilities(connection, project, tables)].map(([table, seen]) => (seen.untested !== undefined
    ? { table: table.name, reported: [], notice: { location: table.location, reason: `Row-level security was not tried: ${seen.untested}` } }
    : { table: table.name, reported: visibilityFinding(seen, table, table.table.policies[0]?.origin.location ?? table.location) }));
}

