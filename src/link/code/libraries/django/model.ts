import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { relatives, stored } from '../../store.js';
import type { ClassValue } from '../../values.js';
import { plainField, foreignFields } from './builtin.js';
import { clientDefault } from './defaults.js';
import { columnOf, DJANGO, isNullable, isToOne, text, type FieldData } from './fields.js';
import { lower, targetOf } from './lowered.js';
import { throughTable } from './names.js';
import { foreignTable, keyField, specKey, targetKey, throughSpec, type ModelSpec, type Registry } from './spec.js';

/** A model with what its time knows of it. */
export interface DjangoModel {
  readonly spec: ModelSpec;
  readonly registry: Registry;
  readonly table: ModelTable;
  /** The class, unless it is a model of a migration. */
  readonly owner?: ClassValue;
}

interface Parts {
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly fields: Readonly<Record<string, string>>;
  readonly relations: Readonly<Record<string, ModelRelation>>;
}

/** The model of a specification, made once. */
export function modelOf(spec: ModelSpec, registry: Registry, ctx: Context, owner?: ClassValue): DjangoModel {
  const known = stored(ctx, 'django:handles', () => new WeakMap<Registry, WeakMap<ModelSpec, DjangoModel>>());
  let own = known.get(registry);
  if (own === undefined) known.set(registry, own = new WeakMap());
  let found = own.get(spec);
  if (found === undefined) {
    found = { spec, registry, table: tableOf(spec, registry, ctx), ...(owner && { owner }) };
    own.set(spec, found);
    byTable(ctx).set(found.table, found);
    relatives(ctx).set(found.table, (name) => modelNamed(name, registry, ctx)?.table);
  }
  return found;
}

function byTable(ctx: Context): WeakMap<ModelTable, DjangoModel> {
  return stored(ctx, 'django:tables', () => new WeakMap<ModelTable, DjangoModel>());
}

/** The model behind a table of this library. */
export function modelOfTable(table: ModelTable, ctx: Context): DjangoModel | undefined {
  return byTable(ctx).get(table);
}

/** A model by its key; one that the project does not hold is known by its name alone. */
export function modelNamed(key: string, registry: Registry, ctx: Context): DjangoModel | undefined {
  const spec = registry.find(key) ?? foreignSpec(key, ctx);
  return modelOf(spec, registry, ctx);
}

function foreignSpec(key: string, ctx: Context): ModelSpec {
  const known = stored(ctx, 'django:foreign', () => new Map<string, ModelSpec>());
  let found = known.get(key);
  if (found === undefined) {
    const [app = '', name = ''] = key.split('.');
    found = {
      app, name, table: foreignTable(key), fields: new Map([['id', plainField('AutoField')], ...foreignFields(key)]), parents: [], uniqueTogether: [], indexTogether: [], indexes: [], constraints: [],
      managed: false, proxy: false, location: { file: '', start: 0, end: 0 },
    };
    known.set(key, found);
  }
  return found;
}

function tableOf(spec: ModelSpec, registry: Registry, ctx: Context): ModelTable {
  let known: Parts | undefined;
  const get = (): Parts => (known ??= partsOf(spec, registry, ctx));
  const model = { orm: DJANGO, name: { name: rootOf(spec, registry).table }, modelName: spec.name, isView: false, ignored: !spec.managed, location: spec.location };
  for (const part of ['columns', 'constraints', 'indexes', 'fields'] as const) Object.defineProperty(model, part, { enumerable: true, get: () => get()[part] });
  let relations: { readonly size: number; readonly found: Parts['relations'] } | undefined;
  Object.defineProperty(model, 'relations', { enumerable: true, get: () => {
    const { size } = reverseIndex(registry, ctx);
    // Models that were declared since may refer to this one.
    if (relations?.size !== size) relations = { size, found: relationsOf(spec, registry, ctx) };
    return relations.found;
  } });
  return model as unknown as ModelTable;
}

/** The model whose table a proxy uses. */
export function rootOf(spec: ModelSpec, registry: Registry, depth = 0): ModelSpec {
  const parent = spec.proxy && depth < 8 ? registry.find(spec.parents[0] ?? '') : undefined;
  return parent ? rootOf(parent, registry, depth + 1) : spec;
}

function partsOf(spec: ModelSpec, registry: Registry, ctx: Context): Parts {
  const root = rootOf(spec, registry);
  const lowered = lower(root, registry, ctx);
  const fields: Record<string, string> = {};
  for (const [name, { name: own }] of lowered.columns) fields[isToOne(root.fields.get(name)!) ? `${name}_id` : name] = own;
  const key = keyField(root, ctx);
  if (key) fields['pk'] = columnOf(key.name, key.field, ctx);
  return {
    columns: [...lowered.columns].map(([name, made]) => { const given = clientDefault(root.fields.get(name)!, ctx); return given && made.default === undefined ? { ...made, default: given } : made; }),
    constraints: lowered.parts.flatMap(({ constraint }) => constraint ?? []), indexes: lowered.parts.flatMap(({ index }) => index ?? []), fields, relations: {},
  };
}

