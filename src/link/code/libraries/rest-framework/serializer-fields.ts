import type { CodeExpression } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, ObjectEntryValue, ObjectValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { flagOf } from '../entities/given.js';
import { conditionsOf } from '../django/conditions.js';
import { managerValue } from '../django/managers.js';
import { modelNamed } from '../django/model.js';
import { atOf, joined, oneRow } from '../django/queryset.js';
import { querySetIn, remember, withdraw } from '../django/queryset-data.js';
import { alternatives } from '../objects.js';
import { relationOf } from '../prisma/models.js';
import { libraryData, libraryValue, textOf } from '../sqlalchemy/given.js';
import { closedNames, fieldNames, modelOf } from './serializer-meta.js';
import { keep, kept, methodsOf, selfOf } from './serializer-state.js';
import { REST } from './views.js';

const RELATED = /(?:^|[a-z])RelatedField$/;

/** Marks the object or instance that stands for a field which names rows of another model. */
const MARK = '#related';

/** Whether a class of the package is a field that names rows of another model by a value of theirs. */
export function isRelatedField({ module, path }: ExternalValue): boolean {
  return module.startsWith('rest_framework') && RELATED.test(path.at(-1) ?? '');
}

/** `PrimaryKeyRelatedField(queryset=...)`: an object, whose `queryset` code may set anew. */
export function relatedField({ arguments: { named }, location }: Call, ctx: Context): Value {
  const entries = [[MARK, { kind: 'constant', value: true } as const] as const, ...named].map(([key, value]): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location }));
  return ctx.allocate({ kind: 'object', entries, location });
}

/** A field of the project's own class, which may say itself among which rows it looks. */
export function ownRelatedField(owner: ClassValue, { arguments: { named } }: Call, ctx: Context): Value {
  return ctx.allocate({ kind: 'instance', class: owner, fields: new Map([[MARK, { kind: 'constant', value: true }], ...named]) });
}

/** What the package gives a field of the project's own class. */
export function relatedFieldValue(instance: InstanceValue): LibraryValue {
  return libraryValue(REST, 'related', { instance });
}

/** `super().get_queryset()` of such a field; `self.context` is that of its serializer. */
export function relatedFieldMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const rows = name === 'get_queryset' ? libraryData<{ instance: InstanceValue }>(object, REST, 'related', ctx)?.instance.fields.get('queryset') : undefined;
  return rows && ctx.callMethod(rows, 'all', { ...call, arguments: { positional: [], named: new Map(), open: false, locations: [] } });
}

/** The fields that name rows of other models, as the classes of a serializer declare them; `implied`: those that the package makes by the model, with the rows that each may name. */
export function declaredFields(owner: ClassValue, implied: ReadonlyMap<string, Value>, ctx: Context): ObjectValue {
  const { location } = owner.class;
  const found = new Map<string, Value>([...implied].map(([name, rows]) => [name, relatedField({ ...callAt(location), arguments: { ...callAt(location).arguments, named: new Map([['queryset', rows]]) } }, ctx)]));
  for (const each of [...ctx.ancestry(owner)].reverse()) {
    if (each.kind !== 'classValue') continue;
    for (const { name, value } of each.class.fields) {
      found.delete(name);
      if (value?.kind === 'call' && mayBeRelated(value.callee, each, ctx)) found.set(name, ctx.evaluate(value, each.scope));
    }
  }
  return { kind: 'object', location, entries: [...found].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location })) };
}

function mayBeRelated(callee: CodeExpression, { scope }: ClassValue, ctx: Context): boolean {
  const known = ctx.read(ctx.evaluate(callee, scope));
  if (known.kind === 'classValue') return ctx.ancestry(known).some((each) => each.kind === 'external' && isRelatedField(each));
  return known.kind === 'external' && isRelatedField(known);
}

/** The fields that are serializers of the project themselves. */
export function nestedNames({ class: owner }: InstanceValue, ctx: Context): readonly string[] {
  return ctx.ancestry(owner).flatMap((each) => (each.kind !== 'classValue' ? [] : each.class.fields.flatMap(({ name, value }) => (value?.kind === 'call' && isSerializer(value.callee, each, ctx) ? [name] : []))));
}

function isSerializer(callee: CodeExpression, { scope }: ClassValue, ctx: Context): boolean {
  const known = ctx.read(ctx.evaluate(callee, scope));
  return known.kind === 'classValue' && ctx.ancestry(known).some((each) => each.kind === 'external' && each.module.startsWith('rest_framework') && each.path.at(-1)?.endsWith('Serializer') === true);
}

/** What a field of the object that stands for a field says; undefined for nothing and None. */
function optionOf(field: Value, key: string, ctx: Context): Value | undefined {
  const known = ctx.read(field);
  const value = known.kind === 'instance' ? known.fields.get(key) : known.kind === 'object' ? ctx.member(field, key) : undefined;
  const inner = value && ctx.read(value);
  return inner === undefined || (inner.kind === 'constant' && (inner.value === undefined || inner.value === null)) ? undefined : value;
}

