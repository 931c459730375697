/** What PostgreSQL reports of an error (PostgreSQL manual, section 54.8), as PGlite and node-postgres give it. */
export interface DatabaseError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  /** 1-based, in characters, in the statement sent. */
  readonly position?: number;
  /** The statement of a PL/pgSQL body at fault, and the position in it. */
  readonly internalPosition?: number;
  readonly internalQuery?: string;
  /** The call stack: `PL/pgSQL function inline_code_block line 5 at SQL statement`. */
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/**
 * Reads what was thrown by a Connection.
 * @throws the error itself when it is not one that PostgreSQL reported
 */
export function databaseError(error: unknown): DatabaseError {
  const raw = error as Partial<Record<keyof DatabaseError, unknown>>;
  if (!(error instanceof Error) || typeof raw.code !== 'string' || !/^[0-9A-Z]{5}$/.test(raw.code)) throw error;
  const text = (key: keyof DatabaseError) => (typeof raw[key] === 'string' && raw[key] !== '' ? { [key]: raw[key] } : {});
  const number = (key: keyof DatabaseError) => (Number(raw[key]) > 0 ? { [key]: Number(raw[key]) } : {});
  return {
    code: raw.code, message: error.message, ...text('detail'), ...number('position'), ...number('internalPosition'), ...text('internalQuery'), ...text('where'),
    ...text('schema'), ...text('table'), ...text('column'), ...text('constraint'),
  };
}

/** Whether an error is about the rows, not about the statement: integrity, data and raised exceptions. */
export function isAboutRows({ code }: Pick<DatabaseError, 'code'>): boolean {
  return /^(22|23|P0)/.test(code) || code === '21000';
}

/** One line of what went wrong on a connection. @throws the error itself when neither PostgreSQL nor the network reported it */
export function databaseErrorText(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code !== 'string' && !/connection|timeout/i.test(message ?? '')) throw error;
  return `${message ?? 'no reason given'}${typeof code === 'string' ? ` (${code})` : ''}`;
}
