import { entryOf } from '../../../../entry.js';
import type { Parameter } from '../../../../facts/code.js';
import { isOfAny, type Call, type Context } from '../../library.js';
import type { ExternalValue, FunctionValue, Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';
import { exportedName } from './exported.js';
import { FRAMEWORKS } from './name.js';
import { input, request, requestMember, type Request } from './request.js';
import { nameOf, noteHandlers, requestFor } from './routes.js';
import { REMIX } from './sessions.js';

/** Types of what a framework calls its handlers with: one object that holds the request and all that was found out about it. */
const EVENT_TYPES = /^(?:LoaderFunctionArgs|ActionFunctionArgs|LoaderArgs|ActionArgs|DataFunctionArgs|RequestEvent|ServerLoadEvent|H3Event|APIContext|MiddlewareContext)$/;
const EVENT_KEYS = new Set(['request', 'params', 'context', 'locals', 'cookies', 'url']);
/** Files of SvelteKit that answer requests. */
const SVELTE = /(?:^|\/)(?:\+(?:page|layout|server)(?:\.server)?|hooks\.server)\.[jt]s$/;
/** Functions of h3 (Nuxt, Nitro), which its server routes know without an import; what they read of a request. */
const READS: Readonly<Record<string, string>> = {
  readBody: 'body', readRawBody: 'rawBody', readValidatedBody: 'body', readFormData: 'form', readMultipartFormData: 'form', getQuery: 'query', getValidatedQuery: 'query',
  getRouterParams: 'params', getValidatedRouterParams: 'params', getHeaders: 'headers', getRequestHeaders: 'headers', parseCookies: 'cookies', getRequestURL: 'url',
};
const READS_PART: Readonly<Record<string, string>> = { getRouterParam: 'params', getHeader: 'headers', getRequestHeader: 'headers', getCookie: 'cookies' };
/** What Nuxt's modules for authentication say of an event. */
const SIGNED_IN = /^(?:requireUserSession|getUserSession|serverSupabaseUser|serverSupabaseSession)$/;
const HANDLERS = /^(?:defineEventHandler|eventHandler|defineCachedEventHandler|cachedEventHandler|defineWebSocketHandler)$/;

/** The modules whose handlers get one event. */
export const eventModules = [...REMIX, '@sveltejs/kit', 'h3', 'nitropack', 'astro', '#imports'];

/** A parameter of a type of these frameworks. */
export function eventTyped({ module, path }: ExternalValue): Value | undefined {
  return EVENT_TYPES.test(path.at(-1) ?? '') && isOfAny(module, eventModules) ? request('context', 'event', 'the event') : undefined;
}

/** Loaders and actions of Remix and React Router, load functions, actions and endpoints of SvelteKit, endpoints of Astro. */
export function eventParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  const [first] = parameters;
  const module = ctx.modules.get(fn.scope.file);
  if (first === undefined || parameters.length > 2 || module?.language !== 'javascript') return undefined;
  const isEvent = SVELTE.test(fn.scope.file) ? opensEvent(first) || /^_?event$/.test(nameOf(first)) : opensEvent(first) && /^(?:loader|action|GET|POST|PUT|PATCH|DELETE|ALL)$/.test(exportedName(fn.function, module) ?? '');
  return isEvent ? [requestFor(first, 'context')] : undefined;
}

/** `{ request, params }`. */
function opensEvent({ target }: Parameter): boolean {
  return target.kind === 'object' && target.properties.some(({ key }) => typeof key === 'string' && EVENT_KEYS.has(key));
}

/** `getQuery(event)`, `defineEventHandler(async (event) => ...)`. */
export function eventCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (HANDLERS.test(name)) noteHandlers(call, 'context', ctx);
  const [first, second] = call.arguments.positional;
  const event = first && ctx.read(first);
  if (event?.kind !== 'library' || event.library !== FRAMEWORKS || event.type !== 'context') return undefined;
  if (SIGNED_IN.test(name)) return requestMember(event, 'session');
  const whole = entryOf(READS, name);
  if (whole !== undefined) return requestMember(event, whole);
  const { name: written, key } = event.data as Request;
  const part = entryOf(READS_PART, name);
  const of = second && ctx.read(second);
  if (part === undefined || of?.kind !== 'constant') return undefined;
  return input(`${written}.${part}.${String(of.value)}`, `${key}.${part}.${String(of.value)}`, 'untrusted');
}
