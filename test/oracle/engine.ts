import { defaultConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/types.js';
import type { SourceFile } from '../../src/facts/file.js';
import type { Query } from '../../src/facts/query.js';
import { link } from '../../src/link/index.js';
import type { Project } from '../../src/link/project.js';
import { scopeOfQuery } from '../../src/link/scope/index.js';
import type { ReferenceVerdict, ScopeEnvironment } from '../../src/link/scope/types.js';
import { parseSqlFile, parseSqlText } from '../../src/parse/sql/index.js';
import type { Use } from './isolate.js';
import { ddl, type OracleSchema } from './schema.js';

type Kind = 'scoped' | 'flagged' | 'unknown';

/** What the engine says of one use of a table. */
export interface EngineUse extends Use {
  readonly kind: Kind;
  readonly verdicts: readonly ReferenceVerdict[];
}

/** What the engine says of a whole query: flagged when one reference is definitely bad. */
export interface EngineAnswer {
  readonly kind: Kind | 'unread';
  readonly uses: readonly EngineUse[];
}

const FILE: SourceFile = { path: 'migrations/0001_schema.sql', language: 'sql', role: { type: 'migration', kind: 'sql', source: 0, direction: 'up' } };

/** The project that has this text as its only migration. */
export function projectOf(text: string, patch: (base: Config) => Partial<Config>): Project {
  const base = defaultConfig('/');
  const discovery = { root: '/', files: [FILE], sources: [{ kind: 'sql' as const, dir: 'migrations', transaction: 'none' as const, entries: [{ id: '0001', file: FILE.path }], faults: [] }], notices: [] };
  return link({ ...base, ...patch(base) }, discovery, new Map([[FILE.path, parseSqlFile(FILE, text)]]));
}

/** What the engine is told of a schema: $1 is the tenant, every other parameter is untrusted, but for what the schema says of $5 and $6. */
export function environmentOf(schema: OracleSchema): ScopeEnvironment {
  const { trust } = schema;
  const inner = trust?.inner;
  const project = projectOf(ddl(schema), (base) => ({
    tenant: [{ columns: [schema.tenantColumn], root: 'accounts' }, ...inner === undefined ? [] : [{ columns: [inner.column], root: inner.root, ...(inner.proof && { proof: inner.proof }) }]],
    tables: { ...base.tables, global: ['kinds'], viaParent: schema.tables.filter((table) => table.class === 'child').map((table) => table.name), hybrid: schema.tables.filter((table) => table.shared === true && table.class === 'tenant').map((table) => table.name) },
    queries: {
      ...base.queries, parameters: { tenant: ['$1', ...inner === undefined || inner.proof ? [] : ['$5']], principal: trust?.principalColumns === undefined ? [] : ['$6'] },
      principalColumns: [...trust?.principalColumns ?? []], credentialColumns: [...trust?.credentialColumns ?? []], tenantValues: [...trust?.tenantValues ?? []],
    },
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

/** The engine's verdicts on the query as a whole and on each use of a table in it; `query`: what was read of it before. */
export function ask(sql: string, environment: ScopeEnvironment, query = readQuery(sql)): EngineAnswer {
  if (query === undefined) return { kind: 'unread', uses: [] };
  const groups = new Map<string, ReferenceVerdict[]>();
  for (const verdict of scopeOfQuery(query, environment)) {
    const key = `${verdict.reference.location.start} ${verdict.table.name}`;
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  const uses = [...groups.values()].map((verdicts): EngineUse => {
    const { reference: { name, alias, location }, table } = verdicts[0]!;
    return { table: table.name, name: name.name, ...(alias === undefined ? {} : { alias }), start: location.start, kind: worst(verdicts.map(kindOf)), verdicts };
  });
  return { kind: worst(uses.map((use) => use.kind)), uses };
}

/** A list of several values is reported as well, unless the options allow it, and so is a literal. */
function kindOf({ verdict, tenantList, literal }: ReferenceVerdict): Kind {
  if (verdict === 'scoped') return tenantList === true || literal !== undefined ? 'flagged' : 'scoped';
  return verdict === 'unknown' ? 'unknown' : 'flagged';
}

const worst = (kinds: readonly Kind[]): Kind => (['flagged', 'unknown', 'scoped'] as const).find((kind) => kinds.includes(kind)) ?? 'scoped';
