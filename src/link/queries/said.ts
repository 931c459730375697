import type { Config } from '../../config/types.js';
import type { Query } from '../../facts/query.js';
import type { QueryRecord } from '../code/machine.js';
import { mixed } from '../code/meaning.js';
import { placeOf } from './callers.js';
import { toFound } from './code.js';
import { Reading, wayOf } from './ways.js';

/**
 * What the queries that the following of a file has met say of each place, as a number: all that is made of them, how they came to run, and
 * where the first of them stands among the others.
 * @param isBorrowed whether a sub-select only says where a value came from
 */
export function saidAt(records: readonly QueryRecord[], config: Config, isBorrowed: (query: Query) => boolean): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  const readings = new Map<string, Reading>();
  const said = new Map<string, number>();
  const queries = new Map<Query, number>();
  records.forEach((record, index) => {
    const place = placeOf(record.location);
    let reading = readings.get(place);
    if (reading === undefined) readings.set(place, reading = new Reading(words, isBorrowed));
    const { query, stack, calls, begun, helper, sender, given, otherDatabase, draft, platform } = record;
    // Which of them are one query counts as well.
    if (query !== undefined && !queries.has(query)) queries.set(query, index);
    const rest = [query && queries.get(query)! - index, stack, calls, begun, helper, sender, given, otherDatabase, draft?.withdrawn, platform];
    said.set(place, mixed(said.get(place) ?? index, reading.of([...wayOf(toFound(record, config)), ...rest])));
  });
  return said;
}
