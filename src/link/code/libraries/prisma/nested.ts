import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, DeleteQuery, FromItem, InsertQuery, Query, TableReference, UpdateQuery } from '../../../../facts/query.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { and, column, constant, hole, select, subquery, table } from '../build.js';
import { alternatives, fieldsOf, type Given } from '../objects.js';
import { dataRows, type NestedField } from './data.js';
import { insertNamed, insertRows, withOwnKeys, type Draft } from './insert.js';
import type { Place } from './models.js';
import { related } from './relation-filters.js';
import { whereCondition } from './where.js';

/** The row (or rows) that a nested write hangs on. */
export interface Parent extends Place {
  readonly from: readonly FromItem[];
  readonly where: Expression;
}

/** The operations of a relation field: `{ create: ..., connect: ... }`. */
export function itemsOf(value: Value, ctx: Context): readonly Given[] {
  return alternatives(value, ctx).flatMap((option) => (option.kind === 'object' ? fieldsOf(option, ctx).given : []));
}

/** One value or a list of them. */
function each(value: Value, ctx: Context): readonly Value[] {
  return alternatives(value, ctx).flatMap((option) => (option.kind === 'list' ? option.items.flatMap((item) => alternatives(item.value, ctx)) : [option]));
}

/** The queries that a relation field of `data` stands for, apart from the keys of the row itself (Prisma manual, "Nested writes"). */
export function nestedWrites(field: NestedField, parent: Parent, draft: Draft): readonly Query[] {
  const { relation } = field;
  return itemsOf(field.value, draft.ctx).flatMap(({ key, value, location }) => {
    const side = sideOf(relation, parent, location, draft.ctx);
    return side ? operation(key, value, side, parent, location, draft) : [];
  });
}

/** The other side of the relation as the target of a write, joined to the parent by `on`. */
interface Side {
  readonly relation: ModelRelation;
  readonly place: Place;
  readonly target: TableReference;
  readonly middle?: TableReference;
  readonly on: Expression;
}

function sideOf(relation: ModelRelation, parent: Parent, location: Location, ctx: Context): Side | undefined {
  const side = related(relation, parent, location, ctx);
  if (!side) return undefined;
  const { place, from, on } = side;
  if (from.kind !== 'join') return { relation, place, target: from as TableReference, on };
  return { relation, place, target: from.right as TableReference, middle: from.left as TableReference, on: and([from.on!, on], location) };
}

function operation(key: string, value: Value, side: Side, parent: Parent, location: Location, draft: Draft): readonly Query[] {
  const { ctx } = draft;
  const parts = (item: Value, name: string) => itemsOf(item, ctx).find((given) => given.key === name);
  const create = (data: Value | undefined, at: Location) => (side.relation.owns || data === undefined ? [] : created(data, side, parent, at, draft));
  const change = (where: Value | undefined, data: Value, at: Location) => updated(where, data, side, parent, at, draft);
  switch (key) {
    case 'create': return create(value, location);
    case 'createMany': { const data = parts(value, 'data'); return create(data?.value, data?.location ?? location); }
    case 'connect': return side.relation.owns ? [] : each(value, ctx).map((item) => linked(item, side, parent, location, draft));
    case 'connectOrCreate': return side.relation.owns ? [] : each(value, ctx).flatMap((item) => [
      linked(parts(item, 'where')?.value, side, parent, location, draft), ...create(parts(item, 'create')?.value, location)]);
    case 'set': return [unlinked(undefined, side, parent, location, draft), ...each(value, ctx).map((item) => linked(item, side, parent, location, draft))];
    case 'disconnect': return side.relation.owns ? [] : each(value, ctx).map((item) => unlinked(item, side, parent, location, draft));
    case 'update': return each(value, ctx).flatMap((item) => change(parts(item, 'where')?.value, parts(item, 'data')?.value ?? item, location));
    case 'updateMany': return each(value, ctx).flatMap((item) => change(parts(item, 'where')?.value, parts(item, 'data')?.value ?? item, location));
    case 'upsert': return each(value, ctx).flatMap((item) => [
      ...change(parts(item, 'where')?.value, parts(item, 'update')?.value ?? item, location), ...create(parts(item, 'create')?.value, location)]);
    case 'delete': case 'deleteMany': return each(value, ctx).map((item) => deleted(item, side, parent, location, draft));
    default: return [];
  }
}

function condition(where: Value | undefined, side: Side, parent: Parent, location: Location, ctx: Context): Expression {
  return and([side.on, parent.where, whereCondition(where, side.place, location, ctx)], location);
}

function others(side: Side, parent: Parent): readonly FromItem[] {
  return [...parent.from, ...(side.middle ? [side.middle] : [])];
}

