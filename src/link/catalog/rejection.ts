import type { Location } from '../../facts/location.js';
import type { QualifiedName } from '../../facts/query.js';
import type { Evidence, Failure } from '../project.js';

/**
 * PostgreSQL's refusal of an operation. Thrown inside this folder only: `applyOperation` turns it into its result
 * and puts the catalog back as it was.
 */
export class Rejection extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface Advice {
  readonly suggestion?: string;
  readonly related?: readonly Evidence[];
}

/**
 * Refuses the operation.
 * @param code SQLSTATE
 * @param message PostgreSQL's own words
 * @param location the clause at fault
 * @throws Rejection always
 */
export function reject(code: string, message: string, location: Location, advice: Advice = {}): never {
  throw new Rejection({
    code, message, location, related: advice.related ?? [],
    ...(advice.suggestion === undefined ? {} : { suggestion: advice.suggestion }),
  });
}

/** A name as PostgreSQL writes it in messages: qualified when it was written qualified. */
export function nameText(name: QualifiedName): string {
  return name.schema === undefined ? name.name : `${name.schema}.${name.name}`;
}
