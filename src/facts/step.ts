import type { Expression } from './expression.js';
import type { Location } from './location.js';
import type { Operation } from './operation.js';
import type { Query } from './query.js';

/** One SQL statement: its operations take effect together or not at all. */
export interface Statement {
  readonly kind: 'statement';
  readonly location: Location;
  readonly operations: readonly Operation[];
}

/**
 * A step of a program: PL/pgSQL today, a migration function of another language tomorrow.
 * The replay interprets steps symbolically against the catalog reached so far; nothing is executed.
 */
export type Step =
  | Statement | Block | AssignStep | IfStep | LoopStep | ForRangeStep | ForEachStep | ForQueryStep
  | SelectIntoStep | ExecuteStep | RaiseStep | AssertStep | JumpStep | ReturnStep | UnknownStep;

export interface Block {
  readonly kind: 'block';
  readonly label?: string;
  readonly declarations: readonly Declaration[];
  readonly body: readonly Step[];
  readonly handlers: readonly ExceptionHandler[];
  /** `#variable_conflict`: what a name that is both variable and column means. Absent: PostgreSQL rejects it (42702). */
  readonly variableConflict?: 'variable' | 'column';
  readonly location: Location;
}

export interface Declaration {
  readonly name: string;
  /** As written, lower case: `text[]`, `record`, `bookings%rowtype`. */
  readonly type: string;
  readonly constant: boolean;
  readonly notNull?: boolean;
  readonly value?: Expression;
  /** `name ALIAS FOR old`: another name for the same variable (`$1` for a parameter). */
  readonly aliasFor?: string;
  /** `name CURSOR (parameters) FOR query`. */
  readonly cursor?: { readonly parameters: readonly string[]; readonly query?: Query };
  readonly location: Location;
}

export interface ExceptionHandler {
  /** Condition names in lower case (`others`, `duplicate_object`) or `sqlstate 42710`. */
  readonly conditions: readonly string[];
  readonly body: readonly Step[];
}

export interface AssignStep {
  readonly kind: 'assign';
  readonly target: VariablePath;
  /** `v[1] := x`: the rest of the array stays. */
  readonly partial?: boolean;
  readonly value: Expression;
  readonly location: Location;
  /** GET DIAGNOSTICS: the number of rows of the statement before. */
  readonly counts?: true;
}

/** `v`, `rec.field`. */
export type VariablePath = readonly string[];

export interface IfStep {
  readonly kind: 'if';
  readonly branches: readonly { readonly condition: Expression; readonly body: readonly Step[]; readonly location: Location }[];
  readonly otherwise: readonly Step[];
  readonly location: Location;
}

/** LOOP, WHILE: runs an unknown number of times. */
export interface LoopStep {
  readonly kind: 'loop';
  readonly label?: string;
  readonly condition?: Expression;
  readonly body: readonly Step[];
  readonly location: Location;
}

export interface ForRangeStep {
  readonly kind: 'forRange';
  readonly label?: string;
  readonly variable: string;
  readonly from: Expression;
  readonly to: Expression;
  readonly by?: Expression;
  readonly reverse: boolean;
  readonly body: readonly Step[];
  readonly location: Location;
}

/** FOREACH v IN ARRAY expr. */
export interface ForEachStep {
  readonly kind: 'forEach';
  readonly label?: string;
  readonly targets: readonly VariablePath[];
  readonly slice: number;
  readonly array: Expression;
  readonly body: readonly Step[];
  readonly location: Location;
}

/** FOR v IN SELECT ... / EXECUTE ...: one turn a row. */
export interface ForQueryStep {
  readonly kind: 'forQuery';
  readonly label?: string;
  readonly targets: readonly VariablePath[];
  /** A loop over a cursor declares its record itself. */
  readonly declaresTarget?: boolean;
  readonly query?: Query;
  /** FOR ... IN EXECUTE text USING .... */
  readonly dynamic?: { readonly text: Expression; readonly using: readonly Expression[] };
  readonly body: readonly Step[];
  readonly location: Location;
}

/** SELECT ... INTO v, PERFORM (no targets), and DML with RETURNING ... INTO. Sets FOUND. */
export interface SelectIntoStep {
  readonly kind: 'selectInto';
  readonly targets: readonly VariablePath[];
  readonly strict: boolean;
  readonly query: Query;
  readonly location: Location;
}

/** EXECUTE text [INTO v] [USING ...]. */
export interface ExecuteStep {
  readonly kind: 'execute';
  readonly text: Expression;
  readonly using: readonly Expression[];
  readonly targets: readonly VariablePath[];
  readonly strict: boolean;
  readonly location: Location;
}

export interface RaiseStep {
  readonly kind: 'raise';
  /** `log` stands for print, console and logger calls of other languages too. Bare RAISE in a handler is `exception`. */
  readonly level: 'exception' | 'warning' | 'notice' | 'info' | 'log' | 'debug';
  readonly message?: string;
  readonly arguments: readonly Expression[];
  /** `RAISE division_by_zero`, `RAISE SQLSTATE '22012'`: the condition as an ExceptionHandler writes it. */
  readonly condition?: string;
  /** USING: option names in lower case (`errcode`, `message`, `hint`, ...). */
  readonly options?: readonly { readonly name: string; readonly value: Expression }[];
  readonly location: Location;
}

export interface AssertStep {
  readonly kind: 'assert';
  readonly condition: Expression;
  readonly location: Location;
}

/** EXIT, CONTINUE. */
export interface JumpStep {
  readonly kind: 'exit' | 'continue';
  readonly label?: string;
  readonly condition?: Expression;
  readonly location: Location;
}

export interface ReturnStep {
  readonly kind: 'return';
  readonly value?: Expression;
  readonly query?: Query;
  /** RETURN NEXT / RETURN QUERY do not leave the function. */
  readonly continues: boolean;
  readonly location: Location;
}

/** A step that could not be lowered; its reason is reported where tenant tables may be concerned. */
export interface UnknownStep {
  readonly kind: 'unknown';
  readonly reason: string;
  /** SQLSTATE with which PL/pgSQL refuses it, and with it the whole DO or CREATE FUNCTION statement, before anything runs. */
  readonly rejected?: string;
  readonly location: Location;
}
