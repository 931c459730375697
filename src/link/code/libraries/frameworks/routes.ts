import { Registry } from '../../journal.js';
import { begin, end, stored } from '../../store.js';
import type { CodeFunction, Parameter } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import { undefinedValue, type ExternalValue, type FunctionValue, type LibraryValue, type Value } from '../../values.js';
import type { Scope } from '../../scope.js';
import { exportedPath } from '../sql-client.js';
import { readBy } from './schemas.js';
import { FRAMEWORKS } from './name.js';
import { input, placeKey, request, type RequestType, type Valid } from './request.js';
import { routeSchemas, validatorSchemas } from './validated.js';

/** How a framework calls its handlers: with a request and a response, with one context (Koa's `get` reads a header), with an event (middlewares of which are middy's), with data and a context, or with whatever was sent. */
export type Style = RequestType | 'lambda' | 'callable' | 'sent';

/** A handler's route: how it is called, and what reads the parts of a request before. */
export interface Route {
  readonly style: Style;
  readonly valid?: Valid;
  /** Functions that are called before it, with the same request: middleware, hooks. */
  readonly before: readonly FunctionValue[];
  /** It was added to a router of which only the type is known: where it is added to one that was made, that is the one. */
  readonly isTyped?: true;
}

/** What is known of a router. `uses`: middleware of all of its routes, as it comes to be used; `parent`: the one that its plugin is registered in. */
interface Router {
  readonly style: Style;
  readonly uses: FunctionValue[];
  readonly isTyped?: true;
  readonly parent?: Router;
}

const ROUTERS: readonly { readonly module: RegExp; readonly names: RegExp; readonly style: RequestType }[] = [
  { module: /^express(?:$|-promise-router)/, names: /^(?:|Router|express)$/, style: 'request' },
  { module: /^fastify$/, names: /^(?:|fastify|Fastify|FastifyInstance)$/, style: 'request' },
  { module: /^@hapi\/hapi$/, names: /^(?:server|Server)$/, style: 'hapi' },
  { module: /^@ts-rest\//, names: /^initServer$/, style: 'context' },
  { module: /^(?:restify|polka|router)$/, names: /^(?:|createServer)$/, style: 'request' },
  { module: /^(?:hono|@hono\/.*)/, names: /^(?:Hono|OpenAPIHono)$/, style: 'context' },
  { module: /^elysia$/, names: /^(?:|Elysia)$/, style: 'context' },
  { module: /^(?:koa|koa-router|@koa\/router)$/, names: /^(?:|Router)$/, style: 'koa' },
];
const ROUTE_METHODS = /^(?:get|post|put|patch|delete|del|all|head|options|use|route|router|param|openapi|on|addHook|derive|resolve|guard|group)$/;
const REQUEST_TYPES = /^(?:Request|NextRequest|NextApiRequest|FastifyRequest|IncomingMessage|HttpRequest|WSGIRequest|HTTPConnection|ASGIRequest|DRFRequest)$/;
const CONTEXT_TYPES = /^(?:Context|RouterContext|ParameterizedContext|ExtendableContext)$/;

/** `express()`, `new Hono()`, `Router()`. */
export function routerOf(callee: ExternalValue): LibraryValue | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  const found = ROUTERS.find(({ module, names }) => module.test(callee.module) && names.test(name));
  return found && routerValue(found.style);
}

/** An application, or a router of it. */
export function routerValue(style: Style, more: Pick<Router, 'isTyped' | 'parent'> = {}): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'router', data: { style, uses: [], ...more } satisfies Router };
}

/** A type of a framework: a request, a context, an application. */
export function typedAs(type: ExternalValue): Value | undefined {
  const name = exportedPath(type).at(-1) ?? '';
  if (REQUEST_TYPES.test(name) && !/^global:/.test(type.module)) return request(type.module === '@hapi/hapi' ? 'hapi' : 'request', 'req', 'the request');
  const router = ROUTERS.find(({ module, names }) => module.test(type.module) && name !== '' && names.test(name));
  if (router !== undefined) return routerValue(router.style, { isTyped: true });
  const routing = ROUTERS.find(({ module, style }) => style !== 'request' && module.test(type.module));
  if (routing && CONTEXT_TYPES.test(name)) return request(routing.style, 'c', 'the context');
  return name === 'Application' || name === 'Express' ? routerValue('request', { isTyped: true }) : undefined;
}

/** `app.get('/path', handler)`: handlers are entered later, with a request. */
export function routerMethod(router: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'withTypeProvider') return router;
  if (name === 'register' && (router.data as Router).style === 'request') return registered(router, call, ctx);
  if (!ROUTE_METHODS.test(name)) return name === 'basePath' || name === 'register' || name === 'prefix' ? noted(router, call, ctx) : undefined;
  if (name === 'use' || name === 'addHook') noteUse(router.data as Router, call, ctx);
  return noted(router, call, ctx);
}

