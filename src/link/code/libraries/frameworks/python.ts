import type { Parameter } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import { PARENT_ROW } from '../../signed.js';
import type { ClassValue, ExternalValue, FunctionValue, Value } from '../../values.js';
import { knownText } from '../../sql-pieces.js';
import { isDecoratedBy } from '../searched.js';
import { exportedPath } from '../sql-client.js';
import { Asked, dependenciesOf } from './dependencies.js';
import { GLOBALS, runBefore } from './flask.js';
import { isLitestarRoute, litestarParameters } from './litestar.js';
import { routerBehind, type Router } from './python-routers.js';
import { input, placeKey, request } from './request.js';
import { nameOf } from './routes.js';
import { parentRow } from './resolvers.js';
import { isSelf, sent, sentParameter } from './sent.js';

type Decorators = readonly { readonly value: Value; readonly call?: Call }[];

const ROUTE = /^(?:get|post|put|patch|delete|head|options|api_route|route|websocket)$/;
const FASTAPI = /^(?:fastapi|starlette)(?:\.|$)/;
const FLASK = /^(?:flask|flask_restx|flask_smorest|apiflask|quart|flask_openapi3)(?:\.|$)/;

const SERVERS = /^(?:sanic|aiohttp)(?:\.|$)/;

/** Servers of the Model Context Protocol. */
const MCP = /^(?:mcp|fastmcp)(?:\.|$)/;
const NINJA = /^ninja(?:_extra)?(?:\.|$)/;
/** Packages for GraphQL, and what Graphene and Ariadne call their resolvers. */
const GRAPHQL = /^(?:strawberry|strawberry_django|graphene|graphene_django|ariadne)(?:\.|$)/;
const RESOLVER = /^(?:resolve_\w+|mutate)$/;

/** `FastAPI()`, `APIRouter()`, `NinjaAPI()`, `Flask(__name__)`, `Blueprint(...)`: routes are declared with their methods. */
export function isApplication(module: string, name: string): boolean {
  return (FASTAPI.test(module) || FLASK.test(module) || NINJA.test(module) || MCP.test(module) || SERVERS.test(module)) && /^(?:Sanic|RouteTableDef|FastMCP|NinjaAPI|NinjaExtraAPI|FastAPI|APIRouter|Starlette|Router|Flask|Blueprint|APIBlueprint|APIFlask|Quart|OpenAPI|Namespace)$/.test(name);
}

/** Whether a module is of FastAPI, or of what it stands on. */
function isFastApi(module: string): boolean {
  return FASTAPI.test(module);
}

/** Route functions of FastAPI, Flask and Django. */
export function pythonParameters(fn: FunctionValue, decorators: Decorators, ctx: Context): readonly (Value | undefined)[] | undefined {
  if (ctx.modules.get(fn.scope.file)?.language !== 'python') return undefined;
  const route = decorators.find(({ value }) => isOf(value, FASTAPI, ROUTE) || isOf(value, FLASK, ROUTE));
  if (route !== undefined) {
    return isFastApi((route.value as ExternalValue).module) ? ofFastApi(fn, route, ctx) : ofFlask(fn, route, decorators, ctx);
  }
  const server = decorators.find(({ value }) => isOf(value, SERVERS, ROUTE));
  if (server !== undefined) return ofServer(fn, server.call, ctx);
  const litestar = decorators.find(({ value }) => isLitestarRoute(value));
  if (litestar !== undefined) return litestarParameters(fn, litestar.call, ctx);
  const read = decorators.filter(({ value, call }) => isRead(value, call, ctx)).length;
  if (read > 0) return givenRead(fn, read);
  // What an agent calls a tool with.
  if (decorators.some(({ value }) => isOf(value, MCP, /^(?:tool|resource|prompt)$/))) return fn.function.parameters.map((parameter) => (isSelf(parameter) || parameter.rest !== undefined || isContext(parameter) ? undefined : sent(parameter)));
  // Who is signed in, as Flask-Login has kept it in the session.
  if (decorators.some(({ value }) => isOf(value, /^flask_login$/, /^user_loader$/))) return [input('session.user_id', 'the session.user_id', 'trusted')];
  if (decorators.some(({ value }) => isOf(value, GRAPHQL, /^(?:field|mutation|subscription|input_mutation)$/)) || RESOLVER.test(fn.function.name ?? '')) return ofGraphql(fn, ctx);
  return ofDjango(fn, decorators, ctx);
}

