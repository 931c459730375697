import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { unknownValue } from '../../values.js';
import type { Entity } from '../entities/registry.js';
import { TYPEORM } from './members.js';

/** A call that reads or writes rows of an entity. */
export interface Site {
  readonly entity: Entity;
  readonly name: string;
  readonly args: readonly Value[];
  readonly location: Location;
  readonly access?: LibraryValue['access'];
  readonly ctx: Context;
}

/** The place of a call, with what is asked for there. */
export function siteOf(entity: Entity, name: string, args: readonly Value[], call: Call, access: LibraryValue['access'], ctx: Context): Site {
  return { entity, name, args, location: call.location, ...(access && { access }), ctx };
}

/** Records a query of a call. */
export function record({ location, access, ctx }: Pick<Site, 'location' | 'access' | 'ctx'>, query: Query): void {
  ctx.query({ kind: 'query', query, location, library: TYPEORM, ...(access && { access }) });
}

/** A query that is not understood: it is counted. */
export function unknownQuery({ location, access, ctx }: Pick<Site, 'location' | 'access' | 'ctx'>, reason: string): Value {
  ctx.query({ kind: 'query', unknown: reason, location, library: TYPEORM, ...(access && { access }) });
  return unknownValue(reason);
}
