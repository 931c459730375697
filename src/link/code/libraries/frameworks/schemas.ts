import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { joined, unionOf } from '../../state.js';
import { undefinedValue, type ExternalValue, type InputValue, type LibraryValue, type ObjectEntryValue, type Value } from '../../values.js';
import { FRAMEWORKS } from './name.js';

/** A schema of a validation library: what it reads is what it was given. */
interface Schema {
  /** The keys of an object that nothing else passes through, and what reads each. */
  readonly keys?: ReadonlyMap<string, Schema>;
  readonly optional?: boolean;
  /** What is left out is filled in. */
  readonly isFilled?: true;
  /** The constants that it lets pass. */
  readonly values?: readonly Value[];
  /** It lets texts pass, and nothing else. */
  readonly isText?: true;
  /** What reads each item of a list. */
  readonly items?: Schema;
}

/** More constants are not told apart. */
const MOST_VALUES = 12;

const ZOD = /^(?:zod(?:\/|$)|@hono\/zod-openapi$)/;
const READS = /^(?:parse|parseAsync|validate|validateSync|cast)$/;
const SAFE = /^(?:safeParse|safeParseAsync|spa)$/;
/** What asks more of a value, and makes no other of it. */
const ASKS = /^(?:min|max|length|nonempty|email|url|uuid|guid|cuid2?|ulid|nanoid|regex|trim|toLowerCase|toUpperCase|startsWith|endsWith|includes|datetime|brand)$/;

/** `z.object({...})`, `z.string()`. */
export function schemaMethod(object: ExternalValue | LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (object.kind === 'external') return ZOD.test(object.module) && object.path.join('.') !== 'OpenAPIHono' ? made(begun(name, call, ctx)) : undefined;
  const schema = object.data as Schema;
  const [first] = call.arguments.positional;
  if (READS.test(name)) return first && read(schema, first, call.location, ctx);
  if (SAFE.test(name)) return first && safe(read(schema, first, call.location, ctx), call, ctx);
  switch (name) {
    case 'optional': case 'nullish': case 'nullable': return made({ ...schema, optional: true });
    case 'strict': case 'strip': case 'describe': case 'refine': case 'superRefine': case 'meta': case 'openapi': case 'readonly': case 'check': return object;
    case 'default': case 'catch': return made({ ...schema, optional: false, isFilled: true });
    case 'extend': case 'merge': case 'and': case 'safeExtend': return made(extended(schema, first, call, ctx));
    case 'partial': return made(schema.keys && first === undefined ? { keys: new Map([...schema.keys].map(([key, each]) => [key, { ...each, optional: true }])) } : {});
    case 'pick': case 'omit': return made(chosen(schema, first, name === 'pick', ctx));
    default: return ASKS.test(name) ? object : made({});
  }
}

function made(data: Schema): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'schema', data };
}

function begun(name: string, call: Call, ctx: Context): Schema {
  const [first] = call.arguments.positional;
  switch (name) {
    case 'object': case 'strictObject': return keysOf(call, ctx);
    case 'optional': case 'nullish': return { optional: true };
    case 'string': case 'email': case 'uuid': case 'cuid': case 'cuid2': case 'ulid': case 'nanoid': case 'url': return { isText: true };
    case 'array': return first === undefined ? {} : { items: schemaOf(first, ctx) };
    case 'enum': case 'nativeEnum': case 'literal': return first === undefined ? {} : valuesOf(first, ctx);
    case 'union': return first === undefined ? {} : either(first, ctx);
    default: return {};
  }
}

/** `z.enum(['asc', 'desc'])`, `z.nativeEnum(Order)`, `z.literal('asc')`. */
function valuesOf(value: Value, ctx: Context): Schema {
  const inner = ctx.read(value);
  const items = inner.kind === 'list' ? inner.items.map((item) => item.value) : inner.kind === 'object' ? inner.entries.map((entry) => entry.value) : [inner];
  const values = items.map((each) => ctx.read(each));
  return values.length > 0 && values.length <= MOST_VALUES && values.every(({ kind }) => kind === 'constant') ? { values } : {};
}

/** `z.union([z.literal('asc'), z.literal('desc')])`. */
function either(value: Value, ctx: Context): Schema {
  const inner = ctx.read(value);
  const each = inner.kind === 'list' ? inner.items.map((item) => schemaOf(item.value, ctx).values) : [undefined];
  return each.includes(undefined) ? {} : { values: each.flatMap((values) => values ?? []) };
}

