import type { Call, Context } from '../../library.js';
import type { ExternalValue, FunctionValue, Value } from '../../values.js';
import { alternatives, constantText } from '../objects.js';
import { input, placeKey, request } from './request.js';
import { nameOf } from './routes.js';
import { isSelf, sent } from './sent.js';

const ROUTE = /^(?:get|post|put|patch|delete|head|route|websocket|websocket_listener)$/;
/** Names that Litestar fills by itself. @see Litestar documentation, "Reserved keyword arguments" */
const RESERVED: Readonly<Record<string, string>> = { query: 'query_params', headers: 'headers', cookies: 'cookies', body: 'body' };

/** Whether a decorator of a function is a route of Litestar. */
export function isLitestarRoute(value: Value): value is ExternalValue {
  return value.kind === 'external' && /^(?:litestar|starlite)(?:\.|$)/.test(value.module) && ROUTE.test(value.path.at(-1) ?? '');
}

/**
 * A handler of Litestar: the parts of its path, and of its controller's, are the caller's, as is `data`; what its guards have checked is so.
 * @see Litestar documentation, "Route handlers", "Guards"
 */
export function litestarParameters(fn: FunctionValue, call: Call | undefined, ctx: Context): readonly (Value | undefined)[] {
  const key = placeKey('request', fn.function.location);
  const own = (name: string): Value | undefined => (fn.owner?.class.fields.some((field) => field.name === name) === true ? ctx.member(fn.owner, name) : undefined);
  const guards = [own('guards'), call?.arguments.named.get('guards')].flatMap((value) => (value ? itemsOf(value, ctx) : []));
  const paths = [own('path'), call?.arguments.positional[0] ?? call?.arguments.named.get('path')].flatMap((value) => (value ? itemsOf(value, ctx) : []));
  const parts = new Set(paths.flatMap((path) => [...(constantText(path, ctx) ?? '').matchAll(/\{(\w+)(?::\w+)?\}/g)].map(([, name]) => name!)));
  const asked = request('request', 'request', key);
  ctx.within(fn, () => guards.forEach((guard) => ctx.invoke(guard, [asked, ctx.input('a handler', 'unknown')], fn.function.location)));
  return fn.function.parameters.map((parameter) => {
    const name = nameOf(parameter);
    if (isSelf(parameter) || parameter.rest !== undefined) return undefined;
    if (parts.has(name)) return input(name, `${key}.path_params.${name}`, 'untrusted');
    if (name === 'data') return sent(parameter, fn, fn.function.location);
    if (name === 'request' || name === 'socket') return asked;
    return Object.hasOwn(RESERVED, name) ? input(name, `${key}.${RESERVED[name]}`, 'untrusted') : undefined;
  });
}

function itemsOf(value: Value, ctx: Context): readonly Value[] {
  return alternatives(value, ctx).flatMap((each) => (each.kind === 'list' ? each.items.map((item) => item.value) : [each]));
}
