import { positionIn } from './lines.js';
import type { CheckResult } from '../src/check/types.js';
import type { LoadedProject } from '../src/commands/pipeline.js';
import type { Finding } from '../src/rule.js';
import { Population } from '../src/database/populate.js';
import { SUPABASE } from '../src/database/platform.js';
import { renderStatement } from '../src/database/render-sql.js';
import type { Connection } from '../src/database/types.js';

/** What happened when a case's migrations ran on PostgreSQL. */
export interface Trial {
  /** Disagreements between the findings and the database, in words. */
  readonly problems: readonly string[];
  /** The statement that stopped the run, unless a finding said it would. */
  readonly stopped?: { readonly code: string; readonly message: string; readonly statement: string };
  /** Every failure, foreseen or not. */
  readonly codes: readonly string[];
  /** `table.column` → rows as text, taken right after the statement a finding speaks of, and at the end. */
  readonly contents: ReadonlyMap<string, string>;
}

export interface TrialOptions {
  readonly reversed: boolean;
  /** Run as a table owner that is no superuser, so that FORCE ROW LEVEL SECURITY counts. */
  readonly asOwner: boolean;
  /** Every row has values of its own: fewer candidates for joins, no duplicates in the way of later unique keys. */
  readonly distinct: boolean;
  /** No row has a NULL: for migrations that stop themselves where one is left. */
  readonly full?: boolean;
  /** SQLSTATEs that the page itself announces. */
  readonly announced: readonly string[];
}

/** Errors of the statement itself, whatever the rows: the classes that no-failing-statement speaks of. */
const STATEMENT_ERROR = /^(42|25|0A)/;
/** SQL text that only the data decide: what it does is not foreseen, and said not to be. */
const UNDECIDED_RULES = ['no-unanalyzable-migration', 'no-interpolated-sql'];
/** Here the planner reads by key, or the statement sorts: the choice is arbitrary without depending on where the rows lie. */
const CHOSEN = /\b(min|max|order\s+by|distinct\s+on|or)\b/i;
const NOT_NULL_RULES = ['not-null-requires-backfill', 'not-null-requires-verify', 'backfill-may-leave-null'];

/** Empties the database and makes it look as a hosting platform leaves it, where the case needs one. */
export async function reset(db: Pick<Connection, 'run' | 'rows'>, supabase: boolean): Promise<void> {
  await db.run('rollback; reset all; reset role; drop publication if exists supabase_realtime');
  const rows = await db.rows<{ name: string }>("select nspname as name from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'");
  for (const { name } of rows) await db.run(`drop schema "${name}" cascade`);
  await db.run(`
    create schema public; grant all on schema public to public;
    do $$ begin
      if not exists (select from pg_roles where rolname = 'migrator') then create role migrator nosuperuser createrole; end if;
    end $$;
    grant create on database ${(await db.rows<{ name: string }>('select quote_ident(current_database()) as name'))[0]!.name} to migrator`);
  if (supabase) {
    await db.run(SUPABASE);
  }
}

/** Runs the migrations of a case in their order, each on tables that hold rows, and compares with the findings. */
export async function runTrial(db: Connection, { project, text }: LoadedProject, { findings }: CheckResult, options: TrialOptions): Promise<Trial> {
  const problems: string[] = [];
  const codes: string[] = [];
  const contents = new Map<string, string>();
  let stopped: Trial['stopped'];
  const population = new Population(db, { ...options, always: true });
  for (const migration of project.migrations) {
    await db.run('reset all; reset role');
    await population.fill();
    if (options.asOwner) await db.run('set role migrator');
    const facts = project.files.get(migration.file);
    // A migration in a language that is not read: what it does is not run.
    if (facts === undefined) continue;
    const source = text(migration.file)!;
    const inTransaction = migration.transaction === 'file' && facts.statements.length > 1;
    if (inTransaction) await db.run('begin');
    for (const statement of facts.statements) {
      const { location } = statement;
      const span = { from: positionIn(facts.lineStarts, location.start), to: positionIn(facts.lineStarts, location.end) };
      const here = findings.filter(({ file, line }) => file === migration.file && line >= span.from && line <= span.to);
      const foreseen = here.find(({ ruleId }) => ruleId === 'no-failing-statement');
      const savepoint = inTransaction && foreseen !== undefined;
      if (savepoint) await db.run('savepoint foreseen');
      const sql = facts.language === 'sql' ? source.slice(location.start, location.end) : renderStatement(statement);
      const failure = await attempt(db, sql);
      if (failure !== undefined) {
        codes.push(failure.code);
        if (foreseen === undefined) {
          stopped = { ...failure, statement: `${migration.file}:${span.from}` };
          if (!options.announced.includes(failure.code)) problems.push(...judgeFailure(failure, here, stopped.statement));
          break;
        }
        const named = /\b(?=[0-9A-Z]*\d)[0-9A-Z]{5}\b/.exec(foreseen.message)?.[0];
        if (named !== undefined && named !== failure.code) problems.push(`${migration.file}:${span.from} fails with ${failure.code} (${failure.message}), the finding says ${named}`);
        if (savepoint) await db.run('rollback to savepoint foreseen');
      } else {
        if (foreseen !== undefined) problems.push(`${migration.file}:${span.from} is said to fail (${foreseen.message}) and runs`);
        problems.push(...await judgeRows(db, sql, here, contents, options));
      }
    }
    if (stopped !== undefined) break;
    if (inTransaction) await db.run('commit');
  }
  await db.run('rollback; reset all; reset role');
  for (const { table, tenantColumns } of project.tables) {
    for (const column of tenantColumns) await remember(db, contents, 'end', `"${table.schema}"."${table.name}"`, column.name, `${table.name}.${column.name}`);
  }
  return { problems, codes, contents, ...(stopped === undefined ? {} : { stopped }) };
}

