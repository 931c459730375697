import { editDistance } from '../../config/nearest.js';
import type { Location } from '../../facts/location.js';
import { displayName } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import type { Evidence, Failure } from '../project.js';

/** What helps to understand a failure. */
export interface Help {
  readonly suggestion?: string | undefined;
  readonly related?: readonly Evidence[];
}

/** Builds a failure; `code` is the SQLSTATE, `message` PostgreSQL's own words, `location` the name at fault. */
export function failure(code: string, message: string, location: Location, help: Help = {}): Failure {
  return { code, message, location, related: help.related ?? [], ...(help.suggestion === undefined ? {} : { suggestion: help.suggestion }) };
}

/** Where a table was declared. */
export function declaredHere(table: Table | undefined): readonly Evidence[] {
  return table && !table.assumed ? [{ location: table.created.location, message: `"${displayName(table)}" is created here` }] : [];
}

/** The name a misspelled one was probably meant to be: the nearest candidate, when it is near enough. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.ceil(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const distance = plain(candidate) === plain(name) ? 0 : editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "Did you mean ...?", when a candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? undefined : `Did you mean "${candidate}"?`;
}

function plain(name: string): string {
  return name.replace(/_/g, '').toLowerCase();
}
