import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault, ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { generated, plainType, referentialAction } from '../column-text.js';
import { flagOf, itemsOf, option, textOf, textsOf } from '../entities/given.js';
import { declareEntity, entityOf, type Entity, type ModelParts } from '../entities/registry.js';
import { fieldsOf, type Given } from '../objects.js';
import { constructorType, namedType, optionDefault } from './columns.js';
import { declaredColumns } from './entities.js';
import { TYPEORM } from './members.js';
import { namingOf } from './naming.js';

/** What is known of an entity beside its table: the options of `new EntitySchema(options)`. */
interface SchemaData {
  readonly options: Value;
}

/** `new EntitySchema({ name, tableName, columns, relations, indices, uniques })` (TypeORM's manual, "Separating Entity Definition"). */
export function entitySchema(call: Call, ctx: Context): LibraryValue | undefined {
  const [options] = call.arguments.positional;
  const name = textOf(option(options, 'name', ctx), ctx);
  if (options === undefined || name === undefined) return undefined;
  const written = textOf(option(options, 'tableName', ctx), ctx) ?? namingOf(ctx).table(name);
  const schema = textOf(option(options, 'schema', ctx), ctx);
  const target = option(options, 'target', ctx);
  const owner = target && ctx.read(target);
  const data: SchemaData = { options };
  const entity = declareEntity({
    orm: 'typeorm', name, table: { ...(schema !== undefined && schema !== 'public' && { schema }), name: written }, location: call.location, data, ...(owner?.kind === 'classValue' && { owner }),
    parts: () => partsOf(options, ctx), deleted: () => propertiesOf(options, 'columns', ctx).find(({ value }) => flagOf(option(value, 'deleteDate', ctx), ctx) === true)?.key,
  }, ctx);
  return { kind: 'library', library: TYPEORM, type: 'entity', data: entity };
}

function propertiesOf(options: Value, key: string, ctx: Context): readonly Given[] {
  const given = option(options, key, ctx);
  const known = given && ctx.read(given);
  return known?.kind === 'object' ? fieldsOf(known, ctx).given : [];
}

function partsOf(options: Value, ctx: Context): ModelParts {
  const columns = new Map<string, ColumnDefinition>();
  const constraints: ConstraintDefinition[] = [];
  const fields: Record<string, string> = {};
  const relations: Record<string, ModelRelation> = {};
  const primary: string[] = [];
  for (const { property, definition, isPrimary, isUnique } of columnsOfSchema(options, ctx)) {
    fields[property] = definition.name;
    columns.set(definition.name, definition);
    if (isPrimary) primary.push(definition.name);
    if (isUnique) constraints.push(unique([definition.name], definition.location));
  }
  for (const each of propertiesOf(options, 'relations', ctx)) {
    const found = ownedBy(each, columns, ctx) ?? inverseOf(each, options, ctx);
    if (found === undefined) continue;
    relations[each.key] = found.relation;
    for (const column of found.columns) if (!columns.has(column.name)) columns.set(column.name, column);
    constraints.push(...found.constraints);
  }
  if (primary.length > 0) constraints.unshift({ kind: 'primaryKey', columns: primary, location: columns.get(primary[0]!)!.location });
  const columnsOf = (value: Value): string[] => textsOf(option(value, 'columns', ctx), ctx).flatMap((property) => fields[property] ?? relations[property]?.columns ?? property);
  const { location } = ctx.read(options) as { location: Location };
  for (const each of itemsOf(option(options, 'uniques', ctx), ctx)) constraints.push(unique(columnsOf(each), location));
  return { columns: [...columns.values()], constraints, indexes: itemsOf(option(options, 'indices', ctx), ctx).map((each) => indexOf(each, columnsOf(each), location, ctx)), fields, relations };
}

/** A column with the property that it is of. */
interface Placed {
  readonly property: string;
  readonly definition: ColumnDefinition;
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
}

function columnsOfSchema(options: Value, ctx: Context): Placed[] {
  return propertiesOf(options, 'columns', ctx).map(({ key, value, location }) => {
    const name = namingOf(ctx).column(key, [], textOf(option(value, 'name', ctx), ctx));
    const is = (flag: string): boolean => flagOf(option(value, flag, ctx), ctx) === true;
    return { property: key, definition: columnOf(name, value, location, ctx), isPrimary: is('primary'), isUnique: is('unique') };
  });
}

/** The columns that an entity declares itself, whichever way it was declared: its relations may ask for this one's. */
function columnsOfEntity({ data, owner }: Entity, ctx: Context): Placed[] {
  if (data !== undefined) return columnsOfSchema((data as SchemaData).options, ctx);
  return owner === undefined ? [] : declaredColumns(owner, ctx).map(({ property, column, spec }) => ({ property, definition: { ...spec.definition, name: column }, isPrimary: spec.primary, isUnique: spec.unique }));
}

