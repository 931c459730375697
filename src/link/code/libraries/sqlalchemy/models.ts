import { flagOf } from '../entities/given.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ConstraintDefinition, IndexDefinition, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ClassValue, ExternalValue, LibraryValue, Value } from '../../values.js';
import type { TypeMap } from './annotations.js';
import type { Attribute } from './attributes.js';
import { attributesOf } from './attributes.js';
import type { ColumnData, ConstraintData, MetadataData } from './data.js';
import { dataOf, SQLALCHEMY } from './data.js';
import { lowerColumn, tableConstraints } from './definitions.js';
import type { Place } from './definitions.js';
import { isNone, libraryValue } from './given.js';
import { mappedClasses, type ModelData } from './mapped.js';
import { metadataOf } from './metadata.js';
import { withName } from './naming.js';
import { modelAt, registerModel } from './registry.js';
import { tableNameOf } from './table-names.js';
import { tableArguments } from './table-arguments.js';
import { tableData } from './tables.js';
import { typeMapOf } from './type-maps.js';
import { sqlType } from './types.js';

/** What the classes around a class say. */
interface Family {
  readonly owner: ClassValue;
  readonly chain: readonly ClassValue[];
  readonly base: ExternalValue;
  readonly plain: boolean;
  readonly map: TypeMap;
}

/**
 * The model that a class of the project is; undefined for bases, mixins and abstract classes.
 * @param base what its outermost base is: DeclarativeBase, SQLModel, db.Model
 */
export function modelOf(value: ClassValue, base: ExternalValue, ctx: Context): LibraryValue | undefined {
  const known = mappedClasses(ctx);
  if (known.has(value.class)) return known.get(value.class);
  known.set(value.class, undefined);
  const chain = ctx.ancestry(value).filter((each): each is ClassValue => each.kind === 'classValue');
  if (isRoot(value, base, ctx)) return undefined;
  const isSqlModel = base.module.startsWith('sqlmodel');
  const made = isSqlModel && !isTable(value) ? undefined : build({ owner: value, chain, base, plain: isSqlModel, map: typeMapOf(chain, ctx) }, ctx);
  known.set(value.class, made);
  return made;
}

const ROOTS = new Set(['DeclarativeBase', 'DeclarativeBaseNoMeta']);

/** `class Base(DeclarativeBase)`, `@as_declarative()`: the base of models is none itself. One that `declarative_base()` made has arguments. */
function isRoot({ class: code, scope }: ClassValue, base: ExternalValue, ctx: Context): boolean {
  if (code.bases.length === 0) return base.arguments === undefined;
  return code.bases.some((base) => {
    const found = ctx.read(ctx.evaluate(base, scope));
    return found.kind === 'external' && ROOTS.has(found.path.at(-1) ?? '') && found.arguments === undefined;
  });
}

/** SQLModel: only classes with `table=True` are tables. */
function isTable(value: ClassValue): boolean {
  const given = value.class.keywords.find(({ name }) => name === 'table');
  return given?.value.kind === 'literal' && given.value.value === true;
}

function build(family: Family, ctx: Context): LibraryValue | undefined {
  const attributes = collect(family, ctx);
  const other = (name: string): Value | undefined => attributes.find((each) => each.kind === 'other' && each.name === name && each.from === family.owner)?.value;
  const isAbstract = other('__abstract__');
  if (isAbstract && flagOf(isAbstract, ctx) === true) return undefined;
  const whole = other('__table__');
  const table = whole && tableData(whole, ctx);
  if (table) return libraryValue(SQLALCHEMY, 'model', { key: table.key ?? '', name: table.name, owner: family.owner } satisfies ModelData);
  const parent = family.chain.slice(1).map((each) => parentOf(each, family.base, ctx)).find((each) => each !== undefined);
  const named = tableNameOf(family.owner, family.chain, family.base, parent !== undefined, ctx);
  if (named === undefined) return parent && single(parent, attributes.filter(({ from }) => from === family.owner), family, ctx);
  return ownTable(named, attributes, family, ctx);
}

function parentOf(value: ClassValue, base: ExternalValue, ctx: Context): ModelData | undefined {
  return modelOf(value, base, ctx)?.data as ModelData | undefined;
}

type Owned = Attribute & { readonly from: ClassValue; readonly value?: Value };

/** The attributes of a class and of the unmapped classes it is made from; the nearest of a name wins. */
function collect({ owner, chain, base, plain, map }: Family, ctx: Context): Owned[] {
  const found = new Map<string, Owned>();
  for (const each of chain) {
    // What a mapped parent declares is in the parent's table, but for SQLModel, whose fields are inherited.
    if (each !== owner && modelOf(each, base, ctx) !== undefined) continue;
    for (const attribute of attributesOf(each, owner, map, plain, ctx)) {
      if (!found.has(attribute.name)) found.set(attribute.name, { ...attribute, from: each } as Owned);
    }
  }
  for (const attribute of ownColumns(owner, base)) if (!found.has(attribute.name)) found.set(attribute.name, attribute);
  return [...found.values()];
}

/** What the bases of Advanced Alchemy bring along: a key, and when a row was made and changed. */
function ownColumns(owner: ClassValue, base: ExternalValue): Owned[] {
  const [, kind, audit] = /^(UUID|BigInt|NanoID|Identity|Default)\w*?(Audit)?Base$/.exec(base.path.at(-1) ?? '') ?? [];
  if (kind === undefined) return [];
  const column = (name: string, type: string, primaryKey: boolean): Owned => ({
    kind: 'column', name, from: owner, data: { name, type: { type: sqlType(type) }, nullable: false, primaryKey, clientDefault: true, foreignKeys: [], checks: [], mapped: true, location: owner.class.location },
  });
  const key = kind === 'Default' ? [] : [column('id', kind === 'UUID' ? 'uuid' : kind === 'NanoID' ? 'text' : 'bigint', true)];
  return [...key, ...(audit === undefined ? [] : ['created_at', 'updated_at'].map((name) => column(name, 'timestamptz', false)))];
}

