import type { Call, Context } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { exportedPath, property } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';

/** A middleware of Hono that has a schema read a part of the request: `zValidator('json', schema)`. */
interface Validator {
  readonly part: string;
  readonly schema: Value;
}

const VALIDATORS = /^(?:@hono\/[a-z]+-validator|hono-openapi(?:\/.*)?)$/;
/** What an OpenAPI route calls the parts of a request, and what `c.req.valid` does. */
const PARTS: readonly (readonly [string, string])[] = [['params', 'param'], ['query', 'query'], ['headers', 'header'], ['cookies', 'cookie']];

/** `createRoute({ request })` is what it is given; `zValidator('json', schema)`, `validator('json', schema)` of hono-openapi is a validator. */
export function validating({ module, path }: ExternalValue, { arguments: { positional: [first, second] } }: Call, ctx: Context): Value | undefined {
  const name = exportedPath({ module, path } as ExternalValue).at(-1) ?? '';
  if (module === '@hono/zod-openapi' && name === 'createRoute') return first;
  if (!VALIDATORS.test(module) || !/[vV]alidator$/.test(name) || first === undefined || second === undefined) return undefined;
  const part = ctx.read(first);
  if (part.kind !== 'constant' || typeof part.value !== 'string') return undefined;
  return { kind: 'library', library: FRAMEWORKS, type: 'validator', data: { part: part.value, schema: second } satisfies Validator };
}

/** The part of a request that a middleware validates, with its schema. */
export function validatorSchemas(value: Value, ctx: Context): readonly (readonly [string, Value])[] {
  const inner = ctx.read(value);
  if (inner.kind !== 'library' || inner.library !== FRAMEWORKS || inner.type !== 'validator') return [];
  const { part, schema } = (inner as LibraryValue).data as Validator;
  return [[part, schema]];
}

/** The schemas of an OpenAPI route (`app.openapi(createRoute({ request: { query, body: { content } } }), handler)`), by part of the request. */
export function routeSchemas({ arguments: { positional: [route] } }: Call, ctx: Context): readonly (readonly [string, Value])[] {
  const request = route && at(route, ['request'], ctx);
  if (request === undefined) return [];
  const parts = PARTS.flatMap(([name, part]) => {
    const schema = at(request, [name], ctx);
    return schema ? [[part, schema] as const] : [];
  });
  const content = at(request, ['body', 'content'], ctx);
  const types = content && ctx.read(content);
  if (types?.kind !== 'object') return parts;
  const bodies = types.entries.flatMap((entry) => {
    const schema = entry.kind === 'property' ? at(entry.value, ['schema'], ctx) : undefined;
    return entry.kind === 'property' && schema ? [[/json/.test(entry.key) ? 'json' : 'form', schema] as const] : [];
  });
  return [...parts, ...bodies];
}

function at(value: Value, path: readonly string[], ctx: Context): Value | undefined {
  const inner = ctx.read(value);
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const found = inner.kind === 'object' ? property(inner.entries, name) : undefined;
  return found && at(found, rest, ctx);
}
