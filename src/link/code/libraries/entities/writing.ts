import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, DeleteQuery, InsertQuery, OnConflict, OpenSource, UpdateQuery } from '../../../../facts/query.js';
import type { ModelTable } from '../../../../facts/schema.js';
import { entriesOf } from '../../changes.js';
import type { Context } from '../../library.js';
import type { InstanceValue, ObjectValue, RowValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { writtenTerms } from '../../written.js';
import { and, constant, isTrue, opaque, table, writeSame } from '../build.js';
import { alternatives, fieldsOf, openColumns, openOf, sourcesOf } from '../objects.js';
import { columnName, relationOf, writtenColumn } from '../prisma/models.js';

/** What an object gives to the columns of a model. */
export interface Data {
  readonly assigned: readonly Assignment[];
  /** Values by the name of the property. */
  readonly written: ReadonlyMap<string, Value>;
  /** Further columns may come from something that is not known. */
  readonly open?: readonly OpenSource[];
}

/** The rows that a value may be: of a list each, of several by path each. Undefined for what is no plain object. */
export function rowsOfValue(value: Value | undefined, model: ModelTable, mode: 'create' | 'update', ctx: Context): readonly Data[] {
  if (value === undefined) return [{ assigned: [], written: new Map() }];
  return alternatives(value, ctx).flatMap((each): readonly Data[] => {
    switch (each.kind) {
      case 'list': return each.items.flatMap((item) => rowsOfValue(item.value, model, mode, ctx));
      case 'object': return objectRows(each, model, mode, ctx);
      case 'instance': return [dataOf(asObject(each), model, mode, false, ctx)];
      case 'constant': return [];
      default: return [{ assigned: [], written: new Map(), ...openColumns(sourcesOf(each, ctx), (key) => writtenColumn(model, key)) }];
    }
  });
}

/** The fields that were set on an instance of an entity. */
export function asObject(instance: InstanceValue): ObjectValue {
  return { kind: 'object', location: instance.class.class.location, entries: entriesOf(instance) };
}

/** What was set on a row since it was read. */
export function changedData(row: RowValue, model: ModelTable, ctx: Context): Data {
  const changes = ctx.changed(row);
  const entries = changes?.entries.slice(1) ?? [];
  const [data] = changes === undefined || entries.length === 0 ? [] : rowsOfValue(ctx.allocate({ ...changes, entries }), model, 'update', ctx);
  return data ?? { assigned: [], written: new Map() };
}

/** Without the columns of the key, which names the row. */
export function withoutKey(data: Data, model: ModelTable): Data {
  const key = model.constraints.find((each) => each.kind === 'primaryKey')?.columns ?? [];
  return { ...data, assigned: data.assigned.filter((each) => !key.includes(each.column)) };
}

/** With all of what it gives, and with what it gives in any case, where the two differ. */
function objectRows(object: ObjectValue, model: ModelTable, mode: 'create' | 'update', ctx: Context): readonly Data[] {
  const full = dataOf(object, model, mode, false, ctx);
  if (mode === 'update') return [full];
  const least = dataOf(object, model, mode, true, ctx);
  return writeSame(least.assigned, full.assigned) ? [full] : [full, least];
}

function dataOf(object: ObjectValue, model: ModelTable, mode: 'create' | 'update', least: boolean, ctx: Context): Data {
  const { given, sources } = fieldsOf(object, ctx);
  const assigned = new Map<string, Assignment>();
  const written = new Map<string, Value>();
  for (const { key, value, location, maybe, overridden } of given) {
    if (overridden || (least && maybe)) continue;
    for (const { name, value: part } of columnsOf(key, value, model, ctx)) {
      const assignment = assign(name, part, model, mode, least, location, ctx);
      if (assignment) assigned.set(name, assignment);
    }
    if (!maybe && columnName(model, key) !== undefined) written.set(key, value);
  }
  return { assigned: [...assigned.values()], written, ...openColumns(sources, (key) => writtenColumn(model, key)) };
}

/** The columns that a property sets: its own, those of a relation to one, those of an embedded object. */
function columnsOf(key: string, value: Value, model: ModelTable, ctx: Context): readonly { readonly name: string; readonly value: Value }[] {
  const own = columnName(model, key);
  if (own !== undefined) return [{ name: own, value }];
  const relation = relationOf(model, key);
  const known = ctx.read(value);
  if (relation?.owns && relation.columns.length === 1) return [{ name: relation.columns[0]!, value: keyIn(known, ctx) }];
  if (known.kind !== 'object' || relation !== undefined) return [];
  return fieldsOf(known, ctx).given.flatMap((inner) => columnsOf(`${key}.${inner.key}`, inner.value, model, ctx));
}

/** The key of a related object: of `{ id }`, of an instance; a row or an id stands for itself. */
function keyIn(value: Value, ctx: Context): Value {
  if (value.kind === 'union') return { kind: 'union', options: value.options.map((each) => ({ ...each, value: keyIn(ctx.read(each.value), ctx) })) };
  return value.kind === 'object' || value.kind === 'instance' ? ctx.member(value.kind === 'object' ? ctx.allocate(value) : value, 'id') : value;
}

function assign(name: string, value: Value, model: ModelTable, mode: 'create' | 'update', least: boolean, location: Location, ctx: Context): Assignment | undefined {
  const options = alternatives(value, ctx);
  if (options.every(isUndefined) || (least && options.some(isUndefined))) return undefined;
  if (least && options.some((each) => each.kind === 'constant' && each.value === null)) return { column: name, value: constant(null, location), location };
  const type = model.columns.find((each) => each.name === name)?.type.name;
  if (type === 'json' || type === 'jsonb') return { column: name, value: opaque('json', [], location), location };
  const known = options.filter((each) => !isUndefined(each) && !(each.kind === 'constant' && each.value === null && options.length > 1));
  const [first] = known;
  if (first === undefined) return { column: name, value: constant(null, location), location };
  if (first.kind === 'object' || first.kind === 'function' || first.kind === 'library') return { column: name, ...(mode === 'update' && { partial: true }), value: opaque('a value', [], location), location };
  const single: Value = known.length === options.length ? value : known.length === 1 ? first : { kind: 'union', options: known.map((each) => ({ value: each, facts: [] })) };
  return { column: name, value: ctx.expression(single, location), location };
}

/** INSERT of rows; a column that a row leaves out is DEFAULT there. */
export function insertOf(model: ModelTable, rows: readonly Data[], location: Location, onConflict?: OnConflict): InsertQuery {
  const columns = [...new Set(rows.flatMap(({ assigned }) => assigned.map((each) => each.column)))];
  const cells = (row: Data): Expression[] => columns.map((name) => row.assigned.find((each) => each.column === name)?.value
    ?? { kind: 'other', name: row.open ? 'unknown' : 'default', parts: [], location });
  return {
    kind: 'insert', target: table(model.name, undefined, location), columns, ...openOf(rows), returning: [], with: [], location, ...(onConflict && { onConflict }),
    source: { kind: 'values', rows: rows.map(cells), orderBy: [], with: [], location },
  };
}

/** UPDATE of a model with what is assigned. */
export function updateOf(model: ModelTable, alias: string, where: Expression, { assigned, open }: Data, location: Location): UpdateQuery {
  return { kind: 'update', target: table(model.name, alias, location), set: assigned, ...(open && { open }), from: [], ...(!isTrue(where) && { where }), returning: [], with: [], location };
}

/** DELETE of a model. */
export function deleteOf(model: ModelTable, alias: string, where: Expression, location: Location): DeleteQuery {
  return { kind: 'delete', target: table(model.name, alias, location), using: [], ...(!isTrue(where) && { where }), returning: [], with: [], location };
}

/** The rows that were just written: those that have the values given. */
export function writtenWhere(query: InsertQuery, alias: string): Expression {
  return and(writtenTerms(query, alias), query.location);
}
