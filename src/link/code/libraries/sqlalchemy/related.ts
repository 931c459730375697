import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { and, column, equal, hole, isNull, join, not, or, select, subquery, table } from '../build.js';
import { modelNamed, relationOf } from '../prisma/models.js';
import { pairs } from '../prisma/relation-filters.js';
import { conditionOf } from './conditions.js';
import { SQLALCHEMY } from './data.js';
import { expressionOf, expressionValue } from './expressions.js';
import { isNone, libraryData, libraryValue } from './given.js';
import { entityTable, mappedClasses, type ModelData, type RelatedData } from './mapped.js';
import { modelAt } from './registry.js';
import { primaryKey } from './relationships.js';
import { fromItem } from './statement.js';
import { tableData, type TableData } from './tables.js';

/** The other side of a relationship: its table, what to put into FROM, and what joins it. */
export interface Side {
  readonly target: TableData;
  readonly from: FromItem;
  readonly on: Expression;
}

/** A relationship of an entity, if a value is one. */
export function relatedData(value: Value | undefined, ctx: Context): RelatedData | undefined {
  return libraryData<RelatedData>(value, SQLALCHEMY, 'related', ctx);
}

/** The model of a table of the project. */
export function modelOfTable({ key }: TableData, ctx: Context): ModelTable | undefined {
  return key === undefined ? undefined : modelAt(key, ctx);
}

/** What a relationship leads to. */
export function relationOfTable(of: TableData, name: string, ctx: Context): { readonly relation: ModelRelation; readonly other: ModelTable } | undefined {
  const model = modelOfTable(of, ctx);
  const relation = model && relationOf(model, name);
  const other = relation && modelNamed(relation.model, model!, ctx);
  return relation && other && { relation, other };
}

/** The class that is mapped to a model's table. */
export function classOfModel(model: ModelTable, ctx: Context): ClassValue | undefined {
  for (const value of mappedClasses(ctx).values()) {
    const data = value?.data as ModelData | undefined;
    if (data && modelAt(data.key, ctx) === model && data.owner.class.name === model.modelName) return data.owner;
  }
  return undefined;
}

/** The table of a model as a query names it. */
export function tableOfModel(model: ModelTable, ctx: Context): TableData {
  const owner = classOfModel(model, ctx);
  return (owner && entityTable(owner, ctx)) ?? { name: model.name, alias: model.name.name, key: `${model.location.file}:${model.location.start}`, columns: new Map(Object.entries(model.fields)) };
}

/** The other side of a relationship, joined to its own by foreign keys. */
export function sideOf({ table: own, name, target: given, condition }: RelatedData, location: Location, ctx: Context): Side | undefined {
  const found = relationOfTable(own, name, ctx);
  if (!found) return undefined;
  const { relation, other } = found;
  const target = given ?? tableOfModel(other, ctx);
  const { through } = relation;
  const more = condition ? [conditionOf(condition, ctx, location)] : [];
  if (!through) return { target, from: fromItem(target, location), on: and([pairs(target.alias, relation.referencedColumns, own.alias, relation.columns, location), ...more], location) };
  const middle = `${through.table.name}_1`;
  const inner = pairs(target.alias, relation.referencedColumns, middle, through.referencedColumns, location);
  return {
    target, from: join('inner', table(through.table, middle, location), fromItem(target, location), inner, location),
    on: and([pairs(middle, through.columns, own.alias, relation.columns, location), ...more], location),
  };
}

/** `User.posts.any(...)`, `Post.author.has(...)`, `.contains(post)`, `.of_type(alias)`, `.and_(...)`. */
export function relatedMethod(object: LibraryValue, data: RelatedData, name: string, call: Call, ctx: Context): Value | undefined {
  const { location } = call;
  const [first] = call.arguments.positional;
  switch (name) {
    case 'any': case 'has': return expressionValue(existsRelated(data, (side) => [
      ...call.arguments.positional.map((value) => conditionOf(value, ctx, location)),
      ...[...call.arguments.named].map(([key, value]) => equalTo(side.target, key, value, ctx, location)),
    ], location, ctx), [object], ctx);
    case 'contains': return first && expressionValue(existsRelated(data, ({ target }) => [keysEqual(target, first, ctx, location)], location, ctx), [object], ctx);
    case 'of_type': { const target = tableData(first, ctx); return libraryValue(SQLALCHEMY, 'related', { ...data, ...(target && { target }) } satisfies RelatedData); }
    case 'and_': return libraryValue(SQLALCHEMY, 'related', { ...data, ...(first && { condition: first }) } satisfies RelatedData);
    case 'is_': case 'is_not': case 'isnot': return first && expressionValue(comparedRelated(data, first, name !== 'is_', ctx, location), [object], ctx);
    case 'in_': return expressionValue(hole('a relationship in a list', location), [object], ctx);
    default: return undefined;
  }
}

