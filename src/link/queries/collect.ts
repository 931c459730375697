import type { Config } from '../../config/types.js';
import type { Expression } from '../../facts/expression.js';
import type { FileFacts } from '../../facts/file.js';
import type { Location } from '../../facts/location.js';
import type { Operation, Step } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { parseSqlText } from '../../parse/sql/index.js';
import type { FunctionEntry, Table } from '../catalog/types.js';
import type { QueryRecord } from '../code/machine.js';
import { matchesPath } from '../names.js';
import type { Database, QueryFact } from '../project.js';
import { callsIn, nodes, outermostQueries } from './nodes.js';

/** A query of the project before it is judged. */
export interface FoundQuery {
  readonly origin: QueryFact['origin'];
  /** Where it stands, in words. */
  readonly where: string;
  readonly location: Location;
  /** Absent when it could not be understood. */
  readonly query?: Query;
  readonly unknown?: string;
  /** The system's own: jobs, seeds, triggers, what policies and migrations call. */
  readonly system: boolean;
  /** The function or view it is part of, with its database. */
  readonly database?: Database;
  readonly routine?: FunctionEntry;
  readonly view?: Table;
  /** Of application code: what held when it ran, and how it came to run. */
  readonly code?: QueryRecord;
}

/** The environment of Alembic: what stands beside its revisions is what they run, or what is run by hand. */
export const BESIDE_MIGRATIONS = ['alembic/**', '**/alembic/**'];

/** Collects the queries of query files and seed files. */
export function queriesOfFiles(files: ReadonlyMap<string, FileFacts>, config: Config): FoundQuery[] {
  return [...files.values()].flatMap((file): FoundQuery[] => {
    const { role, language } = file;
    if (language !== 'sql' || (role.type !== 'query' && role.type !== 'seed' && role.type !== 'source')) return [];
    const origin = role.type === 'seed' ? 'seed' : 'file';
    const { systemPaths } = config.queries;
    const system = matchesPath(file.file, systemPaths.length > 0 ? systemPaths : BESIDE_MIGRATIONS);
    const base = { origin, where: origin === 'seed' ? 'a seed file' : 'a query file', system } as const;
    return file.statements.flatMap(({ operations }) => operations).flatMap((operation) => queriesOfOperation(operation).map((found): FoundQuery => ({ ...base, ...found })));
  });
}

type Found = Pick<FoundQuery, 'location' | 'query' | 'unknown'>;

function queriesOfOperation(operation: Operation): Found[] {
  if (operation.kind === 'query') return [{ location: operation.query.location, query: withParameters(operation.query) }];
  if (operation.kind === 'notUnderstood' && operation.prepared?.query) return [{ location: operation.location, query: withParameters(operation.prepared.query) }];
  if (operation.kind === 'notUnderstood' && /template hole/.test(operation.reason)) return [{ location: operation.location, unknown: operation.reason }];
  return operation.kind === 'execution' ? queriesOfSteps([operation.block]) : [];
}

/** Collects the queries in the bodies of functions and the definitions of views of the final state. */
export function queriesOfCatalog(database: Database, files: ReadonlyMap<string, FileFacts>): FoundQuery[] {
  const { catalog } = database;
  const called = new Set([...calledByPolicies(database), ...calledByMigrations(files)]);
  const views = [...catalog.tables.values()].flatMap((view): FoundQuery[] => (view.view === undefined ? [] : [{
    origin: 'view', where: `view "${view.name}"`, location: view.created.location, query: view.view.query, system: false, database, view,
  }]));
  const routines = [...catalog.functions.values()].flat().flatMap((routine): FoundQuery[] => {
    const base = { origin: 'function', where: `function "${routine.name}"`, database, routine, system: routine.returns?.name === 'trigger' || called.has(routine.name) } as const;
    return routine.body === undefined ? [] : queriesOfSteps([routine.body]).map((found): FoundQuery => ({ ...base, ...found }));
  });
  return [...routines, ...views];
}

