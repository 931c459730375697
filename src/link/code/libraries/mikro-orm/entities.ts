import { entryOf } from '../../../../entry.js';
import { begin, stored } from '../../store.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation, ReferentialAction } from '../../../../facts/schema.js';
import type { SqlType } from '../../../../facts/expression.js';
import type { CodeModule } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { ClassValue, Value } from '../../values.js';
import type { Decoration } from '../entities/decorators.js';
import { classesOf, thunk } from '../entities/evaluate.js';
import { flagOf, option, textOf, textsOf } from '../entities/given.js';
import { snakeCase } from '../entities/naming.js';
import { declareEntity, entityOf, entityOfClass, type Entity, type ModelParts } from '../entities/registry.js';
import { defaultOf, defaultOfText, generated, plainType, referentialAction, typeOfText } from '../column-text.js';
import { classDecorations, MIKRO, propertiesOf, schemaProperties, targetOf, type Property } from './members.js';

/** A condition that is added to queries of an entity unless they turn it off. */
export interface Filter {
  readonly name: string;
  readonly condition: Value;
  readonly enabled: boolean;
}

export interface MikroData {
  readonly filters: readonly Filter[];
  readonly properties: () => readonly Property[];
}

/** What is known of an entity beside its table. */
export function dataOf(entity: Entity): MikroData {
  return entity.data as MikroData;
}

/** Takes a class with `@Entity()` into the project's models. */
export function declareClass(value: ClassValue, ctx: Context): Entity | undefined {
  const known = entityOfClass(MIKRO, value.class, ctx);
  if (known) return known;
  if (!begin(ctx, 'mikro-orm:being', value.class)) return undefined;
  const decorations = classDecorations(value, ctx);
  const found = decorations.find(({ name }) => name === 'Entity');
  if (!found || flagOf(option(found.args[0], 'abstract', ctx), ctx) === true) return undefined;
  const inherited = classesOf(value, ctx).flatMap((each) => classDecorations(each, ctx).filter(({ name }) => name === 'Filter' || name === 'Unique' || name === 'Index'));
  return declare({ name: value.class.name ?? 'Entity', options: found.args[0], location: value.class.location, owner: value, properties: () => propertiesOf(value, ctx), keys: inherited }, ctx);
}

/** `new EntitySchema({ name, class, tableName, properties })`, `defineEntity({ ... })`. */
export function declareSchema(options: Value | undefined, location: Location, ctx: Context): Entity {
  const owner = thunk(option(options, 'class', ctx), ctx);
  const name = textOf(option(options, 'name', ctx), ctx) ?? (owner?.kind === 'classValue' ? owner.class.name : undefined) ?? 'Entity';
  return declare({ name, options, location, ...(owner?.kind === 'classValue' && { owner }), properties: () => schemaProperties(option(options, 'properties', ctx), ctx), keys: [] }, ctx);
}

interface Declaration {
  readonly name: string;
  readonly options: Value | undefined;
  readonly location: Location;
  readonly owner?: ClassValue;
  readonly properties: () => readonly Property[];
  readonly keys: readonly Decoration[];
}

function declare({ name, options, location, owner, properties, keys }: Declaration, ctx: Context): Entity {
  const written = textOf(option(options, 'tableName', ctx) ?? option(options, 'collection', ctx), ctx);
  const schema = textOf(option(options, 'schema', ctx), ctx);
  const table: QualifiedName = { ...(schema !== undefined && schema !== '*' && schema !== 'public' && { schema }), name: written ?? namingOf(ctx)(name) };
  const filters = keys.filter((each) => each.name === 'Filter').flatMap(({ args: [given] }) => filterOf(given, ctx));
  const entity: Entity = declareEntity({
    orm: MIKRO, name, table, location, ...(owner && { owner }), data: { filters, properties } satisfies MikroData, parts: () => partsOf(entity, properties(), keys, ctx),
  }, ctx);
  return entity;
}

/** The filters that an entity declares. */
export function filterOf(given: Value | undefined, ctx: Context): readonly Filter[] {
  const name = textOf(option(given, 'name', ctx), ctx);
  const condition = option(given, 'cond', ctx);
  return name === undefined || condition === undefined ? [] : [{ name, condition, enabled: flagOf(option(given, 'default', ctx), ctx) === true }];
}

/** MikroORM's UnderscoreNamingStrategy, unless the project has the one that keeps names. */
function namingOf(ctx: Context): (name: string) => string {
  const keeps = ({ imports }: CodeModule): boolean => imports.some(({ target, names }) => target.module.startsWith('@mikro-orm/') && names.includes('EntityCaseNamingStrategy'));
  return stored(ctx, 'mikro-orm:naming', () => (ctx.journal.modulesWith(/EntityCaseNamingStrategy/).some(keeps) ? (name: string): string => name : snakeCase));
}

const RELATIONS = /^(ManyToOne|OneToOne|OneToMany|ManyToMany)$/;

