import type { Call, Context, Library } from '../../library.js';
import { neverReturns, type ExternalValue, type FunctionValue, type LibraryValue, type Value } from '../../values.js';
import { wrappedFunctions } from '../../wrappers.js';
import { signedInUser } from '../django/instances.js';
import { constantText } from '../objects.js';
import { exportedPath } from '../sql-client.js';
import { foundBefore, nextCalled } from './before.js';
import { carried, memberOfRouter, noteCarried, noteHolding, pluginParameters } from './carried.js';
import { argumentsOf, decoratedParameters } from './decorated.js';
import { dependency } from './dependencies.js';
import { eventCall, eventModules, eventParameters, eventTyped } from './events.js';
import { nextParameters } from './next.js';
import { graphqlField, isApplication, pythonExternal, pythonParameters, verifiedToken } from './python.js';
import { include, madeRouter, routerClass, routerData } from './python-routers.js';
import { FRAMEWORKS } from './name.js';
import { decoratedBy, guardsOf, isGuard, nestCall, nestCalled, nestMethod } from './nest.js';
import { executionContextMember, executionMethod, typedExecution, NEST_MODULES, type Execution } from './nest-request.js';
import { noteOnRequest, putByGuard, putOnRequest } from './put.js';
import { input, request, requestMember, stateOf, requestMethod, type RequestType } from './request.js';
import { graphqlServers, noteContext, resolverParameters } from './resolvers.js';
import { handlerParameters, noteContract, noteHandlers, notePlugin, routerMethod, routerOf, routerValue, typedAs } from './routes.js';
import { schemaMethod, shapeOf } from './schemas.js';
import { lambdaParameters, middyMethod, serverlessCall, serverlessModules, serverlessTyped } from './serverless.js';
import { isOfSessions, session, sessionCall, sessionMethod, sessionModules, signedByKey, signedMessage, signerCall, storageMember, storageMethod, tokenCall } from './sessions.js';
import { listened, serverMethod, socketCall, socketModules, socketTyped } from './sockets.js';
import { noteStrategy, strategyModules, strategyParameters } from './strategies.js';
import { toolCall, toolModules, toolServerMethod, toolTyped } from './tools.js';
import { validating } from './validated.js';

/** Functions of frameworks that give back the function they are given. */
const WRAPS = /^(?:react cache|next\/cache unstable_cache|fastify-plugin .*|hono\/factory createMiddleware)$/;

