import { entryOf } from '../../../../entry.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { InputValue, LibraryValue, Trust, Value } from '../../values.js';
import { constantText } from '../objects.js';
import { FRAMEWORKS } from './name.js';
import { noteOnRequest, putByGuard, putOnRequest } from './put.js';
import { readBy } from './schemas.js';

/** A request, or the context a framework hands around with it. */
export interface Request {
  /** As the code names it: `req`, `c.req`. */
  readonly name: string;
  /** One request is one value, however it is reached. */
  readonly key: string;
  /** `GET`, `POST`, ...: where the handler says for which it is called. */
  readonly method?: string;
  /** Schemas that have read its parts (`json`, `query`, `param`, ...) before the handler is called. */
  readonly valid?: Valid;
}

export type Valid = ReadonlyMap<string, Value>;

/** `middy`: what middy's middlewares are given, the event of AWS Lambda in it. `hapi`: a request whose `payload` is its body. `socket`, `handshake`: an open connection, and what it began with. */
export type RequestType = 'request' | 'context' | 'koa' | 'middy' | 'hapi' | 'socket' | 'handshake';

/** Members that hold what the caller sent: Express, Fastify, Koa, fetch, Flask, Starlette, Django, Sanic, aiohttp. */
const SENT = new Set([
  'body', 'params', 'query', 'headers', 'cookies', 'rawBody', 'files', 'file', 'nextUrl', 'url', 'originalUrl', 'querystring', 'signedCookies',
  'args', 'form', 'json', 'values', 'view_args', 'data', 'query_params', 'path_params', 'rawHeaders', 'searchParams', 'connectionParams',
  'pathParameters', 'queryStringParameters', 'multiValueQueryStringParameters', 'multiValueHeaders', 'rawQueryString', 'rawPath', 'arguments',
  'match_info', 'rel_url', 'GET', 'POST', 'META', 'FILES', 'COOKIES', 'DATA', 'QUERY_PARAMS', 'kwargs',
]);
/** Members that authentication sets. */
export const SIGNED_IN = /^(?:user|me|viewer|session|auth|authInfo|jwt|principal|account|authorizer|identity|clientContext|token_payload|jwtPayload|passport|currentUser|current_user)$/;
/** Members of a context that hold what the code before found out: who is signed in, and more. */
const FOUND_OUT = new Set(['state', 'var', 'locals', 'context']);
/** Methods that give all of a part of what was sent. */
const WHOLE = new Set(['json', 'text', 'formData', 'parseBody', 'get_json', 'get_data', 'arrayBuffer', 'blob', 'body', 'queries', 'form']);
/** Methods that give one thing of what was sent, by its name. */
const PARTS: Readonly<Record<string, string>> = { param: 'params', query: 'query', header: 'headers', get: 'headers', cookie: 'cookies', valid: 'body', getCookie: 'cookies' };

/** A request as a value of the library. */
export function request(type: RequestType, name: string, key = name, method?: string, valid?: Valid): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type, data: { name, key, ...(method !== undefined && { method }), ...(valid && { valid }) } satisfies Request };
}

/** A value of a request or session. */
export function input(name: string, key: string, trust: Trust, maybe = false): InputValue {
  return { kind: 'input', key, name, trust, maybe };
}

/** A member of a request or of a context: what was sent, who is signed in, and what nobody knows. */
export function requestMember({ type, data }: LibraryValue, name: string): Value | undefined {
  const { name: written, key, method, valid } = data as Request;
  if (name === 'method' && method !== undefined) return { kind: 'constant', value: method };
  if (type === 'handshake') return input(`${written}.${name}`, `${key}.${name}`, /^(?:session|user)$/.test(name) ? 'trusted' : 'untrusted');
  if (type === 'socket' && name === 'handshake') return request('handshake', `${written}.${name}`, `${key}.${name}`);
  if (type === 'socket' && name === 'data') return request('context', `${written}.${name}`, `${key}.${name}`);
  if (type === 'hapi' && /^(?:payload|state)$/.test(name)) return input(`${written}.${name}`, `${key}.${name}`, 'untrusted');
  const trust = SIGNED_IN.test(name) ? 'trusted' : 'unknown';
  if (type === 'middy') return name === 'event' ? request('request', `${written}.event`, key) : input(`${written}.${name}`, `${key}.${name}`, 'unknown');
  if (name === 'requestContext') return request('context', `${written}.${name}`, `${key}.${name}`);
  if (type !== 'request') {
    if (name === 'req' || name === 'request') return request('request', `${written}.${name}`, `${key}.req`, undefined, valid);
    if (name === 'event') return request('context', `${written}.event`, key);
    if (FOUND_OUT.has(name)) return request('context', `${written}.${name}`, `${key}.${name}`);
  }
  if (name === 'req' || name === 'raw') return request('request', `${written}.${name}`, key);
  return SENT.has(name) ? input(`${written}.${name}`, `${key}.${name}`, 'untrusted') : input(`${written}.${name}`, `${key}.${name}`, trust);
}

/** Starlette's `request.state`: what the code before has found out. */
export function stateOf({ data }: LibraryValue): LibraryValue {
  const { name, key } = data as Request;
  return request('context', `${name}.state`, `${key}.state`);
}

/** A method of a request: `req.get('x')`, `c.req.param('id')`, `await request.json()`. */
export function requestMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { name: written, key, valid } = object.data as Request;
  const [first, second] = call.arguments.positional;
  const text = constantText(first, ctx);
  if (object.type === 'context' && name === 'set' && text !== undefined && second !== undefined) noteOnRequest(object, [{ kind: 'property', key: text, value: second, maybe: false, location: call.location }], ctx);
  if (object.type === 'context' && name === 'get' && text !== undefined) return putByGuard(object, text, ctx) ?? (SIGNED_IN.test(text) ? undefined : putOnRequest(object.type, text, ctx)) ?? input(`${written}.${text}`, `${key}.var.${text}`, SIGNED_IN.test(text) ? 'trusted' : 'unknown');
  if (name === 'get' && first !== undefined) {
    const slot = ctx.read(first);
    if (slot.kind === 'library' && slot.type === 'contextKey') return input(`${written}.get()`, `${key}.var.${String(slot.data)}`, 'unknown');
  }
  if (WHOLE.has(name)) return input(`${written}.${name}()`, `${key}.${name === 'get_json' ? 'json' : name}`, 'untrusted');
  const part = entryOf(PARTS, name);
  if (part === undefined) return undefined;
  if (name === 'valid') {
    const schema = text === undefined ? undefined : valid?.get(text);
    const sent = input(`${written}.valid(${text ?? ''})`, `${key}.valid.${text ?? '?'}`, 'untrusted');
    return schema ? readBy(schema, sent, call.location, ctx) : sent;
  }
  return text === undefined ? input(`${written}.${name}()`, `${key}.${part}`, 'untrusted') : input(`${written}.${part}.${text}`, `${key}.${part}.${text}`, 'untrusted');
}

/** The key of a parameter: one function is entered with one request. */
export function placeKey(name: string, location: Location): string {
  return `${name}@${location.file}:${location.start}`;
}
