import { isWithin, type Location } from '../../../facts/location.js';
import type { Context, QueryEffect } from '../library.js';

/**
 * Whether a builder was begun in a function that has come to its end, and what was added last is not of that function: its query is one of the function that
 * adds to it.
 */
export function isGivenByHelper(begun: Location, last: Location, { trace: { stack } }: Pick<Context, 'trace'>): boolean {
  const isRunning = (place: Location): boolean => stack.some((each) => isWithin(place, each));
  return !isRunning(begun) && isRunning(last);
}

/** The place of the query of a builder, which whoever waits for it sends: where it was begun, or where the caller of a helper has added the last to it. */
export function placeOfBuilder(begun: Location, last: Location, ctx: Pick<Context, 'trace'>): Pick<QueryEffect, 'location' | 'helper'> {
  return isGivenByHelper(begun, last, ctx) ? { location: last, helper: begun } : { location: begun };
}
