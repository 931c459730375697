import type { Location } from '../../../../facts/location.js';
import type { Target } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { and, select, subquery } from '../build.js';
import { relationOf, type Place } from '../prisma/models.js';
import { related } from '../prisma/relation-filters.js';
import { libraryData, libraryValue, textOf } from '../sqlalchemy/given.js';
import { asAlias } from './embedded.js';
import { DJANGO } from './fields.js';
import { querySetIn, whereOf, withdraw, type QuerySet } from './queryset-data.js';

/** `Prefetch('items', queryset=...)`. */
interface PrefetchData {
  readonly lookup: Value | undefined;
  readonly rows: Value | undefined;
}

/** `Prefetch(...)`: its rows are read with those of the query set that it is given to, and by nothing else. */
export function prefetchCall({ arguments: { positional, named } }: Call, ctx: Context): LibraryValue {
  const rows = positional[1] ?? named.get('queryset');
  const set = rows && querySetIn(rows, ctx);
  if (set) withdraw(set);
  return libraryValue(DJANGO, 'prefetch', { lookup: positional[0] ?? named.get('lookup'), rows } satisfies PrefetchData);
}

/** The related rows that are read along with those of a query set, as sub-selects of its row. */
export function fetched(given: readonly Value[], set: QuerySet, location: Location, ctx: Context): readonly Target[] {
  return given.flatMap((each): readonly Target[] => {
    const own = libraryData<PrefetchData>(each, DJANGO, 'prefetch', ctx);
    const lookup = own ? own.lookup : each;
    const path = lookup && textOf(lookup, ctx);
    if (path === undefined) return [];
    const rows = own?.rows && querySetIn(own.rows, ctx);
    const target = along(path.split('__'), set.place, rows, set, location, ctx);
    return target ? [{ expression: target, alias: path }] : [];
  });
}

function along([first = '', ...rest]: readonly string[], place: Place, rows: QuerySet | undefined, set: QuerySet, location: Location, ctx: Context): ReturnType<typeof subquery> | undefined {
  const relation = relationOf(place.model, first);
  const side = relation && related(relation, place, location, ctx);
  if (!side) return undefined;
  if (rest.length > 0) {
    const inner = along(rest, side.place, rows, set, location, ctx);
    return inner && subquery('array', select({ targets: [{ expression: inner }], from: [side.from], where: side.on, location }), location);
  }
  if (rows) withdraw(rows);
  const { alias } = side.place;
  const targets = (rows?.targets ?? []).map((each) => ({ ...each, expression: asAlias(each.expression, rows!.place.alias, alias) }));
  return subquery('array', select({ targets, from: [side.from], where: and([side.on, ...(rows ? [asAlias(whereOf(rows), rows.place.alias, alias)] : [])], location), location }), location);
}
