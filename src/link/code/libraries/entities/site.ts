import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';

/** A call that reads or writes rows. */
export interface CallSite {
  readonly library: string;
  readonly location: Location;
  readonly ctx: Context;
  readonly access?: LibraryValue['access'];
}

/** The place of a call on a value of a library. */
export function callSite({ library, access }: LibraryValue, location: Location, ctx: Context): CallSite {
  return { library, location, ctx, ...(access && { access }) };
}

/** Records a query of a call. */
export function record({ library, location, access, ctx }: CallSite, query: Query): void {
  ctx.query({ kind: 'query', query, location, library, ...(access && { access }) });
}

/** Records a query that cannot be understood: it is counted. */
export function unknownQuery({ library, location, access, ctx }: CallSite, reason: string): Value {
  ctx.query({ kind: 'query', unknown: reason, location, library, ...(access && { access }) });
  return unknownValue(reason);
}
