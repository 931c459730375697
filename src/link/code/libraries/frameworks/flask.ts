import { nodes } from '../../../queries/nodes.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { FunctionValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { alternatives } from '../objects.js';
import { functionsWhere } from '../searched.js';
import { isChosen } from '../../chosen.js';
import { routerBehind } from './python-routers.js';
import { input } from './request.js';

/** What Flask keeps for one request: `g.user = user`. */
export const GLOBALS = input('g', 'flask.g', 'unknown');

/** A function that is called before the handlers of a blueprint, or before all (`app`). */
interface Hook {
  readonly fn: FunctionValue;
  readonly router: unknown;
  readonly isForAll: boolean;
}

/**
 * Runs what Flask runs before a handler: what that returns ends the request, what it puts on `g` is there.
 * @param route the handler's decorator as a value: `blueprint.get`
 * @see Flask documentation, `Flask.before_request`, `Blueprint.before_request`, `Blueprint.before_app_request`
 */
export function runBefore(route: Value, fn: FunctionValue, ctx: Context): void {
  const router = routerBehind(route, ctx)?.data;
  const hooks = hooksOf(ctx).filter((hook) => hook.isForAll || hook.router === router);
  if (hooks.length === 0) return;
  const { location } = fn.function;
  ctx.within(fn, () => {
    for (const { fn: hook } of [...hooks].sort((a, b) => Number(b.isForAll) - Number(a.isForAll))) {
      const value = ctx.invoke(hook, [], location);
      ctx.assume({ operator: 'nullish', value }, true);
    }
    settle(location, ctx);
  });
}

/**
 * What is on `g` when the handler is called: what was set, as what is not there cannot be read. A row that nothing of the request's parts has chosen is
 * found by who asks: it is as trusted as the session.
 */
function settle(location: Call['location'], ctx: Context): void {
  for (const entry of ctx.changed(GLOBALS)?.entries ?? []) {
    if (entry.kind !== 'property') continue;
    const known = ctx.read(entry.value);
    const isSignedIn = alternatives(known, ctx).some((each) => (each.kind === 'row' || each.kind === 'field') && !isChosen(each, ctx));
    const options = known.kind === 'union' ? known.options.filter(({ value }) => !isUndefined(value)) : [];
    const value: Value = isSignedIn ? input(`g.${entry.key}`, `flask.g.${entry.key}`, 'unknown') : options.length === 1 ? options[0]!.value : options.length > 0 ? { kind: 'union', options } : entry.value;
    ctx.assign(GLOBALS, [{ ...entry, maybe: false, value }], location);
  }
}

function hooksOf(ctx: Context): readonly Hook[] {
  return stored(ctx, 'flask hooks', () => functionsWhere('python', /before_/, ctx).flatMap((fn) => fn.function.decorators.flatMap((node): Hook[] => {
    if (node.kind !== 'member' || !/^before_(?:app_)?request$/.test(node.property) || nodes(node).length > 8) return [];
    const router = routerBehind(ctx.evaluate(node.object, fn.scope), ctx);
    return router ? [{ fn, router: router.data, isForAll: node.property === 'before_app_request' || router.type === 'flask application' }] : [];
  })));
}
