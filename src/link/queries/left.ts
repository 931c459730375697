import { singleEffects } from '../code/effects.js';
import type { Effect } from '../code/library.js';
import { push } from '../code/lists.js';
import type { QueryRecord } from '../code/machine.js';
import { beginOf } from './callers.js';

/** The functions, by their keys, that one had called and was following when the last of them was left before its end: outermost first, whoever began left out. */
export type LeftCall = readonly string[];

/** All calls among effects that were left before their end, at any depth, each once. */
export function leftCallsOf(effects: readonly Effect[]): LeftCall[] {
  const calls = singleEffects(effects).flatMap((effect) => (effect.kind === 'left' && effect.stack.length > 1 ? [effect.stack.slice(1).map(beginOf)] : []));
  return [...new Map(calls.map((call) => [call.join('\n'), call])).values()];
}

/** Finds the ways that begin where a call was left: what the functions behind it are given there is not known. */
export class LeftCalls {
  private readonly byLast = new Map<string, LeftCall[]>();

  constructor(calls: readonly LeftCall[]) {
    for (const call of calls) {
      push(this.byLast, call.at(-1)!, call);
    }
  }

  /** Whether something calls the function that the way of a query begins at, and was left before it came to the query. */
  isOpen({ stack }: QueryRecord): boolean {
    if (this.byLast.size === 0) return false;
    const keys = stack.map(beginOf);
    return keys.some((last, depth) => this.byLast.get(last)?.some((call) => {
      const before = call.length - 1 - depth;
      return before >= 0 && keys.slice(0, depth).every((each, index) => each === call[before + index]);
    }) === true);
  }
}
