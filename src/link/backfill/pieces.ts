import type { Evidence } from '../project.js';

/** A set of truth values of SQL's three-valued logic. */
export type Truth = number;
export const isTrue: Truth = 1;
export const isFalse: Truth = 2;
export const isNull: Truth = 4;

/** A condition that is not taken apart further, with the columns it is about. */
export interface Atom {
  readonly key: string;
  /** Set for `column IS NULL`. */
  readonly nullTestOf?: string;
  /** NULL exactly when one of these columns is (`=`, `<`, a boolean column); empty when that is not known. */
  readonly strictIn: readonly string[];
  /** Every column it reads. */
  readonly reads: readonly string[];
  /** Its outcome depends on something not known here (sub-query, variable, limited set of values): nothing is proven by it. */
  readonly vague: boolean;
}

export interface Literal {
  readonly atom: Atom;
  readonly truth: Truth;
}

/** Why a row can be left without a value: all literals hold. */
export interface Cause {
  readonly literals: readonly Literal[];
  readonly why: Evidence;
  /** False: it may happen, but that is not proven. */
  readonly sure: boolean;
}

/** A set of rows whose column is (or may be) NULL: those for which all literals hold. No literal: all rows. */
export type Piece = Cause;

/** What is known of columns without a condition. */
export interface Knowledge {
  /** No NULL can be in the column (key as in atoms). */
  notNull(column: string): boolean;
}

/** The rows whose column is NULL. */
export function nullTest(column: string): Atom {
  return { key: `null:${column}`, nullTestOf: column, strictIn: [], reads: [column], vague: false };
}

/** Both at once; undefined when no row can meet both. */
export function both(a: Cause, b: Cause, knowledge: Knowledge): Cause | undefined {
  const literals = conjunction([...a.literals, ...b.literals], knowledge);
  return literals && { literals, why: b.why, sure: a.sure && b.sure && !vague(literals) };
}

/** Literals merged by atom; undefined when they contradict each other. */
export function conjunction(literals: readonly Literal[], knowledge: Knowledge): Literal[] | undefined {
  const merged = new Map<string, Literal>();
  for (const { atom, truth } of literals) merged.set(atom.key, { atom, truth: truth & (merged.get(atom.key)?.truth ?? 7) });
  const nullness = new Map<string, Truth>();
  const know = (column: string, truth: Truth) => nullness.set(column, truth & (nullness.get(column) ?? (knowledge.notNull(column) ? isFalse : 3)));
  for (const { atom, truth } of merged.values()) {
    if (atom.nullTestOf !== undefined) know(atom.nullTestOf, truth);
    else if ((truth & isNull) === 0) for (const column of atom.strictIn) know(column, isFalse);
  }
  for (const [key, { atom, truth }] of merged) {
    if (atom.strictIn.length === 0) continue;
    const known = atom.strictIn.map((column) => know(column, 3).get(column)!);
    if (known.includes(isTrue)) merged.set(key, { atom, truth: truth & isNull });
    else if (known.every((state) => state === isFalse)) merged.set(key, { atom, truth: truth & ~isNull });
  }
  const possible = [...merged.values()].every(({ truth }) => truth !== 0) && [...nullness.values()].every((truth) => truth !== 0);
  return possible ? [...merged.values()] : undefined;
}

/** Whether what the literals say together is too vague to prove that such a row can exist; of an operator that is not known it is not proven that it gives NULL. */
export function vague(literals: readonly Literal[]): boolean {
  return literals.some(({ atom, truth }) => atom.vague || (truth === isNull && atom.strictIn.length === 0));
}

/** The name of the row of a table that columns of known rows lead to: `public.users(id=target.user_id)`. */
export function placedName(tableKey: string, by: readonly (readonly [string, string])[]): string {
  return `${tableKey}(${by.map(([column, of]) => `${column}=${of}`).join()})`;
}

/** The cause after some columns were written: what was said of them no longer holds, and what remains is not proven. */
export function forget(cause: Cause, columns: readonly string[]): Cause {
  return forgetAll(cause, (read) => columns.some((column) => read === column || read.includes(`=${column})`) || read.includes(`=${column},`)));
}

/** The same of rows of another table, of these columns or of all. */
export function forgetPlaced(cause: Cause, tableKey: string, columns: readonly string[] | undefined): Cause {
  return forgetAll(cause, (read) => read.includes(`${tableKey}(`) && (columns === undefined || columns.some((column) => read.includes(`).${column}`))));
}

function forgetAll(cause: Cause, isForgotten: (read: string) => boolean): Cause {
  const literals = cause.literals.filter(({ atom }) => !atom.reads.some(isForgotten));
  return literals.length === cause.literals.length ? cause : { ...cause, literals, sure: false };
}

/** One of each message, sure ones first. */
export function distinctCauses(causes: readonly Cause[]): Cause[] {
  const seen = new Set<string>();
  return [...causes.filter(({ sure }) => sure), ...causes.filter(({ sure }) => !sure)].filter((cause) => {
    const key = `${cause.why.message}|${cause.literals.map(({ atom, truth }) => `${atom.key}=${truth}`).sort().join('&')}`;
    return !seen.has(key) && seen.add(key);
  });
}
