import type { Expression } from './expression.js';
import type { Location } from './location.js';

/** A relation's name as written, identifiers folded. */
export interface QualifiedName {
  readonly schema?: string;
  readonly name: string;
}

/** One query, independent of the parser: SQL statements and ORM calls are both lowered into this shape. */
export type Query = SelectQuery | ValuesQuery | SetQuery | InsertQuery | UpdateQuery | DeleteQuery | MergeQuery;

/** A common table expression of a WITH clause. */
export interface CommonTableExpression {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
  readonly materialized?: boolean;
  /** Columns that SEARCH and CYCLE clauses add after those of the query. */
  readonly addedColumns?: readonly string[];
  readonly location: Location;
}

interface QueryBase {
  /** The first token of the query expression to its end. */
  readonly location: Location;
  readonly with: readonly CommonTableExpression[];
  /** WITH RECURSIVE: every name of the list is visible in every member. */
  readonly recursive?: boolean;
}

/** RETURNING WITH (OLD AS o, NEW AS n): other names for `old` and `new`. */
export interface ReturningNames {
  readonly old?: string;
  readonly new?: string;
}

/** One item of a select list or RETURNING. */
export interface Target {
  readonly expression: Expression;
  readonly alias?: string;
}

export interface SelectQuery extends QueryBase {
  readonly kind: 'select';
  readonly targets: readonly Target[];
  readonly from: readonly FromItem[];
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
  readonly distinct?: boolean;
  readonly distinctOn: readonly Expression[];
  readonly orderBy: readonly Expression[];
  readonly limit?: Expression;
  readonly offset?: Expression;
  readonly lockingOf?: readonly string[];
  /** PL/pgSQL's INTO a variable without LIMIT: takes the first of the rows, or (STRICT) fails unless there is exactly one. */
  readonly into?: 'firstRow' | 'onlyRow';
  /** SELECT ... INTO newtable (plain SQL, not PL/pgSQL). */
  readonly intoTable?: QualifiedName;
}

export interface ValuesQuery extends QueryBase {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly orderBy: readonly Expression[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

export interface SetQuery extends QueryBase {
  readonly kind: 'set';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
  readonly orderBy: readonly Expression[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

export interface Assignment {
  readonly column: string;
  /** Sub-field or subscript assignment (`c.f = `, `c[1] = `): the column is changed in part. */
  readonly partial?: boolean;
  /** `DEFAULT` is absent here. For `(a, b) = (SELECT x, y)` each assignment has the same sub-select and its position, from 0. */
  readonly value?: Expression;
  readonly position?: number;
  readonly location: Location;
}

/** An object whose keys are not all known, and which may so give values to columns that nothing lists. */
export interface OpenSource {
  /** Whose it is: of a request, or of anywhere. */
  readonly trust: 'untrusted' | 'unknown';
  /** The parameter that stands for the object. */
  readonly parameter?: string;
  /** The only columns it may give, where that is known. */
  readonly only?: readonly string[];
  /** Columns it does not give. */
  readonly except?: readonly string[];
}

export interface InsertQuery extends QueryBase {
  readonly kind: 'insert';
  readonly target: TableReference;
  /** Empty: all columns in order. */
  readonly columns: readonly string[];
  /** Absent: DEFAULT VALUES. A value written DEFAULT is an OtherExpression named `default`. */
  readonly source?: Query;
  /** Columns beyond those listed may be given by objects whose keys are not known (`data: body`). */
  readonly open?: readonly OpenSource[];
  readonly onConflict?: OnConflict;
  /** OVERRIDING USER VALUE | SYSTEM VALUE. */
  readonly overriding?: 'user' | 'system';
  readonly returning: readonly Target[];
  readonly returningNames?: ReturningNames;
}

export interface OnConflict {
  readonly action: 'nothing' | 'update';
  /** Inference: plain columns by name; an expression element makes `expressions` true. */
  readonly columns: readonly string[];
  readonly expressions?: boolean;
  readonly constraint?: string;
  readonly targetWhere?: Expression;
  readonly set: readonly Assignment[];
  readonly where?: Expression;
  readonly location: Location;
}

export interface UpdateQuery extends QueryBase {
  readonly kind: 'update';
  readonly target: TableReference;
  readonly set: readonly Assignment[];
  /** As of INSERT: columns beyond those listed may be set. */
  readonly open?: readonly OpenSource[];
  readonly from: readonly FromItem[];
  readonly where?: Expression;
  readonly returning: readonly Target[];
  readonly returningNames?: ReturningNames;
}

export interface DeleteQuery extends QueryBase {
  readonly kind: 'delete';
  readonly target: TableReference;
  readonly using: readonly FromItem[];
  readonly where?: Expression;
  readonly returning: readonly Target[];
  readonly returningNames?: ReturningNames;
}

export interface MergeQuery extends QueryBase {
  readonly kind: 'merge';
  readonly target: TableReference;
  readonly source: FromItem;
  readonly on: Expression;
  readonly branches: readonly MergeBranch[];
  readonly returning: readonly Target[];
  readonly returningNames?: ReturningNames;
}

export interface MergeBranch {
  readonly when: 'matched' | 'notMatchedByTarget' | 'notMatchedBySource';
  readonly condition?: Expression;
  readonly action: 'insert' | 'update' | 'delete' | 'nothing';
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
  readonly set: readonly Assignment[];
  readonly location: Location;
}

export type FromItem = TableReference | DerivedTable | FunctionTable | Join;

/** A table, view or CTE named in FROM, or the target of a data-modifying query. */
export interface TableReference {
  readonly kind: 'table';
  readonly name: QualifiedName;
  readonly alias?: string;
  readonly columnAliases: readonly string[];
  /** ONLY t: children of an inheritance tree are left out. */
  readonly only?: boolean;
  /** It was read as a user of the application, whom policies bind: only rows came back that they let through. */
  readonly asUser?: boolean;
  /** TABLESAMPLE: only some of the rows. */
  readonly sampled?: boolean;
  readonly location: Location;
}

export interface DerivedTable {
  readonly kind: 'derived';
  readonly query: Query;
  readonly alias?: string;
  readonly columnAliases: readonly string[];
  readonly lateral: boolean;
  readonly location: Location;
}

/** A function in FROM; its arguments may refer to items on its left. */
export interface FunctionTable {
  readonly kind: 'function';
  readonly calls: readonly Expression[];
  readonly alias?: string;
  readonly columnAliases: readonly string[];
  readonly ordinality: boolean;
  readonly location: Location;
}

export interface Join {
  readonly kind: 'join';
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross';
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on?: Expression;
  readonly using: readonly string[];
  readonly natural: boolean;
  /** An alias of the whole join hides the names inside; that of USING only adds a name for the merged columns. */
  readonly alias?: string;
  readonly usingAlias?: string;
  readonly location: Location;
}
