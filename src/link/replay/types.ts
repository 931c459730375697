import type { Expression } from '../../facts/expression.js';
import type { Answer, Location } from '../../facts/location.js';
import type { Operation } from '../../facts/operation.js';
import type { Catalog } from '../catalog/types.js';
import type { Failure, Migration } from '../project.js';
import type { Resolution } from '../resolve/types.js';

/** The session a statement runs in. */
export interface Session {
  readonly searchPath: readonly string[];
  /** SET row_security = off, a role that bypasses RLS, or session_replication_role: RLS does not hide rows. */
  readonly rowSecurityLifted: boolean;
  readonly inTransaction: boolean;
}

/** An operation at the moment it is replayed. Everything is as PostgreSQL would see it: names substituted, branches decided. */
export interface OperationEvent {
  /** With constants, loop variables and query-valued variables put in place of PL/pgSQL variables. */
  readonly operation: Operation;
  /** The place in the source; the same for every turn of a loop. */
  readonly location: Location;
  readonly migration: Migration;
  readonly session: Session;
  /** `unknown`: inside a branch that depends on data. */
  readonly runs: Answer;
  /** Conditions of the undecided branches around it, all true when it runs; outermost first. */
  readonly guards: readonly Expression[];
  /** Set when PostgreSQL rejects it whatever the data; then it has no effect. */
  readonly failure?: Failure;
  /** Names of the operation's query, resolved in the catalog before the operation. */
  readonly resolution?: Resolution;
  /** Key of the one table the operation changes, when there is one. */
  readonly tableKey?: string;
}

/** A test on data with a reaction: IF ... THEN RAISE, ASSERT, a bare SELECT of a count. */
export interface AssertionEvent {
  /** The reaction happens when this is true. Variables are replaced by the queries that filled them. */
  readonly condition: Expression;
  /** `none`: the value was computed and nothing depends on it. */
  readonly reaction: 'aborts' | 'message' | 'none';
  /** The abort is caught by an exception handler that does not re-raise. */
  readonly swallowed: boolean;
  /** The undecided branches around it. */
  readonly guards: readonly Expression[];
  readonly location: Location;
  readonly migration: Migration;
  readonly session: Session;
}

/** Told of everything that happens during a replay, in order. `before` and `after` bracket the change of the catalog. */
export interface ReplayListener {
  migrationStarts(migration: Migration, catalog: Catalog): void;
  before(event: OperationEvent, catalog: Catalog): void;
  after(event: OperationEvent, catalog: Catalog): void;
  assertion(event: AssertionEvent, catalog: Catalog): void;
  migrationEnds(migration: Migration, catalog: Catalog): void;
}
