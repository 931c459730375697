import type { SqlType } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { OutputColumn } from './types.js';

/** What is known of the value of an expression. */
export interface Value {
  readonly type?: SqlType;
  /** A string literal or NULL: it takes whatever type its place asks for. */
  readonly literal?: boolean;
  readonly nullable: Answer;
  readonly source?: OutputColumn['source'];
}

/** An output column before its literal is settled as text. */
export interface Output extends OutputColumn {
  readonly literal?: boolean;
}

/** A value of which nothing is known. */
export const unknownValue: Value = { nullable: 'unknown' };

/** Whether the result of a strict function of these values can be NULL. */
export function combine(values: readonly Value[]): Answer {
  if (values.some((value) => value.nullable === 'yes')) return 'yes';
  return values.every((value) => value.nullable === 'no') ? 'no' : 'unknown';
}

/** Literals that reach the output of a sub-select are text (PostgreSQL's resolveTargetListUnknowns). */
export function settle(columns: readonly Output[]): OutputColumn[] {
  return columns.map(({ literal, ...column }) => (literal ? { ...column, type: { name: 'text', modifiers: [], dimensions: 0 } } : column));
}
