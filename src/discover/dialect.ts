import { posix } from 'node:path';
import { entryOf } from '../entry.js';
import type { Tree } from './tree.js';
import { isBelow } from './tree.js';

const FOLDER = /^(?:[a-z]+[-_])?(mysql(?:db)?|mariadb|sqlite3?(?:db)?|clickhouse|mssql|sqlserver|oracle|d1|duckdb|bigquery|snowflake|cassandra)(?:[-_][a-z]+)?$/i;
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\bENGINE\s*=\s*\w*MergeTree|\bON CLUSTER\b|\bLowCardinality\s*\(/i, 'ClickHouse'],
  [/\bENGINE\s*=\s*(?:InnoDB|MyISAM)|\bAUTO_INCREMENT\b|\bON DUPLICATE KEY UPDATE\b|\bUNSIGNED\b/i, 'MySQL'],
  [/\bAUTOINCREMENT\b|^[^\S\n]*PRAGMA\s+\w+|\bWITHOUT ROWID\b/im, 'SQLite'],
  [/^[^\S\n]*GO[^\S\n]*$|\bIDENTITY\s*\(\s*1\s*,\s*1\s*\)|\bNVARCHAR\b/im, 'SQL Server'],
  [/`\w+`/, 'MySQL or SQLite'],
];
const POSTGRESQL = /\btimestamptz\b|\bjsonb\b|\b(?:big)?serial\b|::\w|\bplpgsql\b|\bgen_random_uuid\b|\bROW LEVEL SECURITY\b|\bCONCURRENTLY\b|\bDO\s+\$|\bCREATE EXTENSION\b/i;
const SAMPLE = 40;

/** Comments and strings left out: they may speak of anything. One that is not closed is the rest, so that many cost no more than one. */
function code(text: string): string {
  return text.slice(0, 200_000).replace(/--[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*$)|'(?:[^']|'')*'|\$([A-Za-z_]\w*)?\$(?:[\s\S]*?\$\1\$|[\s\S]*$)/g, (found) => (found.startsWith('$') ? '$$$$' : ' '));
}

/** Tells which folders hold SQL for another database than PostgreSQL. */
export class Dialects {
  readonly #byFolder = new Map<string, string | undefined>();
  readonly #sqlc: readonly { readonly folder: string; readonly name: string }[];

  constructor(readonly tree: Tree) {
    this.#sqlc = tree.files.filter((path) => /(^|\/)sqlc\.(json|ya?ml)$/.test(path)).flatMap((path) => sqlcFolders(path, tree.text(path)));
  }

  /** The other database's name, or undefined where nothing speaks against PostgreSQL. */
  foreign(folder: string): string | undefined {
    if (!this.#byFolder.has(folder)) this.#byFolder.set(folder, this.#decide(folder));
    return this.#byFolder.get(folder);
  }

  #decide(folder: string): string | undefined {
    const named = namedDialect(folder);
    if (named) return named;
    const configured = this.#sqlc.find((entry) => isBelow(folder, entry.folder));
    if (configured) return configured.name;
    const texts = this.tree.scripts(folder).slice(0, SAMPLE).map((name) => code(this.tree.text(folder === '.' ? name : `${folder}/${name}`)));
    if (texts.some((text) => POSTGRESQL.test(text))) return undefined;
    for (const [pattern, name] of FOREIGN) {
      if (texts.filter((text) => pattern.test(text)).length >= Math.max(1, texts.length * 0.2)) return name;
    }
    return undefined;
  }
}

/** The other database that a folder is called by, itself or one around it. */
export function namedDialect(folder: string): string | undefined {
  const named = folder.split('/').map((part) => FOLDER.exec(part)?.[1]).find(Boolean);
  return named && display(named.replace(/(?<=mysql|sqlite3?)db$/i, ''));
}

/** A Prisma or Drizzle provider → the other database's name, or undefined for PostgreSQL. */
export function foreignProvider(provider: string | undefined): string | undefined {
  if (provider === undefined || /^(postgres(ql)?|pg|prisma\+postgres)$/i.test(provider)) return undefined;
  return display(provider);
}

function display(name: string): string {
  const names: Record<string, string> = {
    mysql: 'MySQL', mariadb: 'MariaDB', sqlite: 'SQLite', sqlite3: 'SQLite', clickhouse: 'ClickHouse', mssql: 'SQL Server', sqlserver: 'SQL Server',
    oracle: 'Oracle', d1: 'SQLite', duckdb: 'DuckDB', bigquery: 'BigQuery', snowflake: 'Snowflake', cassandra: 'Cassandra', cockroachdb: 'CockroachDB',
    singlestore: 'SingleStore', turso: 'SQLite', mongodb: 'MongoDB',
  };
  return entryOf(names, name.toLowerCase()) ?? name;
}

/** Folders that an sqlc configuration gives to another engine. */
function sqlcFolders(path: string, text: string): { folder: string; name: string }[] {
  const engines = [...text.matchAll(/["']?engine["']?\s*:\s*["']?(\w+)/g)].map((match) => match[1]!);
  const foreign = engines.map(foreignProvider);
  if (engines.length === 0 || foreign.some((name) => name === undefined)) return [];
  const base = posix.dirname(path);
  const named = [...text.matchAll(/["']?(?:queries|schema)["']?\s*:\s*["']?([^"',\s[\]]+)/g)].map((match) => posix.join(base, match[1]!));
  return [base, ...named.map((folder) => (folder.endsWith('.sql') ? posix.dirname(folder) : folder.replace(/\/$/, '')))]
    .filter((folder) => folder !== '.').map((folder) => ({ folder, name: foreign[0]! }));
}
