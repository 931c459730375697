import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';
import { isMigration, queryPlaces, tablesOf } from './places.js';

/** What patterns find that the tool does not know of (`missed`), and the other way round (`more`). */
export interface Difference {
  readonly found: number;
  readonly missed: readonly string[];
  readonly more: readonly string[];
}

/** Queries, tables and migrations of a project: what the tool counts, beside what patterns find. */
export interface Comparison {
  readonly queries: Difference;
  readonly tables: Difference;
  readonly migrations: Difference;
  /** The line that ends a report, as numbers. */
  readonly coverage: ReturnType<typeof checkProject>['coverage'];
}

const READ = /\.(?:sql|prisma|[cm]?[jt]sx?|py|vue|svelte|astro)$/;
const LEFT_OUT = /(?:^|\/)(?:node_modules|\.git|\.next|dist|build|vendor|\.venv)\/|(?:^|\/)(?:tests?|__tests__|__mocks__|e2e|fixtures|seeds?|scripts)\/|[._-](?:test|spec|stories)\.\w+$|\.d\.ts$|(?:^|\/)(?:test_\w+|conftest)\.py$/;
/** A call and its first word may stand on lines of their own. */
const NEAR = 1;

/** Looks a second time at a project, without a parser. */
export async function compareCounts(cwd: string): Promise<Comparison> {
  const loaded = await loadProject({ cwd, paths: [] });
  const result = checkProject(loaded, cwd, {});
  const project = result.project();
  const files = (readdirSync(cwd, { recursive: true }) as string[]).map((file) => file.replaceAll('\\', '/')).filter((file) => READ.test(file) && !LEFT_OUT.test(file) && statSync(join(cwd, file)).isFile());
  const texts = new Map(files.map((file) => [file, readFileSync(join(cwd, file), 'utf8')]));
  const sources = new Map([...texts].filter(([file]) => !/\.(?:sql|prisma)$/.test(file) && !isMigration(file)));
  const made = new Set([...texts.values()].flatMap((text) => tablesOf(text)));
  const own = new Set(project.tables.filter((each) => each.class !== 'view').map(({ table }) => table.name));
  const entries = new Set(project.migrations.map(({ file }) => file));
  const migrations = [...texts.keys()].filter(isMigration);
  return {
    queries: compareQueries(sources, project.queries.map(({ location }) => location)), coverage: result.coverage,
    tables: { found: made.size, missed: [...made].filter((name) => !own.has(name)), more: [...own].filter((name) => !made.has(name)) },
    migrations: { found: migrations.length, missed: migrations.filter((file) => !entries.has(file)), more: [...entries].filter((file) => !migrations.includes(file)) },
  };
}

function compareQueries(texts: ReadonlyMap<string, string>, queries: readonly { readonly file: string; readonly start: number; readonly end: number }[]): Difference {
  const places = new Map([...texts].map(([file, text]) => [file, queryPlaces(text)]));
  const seen = new Map<string, Set<number>>();
  const more: string[] = [];
  for (const { file, start, end } of queries) {
    const text = texts.get(file);
    if (text === undefined) continue;
    const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
    const [first, last] = [lineAt(start) - NEAR, lineAt(end) + NEAR];
    const lines = seen.get(file) ?? new Set();
    seen.set(file, lines);
    for (let line = first; line <= last; line += 1) lines.add(line);
    if (!places.get(file)!.some(({ line }) => line >= first && line <= last)) more.push(`${file}:${first + NEAR} ${text.slice(start, end).split('\n')[0]!.trim()}`);
  }
  const missed = [...places].flatMap(([file, each]) => each.filter(({ line }) => seen.get(file)?.has(line) !== true).map(({ line, text }) => `${file}:${line} ${text}`));
  return { found: [...places.values()].reduce((sum, each) => sum + each.length, 0), missed, more };
}