function* calledByPolicies({ catalog }: Database): Generator<string> {
  for (const { policies } of catalog.tables.values()) for (const { name } of callsIn(policies)) yield name.at(-1)!;
}

function* calledByMigrations(files: ReadonlyMap<string, FileFacts>): Generator<string> {
  for (const { role, statements } of files.values()) {
    if (role.type !== 'migration') continue;
    const run = statements.flatMap(({ operations }) => operations).filter(({ kind }) => kind === 'query' || kind === 'execution');
    for (const { name, arguments: given } of callsIn(run)) {
      yield name.at(-1)!;
      if (name[0] === 'cron') for (const text of given) yield* calledByText(text);
    }
  }
}

/** `cron.schedule('nightly', '0 3 * * *', 'select purge()')`: the job is run by the database, for all tenants. */
function* calledByText(text: Expression): Generator<string> {
  if (text.kind !== 'constant' || typeof text.value !== 'string') return;
  for (const { operations } of parseSqlText(text.value, () => text.location).statements) for (const { name } of callsIn(operations)) yield name.at(-1)!;
}

/** The static queries of a program, and those that EXECUTE runs from a text that is known. */
function queriesOfSteps(steps: readonly Step[]): Found[] {
  const queries = outermostQueries(steps).map((query): Found => ({ location: query.location, query: withParameters(query) }));
  const dynamic = nodes(steps).flatMap((node) => {
    if (node.kind === 'execute') return queriesOfText((node as Extract<Step, { kind: 'execute' }>).text);
    const text = node.kind === 'forQuery' ? (node as Extract<Step, { kind: 'forQuery' }>).dynamic?.text : undefined;
    return text === undefined ? [] : queriesOfText(text);
  });
  return [...queries, ...dynamic];
}

function queriesOfText(text: Expression): Found[] {
  if (/^(?:\s|--.*\n)*(?:alter|analyze|attach|cluster|comment|create|deallocate|discard|drop|grant|listen|lock|notify|reindex|reset|revoke|set|show|vacuum)\b/i.test(beginningOf(text))) return [];
  if (text.kind !== 'constant' || typeof text.value !== 'string') return [{ location: text.location, unknown: 'the text of EXECUTE is put together when it runs' }];
  const { statements, notices } = parseSqlText(text.value, () => text.location);
  if (notices.length > 0) return [{ location: text.location, unknown: 'the text of EXECUTE cannot be read' }];
  return statements.flatMap(({ operations }) => operations).flatMap(queriesOfOperation);
}

/** What a text that is put together begins with, as far as it is written out: statements that define things read and change no row. */
function beginningOf(text: Expression): string {
  if (text.kind === 'constant') return String(text.value);
  if (text.kind === 'call') return text.arguments[0] && /^(?:concat|format)$/.test(text.name.at(-1)!) ? beginningOf(text.arguments[0]) : '';
  return text.kind === 'operator' && text.operator === '||' && text.left ? beginningOf(text.left) : '';
}

const PARAMETER_CALLS = new Set(['sqlc.arg', 'sqlc.narg', 'sqlc.slice', 'pggen.arg']);

/** sqlc and pggen name parameters by calls: `sqlc.arg(org_id)`. */
function withParameters(query: Query): Query {
  return callsIn(query).some(({ name }) => PARAMETER_CALLS.has(name.join('.'))) ? (replaced(query) as Query) : query;
}

function replaced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(replaced);
  if (typeof value !== 'object' || value === null) return value;
  const call = value as Expression;
  if (call.kind === 'call' && PARAMETER_CALLS.has(call.name.join('.'))) {
    const [name] = call.arguments;
    const text = name?.kind === 'column' ? name.path.join('.') : name?.kind === 'constant' ? String(name.value) : '';
    return { kind: 'parameter', name: `@${text}`, location: call.location } satisfies Expression;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'location' ? inner : replaced(inner)]));
}
