import type { ReplayListener } from './types.js';

/** One listener that tells several, in order. */
export function listenAll(listeners: readonly ReplayListener[]): ReplayListener {
  return {
    migrationStarts: (...args) => listeners.forEach((each) => each.migrationStarts(...args)),
    before: (...args) => listeners.forEach((each) => each.before(...args)),
    after: (...args) => listeners.forEach((each) => each.after(...args)),
    assertion: (...args) => listeners.forEach((each) => each.assertion(...args)),
    migrationEnds: (...args) => listeners.forEach((each) => each.migrationEnds(...args)),
  };
}
