import type { Fact, ReferenceValue, Value } from './values.js';

/** placeholder until the evaluator lands */
export interface State {
  read(value: Value): Value;
  write(reference: ReferenceValue, value: Value): void;
  readonly facts: readonly Fact[];
}
