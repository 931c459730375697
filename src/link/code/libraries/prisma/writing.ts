import type { Location } from '../../../../facts/location.js';
import type { Assignment, DeleteQuery, InsertQuery, Query, TableReference, UpdateQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { RowValue, Value } from '../../values.js';
import { and, column, equal, isTrue, Names, select, table } from '../build.js';
import { alternatives, fieldsOf } from '../objects.js';
import { dataRows, type Data } from './data.js';
import { insertRows, withOwnKeys, type Draft } from './insert.js';
import { columnName, selectorFields, type Place } from './models.js';
import { nestedWrites, type Parent } from './nested.js';
import { argument, countObject, present, resultOf, targetOf, type Operation, type Target } from './operations.js';
import { addIncluded, plainReading } from './reading.js';

/** create, createMany, createManyAndReturn. */
export function create(operation: Operation): Value {
  const { model, name, args, location, ctx } = operation;
  const draft: Draft = { names: new Names(), ctes: [], ctx };
  const rows = dataRows(argument(args, 'data', ctx), model, 'create', ctx);
  if (rows.length === 0) return name === 'createMany' ? countObject(undefined, location, ctx) : { kind: 'unknown', reason: 'rows that are not known' };
  const query = insertRows(model, rows, location, draft);
  operation.record({ ...query, with: [...draft.ctes] } as Query, location);
  if (name === 'createMany') return countObject(undefined, location, ctx);
  const same = name === 'create' ? commonRow(rows) : rows.length === 1 ? rows[0] : undefined;
  const target = createdRows(operation, same);
  const result = { ...resultOf(target, select({ from: [target.reading.from], where: target.where, location }), location, ctx, same?.written), isWritten: true } as const;
  if (name !== 'create') return { kind: 'rowList', result, path: [] };
  return present({ kind: 'row', result, path: [], maybe: false }, ctx);
}

/** One row, as what it may be has in common: what is there on some paths only (`title: given ?? undefined`) is not known of it. */
function commonRow([first, ...rest]: readonly Data[]): Data | undefined {
  if (first === undefined || rest.length === 0) return first;
  const assigned = first.assigned.filter((each) => rest.every((row) => row.assigned.some((other) => other.column === each.column && plain(other) === plain(each))));
  const written = new Map([...first.written].filter(([key, value]) => rest.every((row) => row.written.get(key) === value)));
  return { ...first, assigned, written, nested: [] };
}

function plain({ value }: Assignment): string | undefined {
  return JSON.stringify(value, (key: string, part: unknown) => (key === 'location' ? undefined : part));
}

/** The rows that were just written: those that have the values given. */
function createdRows({ model, args, location, ctx }: Operation, row: Data | undefined): Target {
  const names = new Names();
  const place: Place = { model, names, alias: names.fresh(model.name.name) };
  const draft: Draft = { names, ctes: [], ctx };
  const reading = plainReading(place, location);
  addIncluded(reading, args, ctx);
  const assigned = row ? withOwnKeys(model, row, draft).assigned : [];
  const terms = draft.ctes.length > 0 ? [] : assigned.flatMap(({ column: name, value }) => (value && isComparable(value.kind) ? [equal(column(place.alias, name, location), value, location)] : []));
  return { reading, place, where: and(terms, location), isOneRow: row !== undefined };
}

function isComparable(kind: string): boolean {
  return kind === 'parameter' || kind === 'constant' || kind === 'subquery';
}

/** update, updateMany, updateManyAndReturn. */
export function update(operation: Operation): Value {
  const { name, args, location, ctx } = operation;
  const isOne = name === 'update';
  const target = targetOf(operation, isOne);
  const rows = dataRows(argument(args, 'data', ctx), operation.model, 'update', ctx);
  for (const row of rows) recordUpdate(operation, target, row);
  const result = changed(target, isOne, name === 'updateMany', location, ctx, rows.length === 1 ? rows[0] : undefined);
  for (const field of rows.flatMap(({ nested }) => nested)) recordNested(operation, target, field);
  return result;
}

function recordUpdate(operation: Operation, target: Target, row: Data): void {
  const { model, location, ctx } = operation;
  const draft: Draft = { names: target.place.names, ctes: [], ctx };
  const { assigned, open } = withOwnKeys(model, row, draft);
  const query: UpdateQuery = {
    kind: 'update', target: table(model.name, target.place.alias, location), set: assigned, ...(open && { open }), from: [],
    ...(!isTrue(target.where) && { where: target.where }), returning: [], with: draft.ctes, location,
  };
  operation.record(query, location);
}

function recordNested(operation: Operation, { place, where }: Target, field: Data['nested'][number]): void {
  const { model, location, ctx } = operation;
  const parent: Parent = { ...place, from: [table(model.name, place.alias, location)], where };
  const draft: Draft = { names: place.names, ctes: [], ctx };
  for (const query of nestedWrites(field, parent, draft)) operation.record({ ...query, with: [...draft.ctes.splice(0)] } as Query, query.location);
}

/** What comes back: the rows as the condition found them, or their number. */
function changed(target: Target, isOne: boolean, isCount: boolean, location: Location, ctx: Context, row?: Data): Value {
  const rows = select({ from: [target.reading.from], where: target.where, location });
  if (isCount) return countObject(rows, location, ctx);
  const result = resultOf(target, rows, location, ctx, row?.written);
  return isOne ? present({ kind: 'row', result, path: [], maybe: false }, ctx) : { kind: 'rowList', result, path: [] };
}

/** delete, deleteMany. */
export function remove(operation: Operation): Value {
  const { model, name, location, ctx } = operation;
  const target = targetOf(operation, name === 'delete');
  const query: DeleteQuery = {
    kind: 'delete', target: table(model.name, target.place.alias, location), using: [], ...(!isTrue(target.where) && { where: target.where }), returning: [], with: [], location,
  };
  operation.record(query, location);
  return changed(target, name === 'delete', name === 'deleteMany', location, ctx);
}

/** upsert: INSERT ... ON CONFLICT on the key of `where`, DO UPDATE where all of `where` holds. */
export function upsert(operation: Operation): Value {
  const { model, args, location, ctx } = operation;
  const target = targetOf(operation, true);
  const draft: Draft = { names: target.place.names, ctes: [], ctx };
  const created = dataRows(argument(args, 'create', ctx), model, 'create', ctx);
  const updates = dataRows(argument(args, 'update', ctx), model, 'update', ctx);
  const insert = insertRows(model, created.map((row) => ({ ...row, nested: row.nested.filter(({ relation }) => relation.owns) })), location, draft) as InsertQuery;
  const set = updates.flatMap((row): readonly Assignment[] => withOwnKeys(model, row, draft).assigned);
  const aliased: TableReference = table(model.name, target.place.alias, location);
  operation.record({
    ...insert, target: aliased, with: draft.ctes,
    onConflict: { action: 'update', columns: keyColumns(operation), set, ...(!isTrue(target.where) && { where: target.where }), location },
  }, location);
  const rows = select({ from: [target.reading.from], where: target.where, location });
  const row: RowValue = { kind: 'row', result: resultOf(target, rows, location, ctx), path: [], maybe: false };
  for (const field of [...created, ...updates].flatMap(({ nested }) => nested.filter(({ relation }) => !relation.owns))) recordNested(operation, target, field);
  return present(row, ctx);
}

/** The columns of the unique key that `where` names. */
function keyColumns({ model, args, ctx }: Operation): readonly string[] {
  const where = argument(args, 'where', ctx);
  for (const option of where ? alternatives(where, ctx) : []) {
    if (option.kind !== 'object') continue;
    const keys = fieldsOf(option, ctx).given.map(({ key }) => key);
    const selector = keys.flatMap((key) => selectorFields(model, key) ?? []);
    const single = keys.filter((key) => model.constraints.some((constraint) => (constraint.kind === 'primaryKey' || constraint.kind === 'unique')
      && constraint.columns.length === 1 && constraint.columns[0] === columnName(model, key)));
    const fields = selector.length > 0 ? selector : single.slice(0, 1);
    if (fields.length > 0) return fields.flatMap((field) => columnName(model, field) ?? []);
  }
  return [];
}
