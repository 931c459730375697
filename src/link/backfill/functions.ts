/** Functions that never give NULL. */
export const neverNull: ReadonlySet<string> = new Set([
  'count', 'gen_random_uuid', 'uuid_generate_v4', 'uuid_generate_v1', 'uuidv4', 'uuidv7', 'now', 'nextval', 'random', 'concat', 'current_timestamp',
  'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'current_date', 'current_user', 'session_user', 'localtimestamp', 'row_number', 'rank',
]);

/** Functions that give NULL only for NULL. */
export const strictFunctions: ReadonlySet<string> = new Set([
  'min', 'max', 'any_value', 'lower', 'upper', 'trim', 'btrim', 'ltrim', 'rtrim', 'md5', 'replace', 'abs', 'date_trunc', 'length', 'round', 'floor', 'ceil', 'first_value', 'to_char',
]);

/** A function whose result follows from its arguments or the clock, so that a condition on it can come out either way. */
export function isKnownFunction(name: string): boolean {
  return neverNull.has(name) || strictFunctions.has(name);
}

/** Whether an operator may give NULL for what is not: a field of JSON that is not there (PostgreSQL manual, 9.16.1). */
export function givesNull(operator: string): boolean {
  return /^(?:->>?|#>>?)$/.test(operator);
}
