import type { CodeExpression, CodeFunction, CodeType, Parameter } from '../../../../facts/code.js';
import { nodes } from '../../../queries/nodes.js';
import type { Call, Context } from '../../library.js';
import type { ExternalValue, FunctionValue, LibraryValue, Value } from '../../values.js';
import { byClock, partOf } from '../schedulers/clock.js';
import { exportedPath, property } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';
import { request } from './request.js';
import { noteHandlers, noteRoute, requestFor } from './routes.js';

/** Packages of functions that a cloud calls: AWS Lambda (and Netlify, which passes its events on), middy, Firebase, Azure. */
export const serverlessModules = ['aws-lambda', '@netlify/functions', '@middy/core', 'firebase-functions', '@azure/functions', '@google-cloud/functions-framework'];

const LAMBDA = /^(?:aws-lambda|@netlify\/functions)$/;
/** Types of what is sent by HTTP or AppSync (`@types/aws-lambda`), and of the functions that are given it. */
const EVENT_TYPE = /^(?:APIGateway\w*Event\w*|ALBEvent|LambdaFunctionURLEvent\w*|AppSyncResolverEvent|HandlerEvent)$/;
const HANDLER_TYPE = /^(?:APIGateway\w*Handler\w*|ALBHandler|LambdaFunctionURLHandler|AppSyncResolverHandler|Handler)$/;
/** How a function of Firebase's first generation is described: `functions.region('x').pubsub.schedule('y').onRun(fn)`. */
const BUILDS = /^(?:region|runWith|schedule|timeZone|retryConfig)$/;
/** What is read of such an event, whatever its type is called. */
const OWN_MEMBERS = new Set(['pathParameters', 'queryStringParameters', 'multiValueQueryStringParameters', 'multiValueHeaders', 'requestContext', 'rawQueryString', 'body', 'headers']);

/** `event: APIGatewayProxyEvent`. */
export function serverlessTyped(type: ExternalValue): Value | undefined {
  return LAMBDA.test(type.module) && EVENT_TYPE.test(exportedPath(type).at(-1) ?? '') ? request('request', 'event', 'the event') : undefined;
}

/** A function of AWS Lambda: by its declared type, or by its parameter `event` and what it reads of it. */
export function lambdaParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const [first] = fn.function.parameters;
  if (first === undefined || fn.function.parameters.length > 3) return undefined;
  const isEvent = HANDLER_TYPE.test(declaredTypeOf(fn, ctx) ?? '') || (isUntyped(first.type) && readsEvent(first, fn.function));
  return isEvent ? [requestFor(first, 'request')] : undefined;
}

/** The type of AWS Lambda that the name is declared with which holds a function: `const handler: APIGatewayProxyHandler = async (event) => ...`. */
export function declaredTypeOf({ function: code, scope }: FunctionValue, ctx: Context): string | undefined {
  const module = ctx.modules.get(scope.file);
  // It is asked of every function: most files have nothing to do with a cloud.
  if (module?.imports.some(({ target }) => LAMBDA.test(target.module)) !== true) return undefined;
  const statement = module.body.find((each) => each.kind === 'declare' && each.value?.kind === 'functionValue' && each.value.function === code);
  return statement?.kind === 'declare' ? lambdaType(statement.type, { scope }) : undefined;
}

/** The name of a type of AWS Lambda. */
export function lambdaType(type: CodeType | undefined, { scope }: Pick<FunctionValue, 'scope'>): string | undefined {
  if (type?.kind !== 'named') return undefined;
  const binding = scope.find(type.path[0]!);
  return typeof binding === 'object' && LAMBDA.test(binding.module) ? (type.path.length > 1 ? type.path.at(-1) : binding.imported) : undefined;
}

function isUntyped(type: CodeType | undefined): boolean {
  return type === undefined || (type.kind === 'named' && /^(?:any|unknown)$/.test(type.path.join('.')));
}

function readsEvent({ target }: Parameter, { body }: CodeFunction): boolean {
  if (target.kind === 'object') return target.properties.some(({ key }) => typeof key === 'string' && OWN_MEMBERS.has(key) && key !== 'body' && key !== 'headers');
  return target.kind === 'name' && /^_?(?:event|evt)$/.test(target.name) && nodes(body).some((node) => isMemberOf(node, target.name));
}

function isMemberOf(node: { readonly kind: string }, name: string): boolean {
  const { kind, object, property: key } = node as { kind: string; object?: CodeExpression; property?: unknown };
  return kind === 'member' && object?.kind === 'name' && object.name === name && typeof key === 'string' && OWN_MEMBERS.has(key);
}

/** `middy(handler)`; Firebase's `onCall(handler)`, `onRequest(handler)` and `onSchedule(when, handler)`; Azure's `app.http(name, { handler })` and `app.timer`; `functions.http(name, handler)`. */
export function serverlessCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  switch (callee.module.split('/')[0]) {
    case '@middy': return wrapped(call, ctx);
    case 'firebase-functions':
      if (name === 'onCall') noteHandlers(call, firstHandler(call, ctx)?.function.parameters.length === 2 ? 'callable' : 'request', ctx);
      if (name === 'onRequest') noteHandlers(call, 'request', ctx);
      if (BUILDS.test(name)) return { ...callee, instance: true };
      return /^(?:onSchedule|onRun)$/.test(name) ? byClock(call.arguments.positional, ctx) : undefined;
    case '@azure': case '@google-cloud':
      if (/^(?:http|get|post|put|patch|deleteRequest)$/.test(name)) noteHandlers(call, 'request', ctx);
      return name === 'timer' ? byClock(call.arguments.positional.flatMap((each) => partOf(each, 'handler', ctx)), ctx) : undefined;
    default: return undefined;
  }
}

function firstHandler({ arguments: { positional } }: Call, ctx: Context): FunctionValue | undefined {
  return positional.map((each) => ctx.read(each)).find((each) => each.kind === 'function');
}

/** What middy has made of a handler. `before`: what its middlewares do before it, as they come to be used. */
interface Wrapped {
  readonly before: FunctionValue[];
}

function wrapped(call: Call, ctx: Context): LibraryValue {
  const before: FunctionValue[] = [];
  const handler = firstHandler(call, ctx);
  if (handler) noteRoute(handler, { style: 'lambda', before }, ctx);
  return { kind: 'library', library: FRAMEWORKS, type: 'wrapped', data: { before } satisfies Wrapped };
}

/** `middy(...).use({ before })`, `.before(fn)`, `.handler(fn)`. */
export function middyMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { before } = object.data as Wrapped;
  const handler = name === 'handler' ? firstHandler(call, ctx) : undefined;
  if (handler) noteRoute(handler, { style: 'lambda', before }, ctx);
  if (name !== 'use' && name !== 'before') return object;
  for (const fn of call.arguments.positional.flatMap((each) => befores(each, name, ctx))) {
    ctx.journal.changes++;
    before.push(fn);
    noteRoute(fn, { style: 'middy', before: [] }, ctx);
  }
  return object;
}

function befores(value: Value, name: string, ctx: Context): readonly FunctionValue[] {
  const inner = ctx.read(value);
  if (inner.kind === 'function') return name === 'before' ? [inner] : [];
  if (inner.kind === 'list') return inner.items.flatMap((item) => befores(item.value, name, ctx));
  const found = inner.kind === 'object' ? property(inner.entries, 'before') : undefined;
  return found === undefined ? [] : befores(found, 'before', ctx);
}
