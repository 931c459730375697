import { defaultConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/types.js';
import type { SourceFile } from '../../src/facts/file.js';
import type { Query } from '../../src/facts/query.js';
import { link } from '../../src/link/index.js';
import type { Project } from '../../src/link/project.js';
import { scopeOfQuery } from '../../src/link/scope/index.js';
import type { ReferenceVerdict, ScopeEnvironment } from '../../src/link/scope/types.js';
import { parseSqlFile, parseSqlText } from '../../src/parse/sql/index.js';
import { ddl, type OracleSchema } from './schema.js';

/** What the engine says of a whole query: flagged when one reference is definitely bad. */
export interface EngineAnswer {
  readonly kind: 'scoped' | 'flagged' | 'unknown' | 'unread';
  readonly references: readonly ReferenceVerdict[];
}

const FILE: SourceFile = { path: 'migrations/0001_schema.sql', language: 'sql', role: { type: 'migration', kind: 'sql', source: 0, direction: 'up' } };

/** The project that has this text as its only migration. */
export function projectOf(text: string, patch: (base: Config) => Partial<Config>): Project {
  const base = defaultConfig('/');
  const discovery = { root: '/', files: [FILE], sources: [{ kind: 'sql' as const, dir: 'migrations', transaction: 'none' as const, entries: [{ id: '0001', file: FILE.path }], faults: [] }], notices: [] };
  return link({ ...base, ...patch(base) }, discovery, new Map([[FILE.path, parseSqlFile(FILE, text)]]));
}

/** What the engine is told of a generated schema: $1 is the tenant, every other parameter is untrusted. */
export function environmentOf(schema: OracleSchema): ScopeEnvironment {
  const project = projectOf(ddl(schema), (base) => ({
    tenant: [{ columns: [schema.tenantColumn], root: 'accounts' }],
    tables: { ...base.tables, global: ['kinds'], viaParent: schema.tables.filter((table) => table.class === 'child').map((table) => table.name) },
    queries: { ...base.queries, parameters: { tenant: ['$1'], principal: [] } },
  }));
  const { catalog } = project.databases[0]!;
  const keys = new Map([...catalog.tables].map(([key, table]) => [table, key]));
  const tables = new Map(project.tables.flatMap((each) => (keys.has(each.table) ? [[keys.get(each.table)!, each] as const] : [])));
  return { catalog, searchPath: ['public'], tables, config: project.config, tenancy: project.tenancy };
}

/** The query as the engine reads it; undefined when it cannot be read. */
export function readQuery(sql: string): Query | undefined {
  const { statements } = parseSqlText(sql, (start, end) => ({ file: 'query.sql', start, end }));
  const operation = statements[0]?.operations[0];
  return operation?.kind === 'query' ? operation.query : undefined;
}

/** The engine's verdict on the query as a whole. */
export function ask(sql: string, environment: ScopeEnvironment): EngineAnswer {
  const query = readQuery(sql);
  if (query === undefined) return { kind: 'unread', references: [] };
  const references = scopeOfQuery(query, environment);
  const verdicts = new Set(references.map((each) => each.verdict));
  // A list of several values is reported as well, unless the options allow it.
  const bad = (['unscoped', 'optional', 'negated', 'disjunctive'] as const).some((verdict) => verdicts.has(verdict)) || references.some((each) => each.tenantList === true);
  return { kind: bad ? 'flagged' : verdicts.has('unknown') ? 'unknown' : 'scoped', references };
}
