import type { CodeCall, CodeExpression, CodeType, Parameter } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import type { Scope } from '../../scope.js';
import type { ExternalValue, FunctionValue, Value } from '../../values.js';
import { knownText } from '../../sql-pieces.js';
import { exportedPath } from '../sql-client.js';
import { input, placeKey, request } from './request.js';
import { nameOf } from './routes.js';

type Decorators = readonly { readonly value: Value; readonly call?: Call }[];

const ROUTE = /^(?:get|post|put|patch|delete|head|options|api_route|route|websocket)$/;
const FASTAPI = /^(?:fastapi|starlette)(?:\.|$)/;
const FLASK = /^(?:flask|flask_restx|flask_smorest|apiflask|quart|flask_openapi3)(?:\.|$)/;
const PLAIN = /^(?:str|int|float|bool|UUID|UUID4|datetime|date|dict|Dict|list|List|set|Set|Any|bytes|EmailStr|HttpUrl|Literal|Optional|Union|None|Json)$/;
const SENT = /^(?:Header|Query|Path|Body|Form|Cookie|File)$/;
const DEPENDS = /^(?:Depends|Security)$/;

/** `FastAPI()`, `APIRouter()`, `Flask(__name__)`, `Blueprint(...)`: routes are declared with their methods. */
export function isApplication(module: string, name: string): boolean {
  return (FASTAPI.test(module) || FLASK.test(module)) && /^(?:FastAPI|APIRouter|Starlette|Router|Flask|Blueprint|APIBlueprint|APIFlask|Quart|OpenAPI|Namespace)$/.test(name);
}

/** Route functions of FastAPI, Flask and Django. */
export function pythonParameters(fn: FunctionValue, decorators: Decorators, ctx: Context): readonly (Value | undefined)[] | undefined {
  if (ctx.modules.get(fn.scope.file)?.language !== 'python') return undefined;
  const route = decorators.find(({ value }) => value.kind === 'external' && ROUTE.test(value.path.at(-1) ?? '') && (FASTAPI.test(value.module) || FLASK.test(value.module)));
  if (route !== undefined) {
    const isFast = FASTAPI.test((route.value as ExternalValue).module);
    if (isFast && route.call?.arguments.named.has('dependencies') === true) return undefined;
    return isFast ? ofFastApi(fn, ctx) : ofFlask(fn, route.call, ctx);
  }
  return ofDjango(fn, ctx);
}

function isSelf(parameter: Parameter): boolean {
  return nameOf(parameter) === 'self' || nameOf(parameter) === 'cls';
}

function sent(parameter: Parameter, fn?: FunctionValue): Value {
  const name = nameOf(parameter);
  const isOptional = parameter.default?.kind === 'literal' && parameter.default.value === null;
  return { ...input(name, placeKey(name, parameter.location), 'untrusted', isOptional), ...(fn && parameter.type && { type: { type: parameter.type, scope: fn.scope } }) };
}

/** The parameters that the path names (`/notes/<int:id>`); where it is not known, all. Others are given by decorators of the project. */
function ofFlask({ function: code }: FunctionValue, call: Call | undefined, ctx: Context): readonly (Value | undefined)[] {
  const path = call && knownText(call.arguments.positional[0] ?? call.arguments.named.get('rule'), ctx);
  const named = path === undefined ? undefined : new Set([...path.matchAll(/<(?:[^<>:]*:)?(\w+)>/g)].map(([, name]) => name!));
  return code.parameters.map((parameter) => (isSelf(parameter) || parameter.rest !== undefined || named?.has(nameOf(parameter)) === false ? undefined : sent(parameter)));
}

/** Plain parameters are of the path or the query, models of the body; what a dependency has looked at is no longer the caller's word alone. */
function ofFastApi(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] {
  const seen = new Set(fn.function.parameters.flatMap((parameter) => dependencyOf(parameter, fn, ctx)));
  return fn.function.parameters.map((parameter) => {
    const marks = marksOf(parameter, fn, ctx);
    if (isSelf(parameter) || parameter.rest !== undefined || seen.has(nameOf(parameter))) return undefined;
    if (marks.some(({ name }) => DEPENDS.test(name))) return dependencies(parameter, fn, ctx).flatMap((each) => passedOn(each, ctx) ?? [])[0];
    if (marks.some(({ name }) => SENT.test(name))) return sent(parameter, fn);
    return parameter.type !== undefined && isSent(parameter.type, fn, ctx) ? sent(parameter, fn) : undefined;
  });
}

interface Mark {
  readonly name: string;
  readonly call: CodeCall;
  readonly scope: Scope;
}

/** What `= Header(...)`, `Annotated[T, Header()]` or a name for such a type says of a parameter. */
function marksOf(parameter: Parameter, fn: FunctionValue, ctx: Context): readonly Mark[] {
  const { type } = parameter;
  const alias = type?.kind === 'named' && type.path.length === 1 ? ctx.typeNamed(fn.scope, type.path[0]!) : undefined;
  const own = [...(parameter.default ? [parameter.default] : []), ...parameter.decorators];
  return [...own.map((node) => ({ node, scope: fn.scope })), ...(alias?.decorators ?? []).map((node) => ({ node, scope: alias!.scope }))]
    .flatMap(({ node, scope }) => (node.kind === 'call' ? lastName(node.callee).map((name) => ({ name, call: node, scope })) : []));
}