function columnOf(name: string, value: Value, location: Location, ctx: Context): ColumnDefinition {
  const is = (key: string): boolean => flagOf(option(value, key, ctx), ctx) === true;
  const given = option(value, 'type', ctx);
  const type = namedType(textOf(given, ctx) ?? constructorType(given, ctx) ?? 'text');
  const filled = defaultOf(value, location, ctx);
  const nullable = is('nullable') || is('deleteDate');
  return { name, type: is('array') ? plainType(type.name, 1) : type, notNull: is('primary') || !nullable, location, ...(filled && { default: filled }) };
}

function defaultOf(value: Value, location: Location, ctx: Context): ColumnDefault | undefined {
  const strategy = option(value, 'generated', ctx);
  if (textOf(strategy, ctx) === 'uuid') return generated('gen_random_uuid', location);
  if (strategy !== undefined && flagOf(strategy, ctx) !== false) return generated('nextval', location);
  if (flagOf(option(value, 'createDate', ctx), ctx) === true || flagOf(option(value, 'updateDate', ctx), ctx) === true) return generated('now', location);
  const given = option(value, 'default', ctx);
  return given && optionDefault(given, location, ctx);
}

interface Related {
  readonly relation: ModelRelation;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
}

function targetOf(value: Value, ctx: Context): Entity | undefined {
  const target = option(value, 'target', ctx);
  const known = target && ctx.read(target);
  return entityOf(TYPEORM, known?.kind === 'function' ? ctx.invoke(known, [], known.function.location) : known, ctx);
}

/** The side with the foreign key: many-to-one, and one-to-one with `joinColumn`. */
function ownedBy({ key, value, location }: Given, own: ReadonlyMap<string, ColumnDefinition>, ctx: Context): Related | undefined {
  const kind = textOf(option(value, 'type', ctx), ctx);
  const join = option(value, 'joinColumn', ctx);
  if (kind !== 'many-to-one' && !(kind === 'one-to-one' && join !== undefined && flagOf(join, ctx) !== false)) return undefined;
  const target = targetOf(value, ctx);
  const wanted = textOf(option(join, 'referencedColumnName', ctx), ctx);
  const found = target && columnsOfEntity(target, ctx).find(({ property, definition, isPrimary }) => (wanted === undefined ? isPrimary : property === wanted || definition.name === wanted));
  if (target === undefined || found === undefined) return undefined;
  const referenced = found.definition.name;
  const column = textOf(option(join, 'name', ctx), ctx) ?? namingOf(ctx).joinColumn(key, found.property);
  const optional = !(own.get(column)?.notNull ?? flagOf(option(value, 'nullable', ctx), ctx) === false);
  const action = (name: string) => referentialAction(textOf(option(value, name, ctx), ctx));
  return {
    relation: { model: target.name, list: false, optional, columns: [column], referencedColumns: [referenced], owns: true },
    columns: [{ name: column, type: found.definition.type, notNull: !optional, location }],
    constraints: [
      { kind: 'foreignKey', columns: [column], references: target.model.name, referencedColumns: [referenced], onDelete: action('onDelete'), onUpdate: action('onUpdate'), match: 'simple', notValid: false, enforced: true, location },
      ...(kind === 'one-to-one' ? [unique([column], location)] : []),
    ],
  };
}

/** The side without it: `inverseSide` names the relation of the other. */
function inverseOf({ value }: Given, options: Value, ctx: Context): Related | undefined {
  const target = targetOf(value, ctx);
  const side = textOf(option(value, 'inverseSide', ctx), ctx);
  const other = target?.data === undefined ? undefined : propertiesOf((target.data as SchemaData).options, 'relations', ctx).find(({ key }) => key === side);
  const owning = other && ownedBy(other, new Map(), ctx)?.relation;
  if (target === undefined || owning?.model !== textOf(option(options, 'name', ctx), ctx)) return undefined;
  const list = textOf(option(value, 'type', ctx), ctx) === 'one-to-many';
  return { relation: { model: target.name, list, optional: true, columns: owning!.referencedColumns, referencedColumns: owning!.columns, owns: false }, columns: [], constraints: [] };
}

function unique(columns: readonly string[], location: Location): ConstraintDefinition {
  return { kind: 'unique', columns, nullsNotDistinct: false, location };
}

function indexOf(value: Value, columns: readonly string[], location: Location, ctx: Context): IndexDefinition {
  const name = textOf(option(value, 'name', ctx), ctx);
  return {
    ...(name !== undefined && { name }), unique: flagOf(option(value, 'unique', ctx), ctx) === true, keys: columns.map((column) => ({ column })), include: [],
    method: 'btree', nullsNotDistinct: false, concurrently: false, location,
  };
}
