import type { Config } from '../config/types.js';
import type { Discovery } from '../discover/types.js';
import type { FileFacts } from '../facts/file.js';
import type { ModelTable } from '../facts/schema.js';
import { resolvePrismaModels } from '../parse/prisma/index.js';
import { attachDeclarations } from './attach.js';
import { BackfillTracker } from './backfill/index.js';
import type { Catalog } from './catalog/types.js';
import { interpolationsOf, withCodeMigrations } from './code/index.js';
import { findHandlers } from './code/handlers.js';
import type { Effect } from './code/library.js';
import type { QueryRecord } from './code/machine.js';
import { CodeProgram, type Outside } from './code/program.js';
import { classifyTables, type Unread } from './classify.js';
import { linkInParts, type Memory } from './parts.js';
import { countedModels } from './models.js';
import { mergeConfiguredReferences } from './references.js';
import { withTightenings } from './edits/index.js';
import { withSequences } from './edits/safe-sequence.js';
import { findDrifts } from './drift.js';
import { orderMigrations, type History } from './order.js';
import type { ClassifiedTable, Coverage, Database, Interpolation, Project, QueryFact, SessionSetting } from './project.js';
import { queriesOfEffects, sitesOf } from './queries/code.js';
import { leftCallsOf } from './queries/left.js';
import { basisOf } from './basis.js';
import { relationQueries } from './queries/relations.js';
import { unseenCalls } from './queries/unseen.js';
import { countQueries } from './queries/counts.js';
import { judgeSites, judgeTexts, withCalls, type QuerySources } from './queries/index.js';
import { judgePolicies } from './policies/index.js';
import { RegressionWatch } from './regression.js';
import { findIrreversible } from './reversibility.js';
import { findSessionSettings, settingsInCode } from './session-settings.js';
import { replay, type ReplayResult } from './replay/index.js';
import { listenAll } from './replay/listeners.js';
import { secondSources } from './second-source.js';
import { decideTenancy, TenantColumns } from './tenancy.js';
import { unreadLibraries } from './unread-libraries.js';

interface Replayed {
  readonly history: History;
  readonly result: ReplayResult;
  readonly tracker: BackfillTracker;
  readonly watch: RegressionWatch;
}

/** What migrations, models and configuration say, before any query is looked at. */
export interface Schema {
  /** What schema files of their own languages declare. */
  readonly declared: readonly ModelTable[];
  /** The files, those of migrations in code with what they do. */
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly groups: ReadonlyMap<string, string>;
  readonly replayed: readonly Replayed[];
  /** No table is PostgreSQL's: those of the database that the project has are judged. */
  readonly otherDatabase: boolean;
  readonly classes: ReadonlyMap<Catalog, readonly ClassifiedTable[]>;
  /** Its part of the project. */
  readonly facts: Omit<Project, 'interpolations' | 'queries' | 'handlers' | 'sessionSettings' | 'directives' | 'notices' | 'coverage'>;
  readonly interpolations: Project['interpolations'];
}

/** What the code of a project does to its databases. */
export type Queried = Pick<Project, 'queries' | 'handlers' | 'sessionSettings' | 'interpolations'>;

/** What was found in code. */
export interface Found {
  readonly interpolations: readonly Interpolation[];
  readonly settings: readonly SessionSetting[];
  readonly queries: readonly QueryFact[];
}

/** How much of a project is linked. */
export interface LinkOptions {
  /** Migrations and models are all that is asked about: no query is looked for. */
  readonly schemaOnly?: boolean;
  /** What is known of earlier runs. */
  readonly memory?: Memory;
}

/** The files of a project, read. */
export interface Sources {
  readonly config: Config;
  readonly discovery: Discovery;
  readonly read: ReadonlyMap<string, FileFacts>;
  /** What the evaluator of code may ask besides: texts, types. */
  readonly outside: Outside;
}

