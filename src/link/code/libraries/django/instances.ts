import type { CodeClass } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { Scope } from '../../scope.js';
import { GIVEN_ROW } from '../../signed.js';
import { stored } from '../../store.js';
import type { ClassValue, InputValue, InstanceValue, LibraryValue, ObjectValue, RowValue, Value } from '../../values.js';
import { isNothing } from '../../values.js';
import { record } from '../entities/site.js';
import { deleteOf, insertOf, updateOf } from '../entities/writing.js';
import { columnName, relationOf } from '../prisma/models.js';
import { libraryData, libraryValue } from '../sqlalchemy/given.js';
import { modelOfClass } from './classes.js';
import { DJANGO, isToOne, type FieldData } from './fields.js';
import { relatedManager, type Holder } from './managers.js';
import { userValue } from './model-values.js';
import { modelNamed, type DjangoModel } from './model.js';
import { allOf, atOf, fieldOfRow, givenRow, keyColumn, oneRow } from './queryset.js';
import { equal } from '../build.js';
import { columnOfKey, dataOf } from './writing.js';
import { writtenRow } from './written-row.js';
import { keyField, targetKey } from './spec.js';

/** Marks an instance that code of the project has made, and not read. */
const BUILT = '#built';

/** What an instance is found as: who is signed in. */
const FOUND_AS = '#found as';

function classes(ctx: Context): Map<CodeClass, DjangoModel> {
  return stored(ctx, 'django:instances', () => new Map<CodeClass, DjangoModel>());
}

/** `Model(a=1)`: a row that is not stored yet. */
export function built(model: DjangoModel, call: Call, ctx: Context): Value {
  const owner = model.owner ?? madeClass(model, call.location, ctx);
  const names = [...model.spec.fields.keys()];
  const fields = new Map<string, Value>([[BUILT, { kind: 'constant', value: true }], ...call.arguments.positional.flatMap((value, index): [string, Value][] => (names[index] === undefined ? [] : [[names[index], value]])), ...call.arguments.named]);
  if (call.arguments.open) fields.set('#open', { kind: 'constant', value: true });
  return ctx.allocate({ kind: 'instance', class: owner, fields, location: call.location });
}

/** A class for the models of a migration, which has none. */
function madeClass(model: DjangoModel, location: Location, ctx: Context): ClassValue {
  for (const [code, known] of classes(ctx)) if (known === model) return { kind: 'classValue', class: code, scope: scopeOf(code.location.file) };
  const code: CodeClass = { name: model.spec.name, bases: [{ kind: 'name', name: 'Model', location }], baseTypes: [], keywords: [], fields: [], methods: [], rest: [], decorators: [], location };
  classes(ctx).set(code, model);
  return { kind: 'classValue', class: code, scope: scopeOf(location.file) };
}

function scopeOf(file: string): Scope {
  const scope = new Scope(file);
  scope.bindImport('Model', { module: 'django.db.models', imported: 'Model' });
  return scope;
}

/** The model of an instance. */
export function modelOfInstance(value: InstanceValue, ctx: Context): DjangoModel | undefined {
  return classes(ctx).get(value.class.class) ?? modelOfClass(value.class, ctx);
}

/** What was given to a new instance, as an object of its fields. */
export function instanceData(value: Value, ctx: Context): ObjectValue | undefined {
  const known = ctx.read(value);
  if (known.kind !== 'instance' || modelOfInstance(known, ctx) === undefined) return undefined;
  const { location } = known.class.class;
  const open = known.fields.has('#open') ? [{ kind: 'spread', value: { kind: 'input', key: 'fields', name: 'fields', trust: 'unknown', maybe: false }, maybe: false, location } as const] : [];
  return { kind: 'object', location, entries: [...open, ...[...known.fields].flatMap(([key, each]) => (key.startsWith('#') || each.kind === 'unknown' ? [] : [{ kind: 'property', key, value: each, maybe: false, location } as const]))] };
}

/** An instance of a model of the project, as Django sees it. */
export interface SelfData {
  readonly model: DjangoModel;
  readonly instance: InstanceValue;
}

