import type { CodeClass, CodeExpression } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, InstanceValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { input } from '../frameworks/request.js';
import { alternatives } from '../objects.js';
import { libraryData, libraryValue, textsOf } from '../sqlalchemy/given.js';
import { modelOfClass } from '../django/classes.js';
import type { DjangoModel } from '../django/model.js';
import { assign } from '../django/rows.js';
import { REST } from './views.js';

/** What REST framework gives a serializer of the project. `super`: as its own class has it. */
interface SerializerData {
  readonly instance: InstanceValue;
}

/** The base of a serializer, for an instance of the project's class. */
export function serializerValue(instance: InstanceValue): LibraryValue {
  return libraryValue(REST, 'serializer', { instance } satisfies SerializerData);
}

/** `XSerializer(row, data=request.data, context={...})`. */
export function serializerOf(owner: ClassValue, { arguments: { positional, named }, location }: Call, ctx: Context): Value {
  const fields = new Map<string, Value>([['#key', { kind: 'constant', value: `${location.file}:${location.start}` }]]);
  const given = { '#instance': named.get('instance') ?? positional[0], '#data': named.get('data') ?? positional[1], context: named.get('context') };
  for (const [name, value] of Object.entries(given)) if (value) fields.set(name, value);
  return ctx.allocate({ kind: 'instance', class: owner, fields });
}

/** `self.validated_data`, `self.instance`, `self.context` of a serializer. */
export function serializerMember(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  const data = libraryData<SerializerData>(object, REST, 'serializer', ctx);
  if (!data) return undefined;
  const { instance } = data;
  switch (name) {
    case 'validated_data': return sent(instance, ctx);
    case 'initial_data': return instance.fields.get('#data') ?? input('serializer.initial_data', `${keyOf(instance)}.initial_data`, 'untrusted');
    case 'instance': return instance.fields.get('#instance') ?? input('serializer.instance', `${keyOf(instance)}.instance`, 'unknown', true);
    case 'context': return input('serializer.context', `${keyOf(instance)}.context`, 'unknown');
    case 'data': case 'errors': return input(`serializer.${name}`, `${keyOf(instance)}.${name}`, 'unknown');
    default: return undefined;
  }
}

function keyOf({ class: { class: code }, fields }: InstanceValue): string {
  const key = fields.get('#key');
  return key?.kind === 'constant' ? String(key.value) : `${code.location.file}:${code.location.start}`;
}

function sent(instance: InstanceValue, ctx: Context): Value {
  const trust = instance.fields.get('#data');
  const isOwn = trust && alternatives(trust, ctx).every((each) => each.kind !== 'input' || each.trust !== 'untrusted');
  return input('serializer.validated_data', `${keyOf(instance)}.validated_data`, isOwn ? 'unknown' : 'untrusted');
}

/**
 * A method of a serializer that the project's class leaves to the package.
 * @see Django REST framework documentation, "Serializers"
 */
export function serializerMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = libraryData<SerializerData>(object, REST, 'serializer', ctx);
  if (!data) return undefined;
  const { instance } = data;
  const self = ctx.allocate(instance);
  const [first, second] = call.arguments.positional;
  const own = (method: string): boolean => ctx.ancestry(instance.class).some((each) => each.kind === 'classValue' && each.class.methods.some((candidate) => candidate.name === method));
  switch (name) {
    case 'is_valid': {
      if (own('validate')) ctx.callMethod(self, 'validate', withArguments(call, [sent(instance, ctx)]));
      return input('serializer.is_valid()', `${keyOf(instance)}.is_valid`, 'unknown');
    }
    case 'save': return save(instance, call, ctx);
    case 'create': return first && created(instance, first, call, ctx);
    case 'update': return first && second && updated(first, second, call, ctx);
    case 'validate': return first;
    case 'to_representation': case 'to_internal_value': return input(`serializer.${name}()`, `${keyOf(instance)}.${name}`, name === 'to_internal_value' ? 'untrusted' : 'unknown');
    default: return undefined;
  }
}

function withArguments(call: Call, positional: readonly Value[], named = new Map<string, Value>()): Call {
  return { ...call, arguments: { positional, named, open: false, locations: positional.map(() => call.location) } };
}

/** `save(**values)`: `update()` of the row the serializer was given, else `create()`, with what was sent and the values given here. */
function save(instance: InstanceValue, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const self = ctx.allocate(instance);
  const extra = [...call.arguments.named].map(([key, value]): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location }));
  const values = ctx.allocate({ kind: 'object', location, entries: [...writable(instance, location, ctx), ...extra] });
  const row = instance.fields.get('#instance');
  return row ? ctx.callMethod(self, 'update', withArguments(call, [row, values])) : ctx.callMethod(self, 'create', withArguments(call, [values]));
}