/**
 * Links the facts of all files into one project: orders and replays the migrations, merges the models, decides the tenancy,
 * classifies the tables, and collects what the rules ask for.
 * @param config the validated configuration
 * @param discovery what was found on disk
 * @param read the facts of every file that was read, by path
 * @param outside what the evaluator of code may ask besides: texts, types
 */
export function link(config: Config, discovery: Discovery, read: ReadonlyMap<string, FileFacts>, outside: Outside = {}, { schemaOnly = false, memory }: LinkOptions = {}): Project {
  const sources = { config, discovery, read, outside };
  const declared = resolvePrismaModels([...read.values()]);
  const code = programOf(sources, declared);
  const inCode = code.models();
  const schema = schemaOf(sources, declared, code, inCode);
  const { files, facts, replayed } = schema;
  const catalogs = facts.databases.map(({ catalog }) => catalog);
  const basis = memory && basisOf(sources, files, inCode);
  const queried = schemaOnly ? noQueries(schema) : basis === undefined ? queriesOf(schema, code, code.effects(catalogs), config) : linkInParts(schema, code, config, { ...memory!, basis });
  // What stands where the code of other files looks has changed: all of it is followed, from the beginning.
  if (queried === undefined) return link(config, discovery, read, outside, { schemaOnly, memory: { answers: memory!.answers, keep: memory!.keep } });
  return {
    ...facts, ...queried,
    directives: [...files.values()].flatMap(({ directives }) => directives),
    notices: [...discovery.notices, ...unreadLibraries(files), ...code.notices, ...[...files.values()].flatMap(({ notices }) => notices)],
    coverage: { ...coverageOf(discovery, files, facts.tables, replayed), ...countQueries(queried.queries), ...(schemaOnly && { schemaOnly }) },
  };
}

/** The evaluator for the code of a project. @param declared what schema files declare */
export function programOf({ config, discovery, read, outside }: Sources, declared: readonly ModelTable[]): CodeProgram {
  return new CodeProgram(read, discovery.aliases ?? { paths: [], packages: [] }, config, declared, outside);
}

/**
 * Replays the migrations, merges the models, decides the tenancy and classifies the tables.
 * @param declared what schema files declare
 * @param inCode what code declares
 */
export function schemaOf({ config, discovery, read }: Sources, declared: readonly ModelTable[], code: CodeProgram, inCode: readonly ModelTable[]): Schema {
  const found = [...declared, ...inCode];
  const { files, interpolations } = withCodeMigrations(read, code, discovery.sources.flatMap(({ entries }) => entries.map(({ file }) => file)));
  const { histories, faults } = orderMigrations(discovery, files);
  const groups = new Map(discovery.files.flatMap(({ path, group }) => (group === undefined ? [] : [[path, group] as const])));
  const replayed = histories.map((history) => replayHistory(history, files, config, found));
  const { models, other } = countedModels(found, madeTables(replayed, files));
  const { seconds, alone: orphans } = attachDeclarations(
    replayed.map(({ history, result }) => ({ history, catalog: result.catalog })), secondSources(files, models, config, groups));
  const alone = orphans.map((declaration): Database => ({ sources: declaration.files, catalog: declaration.catalog() }));
  const databases = [...replayed.map(({ history, result }): Database => ({ sources: history.sources, catalog: result.catalog })), ...alone]
    .sort((a, b) => b.catalog.tables.size - a.catalog.tables.size);
  for (const { catalog } of databases) mergeConfiguredReferences(catalog, config);

  const tenancy = decideTenancy(config, databases.map(({ catalog }) => catalog), replayed.flatMap(({ watch }) => watch.formerTables));
  const columns = new TenantColumns(tenancy.levels, config.tables.columns);
  const classes = new Map(databases.map(({ catalog }) => [catalog, classifyTables(catalog, tenancy, config, columns, unreadOf(catalog, replayed))]));
  // Of a table that nothing creates only queries are judged: what else it has is not known.
  const created = new Map([...classes].map(([catalog, all]) => [catalog, all.filter(({ table }) => !table.assumed)]));
  const tables = [...created.values()].flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const filled = replayed.map(({ tracker, result }) => tracker.result(tenantColumnTest(result.catalog, columns)));
  const migrations = histories.flatMap((history) => history.migrations);
  const applied = replayed.flatMap(({ result }) => result.applied);
  const policies = [...created].flatMap(([catalog, classified]) => judgePolicies(catalog, classified, config));
  return {
    declared, files, groups, replayed, classes, otherDatabase: other,
    interpolations: [...replayed.flatMap(({ result }) => result.interpolations), ...interpolations],
    facts: {
      config, tenancy, databases, tables, models, migrations, files, policies,
      historyFaults: faults,
      appliedOperations: applied,
      irreversibilities: findIrreversible(migrations, applied, tables, files),
      notNullChanges: withSequences(filled.flatMap(({ notNullChanges }) => notNullChanges), tables, files),
      backfills: filled.flatMap(({ backfills }) => backfills),
      nullChecks: filled.flatMap(({ nullChecks }) => nullChecks),
      rowDeletions: filled.flatMap(({ rowDeletions }) => rowDeletions),
      regressions: replayed.flatMap(({ watch, result }) => watch.result(result.catalog, created.get(result.catalog)!, columns)),
      drifts: replayed.flatMap(({ result }, index) => seconds[index]!.flatMap((second) => findDrifts(created.get(result.catalog)!, second, columns))),
    },
  };
}

