import type { Location } from '../../../../facts/location.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import { constant } from '../build.js';
import { fieldsOf } from '../objects.js';
import { flagOf, itemsOf, option, textOf, textsOf } from '../entities/given.js';
import { plural, snakeCase } from '../entities/naming.js';
import { declareEntity, type Entity, type ModelParts } from '../entities/registry.js';
import { generated, plainType } from '../column-text.js';
import { relationsOf, type Association } from './associations.js';
import { attributeOf } from './attributes.js';
import { declareHooks } from './hooks.js';
import { SEQUELIZE } from './types.js';

/** What Sequelize knows of a model beside its table; associations and scopes come later. */
export interface SequelizeData {
  readonly associations: Association[];
  readonly scopes: Map<string, Value>;
  defaultScope?: Value;
  readonly underscored: boolean;
  readonly paranoid: boolean;
  /** The names of the columns that attributes are given. */
  readonly column: (attribute: string) => string;
}

/** An attribute as it was declared, whichever way. */
export interface DeclaredAttribute {
  readonly name: string;
  readonly value: Value;
  readonly location: Location;
}

export interface Definition {
  readonly name: string;
  readonly attributes: () => readonly DeclaredAttribute[];
  readonly options: Value | undefined;
  readonly location: Location;
  readonly owner?: ClassValue;
  readonly associations?: () => readonly Association[];
  /** Classes of sequelize-typescript keep their name's case. */
  readonly defaultScope?: Value;
  readonly scopes?: Value;
  readonly extraIndexes?: (column: (attribute: string) => string) => readonly IndexDefinition[];
}

/** What is known of a model beside its table. */
export function dataOf(entity: Entity): SequelizeData {
  return entity.data as SequelizeData;
}

/** The options that the connection gives to all models: `new Sequelize(url, { define: { underscored: true } })`. */
export function noteDefaults(options: Value | undefined, ctx: Context): void {
  const define = option(options, 'define', ctx);
  if (define === undefined) return;
  ctx.journal.changes++;
  ctx.store.set('sequelize:define', define);
}

/** Takes a model into the project's (Sequelize's manual, "Model basics": names are made plural, `id` and time stamps are added). */
export function defineModel(definition: Definition, ctx: Context): Entity {
  const { name, options, location, owner } = definition;
  const shared = ctx.store.get('sequelize:define') as Value | undefined;
  const get = (key: string): Value | undefined => option(options, key, ctx) ?? option(shared, key, ctx);
  const underscored = flagOf(get('underscored'), ctx) === true;
  const written = textOf(option(options, 'tableName', ctx), ctx);
  const modelName = textOf(option(options, 'modelName', ctx), ctx) ?? name;
  const many = flagOf(get('freezeTableName'), ctx) === true ? modelName : plural(modelName);
  const schema = textOf(get('schema'), ctx);
  const table = { ...(schema !== undefined && schema !== 'public' && { schema }), name: written ?? (underscored ? snakeCase(many) : many) };
  const paranoid = flagOf(get('paranoid'), ctx) === true;
  let fieldNames: ReadonlyMap<string, string> | undefined;
  const column = (attribute: string): string => (fieldNames ??= fieldNamesOf(definition.attributes(), ctx)).get(attribute) ?? (underscored ? snakeCase(attribute) : attribute);
  const data: SequelizeData = { associations: [], scopes: new Map(), underscored, paranoid, column, ...defaultScope(definition, get, ctx) };
  addScopes(data, definition.scopes ?? get('scopes'), ctx);
  const timestamps = flagOf(get('timestamps'), ctx) !== false;
  const stamp = (key: string, wanted: boolean): readonly string[] => {
    const given = get(key);
    return !wanted || flagOf(given, ctx) === false ? [] : [textOf(given, ctx) ?? key];
  };
  const stamps = [...stamp('createdAt', timestamps), ...stamp('updatedAt', timestamps), ...stamp('deletedAt', timestamps && paranoid)];
  const entity: Entity = declareEntity({
    orm: SEQUELIZE, name, table, location, ...(owner && { owner }), data,
    parts: () => parts(entity, definition, stamps, get, ctx), deleted: () => (paranoid ? 'deletedAt' : undefined),
  }, ctx);
  declareHooks(entity, options, ctx);
  return entity;
}

function defaultScope(definition: Definition, get: (key: string) => Value | undefined, ctx: Context): Pick<SequelizeData, 'defaultScope'> {
  const found = definition.defaultScope ?? get('defaultScope');
  const known = found && ctx.read(found);
  if (known === undefined) return {};
  return { defaultScope: known.kind === 'function' ? ctx.invoke(known, [], definition.location) : known.kind === 'object' ? ctx.allocate(known) : known };
}

