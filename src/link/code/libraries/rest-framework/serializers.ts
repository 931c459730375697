import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, InstanceValue, LibraryValue, ObjectEntryValue, Value } from '../../values.js';
import { nullValue, undefinedValue } from '../../values.js';
import { input } from '../frameworks/request.js';
import { alternatives } from '../objects.js';
import { libraryData, libraryValue } from '../sqlalchemy/given.js';
import { assign } from '../django/rows.js';
import { sent } from './serializer-data.js';
import { baseFields, fieldsOf, isMissing, nestedNames, sourcesOf } from './serializer-fields.js';
import { closedNames, declaredNames, isRequired, listedNames, modelOf } from './serializer-meta.js';
import { keyOf, kept, methodsOf, selfOf, withArguments } from './serializer-state.js';
import { valid } from './validation.js';
import { REST } from './views.js';

/** What REST framework gives a serializer of the project. `super`: as its own class has it. */
interface SerializerData {
  readonly instance: InstanceValue;
}

/** The base of a serializer, for an instance of the project's class. */
export function serializerValue(instance: InstanceValue): LibraryValue {
  return libraryValue(REST, 'serializer', { instance } satisfies SerializerData);
}

/** `XSerializer(row, data=request.data, context={...})`: an `__init__` of the project's runs, too. */
export function serializerOf(owner: ClassValue, call: Call, ctx: Context): Value {
  const { arguments: { positional, named }, location } = call;
  const fields = new Map<string, Value>([['#key', { kind: 'constant', value: `${location.file}:${location.start}` }]]);
  const given = { '#instance': named.get('instance') ?? positional[0], '#data': named.get('data') ?? positional[1], context: named.get('context') };
  for (const [name, value] of Object.entries(given)) if (value) fields.set(name, value);
  const self = ctx.allocate({ kind: 'instance', class: owner, fields });
  ctx.write(self, { kind: 'instance', class: owner, fields: new Map([...fields, ['#self', self], ['#fields', ctx.allocate(undefinedValue)], ['#validated', ctx.allocate(undefinedValue)]]) });
  if (methodsOf(owner, ctx).some((name) => name === '__init__')) ctx.callMethod(self, '__init__', call);
  return self;
}

/** `self.validated_data`, `self.instance`, `self.context` of a serializer. */
export function serializerMember(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  const data = libraryData<SerializerData>(object, REST, 'serializer', ctx);
  if (!data) return undefined;
  const { instance } = data;
  switch (name) {
    case 'validated_data': return kept(instance, '#validated', ctx) ?? sent(instance, ctx);
    case 'fields': return fieldsOf(instance, ctx);
    case 'initial_data': return instance.fields.get('#data') ?? input('serializer.initial_data', `${keyOf(instance)}.initial_data`, 'untrusted');
    case 'instance': return instance.fields.get('#instance') ?? input('serializer.instance', `${keyOf(instance)}.instance`, 'unknown', true);
    case 'context': return input('serializer.context', `${keyOf(instance)}.context`, 'unknown');
    case 'data': case 'errors': return input(`serializer.${name}`, `${keyOf(instance)}.${name}`, 'unknown');
    default: return undefined;
  }
}

/**
 * A method of a serializer that the project's class leaves to the package.
 * @see Django REST framework documentation, "Serializers"
 */
export function serializerMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = libraryData<SerializerData>(object, REST, 'serializer', ctx);
  if (!data) return undefined;
  const { instance } = data;
  const [first, second] = call.arguments.positional;
  switch (name) {
    case '__init__': return nullValue;
    case 'is_valid': case 'run_validation': return valid(instance, call, ctx);
    case 'get_fields': return baseFields(instance, ctx);
    case 'save': return save(instance, call, ctx);
    case 'create': return first && created(instance, first, call, ctx);
    case 'update': return first && second && updated(instance, first, second, call, ctx);
    case 'validate': return first;
    case 'to_representation': case 'to_internal_value': return input(`serializer.${name}()`, `${keyOf(instance)}.${name}`, name === 'to_internal_value' ? 'untrusted' : 'unknown');
    default: return undefined;
  }
}

/** `save(**values)`: `update()` of the row the serializer was given, else `create()`, with what was sent and the values given here. */
function save(instance: InstanceValue, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const self = selfOf(instance, ctx);
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
  for (const entry of stored(known, instance, ctx)) named.set(entry.key, entry.maybe ? maybe(entry.value) : entry.value);
  return ctx.callMethod(ctx.member(model.owner, '_default_manager'), 'create', { ...call, arguments: { positional: [], named, open, locations: [], ...(open && { spread: whole.entries.flatMap((entry) => (entry.kind === 'spread' ? [entry.value] : [])) }) } });
}

function maybe(value: Value): Value {
  return { kind: 'union', options: [{ value, facts: [] }, { value: { kind: 'constant', value: undefined }, facts: [] }] };
}

function updated(instance: InstanceValue, row: Value, values: Value, call: Call, ctx: Context): Value {
  const known = ctx.read(values);
  for (const each of alternatives(row, ctx)) {
    if (each.kind === 'row') for (const entry of stored(known, instance, ctx)) assign(each, entry.key, entry.value, entry.location, ctx);
  }
  ctx.callMethod(row, 'save', withArguments(call, []));
  return row;
}

/** What the package itself puts into a row: none of the fields that the model does not have, and none of those that hold rows inside, which it refuses. */
function stored(values: Value, instance: InstanceValue, ctx: Context): readonly Extract<ObjectEntryValue, { kind: 'property' }>[] {
  const fields = modelOf(instance, ctx)?.spec.fields;
  const nested = new Set(nestedNames(instance, ctx));
  const foreign = new Set(declaredNames(instance.class, ctx).filter((name) => nested.has(name) || fields?.has(name) !== true));
  return values.kind !== 'object' ? [] : values.entries.flatMap((entry) => (entry.kind === 'property' && !foreign.has(entry.key) ? [entry] : []));
}

/** What the caller may send: the fields of the model that `Meta` lists and those that the class declares, save what is read-only. */
function writable(instance: InstanceValue, location: Location, ctx: Context): readonly ObjectEntryValue[] {
  const model = modelOf(instance, ctx);
  const values = kept(instance, '#validated', ctx) ?? sent(instance, ctx);
  if (!model) return [{ kind: 'spread', value: values, maybe: false, location }];
  const all = [...model.spec.fields].flatMap(([name, field]) => (field.named.has('primary_key') ? [] : [name]));
  const closed = new Set(closedNames(instance, ctx));
  const declared = declaredNames(instance.class, ctx).filter((name) => !all.includes(name));
  const names = [...listedNames(instance, 'fields', ctx) ?? all, ...declared].filter((name) => !closed.has(name));
  const sources = sourcesOf(instance, ctx);
  return [...new Set(names.map((name) => sources.get(name) ?? name))].filter((name) => all.includes(name) || declared.includes(name))
    .map((key): ObjectEntryValue => ({ kind: 'property', key, value: ctx.member(values, key), maybe: !isRequired(key, instance, model, ctx), location })).filter(({ value }) => !isMissing(value));
}
