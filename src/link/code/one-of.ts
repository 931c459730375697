import type { Location } from '../../facts/location.js';
import { endsPath } from './ends.js';
import type { Effect } from './library.js';
import type { Machine } from './machine.js';

/** Does one of several things, which one is not known: each is a path of its own. @returns what those give that go on */
export function oneOf<T>(m: Machine, works: readonly (() => T)[], location: Location): T[] {
  const values: T[] = [];
  const paths = works.map((work) => m.path(() => {
    const value = work();
    if (endsPath(value)) return false;
    values.push(value);
    return true;
  }));
  const live = paths.filter((path) => path.live);
  const effects = paths.reduceRight<Effect[] | undefined>((otherwise, { effects: then }) => (
    otherwise === undefined ? then : [{ kind: 'branch', condition: undefined, then, otherwise, location }]), undefined);
  m.emitAll(effects ?? []);
  m.settle((live.length === 0 ? paths : live).map(({ snapshot }) => snapshot));
  return values;
}