/** `ctx: Context`, which the server gives. */
function isContext({ type }: Parameter): boolean {
  return type?.kind === 'named' && type.path.at(-1) === 'Context';
}

function isOf(value: Value, module: RegExp, name: RegExp): boolean {
  return value.kind === 'external' && module.test(value.module) && name.test(value.path.at(-1) ?? '');
}

/** The parameters that the path names (`/notes/<int:id>`); where it is not known, all. Others are given by decorators of the project. */
function ofFlask(fn: FunctionValue, { value, call }: Decorators[number], decorators: Decorators, ctx: Context): readonly (Value | undefined)[] {
  runBefore(value, fn, ctx);
  const path = call && knownText(call.arguments.positional[0] ?? call.arguments.named.get('rule'), ctx);
  const { prefix } = (routerBehind(value, ctx)?.data ?? {}) as Partial<Router>;
  const before = prefix ? knownText(prefix, ctx) : '';
  const read = decorators.filter(({ value: each, call: made }) => isRead(each, made, ctx)).length;
  const known = givenRead(fn, read);
  const named = path === undefined || before === undefined ? undefined : new Set([...`${before}${path}`.matchAll(/<(?:[^<>:]*:)?(\w+)>/g)].map(([, name]) => name!));
  return fn.function.parameters.map((parameter, index) => known[index] ?? (isSelf(parameter) || parameter.rest !== undefined || named?.has(nameOf(parameter)) === false ? undefined : { ...sent(parameter), key: `the request.view_args.${nameOf(parameter)}` }));
}

/** Sanic and aiohttp give the request first; Sanic also the parts of the path (`/notes/<note_id:int>`). What else there is, extensions give. */
function ofServer(fn: FunctionValue, call: Call | undefined, ctx: Context): readonly (Value | undefined)[] {
  const path = call && knownText(call.arguments.positional[0] ?? call.arguments.named.get('uri'), ctx);
  const parts = new Set([...(path ?? '').matchAll(/<(\w+)(?::[^<>]*)?>/g)].map(([, name]) => name!));
  const first = fn.function.parameters.findIndex((parameter) => !isSelf(parameter));
  return fn.function.parameters.map((parameter, index) => (index === first ? request('request', 'request', placeKey('request', parameter.location)) : parts.has(nameOf(parameter)) ? sent(parameter) : undefined));
}

/** `@blp.arguments(Schema)` of Flask-Smorest, `@use_args(schema)` of webargs: what is read of the request is the first that is given, before the parts of the path. */
function isRead(value: Value, call: Call | undefined, ctx: Context): boolean {
  const isKeywords = call?.arguments.named.get('as_kwargs');
  if (isKeywords && ctx.read(isKeywords).kind === 'constant') return false;
  return isOf(value, /^flask_smorest(?:\.|$)/, /^arguments$/) || isOf(value, /^webargs(?:\.|$)/, /^use_args$/);
}

/** The first parameters, as many as were read of the request. */
function givenRead({ function: { parameters } }: FunctionValue, count: number): readonly (Value | undefined)[] {
  const first = parameters.findIndex((parameter) => !isSelf(parameter));
  return parameters.map((parameter, index) => (index >= first && index < first + count && parameter.rest === undefined ? sent(parameter) : undefined));
}

/** Plain parameters are of the path or the query, models of the body; what a dependency gives is what it returns, and what it has checked is so. */
function ofFastApi(fn: FunctionValue, route: { readonly value: Value; readonly call?: Call }, ctx: Context): readonly (Value | undefined)[] | undefined {
  return ctx.within(fn, () => {
    const asked = new Asked(fn, ctx);
    const isKnown = dependenciesOf(route.value, route.call, ctx).every((each) => asked.ask(each));
    // What was asked may have looked at whatever was sent.
    return isKnown ? fn.function.parameters.map((parameter) => (isSelf(parameter) || parameter.rest !== undefined ? undefined : asked.parameter(parameter, fn))) : undefined;
  });
}

