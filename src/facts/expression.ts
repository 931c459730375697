import type { Location } from './location.js';
import type { Query } from './query.js';

/**
 * A SQL value expression, independent of the parser that read it.
 * ORM calls are lowered into the same shape, so nothing here names a parser's node.
 * Identifiers are already folded as PostgreSQL folds them (unquoted names in lower case).
 */
export type Expression =
  | ColumnExpression
  | StarExpression
  | ConstantExpression
  | ParameterExpression
  | HoleExpression
  | CallExpression
  | OperatorExpression
  | LogicalExpression
  | NotExpression
  | NullTestExpression
  | BooleanTestExpression
  | DistinctExpression
  | InListExpression
  | QuantifiedExpression
  | SubqueryExpression
  | CaseExpression
  | CastExpression
  | RowExpression
  | ArrayExpression
  | IndirectionExpression
  | OtherExpression;

/** A name that may be a column: `c`, `t.c`, `s.t.c`; in PL/pgSQL it may also be a variable. */
export interface ColumnExpression {
  readonly kind: 'column';
  readonly path: readonly string[];
  readonly location: Location;
}

/** `*` or `t.*`. */
export interface StarExpression {
  readonly kind: 'star';
  readonly path: readonly string[];
  readonly location: Location;
}

/** A literal. Numbers keep their source text in `text` when they do not fit a JavaScript number. */
export interface ConstantExpression {
  readonly kind: 'constant';
  readonly value: string | number | boolean | null;
  readonly text?: string;
  /** The opening quote of a string constant as written: `'`, `E'`, `$$`, `$tag$`. */
  readonly quote?: string;
  readonly location: Location;
}

/** A value bound from outside: `$1`, `:name`, `%(name)s`, `?`, a host variable of an ORM call. */
export interface ParameterExpression {
  readonly kind: 'parameter';
  readonly name: string;
  /** How it is called in words, where its name is a key of the reader's. */
  readonly words?: string;
  /** Whoever asks has given the secret that it is compared with: its holder alone knows it. */
  readonly secret?: true;
  /** It is read only where something else was not sent: `body.accountId ?? header`. */
  readonly fallback?: true;
  readonly location: Location;
}

/** SQL text that is not known: a template hole that was repaired to make the rest readable. */
export interface HoleExpression {
  readonly kind: 'hole';
  readonly text: string;
  readonly location: Location;
}

/** A function call. COALESCE, NULLIF, GREATEST, LEAST, CURRENT_USER and the like are calls of that lower-case name. */
export interface CallExpression {
  readonly kind: 'call';
  readonly name: readonly string[];
  readonly arguments: readonly Expression[];
  /** `count(*)`. */
  readonly star?: boolean;
  readonly distinct?: boolean;
  readonly filter?: Expression;
  readonly orderBy?: readonly Expression[];
  /** Present for a window function; `partitionBy` of a named window is resolved by the parser. */
  readonly over?: { readonly partitionBy: readonly Expression[]; readonly orderBy: readonly Expression[] };
  readonly location: Location;
}

/** A unary or binary operator other than AND, OR, NOT: `=`, `||`, `~~` (LIKE), `between`, `not between`, ... */
export interface OperatorExpression {
  readonly kind: 'operator';
  readonly operator: string;
  /** Absent for a prefix operator. BETWEEN has its two bounds as a row on the right. */
  readonly left?: Expression;
  readonly right: Expression;
  readonly location: Location;
}

export interface LogicalExpression {
  readonly kind: 'and' | 'or';
  readonly operands: readonly Expression[];
  /** OR of what a program asks for on each of several paths: whichever it takes, it is one of them for all rows. */
  readonly chosen?: true;
  readonly location: Location;
}

export interface NotExpression {
  readonly kind: 'not';
  readonly operand: Expression;
  readonly location: Location;
}

/** `x IS NULL` / `x IS NOT NULL`. */
export interface NullTestExpression {
  readonly kind: 'nullTest';
  readonly operand: Expression;
  readonly negated: boolean;
  readonly location: Location;
}

/** `x IS [NOT] TRUE | FALSE | UNKNOWN`. */
export interface BooleanTestExpression {
  readonly kind: 'booleanTest';
  readonly operand: Expression;
  readonly test: 'true' | 'notTrue' | 'false' | 'notFalse' | 'unknown' | 'notUnknown';
  readonly location: Location;
}

/** `x IS DISTINCT FROM y`; negated: `x IS NOT DISTINCT FROM y`. */
export interface DistinctExpression {
  readonly kind: 'distinct';
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
  readonly location: Location;
}

/** `x [NOT] IN (a, b, c)`. */
export interface InListExpression {
  readonly kind: 'inList';
  readonly operand: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
  readonly location: Location;
}

/** `x = ANY (array)`, `x <> ALL (array)`. The sub-select form is a SubqueryExpression. */
export interface QuantifiedExpression {
  readonly kind: 'quantified';
  readonly operator: string;
  readonly quantifier: 'any' | 'all';
  readonly left: Expression;
  readonly right: Expression;
  readonly location: Location;
}

/** A sub-select in an expression. `any` with operator `=` is `x IN (SELECT ...)`. */
export interface SubqueryExpression {
  readonly kind: 'subquery';
  readonly form: 'exists' | 'scalar' | 'any' | 'all' | 'array';
  /** For `any` and `all`: the operator and the left side. */
  readonly operator?: string;
  readonly left?: Expression;
  readonly query: Query;
  readonly location: Location;
}

/** `CASE [operand] WHEN ... THEN ... ELSE ... END`. */
export interface CaseExpression {
  readonly kind: 'case';
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
  readonly location: Location;
}

export interface CastExpression {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: SqlType;
  readonly location: Location;
}

export interface RowExpression {
  readonly kind: 'row';
  readonly items: readonly Expression[];
  readonly location: Location;
}

export interface ArrayExpression {
  readonly kind: 'array';
  readonly items: readonly Expression[];
  readonly location: Location;
}

/** `(expr).field`, `expr[1]`. */
export interface IndirectionExpression {
  readonly kind: 'indirection';
  readonly operand: Expression;
  readonly fields: readonly string[];
  readonly subscripts: readonly Expression[];
  readonly location: Location;
}

/** Anything else (XML, JSON constructors, grouping sets, ...): its parts are kept so that sub-queries in it are seen. */
export interface OtherExpression {
  readonly kind: 'other';
  readonly name: string;
  readonly parts: readonly Expression[];
  readonly location: Location;
}

/**
 * A type as PostgreSQL names it internally: `int4`, `int8`, `uuid`, `text`, `varchar`, `timestamptz`, or a user type.
 * Pseudo-types such as bigserial are lowered to the real type by the parser.
 */
export interface SqlType {
  readonly schema?: string;
  readonly name: string;
  readonly modifiers: readonly number[];
  /** Number of array dimensions: 0 for a scalar. */
  readonly dimensions: number;
}