/** Single-table inheritance: the columns of the class are in its parent's table. */
function single(parent: ModelData, own: readonly Owned[], family: Family, ctx: Context): LibraryValue {
  const model = modelAt(parent.key, ctx);
  if (model) {
    const place: Place = { table: model.name, naming: new Map(), isModel: true };
    const lowered = own.flatMap((each) => (each.kind === 'column' ? [lowerAttribute(each, place, [], family)] : []));
    const isNew = ({ column }: { readonly column: { readonly name: string } }): boolean => !model.columns.some(({ name }) => name === column.name);
    const added = lowered.filter(isNew);
    registerModel({
      ...model, columns: [...model.columns, ...added.map(({ column }) => column)], constraints: [...model.constraints, ...added.flatMap(({ constraints }) => constraints)],
      indexes: [...model.indexes, ...added.flatMap(({ indexes }) => indexes)], fields: { ...model.fields, ...Object.fromEntries(added.map(({ field, column }) => [field, column.name])) },
    }, [], ctx);
  }
  return libraryValue(SQLALCHEMY, 'model', { ...parent, owner: family.owner } satisfies ModelData);
}

function ownTable(named: string, attributes: readonly Owned[], family: Family, ctx: Context): LibraryValue {
  const { owner } = family;
  const metadata = metadataFor(attributes, family, ctx);
  const args = tableArguments(attributes.find((each) => each.name === '__table_args__')?.value, ctx);
  const schema = args.schema ?? metadata.schema;
  const name: QualifiedName = { ...(schema !== undefined && { schema }), name: named };
  const place: Place = { table: name, naming: metadata.naming, isModel: true };
  const columns = attributes.filter((each) => each.kind === 'column');
  const model = modelTable({ name, modelName: owner.class.name ?? named, location: owner.class.location, place, constraints: args.constraints, indexes: args.indexes }, columns, family);
  const relations = attributes.flatMap((each) => (each.kind === 'relationship' ? [{ name: each.name, data: each.data, ...(each.annotation && { annotation: each.annotation }) }] : []));
  return libraryValue(SQLALCHEMY, 'model', { key: registerModel(model, relations, ctx), name, owner } satisfies ModelData);
}

/** The metadata of the nearest class that has one, or that the base was made with. */
function metadataFor(attributes: readonly Owned[], { base }: Family, ctx: Context): MetadataData {
  const own = attributes.find((each) => each.kind === 'other' && each.name === 'metadata')?.value;
  if (own && !isNone(own, ctx)) return metadataOf(own, ctx);
  return metadataOf(base.arguments?.find((value) => dataOf(value, 'metadata', ctx) !== undefined), ctx);
}

type ColumnAttribute = Extract<Owned, { readonly kind: 'column' }>;

interface Declared {
  readonly name: QualifiedName;
  readonly modelName: string;
  readonly location: Location;
  readonly place: Place;
  readonly constraints: readonly ConstraintData[];
  readonly indexes: readonly IndexDefinition[];
}

function modelTable({ name, modelName, location, place, constraints, indexes }: Declared, columns: readonly ColumnAttribute[], family: Family): ModelTable {
  const own = tableConstraints(constraints, place);
  const key = own.find((constraint) => constraint.kind === 'primaryKey');
  const keyColumns = key?.columns ?? columns.filter(({ data }) => data.primaryKey).map((each) => each.data.name ?? each.name);
  const lowered = columns.map((each) => lowerAttribute(each, place, keyColumns, family));
  const primary: ConstraintDefinition[] = key || keyColumns.length === 0 ? [] : [withName({ kind: 'primaryKey', columns: keyColumns, location }, name, place.naming)];
  const fields = Object.fromEntries(lowered.map(({ field, column }) => [field, column.name]));
  return {
    orm: 'sqlalchemy', name, modelName, columns: lowered.map(({ column }) => column), constraints: [...primary, ...own, ...lowered.flatMap((each) => each.constraints)],
    indexes: [...lowered.flatMap((each) => each.indexes), ...indexes], fields, isView: false, ignored: false, location,
  };
}

/** A column of a model: its type and whether it may be NULL come from the annotation unless they are given. */
function lowerAttribute({ name: field, data, annotation }: ColumnAttribute, place: Place, key: readonly string[], { plain }: Family): ReturnType<typeof lowerColumn> & { readonly field: string } {
  const name = data.name ?? field;
  const type = data.type ?? annotation?.type ?? (annotation?.list === true ? { type: sqlType('unknown') } : undefined);
  const isKey = data.primaryKey || key.includes(name);
  // mapped_column() and SQLModel read the annotation; Column() does not.
  const reads = data.mapped || plain;
  const nullable = data.nullable ?? (isKey ? false : reads && annotation ? annotation.optional : true);
  const complete: ColumnData = { ...data, name, nullable, ...(type && { type }) };
  const lowered = lowerColumn(name, complete, place, key);
  const disagrees = annotation?.mapped === true && data.nullable !== undefined && !isKey && annotation.optional !== data.nullable;
  return { ...lowered, column: disagrees ? { ...lowered.column, annotatedNullable: annotation.optional } : lowered.column, field };
}
