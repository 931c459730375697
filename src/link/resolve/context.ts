import type { ColumnExpression, Expression } from '../../facts/expression.js';
import type { Query, TableReference } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { Failure } from '../project.js';
import type { Scope } from './scope.js';
import type { TypeGroup } from './typing.js';
import { groupOf } from './typing.js';
import type { Binding, ResolveEnvironment } from './types.js';
import type { Output, Value } from './value.js';

/** The clause an expression stands in, where aggregates or window functions are refused. */
export type Place = 'WHERE' | 'JOIN conditions' | 'GROUP BY' | 'HAVING' | 'RETURNING' | 'VALUES' | 'UPDATE'
  | 'check constraints' | 'DEFAULT expressions' | 'column generation expressions' | 'index expressions' | 'index predicates' | 'policy expressions';

/** What one run of the resolver gathers, and the functions its parts call each other by. */
export class Context {
  readonly failures: Failure[] = [];
  readonly bindings = new Map<ColumnExpression, Binding>();
  readonly tables = new Map<TableReference, Table>();
  /** Values of the expressions met so far, by identity. */
  readonly values = new Map<Expression, Value>();
  /** Columns of the sub-selects of `SET (a, b) = (SELECT ...)`. */
  readonly multiColumns = new Map<Expression, readonly Output[]>();
  /** The VALUES lists of INSERT: their columns need no common type. */
  readonly insertedValues = new Set<Query>();
  complete = true;
  place: Place | undefined;

  constructor(
    readonly env: ResolveEnvironment,
    /** Resolves a sub-select in the names of a scope; gives its output columns when they are known. */
    readonly resolveSubquery: (query: Query, scope: Scope | undefined, context: Context) => readonly Output[] | undefined,
  ) {}

  fail(failure: Failure): void {
    this.failures.push(failure);
    this.complete = false;
  }

  /** A name could be neither resolved nor proven wrong. */
  leaveOpen(): void {
    this.complete = false;
  }

  /** The group of a value's type; undefined for literals and whatever is not known. */
  group(value: Value | undefined): TypeGroup | undefined {
    if (!value || value.literal) return undefined;
    return groupOf(value.type, this.env.catalog, this.env.searchPath);
  }

  /** Runs `work` with expressions taken to stand in a clause; undefined: any. */
  within<T>(place: Place | undefined, work: () => T): T {
    const outer = this.place;
    this.place = place;
    const result = work();
    this.place = outer;
    return result;
  }
}