/** Web frameworks: what of their values the caller sent, and what authentication says. They run no queries. */
export const frameworksLibrary: Library = {
  name: FRAMEWORKS,
  incidental: true,
  modules: [
    'express', 'express-promise-router', 'express-serve-static-core', 'fastify', 'restify', 'polka', 'hono', '@hono/', 'hono-openapi', 'koa', 'koa-router', '@koa/router',
    'next', 'react', 'fastify-plugin', 'zod', 'elysia', ...sessionModules, ...eventModules, ...graphqlServers, ...strategyModules, ...serverlessModules, ...socketModules, ...toolModules, '@hapi/hapi', '@ts-rest/', 'inversify-express-utils', ...NEST_MODULES, 'global:javascript',
    'fastapi', 'starlette', 'litestar', 'starlite', 'flask', 'quart', 'flask_restx', 'flask_smorest', 'apiflask', 'flask_openapi3', 'flask_login', 'flask_jwt_extended', 'webargs', 'sanic', 'aiohttp', 'django.http', 'ninja', 'ninja_extra', 'mcp', 'fastmcp',
  ],
  instance: (_value, base) => {
    // `this.httpContext.user` of a controller that extends BaseHttpController.
    if (base.module === 'inversify-express-utils') return { kind: 'library', library: FRAMEWORKS, type: 'controller', data: undefined };
    return isApplication(base.module, base.path.at(-1)!) ? { ...base, instance: true } : undefined;
  },
  classValue: (value, base) => (isApplication(base.module, base.path.at(-1)!) ? routerClass(value, base) : undefined),
  external: (value) => pythonExternal(value),
  call: (callee, call, ctx) => (callee.kind === 'external' ? nestCall(callee, call, ctx) ?? validating(callee, call, ctx) ?? called(callee, call, ctx) : callee.type === 'router class' ? madeRouter(callee.data as ExternalValue, call) : callee.type === 'getSession' ? session() : callee.type === 'next' ? nextCalled(callee, call, ctx) : nestCalled(callee, call)),
  member: (object, name, _location, ctx) => (object.kind !== 'library' ? undefined : isRequest(object) ? memberOfRequest(object, name, ctx) : object.type === 'executionContext' ? executionContextMember(object, name, ctx) : object.type === 'router' ? memberOfRouter(name, ctx) : object.type === 'schema' ? shapeOf(object, name) : object.type === 'controller' && name === 'httpContext' ? request('context', name, 'the request') : storageMember(object, name)),
  changed: (object, entries, _location, ctx) => {
    if (!isRequest(object)) return;
    noteOnRequest(object, entries, ctx);
    noteHolding(object, entries, ctx);
  },
  method,
  typed: (type) => serverlessTyped(type) ?? socketTyped(type) ?? toolTyped(type) ?? eventTyped(type) ?? typedExecution(type) ?? typedAs(type),
  mapped: (owner, name, use, _location, ctx) => (use === 'given' ? graphqlField(owner, name, ctx) : undefined),
  granted: (fn, ctx) => [...guardsOf(fn, ctx), ...foundBefore(fn, ctx)],
  answers: isGuard,
  parameters: (fn, decorators, ctx) => decoratedParameters(fn, ctx) ?? strategyParameters(fn, ctx) ?? pythonParameters(fn, decorators, ctx) ?? (isCalledByWrapper(fn, ctx) ? undefined : nextParameters(fn, ctx) ?? eventParameters(fn, ctx) ?? (ctx.modules.get(fn.scope.file)?.language === 'javascript' ? handlerParameters(fn, ctx) ?? pluginParameters(fn, ctx) ?? resolverParameters(fn, ctx) ?? lambdaParameters(fn, ctx) : undefined)),
};

/** What the project has made a handler around is called by that alone: with a request that is known there. */
function isCalledByWrapper(fn: FunctionValue, ctx: Context): boolean {
  return ctx.unit.callsOf(fn.function) > 0 && wrappedFunctions(ctx).get(fn.function)?.some((made) => handlerParameters(made, ctx) !== undefined) === true;
}

function isRequest({ type }: LibraryValue): boolean {
  return /^(?:request|context|koa|middy|hapi|socket|handshake)$/.test(type);
}

/** `Deno.serve(handler)`, `Bun.serve({ fetch })`. */
function isServer({ module, path }: ExternalValue, name: string): boolean {
  return module === 'global:javascript' && path.length === 1 && /^(?:Deno|Bun)$/.test(path[0]!) && name === 'serve';
}

/** Each handler is entered later, with a request. */
function served(call: Call, ctx: Context): Value {
  noteHandlers(call, 'request', ctx);
  return { kind: 'unknown', reason: 'a server' };
}

/** `app.get('db')`. */
function askedFor({ arguments: { positional: [first] } }: Call, ctx: Context): Value | undefined {
  const name = constantText(first, ctx);
  return name === undefined ? undefined : carried(name, ctx);
}

/** What nobody but the project can have put there is what its middleware puts there. */
function memberOfRequest(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  if (ctx.language === 'python' && object.type === 'request' && name === 'state') return stateOf(object);
  if (ctx.language === 'javascript' && object.type === 'request' && (name === 'server' || name === 'app')) return routerValue('request');
  const found = requestMember(object, name);
  if (name === 'user' && ctx.language === 'python' && found?.kind === 'input') return signedInUser(found, ctx) ?? found;
  return found?.kind === 'input' && found.trust === 'unknown' ? putByGuard(object, name, ctx) ?? putOnRequest(object.type as RequestType, name, ctx) ?? carried(name, ctx) ?? found : found;
}