/** Takes note of the scopes of a model. */
export function addScopes(data: SequelizeData, scopes: Value | undefined, ctx: Context): void {
  const known = scopes && ctx.read(scopes);
  const object = known?.kind === 'function' ? ctx.read(ctx.invoke(known, [], known.function.location)) : known;
  if (object?.kind === 'object') for (const { key, value } of fieldsOf(object, ctx).given) data.scopes.set(key, value);
}

/** The columns that attributes name themselves (`field`). */
function fieldNamesOf(attributes: readonly DeclaredAttribute[], ctx: Context): ReadonlyMap<string, string> {
  return new Map(attributes.flatMap(({ name, value }) => {
    const field = textOf(option(value, 'field', ctx), ctx);
    return field === undefined ? [] : [[name, field] as const];
  }));
}

function parts(entity: Entity, definition: Definition, stamps: readonly string[], get: (key: string) => Value | undefined, ctx: Context): ModelParts {
  const { table, location } = { table: entity.model.name, location: definition.location };
  const data = dataOf(entity);
  const columns = new Map<string, ColumnDefinition>();
  const constraints: ConstraintDefinition[] = [];
  const fields: Record<string, string> = {};
  const primary: string[] = [];
  const shared = new Map<string, string[]>();
  for (const { name, value, location: at } of definition.attributes()) {
    const column = data.column(name);
    const attribute = attributeOf(column, value, table, at, ctx, false);
    if (!attribute) continue;
    fields[name] = column;
    columns.set(column, attribute.column);
    constraints.push(...attribute.constraints);
    if (attribute.primary) primary.push(column);
    const unique = option(value, 'unique', ctx);
    const group = textOf(unique, ctx) ?? textOf(option(unique, 'name', ctx), ctx);
    if (group !== undefined) shared.set(group, [...shared.get(group) ?? [], column]);
  }
  if (primary.length === 0 && !columns.has('id')) {
    columns.set('id', { name: 'id', type: plainType('int4'), notNull: true, default: generated('nextval', location), location });
    fields['id'] = 'id';
    primary.push('id');
  }
  for (const stamp of stamps) {
    const column = data.column(stamp);
    fields[stamp] ??= column;
    if (!columns.has(column)) columns.set(column, { name: column, type: plainType('timestamptz'), notNull: stamp !== 'deletedAt', default: { ...generated('now', location), clientSide: true }, location });
  }
  for (const [name, names] of shared) constraints.push({ kind: 'unique', columns: names, nullsNotDistinct: false, name, location });
  if (primary.length > 0) constraints.unshift({ kind: 'primaryKey', columns: primary, location });
  const found = relationsOf(entity, [...data.associations, ...definition.associations?.() ?? []], columns, ctx);
  for (const { name, column } of found.attributes) fields[name] ??= column;
  return {
    columns: [...columns.values(), ...found.columns], constraints: [...constraints, ...found.constraints], fields, relations: found.relations,
    indexes: [...itemsOf(get('indexes'), ctx).flatMap((each) => indexOf(each, data.column, location, ctx) ?? []), ...definition.extraIndexes?.(data.column) ?? []],
  };
}

/** `{ fields: ['orgId'], unique: true, name, where }`. */
export function indexOf(value: Value, column: (attribute: string) => string, location: Location, ctx: Context, table?: string): IndexDefinition | undefined {
  const given = itemsOf(option(value, 'fields', ctx), ctx);
  const columns = given.map((each) => textOf(each, ctx) ?? textOf(option(each, 'name', ctx) ?? option(each, 'attribute', ctx), ctx)).map((each) => (each === undefined ? undefined : column(each)));
  if (columns.length === 0) return undefined;
  const name = textOf(option(value, 'name', ctx), ctx) ?? (table === undefined ? undefined : snakeCase(`${table}_${columns.join('_')}`));
  const method = textOf(option(value, 'using', ctx) ?? option(value, 'method', ctx), ctx)?.toLowerCase() ?? 'btree';
  const isUnique = flagOf(option(value, 'unique', ctx), ctx) === true || textOf(option(value, 'type', ctx), ctx)?.toUpperCase() === 'UNIQUE';
  return {
    ...(name !== undefined && { name }), unique: isUnique, keys: columns.map((each) => (each === undefined ? { expression: { kind: 'other', name: 'expression', parts: [], location } } : { column: each })), include: [],
    ...(option(value, 'where', ctx) !== undefined && { where: constant(true, location) }), method, nullsNotDistinct: false, concurrently: flagOf(option(value, 'concurrently', ctx), ctx) === true, location,
  };
}

/** The texts of a list of names or of `{ name }`. */
export function namesOf(value: Value | undefined, ctx: Context): readonly string[] {
  const plain = textsOf(value, ctx);
  return plain.length > 0 ? plain : itemsOf(value, ctx).flatMap((each) => textOf(option(each, 'name', ctx), ctx) ?? []);
}