function existsRelated(data: RelatedData, conditions: (side: Side) => readonly Expression[], location: Location, ctx: Context): Expression {
  const side = sideOf(data, location, ctx);
  if (!side) return hole(`the relationship ${data.name} is not known`, location);
  // The table itself again: the conditions cannot be told apart by its name.
  if (side.target.alias === data.table.alias) return hole(`the relationship ${data.name} leads to its own table`, location);
  return subquery('exists', select({ from: [side.from], where: and([side.on, ...conditions(side)], location), location }), location);
}

/** `Post.author == user`: the foreign key is the object's key. */
export function comparedRelated(data: RelatedData, value: Value, negated: boolean, ctx: Context, location: Location): Expression {
  const found = relationOfTable(data.table, data.name, ctx);
  if (!found || found.relation.through) return hole(`the relationship ${data.name}`, location);
  const { relation, other } = found;
  if (isNone(value, ctx)) {
    const missing = relation.owns ? or(relation.columns.map((name) => isNull(column(data.table.alias, name, location), location)), location)
      : not(existsRelated(data, () => [], location, ctx), location);
    return negated ? not(missing, location) : missing;
  }
  const fields = relation.referencedColumns.map((name) => fieldOf(other, name));
  const is = and(relation.columns.map((name, index) => equal(column(data.table.alias, name, location), expressionOf(ctx.member(value, fields[index] ?? 'id'), ctx, location), location)), location);
  return negated ? not(is, location) : is;
}

/** The attribute that stands for a column. */
export function fieldOf(model: ModelTable, name: string): string {
  return Object.keys(model.fields).find((field) => entryOf(model.fields, field) === name) ?? name;
}

/** The table's key is that of an object. */
export function keysEqual(target: TableData, object: Value, ctx: Context, location: Location): Expression {
  const model = modelOfTable(target, ctx);
  const key = model ? primaryKey(model) : ['id'];
  return and(key.map((name) => equal(column(target.alias, name, location), expressionOf(ctx.member(object, model ? fieldOf(model, name) : name), ctx, location), location)), location);
}

/** `filter_by(name=value)`: a column, or a relationship. */
export function equalTo(of: TableData, name: string, value: Value, ctx: Context, location: Location): Expression {
  if (relationOfTable(of, name, ctx)) return comparedRelated({ table: of, name }, value, false, ctx, location);
  const own = of.columns?.get(name) ?? (of.columns === undefined || of.columns.size === 0 ? name : undefined);
  const attribute = own === undefined && of.entity ? ctx.member(of.entity, name) : undefined;
  const left = attribute ? expressionOf(attribute, ctx, location) : column(of.alias, own ?? name, location);
  if (isNone(value, ctx)) return isNull(left, location);
  return equal(left, expressionOf(value, ctx, location), location);
}

/** Whether the class of a table has no attribute of a name: SQLAlchemy refuses to look it up. */
export function lacks(of: TableData, name: string, ctx: Context): boolean {
  if (!of.entity || of.columns === undefined || of.columns.size === 0 || of.columns.has(name) || relationOfTable(of, name, ctx)) return false;
  return ctx.ancestry(of.entity).every((each) => each.kind !== 'classValue' || ![...each.class.fields, ...each.class.methods].some((own) => own.name === name));
}

/** Foreign keys that join two tables, in either direction; of several none is meant. */
export function foreignKeyBetween(one: TableData, other: TableData, location: Location, ctx: Context): Expression | undefined {
  const found = [...keys(one, other, ctx).map((on) => ({ from: one, to: other, on })), ...keys(other, one, ctx).map((on) => ({ from: other, to: one, on }))];
  const [only] = found;
  return found.length === 1 && only ? and(only.on.columns.map((name, index) => equal(column(only.to.alias, only.on.referenced[index]!, location), column(only.from.alias, name, location), location)), location) : undefined;
}

function keys(from: TableData, to: TableData, ctx: Context): { readonly columns: readonly string[]; readonly referenced: readonly string[] }[] {
  const own = modelOfTable(from, ctx);
  const other = modelOfTable(to, ctx);
  return (own?.constraints ?? []).flatMap((each) => {
    if (each.kind !== 'foreignKey' || each.references.name !== to.name.name) return [];
    const referenced = each.referencedColumns.length > 0 ? each.referencedColumns : other ? primaryKey(other) : [];
    return [{ columns: each.columns, referenced }];
  });
}