function created(instance: InstanceValue, values: Value, call: Call, ctx: Context): Value | undefined {
  const model = modelOf(instance, ctx);
  if (!model?.owner) return undefined;
  const known = ctx.read(values);
  const named = new Map<string, Value>();
  const open = known.kind !== 'object' || known.entries.some((entry) => entry.kind === 'spread');
  const whole = { kind: 'object', location: call.location, entries: known.kind === 'object' ? known.entries : [{ kind: 'spread', value: known, maybe: false, location: call.location }] } as const;
  if (known.kind === 'object') for (const entry of known.entries) if (entry.kind === 'property') named.set(entry.key, entry.maybe ? maybe(entry.value) : entry.value);
  return ctx.callMethod(ctx.member(model.owner, '_default_manager'), 'create', { ...call, arguments: { positional: [], named, open, locations: [], ...(open && { spread: whole.entries.flatMap((entry) => (entry.kind === 'spread' ? [entry.value] : [])) }) } });
}

function maybe(value: Value): Value {
  return { kind: 'union', options: [{ value, facts: [] }, { value: { kind: 'constant', value: undefined }, facts: [] }] };
}

function updated(row: Value, values: Value, call: Call, ctx: Context): Value {
  const known = ctx.read(values);
  for (const each of alternatives(row, ctx)) {
    if (each.kind !== 'row') continue;
    if (known.kind === 'object') for (const entry of known.entries) if (entry.kind === 'property' && !entry.maybe) assign(each, entry.key, entry.value, entry.location, ctx);
  }
  ctx.callMethod(row, 'save', withArguments(call, []));
  return row;
}

/** The model that `Meta` names. */
function modelOf({ class: owner }: InstanceValue, ctx: Context): DjangoModel | undefined {
  const value = metaField(owner, 'model', ctx);
  const known = value && ctx.read(value);
  return known?.kind === 'classValue' ? modelOfClass(known, ctx) : undefined;
}

function metaField(owner: ClassValue, name: string, ctx: Context): Value | undefined {
  for (const each of ctx.ancestry(owner)) {
    if (each.kind !== 'classValue') continue;
    const meta = each.class.rest.find((statement) => statement.kind === 'class' && statement.class.name === 'Meta');
    const field = meta?.kind === 'class' ? meta.class.fields.find((candidate) => candidate.name === name) : undefined;
    if (field?.value) return ctx.evaluate(field.value, each.scope);
    if (meta?.kind === 'class' && meta.class.bases.length === 0) return undefined;
  }
  return undefined;
}

/** What of the model the caller may send: the fields of `Meta` that are not read-only. */
function writable(instance: InstanceValue, location: Location, ctx: Context): readonly ObjectEntryValue[] {
  const model = modelOf(instance, ctx);
  const values = sent(instance, ctx);
  const listed = metaField(instance.class, 'fields', ctx);
  if (!model) return [{ kind: 'spread', value: values, maybe: false, location }];
  const all = [...model.spec.fields].flatMap(([name, field]) => (field.named.has('primary_key') ? [] : [name]));
  const names = (listed && textsOf(listed, ctx)) ?? all;
  const closed = new Set([...textsIn(instance.class, 'read_only_fields', ctx), ...textsIn(instance.class, 'exclude', ctx), ...readOnly(instance.class, ctx)]);
  return names.filter((name) => all.includes(name) && !closed.has(name))
    .map((key): ObjectEntryValue => ({ kind: 'property', key, value: ctx.member(values, key), maybe: true, location }));
}

function textsIn(owner: ClassValue, name: string, ctx: Context): readonly string[] {
  const value = metaField(owner, name, ctx);
  return (value && textsOf(value, ctx)) ?? [];
}

/** The fields that the class declares as read-only. */
function readOnly(owner: ClassValue, ctx: Context): readonly string[] {
  return ctx.ancestry(owner).flatMap((each) => (each.kind === 'classValue' ? closedFields(each.class) : []));
}

function closedFields({ fields }: CodeClass): readonly string[] {
  return fields.flatMap(({ name, value }) => (value?.kind === 'call' && isClosed(value) ? [name] : []));
}

function isClosed({ callee, arguments: given }: Extract<CodeExpression, { kind: 'call' }>): boolean {
  const name = callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '';
  return name === 'SerializerMethodField' || name === 'ReadOnlyField' || given.some((each) => each.name === 'read_only' && each.value.kind === 'literal' && each.value.value === true);
}
