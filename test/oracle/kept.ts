import { readFileSync, writeFileSync } from 'node:fs';
import type { Location } from '../../src/facts/location.js';
import type { ScopeEnvironment } from '../../src/link/scope/types.js';
import { ask, readQuery, type EngineUse } from './engine.js';
import type { OracleQuery } from './generate.js';
import type { OracleSchema } from './schema.js';


/** A query that is kept. */
export interface KeptQuery {
  readonly sql: string;
  readonly hints: readonly (readonly [string, { readonly table: string; readonly column: string }])[];
  /** What PostgreSQL was asked about: each use of a table, `notes t1: scoped`. A `?` behind it: it is flagged, and no leak was shown. */
  readonly uses: readonly string[];
  /** The same in the engine's words, with its evidence; empty for a query that is too long to be read. */
  readonly words: readonly string[];
}

export interface KeptQueries {
  readonly schema: OracleSchema;
  readonly queries: readonly KeptQuery[];
}

/** Migrations that are kept, with all that the engine says of them (factsOf). */
export interface KeptBackfill {
  readonly statements: readonly string[];
  readonly facts: readonly string[];
}

export const QUERIES = new URL('../link/judged/queries.json', import.meta.url);
export const BACKFILLS = new URL('../link/judged/backfills.json', import.meta.url);

export const readKept = <T>(url: URL): readonly T[] => JSON.parse(readFileSync(url, 'utf8')) as readonly T[];

/** A query or a migration a line, so that changes can be read. */
export function writeKept(url: URL, kept: readonly (KeptQueries | KeptBackfill)[]): void {
  const lines = kept.map((each) => ('schema' in each ? `{ "schema": ${JSON.stringify(each.schema)}, "queries": [\n${each.queries.map((query) => JSON.stringify(query)).join(',\n')}\n]}` : JSON.stringify(each)));
  writeFileSync(url, `[\n${lines.join(',\n')}\n]\n`);
}

/** `notes t1: scoped` */
export const useText = ({ table, alias, name, kind }: EngineUse): string => `${table} ${alias ?? name}: ${kind}`;

const MOST_READ = 200;

/** What the engine says of each use in a query, in short and in its own words; `query`: what was read of it before. */
export function answerOf(sql: string, environment: ScopeEnvironment, query = readQuery(sql)): Pick<KeptQuery, 'uses' | 'words'> {
  const { uses } = ask(sql, environment, query);
  if (sql.length > MOST_READ) return { uses: uses.map(useText), words: [] };
  const at = ({ file, start, end }: Location): string => (file === 'query.sql' ? sql.slice(start, end) : file);
  const words = uses.flatMap((use) => use.verdicts.map(({ access, verdict, reason, evidence, tenantList, literal, conflictKey }) => [
    `${useText(use).split(':')[0]!} ${access} ${verdict}${tenantList === true ? ' list' : ''}${literal === undefined ? '' : ` literal ${literal.text}`}${conflictKey === undefined ? '' : ` conflict (${conflictKey.join(', ')})`}: ${reason}`,
    ...evidence.map(({ message, location }) => `${message} \`${at(location).slice(0, 60)}\``),
  ].join('; ')));
  return { uses: uses.map(useText), words };
}

/** Whether PostgreSQL was asked about what is said now. */
export const isSameAnswer = (said: readonly string[], kept: readonly string[]): boolean => said.join() === kept.map((each) => each.replace('?', '')).join();

/** The hints as the generator gives them. */
export const hintsOf = ({ hints }: KeptQuery): OracleQuery['hints'] => new Map(hints);
