import { stored } from '../../store.js';
import type { CodeFunction, Parameter } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import type { ExternalValue, FunctionValue, LibraryValue, Value } from '../../values.js';
import { exportedPath } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';
import { placeKey, request, type RequestType, type Valid } from './request.js';
import { routeSchemas, validatorSchemas } from './validated.js';

/** How a framework calls its handlers: with a request and a response, or with one context (Koa's `get` reads a header). */
export type Style = RequestType;

/** A handler's route: how it is called, and what reads the parts of a request before. */
interface Route {
  readonly style: Style;
  readonly valid?: Valid;
}

const ROUTERS: readonly { readonly module: RegExp; readonly names: RegExp; readonly style: Style }[] = [
  { module: /^express(?:$|-promise-router)/, names: /^(?:|Router|express)$/, style: 'request' },
  { module: /^fastify$/, names: /^(?:|fastify|Fastify|FastifyInstance)$/, style: 'request' },
  { module: /^(?:restify|polka|router)$/, names: /^(?:|createServer)$/, style: 'request' },
  { module: /^(?:hono|@hono\/.*)/, names: /^(?:Hono|OpenAPIHono)$/, style: 'context' },
  { module: /^elysia$/, names: /^(?:|Elysia)$/, style: 'context' },
  { module: /^(?:koa|koa-router|@koa\/router)$/, names: /^(?:|Router)$/, style: 'koa' },
];
const ROUTE_METHODS = /^(?:get|post|put|patch|delete|del|all|head|options|use|route|param|openapi|on|addHook|derive|resolve|guard|group)$/;
const REQUEST_TYPES = /^(?:Request|NextRequest|NextApiRequest|FastifyRequest|IncomingMessage|HttpRequest|WSGIRequest|HTTPConnection|ASGIRequest|DRFRequest)$/;
const CONTEXT_TYPES = /^(?:Context|RouterContext|ParameterizedContext|ExtendableContext)$/;

/** `express()`, `new Hono()`, `Router()`. */
export function routerOf(callee: ExternalValue): LibraryValue | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  const found = ROUTERS.find(({ module, names }) => module.test(callee.module) && names.test(name));
  return found && { kind: 'library', library: FRAMEWORKS, type: 'router', data: found.style };
}

/** A type of a framework: a request, a context, an application. */
export function typedAs(type: ExternalValue): Value | undefined {
  const name = exportedPath(type).at(-1) ?? '';
  if (REQUEST_TYPES.test(name) && !/^global:/.test(type.module)) return request('request', 'req', 'the request');
  const router = ROUTERS.find(({ module, names }) => module.test(type.module) && name !== '' && names.test(name));
  if (router !== undefined) return { kind: 'library', library: FRAMEWORKS, type: 'router', data: router.style };
  const routing = ROUTERS.find(({ module, style }) => style !== 'request' && module.test(type.module));
  if (routing && CONTEXT_TYPES.test(name)) return request(routing.style, 'c', 'the context');
  return name === 'Application' || name === 'Express' ? { kind: 'library', library: FRAMEWORKS, type: 'router', data: 'request' } : undefined;
}

/** `app.get('/path', handler)`: handlers are entered later, with a request. */
export function routerMethod(router: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (!ROUTE_METHODS.test(name)) return name === 'basePath' || name === 'register' || name === 'prefix' ? noted(router, call, ctx) : undefined;
  return noted(router, call, ctx);
}

function noted(router: LibraryValue, call: Call, ctx: Context): Value {
  noteHandlers(call, router.data as Style, ctx);
  return router;
}

/** Takes the functions of a call for handlers: they are entered later, as the framework does. */
export function noteHandlers(call: Call, style: Style, ctx: Context): void {
  const valid = new Map([...routeSchemas(call, ctx), ...call.arguments.positional.flatMap((argument) => validatorSchemas(argument, ctx))]);
  const route: Route = { style, ...(valid.size > 0 && { valid }) };
  for (const argument of call.arguments.positional) note(argument, route, ctx, 0);
}

function note(value: Value, route: Route, ctx: Context, depth: number): void {
  const inner = ctx.read(value);
  if (inner.kind === 'function') routes(ctx).set(inner.function, route);
  if (depth > 2) return;
  if (inner.kind === 'list') for (const item of inner.items) note(item.value, route, ctx, depth + 1);
  if (inner.kind === 'object') for (const entry of inner.entries) if (entry.kind === 'property') note(entry.value, route, ctx, depth + 1);
}

function routes(ctx: Context): Map<CodeFunction, Route> {
  return stored(ctx, 'routes', () => new Map<CodeFunction, Route>());
}

const REQUEST_NAME = /^_?(?:req|request)$/;
const RESPONSE_NAME = /^_?(?:res|response|reply)$/;

/** The request of a handler: by the router it was given to, or by the usual names of its parameters. */
export function handlerParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  const [first, second] = parameters;
  if (first === undefined) return undefined;
  const { style, valid } = routes(ctx).get(fn.function) ?? {};
  const isPair = REQUEST_NAME.test(nameOf(first)) && second !== undefined && RESPONSE_NAME.test(nameOf(second)) && !isTyped(first, fn, ctx);
  // An error handler of Express has four parameters, the request second.
  if (style === 'request' && parameters.length === 4) return [undefined, requestFor(parameters[1]!, 'request')];
  if (style === undefined && !isPair) return isFetch(first, fn) ? [requestFor(first, 'request')] : undefined;
  if (style === undefined || !isTyped(first, fn, ctx)) return [requestFor(first, style ?? 'request', valid)];
  return undefined;
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
export function requestFor(parameter: Parameter, style: Style, valid?: Valid): LibraryValue {
  const name = nameOf(parameter) || (style === 'request' ? 'req' : 'ctx');
  return request(style, name, placeKey(name, parameter.location), undefined, valid);
}
