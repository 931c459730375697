import type { CodeClass, CodeExpression } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import { migrationFiles, modelsInCode, stored } from '../../store.js';
import type { Context, ExternalValue } from '../../library.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { flagOf, itemsOf, option } from '../entities/given.js';
import { libraryValue, textOf } from '../sqlalchemy/given.js';
import { appOf } from './apps.js';
import { baseFields, isModelBase } from './builtin.js';
import { DJANGO, fieldData, fieldValue, flag, isFieldName, type FieldData } from './fields.js';
import { throughSpecs } from './lowered.js';
import { modelOf, type DjangoModel } from './model.js';
import { impliedKey, metaData, parentLink, specKey, together, type MetaData, type ModelSpec, type Registry } from './spec.js';

/** The models of the project as their classes say they are now. */
export function liveRegistry(ctx: Context): Registry & { readonly specs: Map<string, ModelSpec>; readonly owners: Map<CodeClass, ModelSpec> } {
  return stored(ctx, 'django:live', () => {
    const specs = new Map<string, ModelSpec>();
    return { specs, owners: new Map<CodeClass, ModelSpec>(), find: (key: string) => specs.get(key), all: () => specs.values() };
  });
}

/** The model that a class of the project is, once it was declared. */
export function modelOfClass(value: ClassValue, ctx: Context): DjangoModel | undefined {
  const registry = liveRegistry(ctx);
  const spec = registry.owners.get(value.class);
  return spec && modelOf(spec, registry, ctx, value);
}

/** The class of a model of the project. */
export function classOfModel(spec: ModelSpec, ctx: Context): ClassValue | undefined {
  return stored(ctx, 'django:classes', () => new Map<ModelSpec, ClassValue>()).get(spec);
}

/**
 * The model that a class is whose outermost base is Django's; undefined for abstract classes and mixins.
 * @see Django documentation, "Model inheritance", "Model Meta options"
 */
export function classModel(value: ClassValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const registry = liveRegistry(ctx);
  const begun = stored(ctx, 'django:begun', () => new Set<CodeClass>());
  if (!begun.has(value.class) && [base, ...ctx.ancestry(value)].some((each) => each.kind === 'external' && isModelBase(each.path.at(-1) ?? '')) && !migrationFiles(ctx).has(value.scope.file)) {
    begun.add(value.class);
    declare(value, registry, ctx);
  }
  const model = modelOfClass(value, ctx);
  return model ? libraryValue(DJANGO, 'model', model) : libraryValue(DJANGO, 'abstract', value);
}

function declare(value: ClassValue, registry: ReturnType<typeof liveRegistry>, ctx: Context): void {
  const chain = ctx.ancestry(value);
  const meta = metaOf(value, chain, ctx);
  if (flagOf(meta.own('abstract'), ctx) === true || value.class.name === undefined) return;
  const location: Location = value.class.location;
  const app = textOf(meta.get('app_label') ?? { kind: 'constant', value: undefined }, ctx) ?? appOf(value.scope.file, ctx);
  const parents = chain.slice(1).flatMap((each) => (each.kind === 'classValue' ? registry.owners.get(each.class) ?? [] : []));
  const proxy = flagOf(meta.own('proxy'), ctx) === true;
  const name = value.class.name;
  const spec: ModelSpec = {
    app, name, table: textOf(meta.own('db_table') ?? { kind: 'constant', value: undefined }, ctx)?.replaceAll('"', '') ?? `${app}_${name}`.toLowerCase(), parents: parents.map(specKey), proxy, location,
    managed: flagOf(meta.own('managed'), ctx) !== false, fields: proxy ? new Map() : allFields(value, chain, parents, ctx),
    uniqueTogether: together(meta.get('unique_together'), ctx), indexTogether: together(meta.get('index_together'), ctx), indexes: listed(meta.get('indexes'), ctx), constraints: listed(meta.get('constraints'), ctx),
  };
  ctx.journal.declared++;
  registry.specs.set(specKey(spec), spec);
  registry.owners.set(value.class, spec);
  stored(ctx, 'django:classes', () => new Map<ModelSpec, ClassValue>()).set(spec, value);
  if (proxy) return;
  const models = modelsInCode(ctx);
  models.set(`${location.file}:${location.start}`, modelOf(spec, registry, ctx, value).table);
  for (const [field, through] of throughSpecs(spec, ctx)) models.set(`${location.file}:${location.start}:${field}`, modelOf(through, registry, ctx).table);
}

function listed(value: Value | undefined, ctx: Context): readonly MetaData[] {
  return itemsOf(value, ctx).flatMap((each) => metaData(each, ctx) ?? []);
}

interface Meta {
  /** What the class's own Meta says. */
  readonly own: (name: string) => Value | undefined;
  /** Also what it inherits from abstract bases where it has no Meta of its own, or one that extends theirs. */
  readonly get: (name: string) => Value | undefined;
}

