import type { Expression } from '../../facts/expression.js';
import type { Catalog } from '../catalog/types.js';
import type { ViewRow } from './catalog-views.js';
import type { Scope } from './evaluate.js';

/** What a query over the catalog (or over nothing but constants) returns. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly ResultRow[];
  /** There may be rows that the history does not show. */
  readonly open: boolean;
}

export interface ResultRow {
  readonly values: readonly Expression[];
  /** The row is there if this is true; absent: it is there. */
  readonly condition?: Expression;
}

/** What the evaluation of queries needs to know. */
export interface QueryWorld {
  readonly catalog: Catalog;
  readonly scope: Scope;
  /** Whether a relation of this name is wholly known, or known not to exist. */
  isSettled(table: string): boolean;
  /** Whether the catalog holds everything that the database holds. */
  readonly complete: boolean;
}

/** A WITH query and what it returns. */
export interface NamedResult {
  readonly name: string;
  readonly result: QueryResult;
}

/** An item of FROM with its rows. */
export interface Source {
  readonly alias: string;
  readonly columns: readonly string[];
  readonly rows: Iterable<ViewRow>;
  readonly open: boolean;
}

/** A row for each item of FROM. */
export type Bound = ReadonlyMap<string, ViewRow>;

/** Rows that go together, and the conditions on them that stay undecided. */
export interface Combination {
  readonly bound: Bound;
  readonly open: readonly Expression[];
}
