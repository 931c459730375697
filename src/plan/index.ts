import type { Database, Migration, Project } from '../link/project.js';
import { decide } from './decide.js';
import { detectDialect, dialectOf, folderOf } from './dialects/index.js';
import type { Dialect, DialectId } from './dialects/types.js';
import { planMigrations } from './steps.js';
import type { Decisions, PlannedFile, PlannedMigration, PlanRequest } from './types.js';

/** What is missing in one database, and the migrations that add it. */
export interface DatabasePlan {
  readonly database: Database;
  readonly decisions: Decisions;
  readonly dialect: Dialect;
  readonly migrations: readonly PlannedMigration[];
  /** The folder its files belong in, relative to the project's root. */
  readonly dir: string;
  readonly files: readonly PlannedFile[];
}

export interface PlanOptions {
  readonly request: PlanRequest;
  /** Absent: as the last migration is written, else as the models suggest. */
  readonly dialect?: DialectId;
  readonly text: (file: string) => string | undefined;
  readonly now: Date;
}

/**
 * Plans the missing tenant columns of every database of a project; databases in which nothing is missing are left out.
 * @throws UsageError when what was asked for cannot be written in the project's dialect
 */
export function planProject(project: Project, options: PlanOptions): DatabasePlan[] {
  return project.databases.flatMap((database) => planDatabase(project, database, options) ?? []);
}

function planDatabase(project: Project, database: Database, { request, dialect: id, text, now }: PlanOptions): DatabasePlan | undefined {
  const decisions = decide(project, database.catalog, request);
  if (decisions.plans.length === 0 && decisions.refused.length === 0) return undefined;
  const history = historyOf(project, database);
  const orm = project.models.find(({ location }) => database.sources.includes(location.file))?.orm ?? project.models[0]?.orm;
  const dialect = id === undefined ? detectDialect(history.at(-1)?.kind, orm) : dialectOf(id);
  const migrations = planMigrations(decisions, request, dialect, project.config);
  const same = history.filter(({ kind }) => kind === dialect.id);
  const dir = same.length > 0 ? folderOf(same.at(-1)!) : 'migrations';
  // A project may keep several folders of one kind: the one that ran last goes on.
  const past = same.filter((migration) => folderOf(migration) === dir);
  return { database, decisions, dialect, migrations, dir, files: dialect.render(migrations, { migrations: past, text, dir, now }) };
}

function historyOf(project: Project, database: Database): readonly Migration[] {
  const index = [...database.catalog.tables.values()].map(({ created }) => created.migration).find((migration) => migration !== undefined);
  const history = index === undefined ? undefined : project.migrations[index]?.history;
  return project.migrations.filter((migration) => migration.history === history && migration.direction === 'up');
}
