import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context, QueryEffect, Trace } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import { SQLALCHEMY } from './data.js';

/** Where a statement is run, and on what kind of client. */
export interface Site {
  readonly location: Location;
  readonly ctx: Context;
  readonly access?: LibraryValue['access'];
  /** How the place came to run where the statement begins. */
  readonly begun?: Trace | undefined;
  /** Where a helper has begun the statement that its caller has added to. */
  readonly helper?: Location | undefined;
  /** Where it is sent, when that is elsewhere. */
  readonly sender?: Location | undefined;
  /** What is known of the object that the session is given. */
  readonly given?: QueryEffect['given'];
}

/** Records a statement. */
export function run(query: Query, { ctx, ...site }: Site): void {
  ctx.query({ kind: 'query', query, library: SQLALCHEMY, ...effectOf(site) });
}

/** Records that a row is given to a session which has it already: nothing is asked, and whoever handed it over has said so. */
export function runNothing({ ctx, ...site }: Site): void {
  ctx.query({ kind: 'query', library: SQLALCHEMY, ...effectOf({ ...site, given: 'row' }) });
}

/** Records a statement that is not understood: it is counted. */
export function runUnknown(unknown: string, { ctx, ...site }: Site): Value {
  ctx.query({ kind: 'query', unknown, library: SQLALCHEMY, ...effectOf(site) });
  return unknownValue(unknown);
}

function effectOf({ location, access, begun, helper, sender, given }: Omit<Site, 'ctx'>): Pick<QueryEffect, 'location' | 'access' | 'begun' | 'helper' | 'sender' | 'given'> {
  return { location, ...(access && { access }), ...(begun && { begun }), ...(helper && { helper }), ...(sender && { sender }), ...(given && { given }) };
}