/**
 * A field of Strawberry, Graphene or Ariadne: `self` (or `root`) is a row that another resolver has given, `info` holds the request, the others are the caller's.
 * @returns undefined for a function that only has such a name
 */
function ofGraphql(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { parameters } = fn.function;
  const info = parameters.findIndex((parameter) => nameOf(parameter) === 'info');
  const speaks = ctx.modules.get(fn.scope.file)!.imports.some(({ target }) => GRAPHQL.test(target.module));
  if (!speaks) return undefined;
  const isRoot = /(?:Query|Mutation|Subscription)s?$/.test(fn.owner?.class.name ?? '') || fn.function.name === 'mutate';
  return parameters.map((parameter, index) => {
    if (index === 0 && info !== 0 && (fn.self !== undefined || /^(?:root|parent|obj|self)$/.test(nameOf(parameter)))) return isRoot ? undefined : parentRow(parameter, fn);
    return index === info || parameter.rest !== undefined ? undefined : sentParameter(parameter, fn, fn, ctx) ?? (parameter.type === undefined ? sent(parameter) : undefined);
  });
}

/** A field of an object of Strawberry whose resolvers are entered: another resolver has given the object. */
export function graphqlField(owner: ClassValue, name: string, ctx: Context): Value | undefined {
  const { decorators, fields, location } = owner.class;
  if (ctx.language !== 'python' || decorators.length === 0 || !fields.some((field) => field.name === name && field.type !== undefined)) return undefined;
  return isDecoratedBy(decorators, owner.scope, (module, last) => GRAPHQL.test(module) && /^(?:type|interface)$/.test(last), ctx) ? input(`self.${name}`, `${PARENT_ROW} self@${location.file}:${location.start}.${name}`, 'unknown') : undefined;
}

/** A view is given the request and the parts of the path: by its name and the type, or by the decorators of REST framework. */
function ofDjango(fn: FunctionValue, decorators: Decorators, ctx: Context): readonly (Value | undefined)[] | undefined {
  const isMethod = fn.self !== undefined;
  const parameters = isMethod ? fn.function.parameters.slice(1) : fn.function.parameters;
  const [first, ...others] = parameters;
  if (first === undefined || nameOf(first) !== 'request' || !importsDjango(fn, ctx)) return undefined;
  const isNinja = decorators.some(({ value }) => isOf(value, NINJA, ROUTE));
  const known = [request('request', 'request', placeKey('request', first.location)), ...others.map((parameter) => (isNinja ? sentParameter(parameter, fn, fn, ctx) : parameter.rest !== undefined ? undefined : /^(?:id|pk|uuid|slug)$|_(?:id|pk|slug|uuid)$/.test(nameOf(parameter)) ? sent(parameter) : undefined))];
  return isMethod ? [undefined, ...known] : known;
}

function importsDjango(fn: FunctionValue, ctx: Context): boolean {
  return ctx.modules.get(fn.scope.file)!.body.some((statement) => statement.kind === 'import' && /^(?:django|rest_framework|ninja)(?:\.|$)/.test(statement.module));
}

/** What Flask-JWT-Extended says of the token that it has verified (its manual, "API Documentation"): whose it is, and what it holds. */
export function verifiedToken(callee: ExternalValue): Value | undefined {
  if (callee.module !== 'flask_jwt_extended') return undefined;
  switch (callee.path.at(-1)) {
    case 'get_jwt_identity': return input('session.user_id', 'the session.user_id', 'trusted');
    case 'get_jwt': return input('jwt', 'the verified token', 'trusted');
    case 'get_current_user': return input('current_user', 'the signed-in user', 'trusted');
    default: return undefined;
  }
}

/** `from flask import request`, `flask_login.current_user`. */
export function pythonExternal(value: ExternalValue): Value | undefined {
  const name = exportedPath(value).at(-1);
  if (FLASK.test(value.module) && value.path.length === 1 && name === 'request') return request('request', 'request', 'the request');
  if (FLASK.test(value.module) && value.path.length === 1 && name === 'g') return GLOBALS;
  if (FLASK.test(value.module) && value.path.length === 1 && name === 'session') return input('session', 'the session', 'trusted');
  if (/^flask_(?:jwt_extended|login)$/.test(value.module) && name === 'current_user') return input('current_user', 'the signed-in user', 'trusted');
  return undefined;
}