function metaOf(value: ClassValue, chain: ReturnType<Context['ancestry']>, ctx: Context): Meta {
  const ownClass = metaClass(value.class);
  const read = (code: CodeClass, owner: ClassValue, name: string): Value | undefined => {
    const field = code.fields.find((each) => each.name === name);
    return field?.value && ctx.evaluate(field.value, owner.scope);
  };
  const own = (name: string): Value | undefined => ownClass && read(ownClass, value, name);
  const inherits = ownClass === undefined || ownClass.bases.length > 0;
  const get = (name: string): Value | undefined => {
    const found = own(name);
    if (found || !inherits) return found;
    for (const each of chain.slice(1)) {
      // Of a model with a table of its own nothing but its order is inherited.
      if (each.kind === 'classValue' && liveRegistry(ctx).owners.has(each.class)) return undefined;
      const meta = each.kind === 'classValue' ? metaClass(each.class) : undefined;
      const inherited = meta && each.kind === 'classValue' ? read(meta, each, name) : undefined;
      if (inherited) return inherited;
    }
    return undefined;
  };
  return { own, get };
}

function metaClass(code: CodeClass): CodeClass | undefined {
  for (const each of code.rest) if (each.kind === 'class' && each.class.name === 'Meta') return each.class;
  return undefined;
}

/** The fields of a model in Django's order: those of its abstract bases, then its own; the key first where it is implied. */
function allFields(value: ClassValue, chain: ReturnType<Context['ancestry']>, parents: readonly ModelSpec[], ctx: Context): ReadonlyMap<string, FieldData> {
  const fields = new Map<string, FieldData>();
  const concrete = new Set(parents);
  const registry = liveRegistry(ctx);
  const covered = new Set(parents.flatMap((parent) => [...ancestorsOf(parent, ctx)]));
  for (const each of [...chain].reverse()) {
    if (each.kind === 'external') for (const [name, field] of parents.length > 0 ? [] : baseFields(each.path.at(-1) ?? '') ?? []) fields.set(name, { ...field, location: value.class.location });
    if (each.kind !== 'classValue' || covered.has(each.class) || concrete.has(registry.owners.get(each.class)!)) continue;
    for (const { name, value: node } of each.class.fields) {
      const made = node && ownField(node, each, ctx);
      if (made) fields.set(name, made);
      else if (node?.kind === 'literal' && node.value === null) fields.delete(name);
    }
  }
  for (const parent of parents) {
    const link = `${parent.name.toLowerCase()}_ptr`;
    if (![...fields.values()].some((field) => flag(field, 'parent_link', ctx) === true)) fields.set(link, parentLink(specKey(parent), value.class.location));
  }
  if ([...fields.values()].some((field) => flag(field, 'primary_key', ctx) === true) || parents.length > 0) return fields;
  return new Map([['id', impliedKey(value.scope.file, value.class.location, ctx)], ...fields]);
}

/** The classes whose fields are in the table of a parent. */
function ancestorsOf(parent: ModelSpec, ctx: Context): readonly CodeClass[] {
  const owner = classOfModel(parent, ctx);
  return owner ? ctx.ancestry(owner).flatMap((each) => (each.kind === 'classValue' ? [each.class] : [])) : [];
}

/** The field that a class attribute is: of Django, of the project's own class, or of a package by its name. */
function ownField(node: CodeExpression, owner: ClassValue, ctx: Context): FieldData | undefined {
  if (node.kind !== 'call') return undefined;
  const value = ctx.evaluate(node, owner.scope);
  const known = fieldData(value, ctx);
  if (known) return known;
  const name = node.callee.kind === 'name' ? node.callee.name : node.callee.kind === 'member' ? node.callee.property : '';
  if (!isFieldName(name) || ctx.read(value).kind === 'library') return undefined;
  const given = { positional: node.arguments.filter((each) => each.name === undefined && each.spread === undefined).map((each) => ctx.evaluate(each.value, owner.scope)), named: new Map(node.arguments.flatMap((each) => (each.name === undefined ? [] : [[each.name, ctx.evaluate(each.value, owner.scope)] as const]))), open: false, locations: [] };
  return fieldData(fieldValue(name, { arguments: given, isNew: false, location: node.location, nameLocation: node.callee.location, typeArguments: [] }), ctx);
}

/** What a class of fields of the project says of its column: `def db_type(self, connection): return 'uuid'`. */
export function customField(value: ClassValue, base: ExternalValue): LibraryValue {
  const { methods } = value.class;
  const body = methods.find(({ name }) => name === 'db_type')?.body ?? [];
  const last = body.at(-1);
  const dbType = body.length === 1 && last?.kind === 'return' && last.value?.kind === 'literal' && typeof last.value.value === 'string' ? last.value.value : undefined;
  return libraryValue(DJANGO, 'fieldClass', { name: base.path.at(-1) ?? 'Field', ...(dbType !== undefined && { dbType }) });
}

/** `options={'db_table': ...}` and the like: an entry of a dict. */
export function entry(value: Value | undefined, name: string, ctx: Context): Value | undefined {
  return option(value, name, ctx);
}
