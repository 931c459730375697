import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { and } from '../build.js';
import { joined, rowsOf } from './queryset.js';
import { querySetIn, whereOf, withdraw } from './queryset-data.js';

/** `a | b`, `a & b` of query sets. */
export function joinedRows(operator: string, left: Value, right: Value | undefined, location: Location, ctx: Context): Value | undefined {
  const [one, other] = [querySetIn(left, ctx), right && querySetIn(right, ctx)];
  if (!one || !other) return undefined;
  if (operator === '|') return joined([one, other], location, ctx);
  if (operator !== '&') return undefined;
  for (const each of [one, other]) withdraw(each);
  return rowsOf({ ...one, location, where: [and([whereOf(one), ...(one.place.alias === other.place.alias ? [whereOf(other)] : [])], location)] }, ctx);
}