/** What Django gives an instance beyond what its class says. */
export function selfValue(instance: InstanceValue, ctx: Context): LibraryValue | undefined {
  const model = modelOfInstance(instance, ctx);
  return model && libraryValue(DJANGO, 'self', { model, instance } satisfies SelfData);
}

/** The instance behind a value. */
export function selfData(value: Value, ctx: Context): SelfData | undefined {
  return libraryData<SelfData>(value, DJANGO, 'self', ctx);
}

/** An instance of the project's model of users: who is signed in, as the request says. */
export function signedInUser(as: InputValue, ctx: Context): Value | undefined {
  const known = stored(ctx, 'django:users', () => new Map<string, Value | undefined>());
  if (!known.has(as.key)) {
    const owner = userValue(ctx);
    ctx.apart(() => known.set(as.key, owner?.kind === 'classValue' ? ctx.allocate({ kind: 'instance', class: owner, fields: new Map([[FOUND_AS, as]]), given: true }) : undefined));
  }
  return known.get(as.key);
}

/** A column of the row that a method of a model is called on: a value that the row was read with. */
function ownColumn(model: DjangoModel, { fields }: InstanceValue, name: string, ctx: Context): Value {
  const found = fields.get(FOUND_AS);
  if (found) return ctx.member(found, name === 'pk' ? 'id' : name);
  if (!fields.has(BUILT)) return fieldOfRow(rowOf(model, ctx), name);
  return isUnset(model, fields, name) ? { kind: 'constant', value: null } : ctx.input(`self.${name}`, 'trusted', { key: `self.${name} of ${model.table.name.name}` });
}

/** Whether a new instance was given no related row under a name: it has none until it is assigned one. */
function isUnset({ spec }: DjangoModel, fields: InstanceValue['fields'], name: string): boolean {
  const relation = name.replace(/_id$/, '');
  const field = spec.fields.get(relation);
  return field !== undefined && isToOne(field) && !field.named.has('default') && ![relation, `${relation}_id`, '#open'].some((each) => fields.has(each));
}

/** The row that an instance stands for which a method is called on, or a parameter is given: the query that has found it is judged where it stands. */
function rowOf(model: DjangoModel, ctx: Context): RowValue {
  const known = stored(ctx, 'django:given', () => new Map<DjangoModel, RowValue>());
  if (!known.has(model)) ctx.apart(() => known.set(model, givenRow(model, ctx.input('self.pk', 'trusted', { key: `${GIVEN_ROW} ${model.table.name.name}` }), ctx)));
  return known.get(model)!;
}

/** `self.name` in a method of a model, or of an instance that code has made. */
export function selfMember({ model, instance }: SelfData, name: string, location: Location, ctx: Context): Value | undefined {
  if (name === 'pk' || name === 'id') {
    const key = keyField(model.spec, ctx)?.name ?? 'id';
    return instance.fields.get(key) ?? instance.fields.get('id') ?? instance.fields.get('pk') ?? (instance.fields.has(BUILT) ? newKey(model, instance, location, ctx) : ownColumn(model, instance, 'pk', ctx));
  }
  if (name === '_meta' || name === '_state') return undefined;
  const relation = relationOf(model.table, name);
  if (relation?.list === true) return relatedManager(model, name, relation, holderOf(model, instance, ctx), ctx);
  if (relation?.owns === false) return undefined;
  const given = instance.fields.get(name.replace(/_id$/, ''));
  if (name.endsWith('_id') && given) return ctx.member(given, 'pk');
  return columnName(model.table, name) === undefined ? instance.fields.get(FOUND_AS) && ctx.member(instance.fields.get(FOUND_AS)!, name) : ownColumn(model, instance, name, ctx);
}

/** The key of a new instance: of the row that has what it has, once it is stored; before that it has none, which finds no row. */
function newKey(model: DjangoModel, instance: InstanceValue, location: Location, ctx: Context): Value {
  const data = instanceData(ctx.allocate(instance), ctx);
  if (!data || instance.location === undefined || instance.fields.has('#open')) return ctx.input(`the new ${model.spec.name}`, 'unknown', { key: `${location.file}:${location.start}` });
  const set = allOf(model, instance.location);
  const rows = dataOf(data, atOf(set, instance.location, ctx));
  return ctx.member(writtenRow(set, rows, insertOf(model.table, rows, instance.location), ctx), 'pk');
}

