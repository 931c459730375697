import { isWithin, type Location } from '../facts/location.js';
import type { Operation, Statement } from '../facts/operation.js';
import { statementsOf } from '../link/replay/history.js';
import { walkTree } from '../link/replay/tree.js';
import { TenantColumns } from '../link/tenancy.js';
import type { Migration, Project } from '../link/project.js';
import { parseSqlText } from '../parse/sql/index.js';
import { SUPABASE_EXTENSIONS } from './platform.js';
import { renderOperation } from './render-sql.js';
import { relationName } from './sql.js';
import type { RunMigration, RunStatement, RunTenancy } from './types.js';

/** One history of migrations, ready to run on a database of its own. */
export interface RunHistory {
  readonly migrations: readonly RunMigration[];
  /** Index of each in `Project.migrations`. */
  readonly indices: readonly number[];
  /** What cannot be sent to PostgreSQL: evaluation did not find out what it does, or it has no SQL. */
  readonly notRun: readonly { readonly location: Location; readonly reason: string }[];
  /** Names of the extensions that the migrations create. */
  readonly extensions: readonly string[];
  /** They rely on what Supabase provides: its schemas, roles and functions. */
  readonly supabase: boolean;
}

/**
 * The migrations of a project as statements. SQL files are sent as they are written; migrations in code as the SQL that evaluation found.
 * @param text the text of a file, by its path relative to the project's root
 */
export function historiesOf(project: Project, text: (file: string) => string | undefined): RunHistory[] {
  return [...new Set(project.migrations.map(({ history }) => history))].map((history) => {
    const all = project.migrations.filter((migration) => migration.history === history);
    const notRun: { location: Location; reason: string }[] = [];
    const migrations = all.map((migration) => runMigration(migration, statementsOf(migration, project.files), text(migration.file) ?? '', project, notRun));
    const sources = all.map(({ file }) => text(file) ?? '');
    const supabase = all.some(({ kind }) => kind === 'supabase') || sources.some((source) => /\bauth\s*\.\s*(uid|jwt|role|users)\b|\bservice_role\b/.test(source));
    const extensions = [...new Set([...extensionsOf(migrations), ...(supabase ? SUPABASE_EXTENSIONS : [])])];
    return { migrations, notRun, indices: all.map(({ index }) => index), extensions, supabase };
  });
}

/** A migration written as SQL text, for callers that have no project. */
export function migrationFromSql(file: string, sql: string, transaction: RunMigration['transaction'] = 'file'): RunMigration {
  const { statements } = parseSqlText(sql, (start, end) => ({ file, start, end }));
  return { file, transaction, statements: statements.map((statement) => verbatim(statement, sql)) };
}

/** The tenancy in force, for rows that belong to a tenant: its outermost level. */
export function runTenancy({ tenancy, config, tables }: Pick<Project, 'tenancy' | 'config' | 'tables'>): RunTenancy | undefined {
  const [level] = tenancy.levels;
  if (level === undefined) return undefined;
  const columns = new TenantColumns(tenancy.levels, config.tables.columns);
  const shared = new Set(tables.filter(({ class: kind }) => kind === 'global' || kind === 'ignored').map(({ table }) => relationName(table)));
  return { isTenantColumn: (table, column) => columns.levelOf(table, column) === 0, isShared: (table) => shared.has(relationName(table)), ...(level.root !== undefined && { root: level.root }) };
}

function runMigration(
  { file, transaction, kind, opaque }: Migration, statements: readonly Statement[], text: string, project: Project, notRun: { location: Location; reason: string }[],
): RunMigration {
  // Prisma and Supabase send a file as one query string: one transaction, unless it is a single statement.
  const asOne = kind === 'prisma' && statements.length === 1 ? false : transaction === 'file';
  const isSql = project.files.get(file)?.language === 'sql';
  if (opaque) notRun.push({ location: { file, start: 0, end: 0 }, reason: 'Not run: this migration is written in a language that is not read' });
  return {
    file, ...(opaque && { opaque }), transaction: asOne ? 'file' : 'none',
    statements: isSql ? statements.map((statement) => verbatim(statement, text)) : statements.flatMap((statement) => fromCode(statement, text, notRun)),
  };
}

function verbatim({ location, operations }: Statement, text: string): RunStatement {
  return { sql: text.slice(location.start, location.end), location, verbatim: true, operations };
}

/** SQL text written whole in the code is sent as it is; calls are sent one by one as the SQL they stand for. */
function fromCode(statement: Statement, text: string, notRun: { location: Location; reason: string }[]): RunStatement[] {
  if (isSqlIn(statement, text)) return [verbatim(statement, text)];
  return statement.operations.flatMap((operation): RunStatement[] => {
    const location = isWithin(operation.location, statement.location) ? operation.location : statement.location;
    if (operation.kind === 'notUnderstood') {
      notRun.push({ location, reason: operation.reason });
      return [];
    }
    if (operation.kind === 'harmless') return [];
    try {
      return [{ sql: renderOperation(operation), location, verbatim: false, operations: [operation] }];
    } catch (error) {
      notRun.push({ location, reason: (error as Error).message });
      return [];
    }
  });
}

/** Whether the span of the code is the statement itself: read as SQL, it says the same. */
function isSqlIn({ location, operations }: Statement, text: string): boolean {
  const slice = text.slice(location.start, location.end);
  if (!/^\s*(--|\/\*|[a-z]+\s)/i.test(slice) || /\\[nrt"'`\\]|\$\{|\{\{?\w+\}/.test(slice)) return false;
  const { statements, notices } = parseSqlText(slice, (start, end) => ({ file: location.file, start: location.start + start, end: location.start + end }));
  const [only, ...more] = statements;
  return only !== undefined && more.length === 0 && notices.length === 0
    && JSON.stringify(only.operations.map(({ kind }) => kind)) === JSON.stringify(operations.map(({ kind }) => kind));
}

function extensionsOf(migrations: readonly RunMigration[]): string[] {
  const names = new Set<string>();
  for (const { statements } of migrations) {
    for (const { operations, sql } of statements) {
      walkTree(operations, (node) => {
        if (node.kind === 'createExtension') names.add((node as Operation & { name: string }).name);
      });
      // In the text of a DO block that runs it by EXECUTE.
      for (const [, quoted, bare] of sql.matchAll(/create\s+extension\s+(?:if\s+not\s+exists\s+)?(?:"([^"]+)"|([a-z_][\w]*))/gi)) names.add(quoted ?? bare!.toLowerCase());
    }
  }
  return [...names].sort();
}