/** The columns of a property that is no relation, embedded objects taken apart. */
function scalars(properties: readonly Property[], ctx: Context, path = '', prefix = ''): readonly { readonly property: string; readonly column: string; readonly of: Property }[] {
  return properties.flatMap((each) => {
    if (RELATIONS.test(each.kind) || each.kind === 'Formula' || flagOf(option(each.options, 'persist', ctx), ctx) === false) return [];
    if (each.kind === 'Embedded') {
      const target = targetOf(each, ctx);
      if (flagOf(option(each.options, 'object', ctx), ctx) === true || target?.kind !== 'classValue') return [{ property: `${path}${each.name}`, column: prefix + nameOf(each, ctx), of: each }];
      const given = option(each.options, 'prefix', ctx);
      const inner = flagOf(given, ctx) === false ? '' : textOf(given, ctx) ?? `${namingOf(ctx)(each.name)}_`;
      return scalars(propertiesOf(target, ctx), ctx, `${path}${each.name}.`, prefix + inner);
    }
    return [{ property: `${path}${each.name}`, column: prefix + nameOf(each, ctx), of: each }];
  });
}

function nameOf({ name, options }: Property, ctx: Context): string {
  return textOf(option(options, 'fieldName', ctx) ?? option(options, 'name', ctx), ctx) ?? namingOf(ctx)(name);
}

function primaryOf(entity: Entity, ctx: Context): { readonly property: string; readonly column: string; readonly of: Property } | undefined {
  return scalars(dataOf(entity).properties(), ctx).find(({ of }) => isPrimary(of, ctx));
}

function isPrimary({ kind, options }: Property, ctx: Context): boolean {
  return kind === 'PrimaryKey' || flagOf(option(options, 'primary', ctx), ctx) === true;
}

function partsOf(entity: Entity, properties: readonly Property[], keys: readonly Decoration[], ctx: Context): ModelParts {
  const { location } = entity.model;
  const fields: Record<string, string> = {};
  const columns = new Map<string, ColumnDefinition>();
  const constraints: ConstraintDefinition[] = [];
  const indexes: IndexDefinition[] = [];
  const relations: Record<string, ModelRelation> = {};
  const primary: string[] = [];
  for (const { property, column, of } of scalars(properties, ctx)) {
    fields[property] = column;
    columns.set(column, { name: column, ...columnOf(of, ctx) });
    if (isPrimary(of, ctx)) primary.push(column);
    if (option(of.options, 'unique', ctx) && flagOf(option(of.options, 'unique', ctx), ctx) !== false) constraints.push({ kind: 'unique', columns: [column], nullsNotDistinct: false, location: of.location });
  }
  for (const property of properties.filter(({ kind }) => RELATIONS.test(kind))) {
    const found = relationOf(property, entity, ctx);
    if (!found) continue;
    relations[property.name] = found.relation;
    if (found.column && !columns.has(found.column.name)) columns.set(found.column.name, found.column);
    if (found.constraint) constraints.push(found.constraint);
    if (found.column && isPrimary(property, ctx)) primary.push(found.column.name);
  }
  const columnsOf = (names: readonly string[]): readonly string[] => names.map((name) => entryOf(fields, name) ?? entryOf(relations, name)?.columns[0] ?? name);
  const addKey = ({ name, args: [given], location: at }: Decoration, own: readonly string[]): void => {
    const named = textsOf(option(given, 'properties', ctx), ctx);
    const wanted = named.length > 0 ? columnsOf(named) : own;
    const written = textOf(option(given, 'name', ctx), ctx);
    if (wanted.length === 0) return;
    if (name === 'Unique') constraints.push({ kind: 'unique', columns: wanted, nullsNotDistinct: false, location: at, ...(written !== undefined && { name: written }) });
    else indexes.push({ ...(written !== undefined && { name: written }), unique: false, keys: wanted.map((column) => ({ column })), include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location: at });
  };
  for (const each of keys) if (each.name !== 'Filter') addKey(each, []);
  for (const each of properties) for (const key of each.keys) addKey(key, columnsOf([each.name]));
  for (const each of properties) if (option(each.options, 'index', ctx) && flagOf(option(each.options, 'index', ctx), ctx) !== false) addKey({ library: MIKRO, name: 'Index', args: [], location: each.location }, columnsOf([each.name]));
  if (primary.length > 0) constraints.unshift({ kind: 'primaryKey', columns: primary, location });
  return { columns: [...columns.values()], constraints, indexes, fields, relations };
}