function keysOf({ arguments: { positional: [first] } }: Call, ctx: Context): Schema {
  const keys = first && keysIn(first, ctx);
  return keys ? { keys } : {};
}

/** The keys of a shape, `{ id: z.string(), ...other.shape }`; undefined where they are not all known. */
function keysIn(shape: Value, ctx: Context): ReadonlyMap<string, Schema> | undefined {
  const inner = ctx.read(shape);
  if (inner.kind === 'library' && inner.library === FRAMEWORKS && inner.type === 'schema') return (inner.data as Schema).keys;
  if (inner.kind !== 'object') return undefined;
  const parts = inner.entries.map((entry) => (entry.kind === 'property' ? new Map([[entry.key, schemaOf(entry.value, ctx)]]) : keysIn(entry.value, ctx)));
  return parts.some((part) => part === undefined) ? undefined : new Map(parts.flatMap((part) => [...part!]));
}

/** `schema.shape`: by its keys it is the schema. */
export function shapeOf(schema: LibraryValue, name: string): Value | undefined {
  return name === 'shape' && (schema.data as Schema).keys !== undefined ? schema : undefined;
}

/** The schema that a shape stands for where a package takes one: `inputSchema: { id: z.string() }`. */
export function schemaOfShape(shape: Value, ctx: Context): Value | undefined {
  const keys = keysIn(shape, ctx);
  return keys && made({ keys });
}

function schemaOf(value: Value, ctx: Context): Schema {
  const inner = ctx.read(value);
  return inner.kind === 'library' && inner.type === 'schema' ? inner.data as Schema : {};
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

/** The value itself; of an object of known keys, these and no others; of constants, one of these. */
function read(schema: Schema, value: Value, location: Location, ctx: Context): Value {
  const { keys, values, optional, isText, items } = schema;
  const inner = ctx.read(value);
  if (inner.kind === 'union' && keys !== undefined) {
    const passing = inner.options.filter((option) => passes(schema, option.value, ctx));
    if (passing.length > 0) return joined(passing.map((option) => ({ ...option, value: read(schema, option.value, location, ctx) })));
  }
  if (inner.kind !== 'input') return value;
  if (values !== undefined) return unionOf([...values, ...(optional === true ? [undefinedValue] : [])].map((each) => ({ value: each, facts: [] })));
  if (items?.keys !== undefined && optional !== true) return ctx.allocate({ kind: 'list', form: 'list', items: [{ value: read(items, itemOf(inner), location, ctx), maybe: true, repeated: true }], location });
  if (keys === undefined) return optional === true ? { ...inner, maybe: true } : isText === true ? { ...inner, isText } : value;
  const entries = [...keys].map(([key, schema]): ObjectEntryValue => ({ kind: 'property', key, value: read(schema, ctx.member(inner, key), location, ctx), maybe: false, location }));
  return ctx.allocate({ kind: 'object', entries, location });
}

/** Whether a value can be what a schema lets pass: an object that has what it asks for. */
function passes({ keys, optional, isFilled }: Schema, value: Value, ctx: Context): boolean {
  const inner = ctx.read(value);
  if (keys === undefined || isFilled === true) return true;
  if (inner.kind === 'constant') return optional === true && (inner.value === undefined || inner.value === null);
  if (inner.kind !== 'object' || inner.entries.some((entry) => entry.kind !== 'property')) return true;
  return [...keys].every(([key, each]) => !isNeeded(each) || inner.entries.some((entry) => entry.kind === 'property' && entry.key === key));
}

/** Whether a key of an object cannot be left out. */
function isNeeded({ keys, values, optional, isFilled, isText, items }: Schema): boolean {
  return optional !== true && isFilled !== true && (keys !== undefined || values !== undefined || items !== undefined || isText === true);
}

function itemOf(list: InputValue): InputValue {
  return { ...list, key: `${list.key}[]`, name: `${list.name}[]` };
}

/** `{ success: true, data }` or `{ success: false, error }`. */
function safe(data: Value, { location }: Call, ctx: Context): Value {
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  const good = ctx.allocate({ kind: 'object', location, entries: [entry('success', { kind: 'constant', value: true }), entry('data', data), entry('error', { kind: 'constant', value: undefined })] });
  return good;
}
