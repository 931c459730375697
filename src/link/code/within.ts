import type { Machine } from './machine.js';
import type { FunctionValue } from './values.js';

/** Runs work as a part of a function that is about to be entered: what it does is told as the function's own. */
export function withinFunction<T>(m: Machine, { function: code }: FunctionValue, work: () => T): T {
  m.frames.push({ function: code, location: code.location, state: m.state, newest: m.newestResult, returns: [], loops: [] });
  try {
    return work();
  } finally {
    m.frames.pop();
  }
}
