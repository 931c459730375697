import { readFileSync, writeFileSync } from 'node:fs';
import type { ScopeEnvironment } from '../../src/link/scope/types.js';
import { ask, type EngineUse } from './engine.js';
import type { OracleQuery } from './generate.js';
import type { OracleSchema } from './schema.js';


/** Queries on one schema that are kept, with what is to be said of each use of a table: `notes t1: scoped`. A `?` behind it: PostgreSQL showed no leak, and saying that it is scoped would be right as well. */
export interface KeptQueries {
  readonly schema: OracleSchema;
  readonly queries: readonly { readonly sql: string; readonly hints: readonly (readonly [string, { readonly table: string; readonly column: string }])[]; readonly uses: readonly string[] }[];
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

/** What the engine says of each use in a query. */
export function usesOf(sql: string, environment: ScopeEnvironment): string[] {
  return ask(sql, environment).uses.map(useText);
}

/** The hints as the generator gives them. */
export const hintsOf = ({ hints }: KeptQueries['queries'][number]): OracleQuery['hints'] => new Map(hints);