/**
 * `app.register(plugin, options)` of Fastify: the plugin is called with a router of its own inside of this one, whose hooks are before its routes.
 * One that `fastify-plugin` has made is called with this one.
 */
function registered(router: LibraryValue, { arguments: { positional: [plugin, options] }, location }: Call, ctx: Context): Value {
  const { style, isTyped } = router.data as Router;
  const inner = plugin && ctx.read(plugin);
  if (inner?.kind !== 'function' || !begin(ctx, 'plugins', inner.function)) return router;
  const own = sharedPlugins(ctx).has(inner.function) ? router : routerValue(style, { parent: router.data as Router, ...(isTyped && { isTyped }) });
  ctx.invoke(inner, [own, options ?? undefinedValue], location);
  end(ctx, 'plugins', inner.function);
  return router;
}

/** `fp(plugin)`: what it does to the router that it is given it does to the one that it is registered in. */
export function notePlugin(plugin: Value | undefined, ctx: Context): void {
  const inner = plugin && ctx.read(plugin);
  if (inner?.kind === 'function') sharedPlugins(ctx).set(inner.function, true);
}

function sharedPlugins(ctx: Context): Map<CodeFunction, true> {
  return stored(ctx, 'shared plugins', () => new Registry<CodeFunction, true>(ctx.journal));
}

const HOOKS = /^(?:onRequest|preParsing|preValidation|preHandler)$/;

/** `router.use(middleware)`, `app.addHook('preHandler', hook)`: for each route that comes after it. One of some paths only is left out. */
function noteUse({ uses }: Router, { arguments: { positional } }: Call, ctx: Context): void {
  const [first] = positional;
  const path = first && ctx.read(first);
  if (path?.kind === 'constant' && !HOOKS.test(String(path.value)) && !/^\/?\*?$/.test(String(path.value))) return;
  ctx.journal.changes++;
  uses.push(...positional.flatMap((each) => functionsIn(each, ctx)));
}

function noted(router: LibraryValue, call: Call, ctx: Context): Value {
  noteHandlers(call, (router.data as Router).style, ctx, router.data as Router);
  return router;
}

/** Takes the functions of a call for handlers: they are entered later, as the framework does, each after those before it. */
export function noteHandlers(call: Call, style: Style, ctx: Context, router: Pick<Router, 'uses' | 'isTyped' | 'parent'> = { uses: [] }): void {
  const { isTyped: typed } = router;
  const valid = new Map([...routeSchemas(call, ctx), ...call.arguments.positional.flatMap((argument) => validatorSchemas(argument, ctx))]);
  const before = [...usedBefore(router)];
  for (const argument of call.arguments.positional) {
    const own = [...hooksIn(argument, ctx), ...functionsIn(argument, ctx)];
    for (const fn of own) {
      const route: Route = { style, before: before.filter((each) => each !== fn), ...(valid.size > 0 && { valid }), ...(typed && { isTyped: typed }) };
      noteRoute(fn, route, ctx);
      before.push(fn);
    }
  }
}

/** What is used before the routes of a router, and of those that it is inside of. */
function usedBefore({ parent, uses }: Pick<Router, 'uses' | 'parent'>): readonly FunctionValue[] {
  return parent === undefined ? uses : [...usedBefore(parent), ...uses];
}

/** `createNextRoute(contract, handlers)`, `tsRestHandler(contract, handler)`, `tsr.router(contract, handlers)` of ts-rest: each handler is given an object with what was sent. */
export function noteContract(callee: ExternalValue, call: Call, ctx: Context): void {
  if (/^(?:createNextRoute|createNextRouter|createExpressEndpoints|tsRestHandler|fetchRequestHandler|router)$/.test(callee.path.at(-1) ?? '') && callee.module.startsWith('@ts-rest/')) noteHandlers(call, 'context', ctx);
}

/** Takes a function for the handler of a route. */
export function noteRoute(fn: FunctionValue, route: Route, ctx: Context): void {
  routes(ctx).set(fn.function, [...routes(ctx).get(fn.function) ?? [], { scope: fn.scope, route }]);
}

/** The functions among a value, but those of Fastify's hooks. */
function functionsIn(value: Value, ctx: Context, depth = 0): readonly FunctionValue[] {
  const inner = ctx.read(value);
  if (inner.kind === 'function') return [inner];
  if (depth > 2) return [];
  if (inner.kind === 'list') return inner.items.flatMap((item) => functionsIn(item.value, ctx, depth + 1));
  return inner.kind === 'object' ? inner.entries.flatMap((entry) => (entry.kind === 'property' && !HOOKS.test(entry.key) ? functionsIn(entry.value, ctx, depth + 1) : [])) : [];
}

