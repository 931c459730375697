import type { InputValue } from './values.js';

/** The key of what a message of another service says whose signature was verified. */
export const SIGNED_MESSAGE = 'the signed message';

/** What the key of a row begins with that was found elsewhere: whoever is given it may be the first that is looked at. */
export const GIVEN_ROW = 'the row that is given, of';

/** Whether something else has said whose row a key names: a signed message, or the query that the row was found by, which is judged where it stands. */
export function isVouched(value: InputValue): boolean {
  return isSigned(value) || value.key.startsWith(GIVEN_ROW);
}

/** Whether a value stands in a signed message. */
export function isSigned({ key }: InputValue): boolean {
  return key === SIGNED_MESSAGE || key.startsWith(`${SIGNED_MESSAGE}.`);
}

/** The key of the row that a field of GraphQL is a part of: another resolver has given it. */
export const PARENT_ROW = 'the parent row';

/** Whether a value stands in such a row. */
export function isOfParent({ key }: InputValue): boolean {
  return key.startsWith(`${PARENT_ROW} `);
}