interface Reverse {
  readonly from: ModelSpec;
  readonly name: string;
  readonly field: FieldData;
}

/** The fields that refer to each model. */
function reverseIndex(registry: Registry, ctx: Context): { readonly size: number; readonly fields: ReadonlyMap<string, readonly Reverse[]> } {
  const known = stored(ctx, 'django:reverse', () => new WeakMap<Registry, { size: number; fields: Map<string, Reverse[]> }>());
  const specs = [...registry.all()];
  let found = known.get(registry);
  if (found?.size === specs.length) return found;
  const fields = new Map<string, Reverse[]>();
  for (const from of specs) for (const [name, field] of from.fields) {
    const target = isToOne(field) || field.type === 'ManyToManyField' || field.type === 'GenericRelation' ? targetKey(field.named.get('to'), from, ctx) : undefined;
    if (target !== undefined && field.type !== 'GenericRelation') fields.set(target, [...fields.get(target) ?? [], { from, name, field }]);
  }
  known.set(registry, found = { size: specs.length, fields });
  return found;
}

function relationsOf(spec: ModelSpec, registry: Registry, ctx: Context): Record<string, ModelRelation> {
  const root = rootOf(spec, registry);
  const found: Record<string, ModelRelation> = {};
  for (const [name, field] of root.fields) {
    const made = forward(root, name, field, registry, ctx);
    if (made) found[name] = made;
  }
  const keys = new Set([specKey(spec), specKey(root)]);
  for (const each of keys) for (const reverse of reverseIndex(registry, ctx).fields.get(each) ?? []) {
    const made = backward(reverse, registry, ctx);
    for (const name of made ? reverseNames(reverse, ctx) : []) found[name] ??= made!;
  }
  return found;
}

function forward(spec: ModelSpec, name: string, field: FieldData, registry: Registry, ctx: Context): ModelRelation | undefined {
  const target = targetKey(field.named.get('to'), spec, ctx);
  if (target === undefined) return undefined;
  if (isToOne(field)) return { model: target, list: false, optional: isNullable(field, ctx), columns: [columnOf(name, field, ctx)], referencedColumns: [targetOf(spec, field, registry, ctx).column], owns: true };
  return field.type === 'ManyToManyField' ? many(spec, name, field, target, registry, ctx, false) : undefined;
}

function backward({ from, name, field }: Reverse, registry: Registry, ctx: Context): ModelRelation | undefined {
  if (field.type === 'ManyToManyField') return many(from, name, field, specKey(from), registry, ctx, true);
  const { column } = targetOf(from, field, registry, ctx);
  return { model: specKey(from), list: field.type !== 'OneToOneField', optional: true, columns: [column], referencedColumns: [columnOf(name, field, ctx)], owns: false };
}

/** A many-to-many relation, from its own side or (`reversed`) from the other. */
function many(owner: ModelSpec, name: string, field: FieldData, model: string, registry: Registry, ctx: Context, reversed: boolean): ModelRelation | undefined {
  const made = throughSpec(owner, name, field, throughTable(owner.table, name), ctx);
  const given = targetKey(field.named.get('through'), owner, ctx);
  const through = made ?? (given === undefined ? undefined : registry.find(given));
  const other = targetKey(field.named.get('to'), owner, ctx);
  if (through === undefined || other === undefined) return undefined;
  const keys = [...through.fields].filter(([, each]) => isToOne(each)).map(([key, each]) => ({ key, each, to: targetKey(each.named.get('to'), through, ctx) }));
  const own = keys.find(({ to }) => to === specKey(owner));
  const theirs = keys.find((each) => each !== own && each.to === other);
  if (!own || !theirs) return undefined;
  const [near, far] = reversed ? [theirs, own] : [own, theirs];
  const column = ({ key, each }: typeof near): string => columnOf(key, each, ctx);
  const referenced = ({ each }: typeof near): string => targetOf(through, each, registry, ctx).column;
  return { model, list: true, optional: true, columns: [referenced(near)], referencedColumns: [referenced(far)], owns: false, through: { table: { name: through.table }, columns: [column(near)], referencedColumns: [column(far)] } };
}

/** What a relation is called from the other side: as an attribute, and in look-ups. */
function reverseNames({ from, field }: Reverse, ctx: Context): readonly string[] {
  const fill = (name: string | undefined): string | undefined => name?.replace('%(class)s', from.name.toLowerCase()).replace('%(app_label)s', from.app).replace('%(model_name)s', from.name.toLowerCase());
  const given = fill(text(field, 'related_name', ctx));
  const query = fill(text(field, 'related_query_name', ctx));
  if (given?.endsWith('+') === true) return query === undefined ? [] : [query];
  const plain = from.name.toLowerCase();
  return [...new Set([given ?? (field.type === 'OneToOneField' ? plain : `${plain}_set`), query ?? given ?? plain])];
}