function called(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  noteContext(callee, call, ctx);
  noteStrategy(callee, call, ctx);
  noteContract(callee, call, ctx);
  const name = exportedPath(callee).at(-1) ?? '';
  if (callee.module === 'fastify-plugin') notePlugin(call.arguments.positional[0], ctx);
  if (WRAPS.test(`${callee.module} ${name}`)) return call.arguments.positional[0];
  const said = dependency(callee, call) ?? verifiedToken(callee) ?? tokenCall(callee, call, ctx) ?? signerCall(callee, call, ctx) ?? serverlessCall(callee, call, ctx) ?? socketCall(callee) ?? toolCall(callee, call, ctx) ?? sessionCall(callee, call, ctx) ?? eventCall(callee, call, ctx);
  if (said !== undefined || isOfSessions(callee.module)) return said;
  // What `context.get(key)` and `context.set(key, value)` of React Router know a value by.
  if (callee.module === 'react-router' && /(?:^|_)createContext$/.test(name)) return { kind: 'library', library: FRAMEWORKS, type: 'contextKey', data: `${call.location.file}:${call.location.start}` };
  // SvelteKit 2 throws by itself.
  if (callee.module === '@sveltejs/kit' && /^(?:error|redirect)$/.test(name)) return neverReturns;
  if (callee.module === 'next/headers') return name === 'headers' || name === 'cookies' ? input(`${name}()`, `the ${name}`, 'untrusted') : undefined;
  if (callee.module === 'flask_login' && name === 'LoginManager') return { ...callee, instance: true };
  if (isApplication(callee.module, name)) return { ...callee, instance: true, arguments: [routerData(name, call)] };
  if (/^https?:.*\bhttp\/server/.test(callee.module) && name === 'serve') return served(call, ctx);
  if (callee.module.startsWith('next') || call.location.file === '') return undefined;
  return routerOf(callee);
}

/** `Response.json(...)`, `NextResponse.redirect(...)` (the Fetch standard, "Response class"; Next.js, "NextResponse"): one of the class. */
function madeResponse(object: ExternalValue, name: string): Value | undefined {
  const isClass = object.instance !== true && /^(?:global:javascript Response|next\/server NextResponse)$/.test(`${object.module} ${object.path.join('.')}`);
  return isClass && /^(?:json|redirect|rewrite|next|error)$/.test(name) ? { ...object, instance: true, arguments: [] } : undefined;
}

function externalMethod(object: ExternalValue, name: string, call: Call, ctx: Context): Value | undefined {
  return madeResponse(object, name) ?? serverlessCall({ ...object, path: [...object.path, name] }, call, ctx) ?? nestMethod(object, name, call, ctx) ?? sessionMethod(object, name) ?? signedMessage(object, name, call, ctx) ?? signedByKey(object, name, call, ctx);
}

function method(object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [plugin] = call.arguments.positional;
  if (name === 'register' && plugin?.kind === 'external') noteContext(plugin, call, ctx);
  if (object.kind === 'library') return ownMethod(object, name, call, ctx);
  if (name === 'include_router') include(object, call, ctx);
  if (object.module === 'express' && name === 'Router') return routerOf({ ...object, path: ['Router'] });
  if (isServer(object, name)) return served(call, ctx);
  noteContract({ ...object, path: [...object.path, name] }, call, ctx);
  return externalMethod(object, name, call, ctx) ?? schemaMethod(object, name, call, ctx);
}

/** A method of what this library has made. */
function ownMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.type === 'socket' && listened(name, call, ctx)) return object;
  if (isRequest(object)) return requestMethod(object, name, call, ctx);
  switch (object.type) {
    case 'socketServer': return serverMethod(object, name, call, ctx);
    case 'toolServer': return toolServerMethod(name, call, ctx);
    case 'wrapped': return middyMethod(object, name, call, ctx);
    case 'sessions': case 'session': return storageMethod(object, name, call, ctx);
    case 'router':
      noteCarried(name, call, ctx);
      return (name === 'get' && call.arguments.positional.length === 1 ? askedFor(call, ctx) : undefined) ?? routerMethod(object, name, call, ctx);
    case 'execution': return (name === 'getArgs' ? argumentsOf(object.data as Execution, ctx) : undefined) ?? executionMethod(object, name) ?? decoratedBy(object.data as Execution, name);
    case 'schema': return schemaMethod(object, name, call, ctx);
    default: return undefined;
  }
}
