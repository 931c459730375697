import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { alternatives } from '../objects.js';
import { viewRequest } from './views.js';

/** The request's method by the name of the handler: REST framework's own names, and those of its view sets. */
const METHODS: Readonly<Record<string, string>> = {
  get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE', head: 'HEAD', options: 'OPTIONS',
  list: 'GET', retrieve: 'GET', create: 'POST', update: 'PUT', partial_update: 'PATCH', destroy: 'DELETE',
};

/** The method that a handler is called for; undefined when its name does not tell. */
export function methodOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : entryOf(METHODS, name);
}

/**
 * What the permission classes of a view have said before one of its handlers is called, or of a row that it has found. A class of a package proves nothing that is known here.
 * @param handler the name of the handler, which tells the request's method
 * @param row the row that `get_object()` has found: `has_object_permission` is asked
 * @see Django REST framework documentation, "Permissions"
 */
export function permissionsOf(self: Value, handler: string | undefined, location: Location, ctx: Context, row?: Value): readonly Value[] {
  const call = (positional: readonly Value[]): Call => ({ arguments: { positional, named: new Map(), open: false, locations: positional.map(() => location) }, isNew: false, location, nameLocation: location, typeArguments: [] });
  const own = ctx.read(ctx.member(self, 'get_permissions'));
  const listed = own.kind === 'function' ? ctx.call(own, call([])) : ctx.member(self, 'permission_classes');
  const options = alternatives(listed, ctx);
  if (options.length !== 1 || options[0]!.kind !== 'list') return [];
  return options[0]!.items.filter(({ maybe, repeated }) => !maybe && !repeated).flatMap(({ value }) => {
    const known = ctx.read(value);
    const permission = known.kind === 'classValue' ? ctx.allocate({ kind: 'instance', class: known, fields: new Map() }) : known.kind === 'instance' ? value : undefined;
    const check = permission && ctx.read(ctx.member(permission, row ? 'has_object_permission' : 'has_permission'));
    return check?.kind === 'function' ? [ctx.call(check, call([viewRequest('request', methodOf(handler)), self, ...(row ? [row] : [])]))] : [];
  });
}
