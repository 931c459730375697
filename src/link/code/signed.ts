import type { InputValue } from './values.js';

/** The key of what a message of another service says whose signature was verified. */
export const SIGNED_MESSAGE = 'the signed message';

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
