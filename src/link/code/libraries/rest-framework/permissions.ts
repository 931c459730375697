import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { FunctionValue, Value } from '../../values.js';
import { alternatives } from '../objects.js';
import { methodFor } from './handled.js';
import { viewRequest } from './views.js';

/**
 * What the permission classes of a view have said before one of its handlers is called, or of a row that it has found. A class of a package proves nothing that is known here.
 * @param row the row that `get_object()` has found: `has_object_permission` is asked
 * @see Django REST framework documentation, "Permissions"
 */
export function permissionsOf(self: Value, location: Location, ctx: Context, row?: Value): readonly Value[] {
  const own = ctx.read(ctx.member(self, 'get_permissions'));
  const listed = own.kind === 'function' ? ctx.call(own, callWith([], location)) : ctx.member(self, 'permission_classes');
  const view = ctx.read(self);
  const request = viewRequest('request', view.kind === 'instance' ? methodFor(view) : undefined);
  return checksOf(listed, [request, self, ...(row ? [row] : [])], row ? 'has_object_permission' : 'has_permission', location, ctx);
}

/** What each class of a list answers by one of its methods. */
export function checksOf(listed: Value, given: readonly Value[], method: string, location: Location, ctx: Context): readonly Value[] {
  const options = alternatives(listed, ctx);
  if (options.length !== 1 || options[0]!.kind !== 'list') return [];
  return options[0]!.items.filter(({ maybe, repeated }) => !maybe && !repeated).flatMap(({ value }) => {
    const known = ctx.read(value);
    const permission = known.kind === 'classValue' ? ctx.call(known, { ...callWith([], location), isNew: true }) : known.kind === 'instance' ? value : undefined;
    const check = permission && ctx.read(ctx.member(permission, method));
    return check?.kind === 'function' ? [ctx.call(check, callWith(given, location))] : [];
  });
}

const ANSWERS = /^has_(?:object_)?permission$/;

/** A class of a package that permission classes are made from: of REST framework, or of one that is made like it. */
const PERMISSIONS = /Permissions?(?:Metaclass|Mixin)?$|^(?:IsAuthenticated|IsAdmin|AllowAny)/;

/** Whether a function answers for a permission class of the project. */
export function isPermission({ function: { name }, owner }: FunctionValue, ctx: Context): boolean {
  return name !== undefined && ANSWERS.test(name) && owner !== undefined && ctx.ancestry(owner).some((each) => each.kind === 'external' && PERMISSIONS.test(each.path.at(-1) ?? ''));
}

function callWith(positional: readonly Value[], location: Location): Call {
  return { arguments: { positional, named: new Map(), open: false, locations: positional.map(() => location) }, isNew: false, location, nameLocation: location, typeArguments: [] };
}
