import type { LoadedProject } from '../../src/commands/pipeline.js';
import { readCatalog } from '../../src/database/catalog.js';
import { compareCatalogs } from '../../src/database/compare.js';
import { PLATFORM_SCHEMAS } from '../../src/database/platform.js';
import { historiesOf } from '../../src/database/project.js';
import { runHistory, type Opener } from '../../src/database/prove.js';
import type { RunOptions } from '../../src/database/types.js';

/** What PostgreSQL said of one history of migrations, beside what reading it said. */
export interface Proved {
  /** Its folders. */
  readonly history: string;
  readonly migrations: number;
  readonly statements: number;
  /** Extensions that the database does not have. */
  readonly missing: readonly string[];
  /** Roles made for the run. */
  readonly roles: readonly string[];
  /** Places not sent, as evaluation did not find out what they do, or not run for want of something in the database. */
  readonly notRun: readonly string[];
  /** `file: SQLSTATE message`, and whether the rows decide, or another failure before it. */
  readonly failures: readonly string[];
  readonly tables: number;
  readonly columns: number;
  /** Where the catalog that was read differs from PostgreSQL's. */
  readonly differences: readonly string[];
}

/** Runs every history of a project, each on a database of its own, and compares the catalogs at the end. */
export async function proveHistories({ project, text }: LoadedProject, open: Opener, { rows, progress }: { readonly rows?: RunOptions['rows']; readonly progress?: (words: string) => void } = {}): Promise<Proved[]> {
  const proved: Proved[] = [];
  for (const history of historiesOf(project, text)) {
    const { connection, missing } = await open(history);
    const result = await runHistory(connection, project, history, missing, { rows: rows ?? 'sparse', progress: (done, total) => progress?.(`migration ${done} of ${total}`) });
    const [first] = history.migrations;
    const files = new Set(history.migrations.map(({ file }) => file));
    const database = project.databases.find(({ catalog }) => [...catalog.tables.values()].some(({ created }) => files.has(created.location.file)));
    const schemas = new Set([...database?.catalog.tables.values() ?? []].filter(({ assumed }) => !assumed).map(({ schema }) => schema));
    const live = (await readCatalog(connection)).filter(({ schema }) => schemas.has(schema) && !PLATFORM_SCHEMAS.has(schema));
    proved.push({
      history: first!.file.split('/').slice(0, -1).join('/'), migrations: result.migrations, statements: result.statements, missing, roles: result.roles, notRun: [...history.notRun, ...result.notRun].map(({ location, reason }) => `${location.file}: ${reason}`),
      failures: result.failures.map(({ location, code, message, dependsOnRows, follows }) => `${location.file}: ${code} ${message}${dependsOnRows ? ' (rows)' : ''}${follows ? ' (follows)' : ''}`),
      tables: live.length, columns: live.reduce((sum, { columns }) => sum + columns.length, 0),
      differences: database === undefined ? [] : compareCatalogs(database.catalog, live, ({ kind }) => kind === 'table').map(({ aspect, message }) => `${aspect}: ${message}`),
    });
    await connection.close();
  }
  return proved;
}