/**
 * Judges the queries of a project, and what else its code does to the database.
 * @param effects what was seen of the code
 * @param options `only`: the file whose queries are judged; absent: all
 */
export function queriesOf(schema: Schema, code: CodeProgram, effects: readonly Effect[], config: Config, { only }: Pick<QuerySources, 'only'> = {}): Queried {
  const sources = sourcesOf(schema, code, config, { ...(only !== undefined && { only }) });
  const sites = sitesOf(recordsOf(schema, effects), leftCallsOf(effects), config);
  return collected(schema, code, sources, {
    interpolations: interpolationsOf(effects), settings: settingsInCode(effects, config),
    queries: [...judgeTexts(sources), ...sites.flatMap((site) => withCalls(judgeSites([site], sources), site, sources.isBorrowed))],
  });
}

/** The queries of code among effects that are for a database of the project. */
export function recordsOf({ otherDatabase: isOther }: Schema, effects: readonly Effect[]): QueryRecord[] {
  return queriesOfEffects(effects).filter(({ otherDatabase }) => otherDatabase !== true || isOther);
}

/** What queries are judged by. */
export function sourcesOf({ files, groups, classes, replayed, facts: { databases, policies, tenancy } }: Schema, code: CodeProgram, config: Config, options: Pick<QuerySources, 'only'>): QuerySources {
  return {
    isBorrowed: (query) => code.isBorrowed(query), files, groups, policies, tenancy, config, ...options,
    databases: databases.map((database) => ({ ...database, classes: classes.get(database.catalog)!, groups: groupsOf(database, replayed, groups) })),
  };
}

/** What is known of queries, with what else the code of a project does to the database. */
export function collected({ files, facts: { databases, models }, interpolations }: Schema, code: CodeProgram, sources: QuerySources, found: Found): Queried {
  const { config, only } = sources;
  const queries = [...found.queries, ...judgeSites([...unseenCalls(files, models, found.queries, sources), ...relationQueries(models, sources)], sources)];
  return {
    interpolations: [...interpolations, ...found.interpolations],
    queries: withTightenings(queries, { files, models, text: code.outside.text }),
    handlers: findHandlers(only === undefined ? files : new Map([...files].filter(([path]) => path === only)), config, (file, module) => code.moduleOf(file, module)),
    sessionSettings: findSessionSettings(databases, files, found.settings, config),
  };
}

