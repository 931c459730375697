import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { parameterNames } from '../parameters.js';
import { isAlwaysThere } from './always-there.js';
import { checksOfRow } from './checks.js';
import { existsExpression, rowsWhere } from './lower.js';
import type { Machine } from './machine.js';
import { verified } from './secrets.js';
import type { FieldValue, Result } from './values.js';

/** The module that is followed: what was found out in it stands at no place of its own. */
export function here(m: Machine): Location {
  return { file: m.file, start: 0, end: 0 };
}

/** There is a row: EXISTS of its query holds from here on. */
export function present(m: Machine, result: Result, path: readonly string[]): void {
  if (path.length > 0 || m.state.isPresent(result.id)) return;
  m.state.add({ kind: 'present', result: result.id });
  const exists = result.isWritten ? undefined : existsExpression(m, result, here(m));
  if (exists === undefined) return;
  const checks = checksOfRow(m, result.rows!, exists);
  if (checks.length === 0) m.state.add({ kind: 'holds', expression: exists });
  for (const { about, of } of checks) {
    m.state.add({ kind: 'holds', expression: exists, about });
    // That there is a row says nothing more of those before.
    if (parameterNames(about.check).size > 0) holdsBefore(m, of, about.check);
  }
}

/** Whether the row of a result is known to be there. */
export function isThere(m: Machine, result: Result): boolean {
  return m.state.isPresent(result.id) || isAlwaysThere(m, result);
}

/** Whoever asks has said the secret that is stored in a row: there is one, and they are its holder. */
export function holdsSecret(m: Machine, field: FieldValue): void {
  present(m, field.result, []);
  verified(m, field);
}

/** What was checked of a row was checked of those, too, that it was found by: the note whose project is the caller's. */
export function holdsBefore(m: Machine, result: Result, check: Expression): void {
  if (result.rows === undefined) return;
  const { rows } = result;
  const exists = existsExpression(m, { ...result, rows: rowsWhere(rows, [check], here(m)) }, here(m));
  if (exists === undefined) return;
  for (const { about, of } of checksOfRow(m, rows, exists, check)) {
    m.state.add({ kind: 'holds', expression: exists, about });
    if (parameterNames(about.check).size > 0) holdsBefore(m, of, about.check);
  }
}

/** A condition of a row that was found: its query is judged with it, and so is what it is asked for later. */
export function holdsOfRow(m: Machine, result: Result, check: Expression): void {
  const exists = result.rows && existsExpression(m, { ...result, rows: rowsWhere(result.rows, [check], here(m)) }, here(m));
  m.state.add({ kind: 'holds', expression: exists ?? check, about: { result: result.id, check } });
}
