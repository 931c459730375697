import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { FunctionValue, ObjectEntryValue, Value } from '../../values.js';
import { textsOf } from '../sqlalchemy/given.js';
import { checksOf } from './permissions.js';
import { allParts, pathPart, viewRequest } from './views.js';

type Decorators = readonly { readonly value: Value; readonly call?: Call }[];

/**
 * What `@api_view(['GET'])` gives a function: the request, and the parts of the path by their names; undefined for others.
 * @see Django REST framework documentation, "Function Based Views"
 */
export function functionParameters({ function: { parameters } }: FunctionValue, decorators: Decorators, ctx: Context): readonly (Value | undefined)[] | undefined {
  const said = decorators.find(({ value }) => isDecorator(value, 'api_view'));
  if (said === undefined || parameters.length === 0) return undefined;
  const methods = said.call?.arguments.positional[0] ?? said.call?.arguments.named.get('http_method_names');
  const [method, ...others] = methods ? textsOf(methods, ctx) ?? [] : ['GET'];
  return parameters.map(({ target, rest }, index) => {
    if (rest !== undefined) return rest === 'map' ? allParts() : undefined;
    return index === 0 ? viewRequest('request', others.length === 0 ? method : undefined) : pathPart(target.kind === 'name' ? target.name : '');
  });
}

/** What the classes of `@permission_classes([...])` have said before a function is called. */
export function permissionsOfFunction({ function: { decorators }, scope }: FunctionValue, ctx: Context): readonly Value[] {
  return decorators.flatMap((node) => {
    if (node.kind !== 'call' || node.arguments.length !== 1 || !isDecorator(ctx.read(ctx.evaluate(node.callee, scope)), 'permission_classes')) return [];
    const request = viewRequest('request');
    return checksOf(ctx.evaluate(node.arguments[0]!.value, scope), [request, viewOf(request, node.location, ctx)], 'has_permission', node.location, ctx);
  });
}

/** What a permission class is given as the view: it has been called with the parts of the path. */
function viewOf(request: Value, location: Location, ctx: Context): Value {
  const entries = Object.entries({ request, kwargs: allParts() }).map(([key, value]): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location }));
  return ctx.allocate({ kind: 'object', location, entries });
}

function isDecorator(value: Value, name: string): boolean {
  return value.kind === 'external' && value.module.startsWith('rest_framework') && value.path.at(-1) === name;
}
