import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Context, Trace } from '../../library.js';
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
}

/** Records a statement. */
export function run(query: Query, { location, ctx, access, begun }: Site): void {
  ctx.query({ kind: 'query', query, location, library: SQLALCHEMY, ...(access && { access }), ...(begun && { begun }) });
}

/** Records a statement that is not understood: it is counted. */
export function runUnknown(unknown: string, { location, ctx, access, begun }: Site): Value {
  ctx.query({ kind: 'query', unknown, location, library: SQLALCHEMY, ...(access && { access }), ...(begun && { begun }) });
  return unknownValue(unknown);
}