function columnOf(property: Property, ctx: Context): Omit<ColumnDefinition, 'name'> {
  const { options, location, kind } = property;
  const type = typeOf(property, ctx);
  const raw = textOf(option(options, 'defaultRaw', ctx), ctx);
  const given = option(options, 'default', ctx) && ctx.read(option(options, 'default', ctx)!);
  const isSerial = kind === 'PrimaryKey' && /^int/.test(type.name);
  const value = raw !== undefined ? defaultOfText(raw, location) : given?.kind === 'constant' && given.value !== null && given.value !== undefined ? (typeof given.value === 'string' && /\(\)$/.test(given.value) ? defaultOfText(given.value, location) : defaultOf({ kind: 'constant', value: given.value, location }, location))
    : isSerial ? generated('nextval', location) : option(options, 'onCreate', ctx) ? { ...defaultOf({ kind: 'other', name: 'default', parts: [], location }, location), clientSide: true } : undefined;
  return { type, notNull: flagOf(option(options, 'nullable', ctx), ctx) !== true, location, ...(value && { default: value }) };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'varchar', number: 'int4', boolean: 'bool', Date: 'timestamptz', date: 'date', datetime: 'timestamptz', integer: 'int4', bigint: 'int8', uuid: 'uuid', text: 'text', json: 'jsonb', jsonb: 'jsonb', decimal: 'numeric',
  float: 'float8', double: 'float8', array: 'text', Buffer: 'bytea', blob: 'bytea', smallint: 'int2', tinyint: 'int2', enum: 'text', time: 'time', UuidType: 'uuid', TextType: 'text', JsonType: 'jsonb', BigIntType: 'int8', DateTimeType: 'timestamptz',
};

function typeOf({ options, type, kind }: Property, ctx: Context): SqlType {
  const column = textOf(option(options, 'columnType', ctx), ctx);
  if (column !== undefined) return typeOfText(column);
  const given = option(options, 'type', ctx);
  const known = given && ctx.read(given);
  const written = textOf(known, ctx) ?? (known?.kind === 'external' ? known.path.at(-1) : undefined);
  const plain = written === undefined ? undefined : entryOf(TYPES, written);
  if (written !== undefined) return plain === undefined ? typeOfText(written) : plainType(plain);
  if (kind === 'Enum') return plainType('text');
  const named = type?.kind === 'union' ? type.parts.find((part) => part.kind === 'named' && !/^(null|undefined)$/.test(part.path[0]!)) : type;
  return plainType(entryOf(TYPES, named?.kind === 'named' ? named.path.at(-1)! : '') ?? 'varchar');
}

interface FoundRelation {
  readonly relation: ModelRelation;
  readonly column?: ColumnDefinition;
  readonly constraint?: ConstraintDefinition;
}

/** The relation of a property (MikroORM's manual, "Modelling entity relationships"). */
function relationOf(property: Property, entity: Entity, ctx: Context): FoundRelation | undefined {
  const target = entityOf(MIKRO, targetOf(property, ctx), ctx);
  if (!target) return undefined;
  const { options, kind, location } = property;
  const get = (key: string): Value | undefined => option(options, key, ctx);
  const mappedBy = mapped(get('mappedBy'), ctx);
  const key = primaryOf(target, ctx);
  const own = primaryOf(entity, ctx);
  if (kind === 'ManyToOne' || (kind === 'OneToOne' && mappedBy === undefined)) {
    if (!key) return undefined;
    const column = joinColumn(property, key.column, ctx);
    const nullable = flagOf(get('nullable'), ctx) === true;
    const action = (name: string): ReferentialAction => referentialAction(textOf(get(name), ctx));
    return {
      relation: { model: target.name, list: false, optional: nullable, columns: [column], referencedColumns: [key.column], owns: true },
      column: { name: column, type: columnOf(key.of, ctx).type, notNull: !nullable, location },
      constraint: { kind: 'foreignKey', columns: [column], references: target.model.name, referencedColumns: [key.column], onDelete: action('deleteRule'), onUpdate: action('updateRule'), match: 'simple', notValid: false, enforced: true, location },
    };
  }
  const other = mappedBy === undefined ? undefined : dataOf(target).properties().find(({ name }) => name === mappedBy);
  if (kind === 'ManyToMany') {
    if (!key || !own) return undefined;
    const owner = other ?? property;
    const [left, right] = other ? [target, entity] : [entity, target];
    const table = { name: textOf(option(owner.options, 'pivotTable', ctx), ctx) ?? `${left.model.name.name}_${namingOf(ctx)(owner.name)}` };
    const column = (name: string, of: Entity): string => textOf(option(owner.options, name, ctx), ctx) ?? `${of.model.name.name}_${primaryOf(of, ctx)?.column ?? 'id'}`;
    const [a, b] = [column('joinColumn', left), column('inverseJoinColumn', right)];
    return { relation: { model: target.name, list: true, optional: true, columns: [own.column], referencedColumns: [key.column], owns: false, through: { table, columns: [other ? b : a], referencedColumns: [other ? a : b] } } };
  }
  if (!other || !own) return undefined;
  return { relation: { model: target.name, list: kind === 'OneToMany', optional: true, columns: [own.column], referencedColumns: [joinColumn(other, own.column, ctx)], owns: false } };
}

function joinColumn({ name, options }: Property, referenced: string, ctx: Context): string {
  return textOf(option(options, 'joinColumn', ctx) ?? option(options, 'fieldName', ctx) ?? option(options, 'name', ctx), ctx) ?? `${namingOf(ctx)(name)}_${referenced}`;
}

/** `mappedBy: 'org'`, `mappedBy: (project) => project.org`. */
function mapped(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  if (known?.kind !== 'function') return textOf(known, ctx);
  const [statement] = known.function.body;
  return statement?.kind === 'return' && statement.value?.kind === 'member' ? statement.value.property : undefined;
}