function created(data: Value, side: Side, parent: Parent, location: Location, draft: Draft): readonly Query[] {
  const { relation } = side;
  const rows = dataRows(data, side.place.model, 'create', draft.ctx);
  if (rows.length === 0) return [];
  if (!relation.through) return [insertRows(side.place.model, rows, location, draft, { parent, relation })];
  const name = insertNamed(side.place.model, rows, location, draft);
  return [intoMiddle(relation, parent, name, [table({ name }, undefined, location)], constant(true, location), location)];
}

/** A row of the join table for each pair of the parent and a row of the other side. */
function intoMiddle(relation: ModelRelation, parent: Parent, other: string, from: readonly FromItem[], where: Expression, location: Location): InsertQuery {
  const through = relation.through!;
  const targets = [...relation.columns.map((name) => column(parent.alias, name, location)), ...relation.referencedColumns.map((name) => column(other, name, location))];
  return {
    kind: 'insert', target: table(through.table, undefined, location), columns: [...through.columns, ...through.referencedColumns], returning: [], with: [], location,
    source: select({ targets: targets.map((expression) => ({ expression })), from: [...parent.from, ...from], where: and([parent.where, where], location), location }),
  };
}

/** `connect`: the other row gets the parent's key. */
function linked(where: Value | undefined, side: Side, parent: Parent, location: Location, draft: Draft): Query {
  const { relation, place } = side;
  const filter = whereCondition(where, place, location, draft.ctx, true);
  if (relation.through) return intoMiddle(relation, parent, place.alias, [side.target], filter, location);
  const set = relation.referencedColumns.map((name, index): Assignment => ({ column: name, value: column(parent.alias, relation.columns[index]!, location), location }));
  return update(side.target, set, parent.from, and([parent.where, filter], location), location);
}

/** `disconnect`, and the first half of `set`. */
function unlinked(where: Value | undefined, side: Side, parent: Parent, location: Location, draft: Draft): Query {
  const filter = condition(where, side, parent, location, draft.ctx);
  if (side.middle) return { kind: 'delete', target: side.middle, using: [...parent.from, side.target], where: filter, returning: [], with: [], location };
  const set = side.relation.referencedColumns.map((name): Assignment => ({ column: name, value: constant(null, location), location }));
  return update(side.target, set, parent.from, filter, location);
}

function updated(where: Value | undefined, data: Value, side: Side, parent: Parent, location: Location, draft: Draft): readonly Query[] {
  const filter = condition(where, side, parent, location, draft.ctx);
  const inner: Parent = { ...side.place, from: [...others(side, parent), side.target], where: filter };
  return dataRows(data, side.place.model, 'update', draft.ctx).flatMap((row) => {
    const { assigned, open, nested } = withOwnKeys(side.place.model, row, draft);
    const query: UpdateQuery = { ...update(side.target, assigned, others(side, parent), filter, location), ...(open && { open }) };
    return [query, ...nested.flatMap((field) => nestedWrites(field, inner, draft))];
  });
}

function update(target: TableReference, set: readonly Assignment[], from: readonly FromItem[], where: Expression, location: Location): UpdateQuery {
  return { kind: 'update', target, set, from, where, returning: [], with: [], location };
}

function deleted(where: Value, side: Side, parent: Parent, location: Location, draft: Draft): DeleteQuery {
  return { kind: 'delete', target: side.target, using: others(side, parent), where: condition(where, side, parent, location, draft.ctx), returning: [], with: [], location };
}

/** `connect` on the side that has the foreign key: the key given, else the key of the row that the condition finds. */
export function connected(target: ModelTable, relation: ModelRelation, where: Value | undefined, location: Location, { names, ctx }: Draft): readonly Assignment[] {
  const place: Place = { model: target, names, alias: names.fresh(target.name.name) };
  const filter = where === undefined ? hole('a row that is not known', location) : whereCondition(where, place, location, ctx, true);
  const keys = keyValues(filter, place);
  const isKey = keys !== undefined && keys.size === relation.referencedColumns.length && relation.referencedColumns.every((name) => keys.has(name));
  return relation.columns.map((own, index): Assignment => {
    const referenced = relation.referencedColumns[index]!;
    const row = select({ targets: [{ expression: column(place.alias, referenced, location) }], from: [table(target.name, place.alias, location)], where: filter, location });
    return { column: own, value: isKey ? keys.get(referenced)! : subquery('scalar', row, location), location };
  });
}

/** The values of a condition that is nothing but `column = value AND ...`. */
function keyValues(filter: Expression, place: Place): ReadonlyMap<string, Expression> | undefined {
  const terms = filter.kind === 'and' ? filter.operands : [filter];
  const values = new Map<string, Expression>();
  for (const term of terms) {
    if (term.kind !== 'operator' || term.operator !== '=' || term.left?.kind !== 'column' || term.left.path[0] !== place.alias) return undefined;
    values.set(term.left.path[1]!, term.right);
  }
  return values;
}