/** The tables that migrations or DDL make. */
function madeTables(replayed: readonly Replayed[], files: ReadonlyMap<string, FileFacts>): ReadonlySet<string> {
  const migrated = replayed.flatMap(({ result }) => [...result.catalog.tables.values()].flatMap(({ assumed, name }) => (assumed ? [] : [name])));
  const declared = [...files.values()].filter(({ language, role }) => language === 'sql' && role.type === 'model')
    .flatMap(({ statements }) => statements.flatMap(({ operations }) => operations.flatMap((each) => (each.kind === 'createTable' ? [each.definition.name.name] : []))));
  return new Set([...migrated, ...declared]);
}

function noQueries({ interpolations }: Schema): ReturnType<typeof queriesOf> {
  return { interpolations, queries: [], handlers: [], sessionSettings: [] };
}

function unreadOf(catalog: Catalog, replayed: readonly Replayed[]): Unread {
  const own = replayed.filter(({ result }) => result.catalog === catalog);
  return {
    changes: own.flatMap(({ history }) => history.migrations.flatMap(({ unread }) => unread ?? [])),
    unnamed: own.flatMap(({ result }) => result.applied.flatMap(({ operation, runs, migration }) => {
      if (operation.kind !== 'notUnderstood' || runs === 'no') return [];
      return (operation.unnamed ?? []).map((each) => ({ ...each, ...(operation.whenever !== true && { migration }) }));
    })),
  };
}

function groupsOf({ catalog, sources }: Database, replayed: readonly Replayed[], groups: ReadonlyMap<string, string>): readonly string[] {
  return replayed.find(({ result }) => result.catalog === catalog)?.history.groups ?? sources.flatMap((file) => groups.get(file) ?? []);
}

function replayHistory(history: History, files: ReadonlyMap<string, FileFacts>, config: Config, models: readonly ModelTable[]): Replayed {
  const tracker = new BackfillTracker(files);
  const watch = new RegressionWatch();
  const known = new Set(models.map((model) => model.name.name));
  return { history, result: replay(history.migrations, files, listenAll([tracker, watch]), config, known), tracker, watch };
}

function tenantColumnTest(catalog: Catalog, columns: TenantColumns): { isTenantColumn: (tableKey: string, column: string) => boolean } {
  return {
    isTenantColumn: (key, column) => {
      const [schema, ...name] = key.split('.');
      return columns.levelOf(catalog.tables.get(key) ?? { schema: schema!, name: name.join('.') }, column) >= 0;
    },
  };
}

function coverageOf(
  discovery: Discovery, files: ReadonlyMap<string, FileFacts>, tables: readonly ClassifiedTable[], replayed: readonly Replayed[],
): Omit<Coverage, keyof ReturnType<typeof countQueries>> {
  const real = tables.filter(({ class: kind }) => kind !== 'view' && kind !== 'ignored');
  const unclassified = real.filter(({ class: kind }) => kind === 'unclassified').length;
  const read = [...files.values()].filter(({ unread }) => !unread).length;
  const rejected = [...files.values()].reduce((sum, file) => sum + file.rejected, 0);
  const sum = (pick: (result: ReplayResult) => number) => replayed.reduce((total, { result }) => total + pick(result), 0);
  return {
    filesRead: read,
    filesSkipped: discovery.files.length - read + discovery.sources.flatMap(({ entries }) => entries).filter(({ opaque }) => opaque).length
      + discovery.notices.reduce((sum, { files: count = 0 }) => sum + count, 0),
    tablesClassified: real.length - unclassified,
    tablesUnclassified: unclassified,
    migrations: replayed.reduce((total, { history }) => total + history.migrations.length, 0),
    statements: sum((result) => result.statements) + rejected,
    statementsNotUnderstood: sum((result) => result.statementsNotUnderstood) + rejected,
  };
}