function lastName(node: CodeExpression): string[] {
  return node.kind === 'name' ? [node.name] : node.kind === 'member' ? [node.property] : [];
}

/** The functions that `Depends(...)` of a parameter names. */
function dependencies(parameter: Parameter, fn: FunctionValue, ctx: Context): FunctionValue[] {
  return marksOf(parameter, fn, ctx).flatMap(({ name, call, scope }) => {
    const [first] = DEPENDS.test(name) ? call.arguments : [];
    const value = first && ctx.read(ctx.evaluate(first.value, scope));
    return value?.kind === 'function' ? [value] : [];
  });
}

/** The names of the request's parameters that a dependency takes, too: one that looks at them, and does not only pass one on. */
function dependencyOf(parameter: Parameter, fn: FunctionValue, ctx: Context): string[] {
  return dependencies(parameter, fn, ctx).flatMap((each) => (passedOn(each, ctx) ? [] : each.function.parameters.map(nameOf)));
}

/** What a dependency gives that is nothing but what was sent: `def org(x_org: Annotated[str, Header()]): return x_org`. */
function passedOn(fn: FunctionValue, ctx: Context): Value | undefined {
  const [only, ...more] = fn.function.body.filter(({ kind }) => kind !== 'expression');
  const { value } = only?.kind === 'return' && more.length === 0 ? only : {};
  const parameter = value?.kind === 'name' ? fn.function.parameters.find((each) => nameOf(each) === value.name) : undefined;
  const isSaid = parameter && marksOf(parameter, fn, ctx).some(({ name }) => SENT.test(name));
  return parameter && isSaid ? sent(parameter, fn) : undefined;
}

function isSent(type: CodeType, fn: FunctionValue, ctx: Context): boolean {
  if (type.kind === 'union') return type.parts.every((part) => isSent(part, fn, ctx) || part.kind === 'literal');
  if (type.kind === 'array' || type.kind === 'literal') return true;
  if (type.kind !== 'named') return false;
  const name = type.path.at(-1)!;
  if (name === 'Optional' || name === 'Union' || name === 'List' || name === 'list') return type.arguments.every((each) => isSent(each, fn, ctx) || each.kind === 'literal');
  return PLAIN.test(name) || isModel(type.path, fn, ctx);
}

/** A class that pydantic reads the body into. */
function isModel(path: readonly string[], fn: FunctionValue, ctx: Context): boolean {
  const [first, ...rest] = path;
  if (fn.scope.find(first!) === undefined) return false;
  let value: Value | undefined = ctx.read(rest.reduce((found: Value, name) => ctx.member(found, name), ctx.evaluate({ kind: 'name', name: first!, location: fn.function.location }, fn.scope)));
  for (let depth = 0; depth < 8 && value?.kind === 'classValue'; depth++) {
    const base: CodeExpression | undefined = value.class.bases[0];
    value = base && ctx.read(ctx.evaluate(base, value.scope));
    if (value?.kind === 'external') return /^(?:pydantic|sqlmodel)(?:\.|$)/.test(value.module) || (value.module === 'enum') || /^(?:Enum|StrEnum)$/.test(value.path.at(-1) ?? '');
  }
  return false;
}

/** A view is given the request and the parts of the path: by its name and the type, or by the decorators of REST framework. */
function ofDjango(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const isMethod = fn.self !== undefined;
  const parameters = isMethod ? fn.function.parameters.slice(1) : fn.function.parameters;
  const [first, ...others] = parameters;
  if (first === undefined || nameOf(first) !== 'request' || !importsDjango(fn, ctx)) return undefined;
  const known = [request('request', 'request', placeKey('request', first.location)), ...others.map((parameter) => (parameter.rest !== undefined ? undefined : /^(?:id|pk|uuid|slug)$|_(?:id|pk|slug|uuid)$/.test(nameOf(parameter)) ? sent(parameter) : undefined))];
  return isMethod ? [undefined, ...known] : known;
}

function importsDjango(fn: FunctionValue, ctx: Context): boolean {
  return ctx.modules.get(fn.scope.file)!.body.some((statement) => statement.kind === 'import' && /^(?:django|rest_framework|ninja)(?:\.|$)/.test(statement.module));
}

/** `from flask import request`, `flask_login.current_user`. */
export function pythonExternal(value: ExternalValue): Value | undefined {
  const name = exportedPath(value).at(-1);
  if (FLASK.test(value.module) && value.path.length === 1 && name === 'request') return request('request', 'request', 'the request');
  if (value.module === 'flask_login' && name === 'current_user') return input('current_user', 'the signed-in user', 'trusted');
  return undefined;
}
