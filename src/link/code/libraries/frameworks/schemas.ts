import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ExternalValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { FRAMEWORKS } from './name.js';

/** A schema of a validation library: what it reads is what it was given. */
interface Schema {
  /** The keys of an object that nothing else passes through, and which of them may be missing. */
  readonly keys?: ReadonlyMap<string, boolean>;
  readonly optional?: boolean;
}

const ZOD = /^(?:zod(?:\/|$)|@hono\/zod-openapi$)/;
const READS = /^(?:parse|parseAsync|validate|validateSync|cast)$/;
const SAFE = /^(?:safeParse|safeParseAsync|spa)$/;

/** `z.object({...})`, `z.string()`. */
export function schemaMethod(object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.kind === 'external') return ZOD.test(object.module) && object.path.join('.') !== 'OpenAPIHono' ? made(name === 'object' || name === 'strictObject' ? keysOf(call, ctx) : name === 'optional' || name === 'nullish' ? { optional: true } : {}) : undefined;
  const schema = object.data as Schema;
  const [first] = call.arguments.positional;
  if (READS.test(name)) return first && read(schema, first, call.location, ctx);
  if (SAFE.test(name)) return first && safe(read(schema, first, call.location, ctx), call, ctx);
  switch (name) {
    case 'optional': case 'nullish': case 'nullable': return made({ ...schema, optional: true });
    case 'strict': case 'strip': case 'describe': case 'refine': case 'superRefine': case 'meta': case 'openapi': case 'readonly': case 'check': return object;
    case 'default': return made({ ...(schema.keys && { keys: schema.keys }) });
    case 'extend': case 'merge': case 'and': case 'safeExtend': return made(extended(schema, first, call, ctx));
    case 'partial': return made(schema.keys && first === undefined ? { keys: new Map([...schema.keys.keys()].map((key) => [key, true])) } : {});
    case 'pick': case 'omit': return made(chosen(schema, first, name === 'pick', ctx));
    default: return made({});
  }
}

function made(data: Schema): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'schema', data };
}

function keysOf(call: Call, ctx: Context): Schema {
  const [first] = call.arguments.positional;
  const shape = first && ctx.read(first);
  if (shape?.kind !== 'object' || shape.entries.some((entry) => entry.kind !== 'property')) return {};
  return { keys: new Map(shape.entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, isOptional(entry.value, ctx)] as const] : []))) };
}

function isOptional(value: Value, ctx: Context): boolean {
  const inner = ctx.read(value);
  return inner.kind === 'library' && inner.type === 'schema' && (inner.data as Schema).optional === true;
}

function extended(schema: Schema, value: Value | undefined, call: Call, ctx: Context): Schema {
  const inner = value && ctx.read(value);
  const other = inner?.kind === 'object' ? keysOf(call, ctx).keys : inner?.kind === 'library' && inner.type === 'schema' ? (inner.data as Schema).keys : undefined;
  return schema.keys && other ? { keys: new Map([...schema.keys, ...other]) } : {};
}

function chosen(schema: Schema, value: Value | undefined, keeps: boolean, ctx: Context): Schema {
  const inner = value && ctx.read(value);
  if (schema.keys === undefined || inner?.kind !== 'object' || inner.entries.some((entry) => entry.kind !== 'property')) return {};
  const named = new Set(inner.entries.flatMap((entry) => (entry.kind === 'property' ? [entry.key] : [])));
  return { keys: new Map([...schema.keys].filter(([key]) => named.has(key) === keeps)) };
}

/** What a schema (or anything else that a library takes for one) makes of a value. */
export function readBy(schema: Value, value: Value, location: Location, ctx: Context): Value {
  const inner = ctx.read(schema);
  return inner.kind === 'library' && inner.library === FRAMEWORKS && inner.type === 'schema' ? read(inner.data as Schema, value, location, ctx) : value;
}

/** The value itself; of an object of known keys, these and no others. */
function read({ keys }: Schema, value: Value, location: Location, ctx: Context): Value {
  const inner = ctx.read(value);
  if (keys === undefined || inner.kind !== 'input') return value;
  const entries = [...keys].map(([key, optional]): ObjectEntryValue => {
    const found = ctx.member(inner, key);
    return { kind: 'property', key, value: optional && found.kind === 'input' ? { ...found, maybe: true } : found, maybe: false, location };
  });
  return ctx.allocate({ kind: 'object', entries, location });
}

/** `{ success: true, data }` or `{ success: false, error }`. */
function safe(data: Value, { location }: Call, ctx: Context): Value {
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  const good = ctx.allocate({ kind: 'object', location, entries: [entry('success', { kind: 'constant', value: true }), entry('data', data), entry('error', { kind: 'constant', value: undefined })] });
  return good;
}