/** The attribute that a field's value is put into: `source`, else its own name. */
export function sourceOf(name: string, field: Value, ctx: Context): string {
  return textIn(optionOf(field, 'source', ctx), ctx) ?? name;
}

/** A field that names a row: where the row is put, and what it is. */
export interface NamedRow {
  readonly source: string;
  readonly value: Value;
}

/**
 * The row that a field finds by what was sent; undefined where it is not said among which rows it looks.
 * @see Django REST framework documentation, "Serializer relations"
 */
export function namedRow(name: string, field: Value, values: Value, serializer: { readonly self: Value; readonly context: Value; readonly location: Location }, ctx: Context): NamedRow | undefined {
  const { self, context, location } = serializer;
  const known = ctx.read(field);
  const option = (key: string): Value | undefined => optionOf(field, key, ctx);
  if (option(MARK) === undefined || flagOf(option('many'), ctx) === true || flagOf(option('read_only'), ctx) === true) return undefined;
  const source = sourceOf(name, field, ctx);
  const lookup = textIn(option('slug_field'), ctx) ?? 'pk';
  const bound = known.kind === 'instance' ? ctx.allocate({ ...known, fields: new Map([...known.fields, ['context', context], ['parent', self], ['root', self]]) }) : undefined;
  const call = callAt(location);
  const rows = bound ? ctx.callMethod(bound, 'get_queryset', call) : option('queryset');
  const given = ctx.member(values, source);
  const value = rows && rowIn(rows, lookup, given, call, ctx);
  return value && !isMissing(given) ? { source, value } : undefined;
}

/** A call without arguments. */
export function callAt(location: Location): Call {
  return { arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location, nameLocation: location, typeArguments: [] };
}

function textIn(value: Value | undefined, ctx: Context): string | undefined {
  return value && textOf(value, ctx);
}

/** The row of a query set that has the value; the query itself is left to the write that stores the row's key. */
function rowIn(rows: Value, lookup: string, given: Value, call: Call, ctx: Context): Value | undefined {
  const sets = alternatives(rows, ctx).map((each) => querySetIn(ctx.callMethod(each, 'all', call), ctx));
  const [first] = sets;
  if (first === undefined || sets.some((set) => set === undefined)) return undefined;
  for (const set of sets) withdraw(set!);
  const set = sets.length === 1 ? first : querySetIn(joined(sets as (typeof first)[], call.location, ctx), ctx)!;
  withdraw(set);
  const where = conditionsOf({ positional: [], named: new Map([[lookup, given]]), open: false, locations: [] }, atOf(set, call.location, ctx));
  const found = { ...set, silent: true, where: [...set.where, where] };
  const row = oneRow(found, ctx);
  if (lookup !== 'pk') return row;
  const result = { ...row.result, written: new Map([['pk', given], ['id', given]]) };
  remember(result, found, ctx);
  return { ...row, result };
}

/** `self.fields`, `get_fields()`: the fields that name rows of other models. */
export function fieldsOf(instance: InstanceValue, ctx: Context): Value {
  const known = kept(instance, '#fields', ctx);
  if (known) return known;
  const own = methodsOf(instance.class, ctx).includes('get_fields') ? ctx.callMethod(selfOf(instance, ctx), 'get_fields', callAt(instance.class.class.location)) : undefined;
  const made = own && ctx.read(own).kind === 'object' ? own : baseFields(instance, ctx);
  keep(instance, '#fields', made, ctx);
  return kept(instance, '#fields', ctx) ?? made;
}

/** The fields that name rows, by the attribute of the model that each is put into. */
export function sourcesOf(instance: InstanceValue, ctx: Context): ReadonlyMap<string, string> {
  const fields = ctx.read(fieldsOf(instance, ctx));
  return new Map(fields.kind !== 'object' ? [] : fields.entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, sourceOf(entry.key, entry.value, ctx)] as const] : [])));
}

/** What the package itself makes of the fields. */
export function baseFields(instance: InstanceValue, ctx: Context): Value {
  const model = modelOf(instance, ctx);
  const closed = new Set(closedNames(instance, ctx));
  const implied = fieldNames(instance, ctx).flatMap((name): readonly (readonly [string, Value])[] => {
    const relation = closed.has(name) ? undefined : model && relationOf(model.table, name);
    const other = relation?.owns === true ? modelNamed(relation.model, model!.registry, ctx) : undefined;
    return other ? [[name, managerValue({ model: other })]] : [];
  });
  return ctx.allocate(declaredFields(instance.class, new Map(implied), ctx));
}

/** Whether a key was not sent. */
export function isMissing(value: Value): boolean {
  return isUndefined(value);
}