/** `{ preHandler: [hook] }`. */
function hooksIn(value: Value, ctx: Context): readonly FunctionValue[] {
  const inner = ctx.read(value);
  return inner.kind === 'object' ? inner.entries.flatMap((entry) => (entry.kind === 'property' && HOOKS.test(entry.key) ? functionsIn(entry.value, ctx) : [])) : [];
}

/** Routes by their handler; one that a function of the project makes is another one each time it is made. */
function routes(ctx: Context): Map<CodeFunction, readonly { readonly scope: Scope; readonly route: Route }[]> {
  return stored(ctx, 'routes', () => new Registry<CodeFunction, readonly { readonly scope: Scope; readonly route: Route }[]>(ctx.journal));
}

/** The routes that a handler was given to. */
export function routesOf(fn: FunctionValue, ctx: Context): readonly Route[] {
  const all = routes(ctx).get(fn.function) ?? [];
  const own = all.filter(({ scope }) => scope === fn.scope);
  const found = (own.length > 0 ? own : all).map(({ route }) => route);
  const made = found.every(({ isTyped: typed }) => typed) ? all.map(({ route }) => route).filter(({ isTyped: typed }) => !typed) : [];
  return made.length > 0 ? made : found;
}

/** The usual names of a request. */
export const REQUEST_NAME = /^_?(?:req|request)$/;
const RESPONSE_NAME = /^_?(?:res|response|reply)$/;

/** The request of a handler: by the router it was given to, or by the usual names of its parameters. */
export function handlerParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  const [first, second] = parameters;
  if (first === undefined) return undefined;
  const { style, valid } = routesOf(fn, ctx).at(-1) ?? {};
  const isPair = REQUEST_NAME.test(nameOf(first)) && second !== undefined && RESPONSE_NAME.test(nameOf(second)) && !isTyped(first, fn, ctx);
  // An error handler of Express has four parameters, the request second.
  if (style === 'request' && parameters.length === 4) return [undefined, requestFor(parameters[1]!, 'request')];
  if (style === undefined && !isPair) return isFetch(first, fn) ? [requestFor(first, 'request')] : undefined;
  if (style === 'callable') return callableParameters(parameters, fn, ctx);
  if (style === 'sent') return parameters.map(sent);
  if (style === 'socket' && second !== undefined && REQUEST_NAME.test(nameOf(second))) return [requestFor(first, style), requestFor(second, 'request')];
  if (style === undefined || !isTyped(first, fn, ctx)) return [requestFor(first, style ?? 'request', valid)];
  return undefined;
}

/** What a callable function of Firebase's first generation, or a tool, is given: the data that was sent, as its schema lets it pass, and a context. */
function callableParameters([data, context]: readonly Parameter[], fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] {
  const schema = routesOf(fn, ctx).at(-1)?.valid?.get(TOOL_INPUT);
  const given = sent(data!);
  return [schema ? readBy(schema, given, data!.location, ctx) : given, context && requestFor(context, 'request')];
}

/** The name of the schema of what a tool is called with. */
export const TOOL_INPUT = 'input';

function sent(parameter: Parameter): Value {
  const name = nameOf(parameter) || 'data';
  return input(name, placeKey(name, parameter.location), 'untrusted');
}

/** The name of a parameter as written. */
export function nameOf({ target }: Parameter): string {
  return target.kind === 'name' ? target.name : '';
}

function isTyped(parameter: Parameter, fn: FunctionValue, ctx: Context): boolean {
  const known = parameter.type && ctx.typed({ type: parameter.type, scope: fn.scope });
  return known !== undefined && ['library', 'instance'].includes(ctx.read(known).kind);
}

/** The language's own Request, as route handlers of the web standards are given. */
export function isFetch({ type }: Parameter, fn: FunctionValue): boolean {
  return type?.kind === 'named' && type.path.length === 1 && type.path[0] === 'Request' && fn.scope.find('Request') === undefined;
}

/** The request that a parameter stands for. */
export function requestFor(parameter: Parameter, style: Exclude<Style, 'callable' | 'sent'>, valid?: Valid): LibraryValue {
  const name = nameOf(parameter) || (style === 'request' ? 'req' : style === 'lambda' ? 'event' : 'ctx');
  return request(style === 'lambda' ? 'request' : style, name, placeKey(name, parameter.location), undefined, valid);
}
