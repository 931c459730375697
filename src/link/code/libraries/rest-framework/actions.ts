import type { Call, Context } from '../../library.js';
import type { ClassValue, ExternalValue } from '../../values.js';
import { textsOf } from '../sqlalchemy/given.js';
import { begin, isViewSet, methodOf, ofName } from './handled.js';
import { permissionsOf } from './permissions.js';
import { routedOf } from './routed.js';
import { dispatchedBefore, forOneRequest, initiated, placeOfRows, testsOf } from './views.js';

/** What the generic views of both packages do, by a part of their name (REST framework documentation, "Generic views"; Django documentation, "Class-based views"). */
const ACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:List|ListCreate)APIView$|^ListModelMixin$|^(?:ReadOnly)?ModelViewSet$|^ListView$/, 'list'],
  [/^Retrieve\w*APIView$|^RetrieveModelMixin$|^(?:ReadOnly)?ModelViewSet$|^(?:Detail|Update)View$/, 'retrieve'],
  [/^(?:List)?CreateAPIView$|^CreateModelMixin$|^ModelViewSet$/, 'create'],
  [/^(?:Retrieve)?Update\w*APIView$|^UpdateModelMixin$|^ModelViewSet$/, 'update'],
  [/^\w*DestroyAPIView$|^DestroyModelMixin$|^ModelViewSet$|^DeleteView$/, 'destroy'],
];

/** The project's own method that is called instead of an action, by the name that a view that is no view set gives it. */
const INSTEAD: Readonly<Record<string, string>> = { list: 'get', retrieve: 'get', create: 'post', update: 'put', destroy: 'delete' };

/**
 * What the package does for a generic view of the project that leaves it to it: a class that only says `queryset = ...` has no method of its own to be entered.
 * @param isHook whether a method is one that the package's own actions call
 */
export function actionsOf(owner: ClassValue, isHook: (name: string) => boolean, ctx: Context): readonly (() => void)[] {
  const ancestry = ctx.ancestry(owner);
  const bases = ancestry.filter((each): each is ExternalValue => each.kind === 'external').map(({ path }) => path.at(-1) ?? '');
  const own = ancestry.flatMap((each) => (each.kind === 'classValue' ? each.class.methods.map(({ name }) => name ?? '') : []));
  const names = ACTIONS.flatMap(([base, name]) => (bases.some((each) => base.test(each)) ? [name] : []));
  if (names.length === 0) return [];
  const isSet = isViewSet(bases);
  const routed = routedOf(owner, ctx);
  // Which actions of a view set there are is said by its routes: where none is known, of one that has handlers of its own they may be all.
  if (isSet && routed === undefined && own.some((name) => !isHook(name))) return [];
  const isReached = (name: string) => routed === undefined || routed.isRegistered || routed.methods.has(name);
  const { location, isSaid } = placeOfRows(owner);
  if (!isSaid && !own.includes('get_queryset')) return [];
  const call: Call = { arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location, nameLocation: location, typeArguments: [] };
  const methods = textsOf(ctx.member(owner, 'http_method_names'), ctx);
  return names.filter((name) => isReached(name) && !own.includes(name) && !own.includes(INSTEAD[name]!) && methods?.includes(methodOf(name)!.toLowerCase()) !== false).map((name) => () => {
    const self = ctx.allocate({ kind: 'instance', class: owner, fields: new Map(), given: true });
    begin(self, ofName(name, isSet), location, ctx);
    forOneRequest(ctx, () => {
      const said = [...testsOf(self, location, ctx), ...permissionsOf(self, location, ctx)];
      for (const value of said) ctx.assume({ operator: 'truthy', value }, true);
      initiated(self, said, location, ctx);
      for (const value of dispatchedBefore(self, location, ctx)) ctx.assume({ operator: 'truthy', value }, true);
    });
    ctx.callMethod(self, name, call);
  });
}