/** Whether it stands for whatever row a method is called on. */
function isAny({ fields }: InstanceValue): boolean {
  return !fields.has(FOUND_AS) && !fields.has(BUILT);
}

function holderOf(model: DjangoModel, instance: InstanceValue, ctx: Context): Holder {
  return isAny(instance) ? { kind: 'row', row: rowOf(model, ctx) } : { kind: 'self', key: () => keyValue(model, instance, ctx) };
}

function keyValue(model: DjangoModel, instance: InstanceValue, ctx: Context): Value {
  return selfMember({ model, instance }, 'pk', instance.class.class.location, ctx)!;
}

/** `self.org` for a field of the class: the related row, or the column's value. */
export function boundField(field: FieldData, instance: InstanceValue, name: string, ctx: Context): Value | undefined {
  const model = modelOfInstance(instance, ctx);
  if (!model) return undefined;
  if (field.type === 'ManyToManyField') { const relation = relationOf(model.table, name); return relation && relatedManager(model, name, relation, holderOf(model, instance, ctx), ctx); }
  if (!isToOne(field)) return ownColumn(model, instance, name, ctx);
  if (isAny(instance) && !instance.fields.has(`${name}_id`)) return ctx.member(rowOf(model, ctx), name);
  const key = instance.fields.get(`${name}_id`) ?? ownColumn(model, instance, `${name}_id`, ctx);
  if (isNothing(key)) return key;
  const target = targetKey(field.named.get('to'), model.spec, ctx);
  const other = target === undefined ? undefined : modelNamed(target, model.registry, ctx);
  if (!other) return key;
  const { location } = field;
  const set = allOf(other, location, { empty: true });
  const row = oneRow({ ...set, where: [equal(keyColumn(set.place, location), ctx.expression(key, location), location)] }, ctx);
  return { ...row, result: { ...row.result, written: new Map([['pk', key], ['id', key]]) } };
}

/** While a `save` of the project runs for a row that is made elsewhere, the row is written there. */
export function savingAt(location: Location, ctx: Context, work: () => void): void {
  const before = ctx.store.get('django:saving');
  ctx.store.set('django:saving', location);
  try {
    work();
  } finally {
    ctx.store.set('django:saving', before);
  }
}

/** `save()`, `delete()` of an instance. */
export function selfMethod({ model, instance }: SelfData, name: string, call: Call, ctx: Context): Value | undefined {
  const location = instance.fields.has(BUILT) ? (ctx.store.get('django:saving') as Location | undefined) ?? call.location : call.location;
  const set = allOf(model, location);
  const site = { library: DJANGO, location, ctx };
  const isNew = instance.fields.has(BUILT);
  const data = instanceData(ctx.allocate(instance), ctx)!;
  const at = atOf(set, location, ctx);
  const where = () => equal(keyColumn(set.place, location), ctx.expression(keyValue(model, instance, ctx), location), location);
  switch (name) {
    case 'save': case 'asave': case 'save_base':
      if (isNew) record(site, insertOf(model.table, dataOf(data, at), location));
      else for (const each of dataOf({ ...data, entries: data.entries.filter((entry) => entry.kind !== 'property' || columnOfKey(entry.key, at) !== undefined) }, at).slice(0, 1)) record(site, updateOf(model.table, set.place.alias, where(), each, location));
      return { kind: 'constant', value: null };
    case 'delete': case 'adelete': record(site, deleteOf(model.table, set.place.alias, where(), location)); return { kind: 'constant', value: null };
    case 'refresh_from_db': case 'arefresh_from_db': case 'full_clean': case 'clean': case 'clean_fields': case 'validate_unique': case '__init__': case 'get_deferred_fields': return { kind: 'constant', value: null };
    default: return undefined;
  }
}
