import type { CodeClass } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { QualifiedName } from '../../../../facts/query.js';
import { hasDecorator } from '../../classes.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { relationOf } from '../prisma/models.js';
import { columnValue } from './expressions.js';
import { SQLALCHEMY } from './data.js';
import { libraryValue } from './given.js';
import { modelAt } from './registry.js';
import { tableValue } from './tables.js';
import type { TableData } from './tables.js';

/** A class that is a model. `key`: where its table is registered. */
export interface ModelData {
  readonly key: string;
  readonly name: QualifiedName;
  readonly owner: ClassValue;
}

/** The classes met so far, with what each is as a model. */
export function mappedClasses(ctx: Pick<Context, 'store'>): Map<CodeClass, LibraryValue | undefined> {
  return stored(ctx, 'sqlalchemy:classes', () => new Map<CodeClass, LibraryValue | undefined>());
}

/** The model that a class of the project is, once its module has run. */
export function modelData(value: ClassValue, ctx: Context): ModelData | undefined {
  return mappedClasses(ctx).get(value.class)?.data as ModelData | undefined;
}

/** The table of a mapped class, as a query names it. */
export function entityTable(value: ClassValue, ctx: Context, alias?: string): TableData | undefined {
  const data = modelData(value, ctx);
  const model = data && modelAt(data.key, ctx);
  if (!data) return undefined;
  return { name: data.name, alias: alias ?? data.name.name, key: data.key, entity: value, ...(model && { columns: fieldsOf(model, ctx) }) };
}

function fieldsOf(model: ModelTable, ctx: Context): ReadonlyMap<string, string> {
  const known = stored(ctx, 'sqlalchemy:fields', () => new WeakMap<ModelTable, ReadonlyMap<string, string>>());
  let found = known.get(model);
  if (found === undefined) known.set(model, found = new Map(Object.entries(model.fields)));
  return found;
}

/** A relationship of an entity as a value: `User.posts`. */
export interface RelatedData {
  readonly table: TableData;
  readonly name: string;
  /** `of_type(alias)`. */
  readonly target?: TableData;
  /** `and_(...)`: further conditions of the join. */
  readonly condition?: Value;
}

/** An attribute of an entity or of an alias of one: a column, a relationship, a hybrid. */
export function entityAttribute(table: TableData, name: string, location: Location, ctx: Context): Value | undefined {
  const model = table.key === undefined ? undefined : modelAt(table.key, ctx);
  if (table.columns?.has(name) === true) return columnValue(table, name, location);
  if (model && relationOf(model, name)) return libraryValue(SQLALCHEMY, 'related', { table, name } satisfies RelatedData);
  if (name === '__table__') return tableValue({ ...table, columns: new Map() });
  return hybrid(table, name, ctx) ?? inherited(table, name, location, ctx);
}

/** `@hybrid_property`: its expression, which the class gives. */
function hybrid({ entity }: TableData, name: string, ctx: Context): Value | undefined {
  if (!entity) return undefined;
  for (const owner of ctx.ancestry(entity)) {
    if (owner.kind !== 'classValue') continue;
    const all = owner.class.methods.filter((method) => method.name === name);
    const method = all.find((each) => hasDecorator(each, 'expression')) ?? all.find((each) => hasDecorator(each, 'hybrid_property'));
    if (method) return ctx.invoke({ kind: 'function', function: method, scope: owner.scope, self: entity }, [], method.location);
  }
  return undefined;
}

/** A column that a mapped parent has in a table of its own. */
function inherited({ entity }: TableData, name: string, location: Location, ctx: Context): Value | undefined {
  const parent = entity && parentTable(entity, ctx);
  return parent && entityAttribute(parent, name, location, ctx);
}

/** The table of the nearest mapped parent, where it is another one: joined-table inheritance. */
export function parentTable(entity: ClassValue, ctx: Context): TableData | undefined {
  const own = modelData(entity, ctx);
  if (!own) return undefined;
  for (const each of ctx.ancestry(entity)) {
    if (each.kind !== 'classValue' || each.class === entity.class) continue;
    const data = modelData(each, ctx);
    if (data) return data.key === own.key ? undefined : entityTable(each, ctx);
  }
  return undefined;
}

/** An attribute of a mapped class, or of an instance of it that nothing was assigned to. */
export function mappedAttribute(owner: ClassValue, name: string, isClass: boolean, location: Location, ctx: Context): Value | undefined {
  const table = entityTable(owner, ctx);
  if (!table) return undefined;
  if (isClass) return entityAttribute(table, name, location, ctx);
  const model = modelAt(table.key!, ctx);
  if (table.columns?.has(name) !== true && !(model && relationOf(model, name))) return undefined;
  return ctx.input(name, 'unknown', { key: `${owner.class.name ?? table.alias}.${name}`, maybe: model?.columns.find((each) => each.name === table.columns?.get(name))?.notNull !== true });
}