async function attempt(db: Connection, sql: string): Promise<{ code: string; message: string } | undefined> {
  try {
    await db.run(sql);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code: code ?? 'unknown', message };
  }
}

function judgeFailure({ code, message }: { code: string; message: string }, here: readonly Finding[], statement: string): string[] {
  if (code === '23502') return here.some(({ ruleId }) => NOT_NULL_RULES.includes(ruleId)) ? [] : [`${statement} meets NULLs (${message}) and no finding says so`];
  const undecided = here.some(({ ruleId }) => UNDECIDED_RULES.includes(ruleId));
  return undecided || !STATEMENT_ERROR.test(code) ? [] : [`${statement} is rejected (${code} ${message}) and no finding says so`];
}

/** The rows must bear out what findings on a statement say of them. */
async function judgeRows(db: Connection, statement: string, here: readonly Finding[], contents: Map<string, string>, { asOwner }: TrialOptions): Promise<string[]> {
  const problems: string[] = [];
  if (asOwner && here.length > 0) await db.run('reset role');
  for (const { ruleId, tables, tenantColumn, file, line } of here) {
    if (tenantColumn === null) continue;
    for (const table of tables) {
      if (ruleId === 'backfill-may-leave-null' && await nulls(db, qualified(table), tenantColumn) === 0) problems.push(`${file}:${line} leaves no NULL in ${table}.${tenantColumn}`);
      if (ruleId === 'backfill-ambiguous-source' && !CHOSEN.test(statement)) await remember(db, contents, `${file}:${line}`, qualified(table), tenantColumn, `${table}.${tenantColumn}`);
    }
  }
  if (asOwner && here.length > 0) await db.run('set role migrator');
  return problems;
}

async function nulls(db: Connection, table: string, column: string): Promise<number> {
  const rows = await db.rows<{ count: number }>(`select count(*)::int as count from ${table} where "${column}" is null`);
  return rows[0]!.count;
}

/** Keeps a column's values beside the columns that identify a row (those without a default differ in each trial); what is not there is left out. */
async function remember(db: Connection, contents: Map<string, string>, when: string, table: string, column: string, name: string): Promise<void> {
  const columns = await db.rows<{ name: string }>(`
    select quote_ident(a.attname) as name from pg_attribute a
    where a.attrelid = to_regclass('${table.replaceAll("'", "''")}') and a.attnum > 0 and not a.attisdropped and a.attname <> '${column}'
      and (not a.atthasdef or exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and a.attnum = any (i.indkey::int2[])))
      and exists (select from pg_attribute c where c.attrelid = a.attrelid and c.attname = '${column}' and not c.attisdropped)
    order by a.attname`);
  if (columns.length === 0) return;
  const rows = await db.rows<{ key: string; value: string | null }>(
    `select jsonb_build_array(${columns.map((each) => each.name).join(', ')})::text as key, "${column}"::text as value from ${table} order by 1, 2`);
  contents.set(`${when} ${name}`, JSON.stringify(rows.map(({ key, value }) => [key, /^[0-9a-f]{8}-/.test(value ?? '') && !value!.startsWith('00000000-') ? 'made here' : value])));
}

/** Display names are bare in schema public. */
function qualified(name: string): string {
  const [first, ...rest] = name.split('.');
  return rest.length === 0 ? `public."${first}"` : `"${first}"."${rest.join('.')}"`;
}
