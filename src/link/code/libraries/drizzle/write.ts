import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Assignment, DeleteQuery, InsertQuery, OnConflict, Query, UpdateQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { BuilderStep } from '../../steps.js';
import type { Value } from '../../values.js';
import { isTrue, opaque, table } from '../build.js';
import { fieldsOf, openOf } from '../objects.js';
import { argumentOf, locationOf, named } from './builder.js';
import { columnName, dataOf, made, sourceOf, type BuilderData, type ClientData, type ColumnData, type Step, type TableSource } from './data.js';
import { lowerCondition } from './expressions.js';
import { joinSources, readSources, whereOf } from './select.js';
import { defaultLeaves, leavesOf, targetsOf, type Leaf } from './selection.js';
import { withList } from './sources.js';
import { lowerBuilder, queryOf, type Lowered } from './subqueries.js';
import { rowsOfValues, type RowData } from './values.js';

type Items = readonly BuilderStep<Step>[];

/** What a write says besides its query. */
export interface LoweredWrite extends Lowered {
  readonly target?: TableSource;
  /** The one row that an INSERT writes. */
  readonly row?: RowData;
}

/** The query of `insert(t)...`, `update(t)...`, `delete(t)...`. */
export function lowerWrite(items: Items, isPart: boolean, ctx: Context): LoweredWrite {
  const { step } = items[0]!;
  const target = step.args[0] && sourceOf(ctx.read(step.args[0]));
  if (target?.kind !== 'table') return { leaves: [], unknown: `The table of this ${step.method} is not known` };
  const leaves = returned(items, target, ctx);
  const returning = targetsOf(leaves, isPart, ctx);
  const ctes = withList(named(items, 'with').flatMap((each) => each.step.args), ctx);
  if (step.method === 'insert') return lowerInsert(items, target, leaves, returning, ctes, ctx);
  const location = locationOf(items);
  const where = whereOf(items, ctx);
  const common = { target: table(target.name, target.alias, location), ...(!isTrue(where) && { where }), returning, with: ctes, location };
  if (step.method === 'delete') return { query: { kind: 'delete', ...common, using: [] } satisfies DeleteQuery, leaves, target };
  const reading = readSources(items, location, ctx);
  if (!reading) return { leaves: [], unknown: 'A table of the query is not known' };
  const from = reading.from.length > 0 ? reading.from : joinedToTarget(items, location, ctx);
  const rows = rowsOfValues(argumentOf(items, 'set'), target, 'update', ctx);
  const set = distinct(rows.flatMap((row) => row.assigned));
  return { query: { kind: 'update', ...common, set, ...openOf(rows), from } satisfies UpdateQuery, leaves, target };
}

/** `update(t).leftJoin(...)` of MySQL has no FROM of its own. */
function joinedToTarget(items: Items, location: Location, ctx: Context): UpdateQuery['from'] {
  const nothing = table({ name: 'nothing' }, undefined, location);
  const joined = joinSources(nothing, items, location, ctx);
  return joined && joined.item !== nothing && joined.item.kind === 'join' ? [joined.item.right] : [];
}

function distinct(assigned: readonly Assignment[]): Assignment[] {
  return assigned.filter((each, index) => !assigned.slice(index + 1).some((later) => later.column === each.column && later.location === each.location));
}

function returned(items: Items, target: TableSource, ctx: Context): readonly Leaf[] {
  const [last] = named(items, 'returning').slice(-1);
  if (!last) return [];
  const [fields] = last.step.args;
  return fields && ctx.read(fields).kind === 'object' ? leavesOf(fields, [], last.step.location, ctx) : defaultLeaves([target], last.step.location);
}

function lowerInsert(items: Items, target: TableSource, leaves: readonly Leaf[], returning: InsertQuery['returning'], ctes: InsertQuery['with'], ctx: Context): LoweredWrite {
  const location = locationOf(items);
  const conflict = onConflict(items, target, ctx);
  const common = { kind: 'insert' as const, target: table(target.name, undefined, location), ...(conflict && { onConflict: conflict }), returning, with: ctes, location };
  const [selecting] = named(items, 'select').slice(-1);
  if (selecting) return { ...insertSelect(selecting.step, items, common, target, ctx), leaves, target };
  const rows = rowsOfValues(argumentOf(items, 'values'), target, 'insert', ctx);
  const columns = [...new Set(rows.flatMap(({ assigned }) => assigned.map((each) => each.column)))];
  const cells = (row: RowData): Expression[] => columns.map((name) => row.assigned.find((each) => each.column === name)?.value
    ?? (row.open ? opaque('unknown', [], location) : { kind: 'other', name: 'default', parts: [], location }));
  const query: InsertQuery = { ...common, columns, ...(rows.length === 0 ? { open: [{ trust: 'unknown' }] } : openOf(rows)), source: { kind: 'values', rows: rows.map(cells), orderBy: [], with: [], location } };
  const row = isOneObject(argumentOf(items, 'values'), ctx) ? certainOf(rows) : undefined;
  return { query, leaves, target, ...(row && { row }) };
}

function isOneObject(value: Value | undefined, ctx: Context): boolean {
  const inner = value && ctx.read(value);
  return inner?.kind === 'object' || (inner?.kind === 'list' && inner.items.length === 1 && !inner.items[0]!.repeated && isOneObject(inner.items[0]!.value, ctx));
}

/** Of a row with and without what may be missing: what is certain. */
function certainOf(rows: readonly RowData[]): RowData | undefined {
  const [full, bare] = rows;
  if (!full || !bare) return full;
  return { ...full, assigned: full.assigned.filter(({ column, value }) => bare.assigned.some((each) => each.column === column && each.value?.kind === value?.kind)) };
}

/** `insert(t).select(query)`, `insert(t).select((qb) => query)`. */
function insertSelect(step: Step, items: Items, common: Omit<InsertQuery, 'columns' | 'source'>, target: TableSource, ctx: Context): Lowered {
  let given: Value | undefined = step.args[0] && ctx.read(step.args[0]);
  if (given?.kind === 'function') given = ctx.read(ctx.invoke(given, [made('client', { module: 'drizzle-orm' } satisfies ClientData)], step.location));
  const source = given && (dataOf<BuilderData>(given, 'builder') ? lowerBuilder(given, true, ctx).query : queryOf(given, ctx));
  if (!source) return { leaves: [], unknown: 'The rows of this insert are not known' };
  const columns = insertedColumns(source, target, ctx);
  return { leaves: [], query: { ...common, columns, source, location: locationOf(items) } };
}

/** Fields of the query go to the columns of their names. */
function insertedColumns(source: Query, target: TableSource, ctx: Context): string[] {
  if (source.kind !== 'select') return [];
  return source.targets.flatMap(({ alias }) => {
    const info = alias === undefined ? undefined : target.columns.get(alias);
    return info ? [columnName(info, ctx)] : [];
  });
}

function onConflict(items: Items, target: TableSource, ctx: Context): OnConflict | undefined {
  const [last] = named(items, 'onConflictDoNothing', 'onConflictDoUpdate', 'onDuplicateKeyUpdate').slice(-1);
  if (!last) return undefined;
  const { step } = last;
  const config = step.args[0] && ctx.read(step.args[0]);
  const given = config?.kind === 'object' ? fieldsOf(config, ctx).given : [];
  const field = (key: string): Value | undefined => given.find((each) => each.key === key)?.value;
  const columns = conflictColumns(field('target'), ctx);
  const { location } = step;
  if (step.method === 'onConflictDoNothing') return { action: 'nothing', columns, set: [], location };
  const rows = rowsOfValues(field('set'), target, 'update', ctx);
  const where = lowerCondition(field('setWhere') ?? (field('targetWhere') ? undefined : field('where')), location, ctx);
  const targetWhere = field('targetWhere') && lowerCondition(field('targetWhere'), location, ctx);
  return { action: 'update', columns, set: rows.flatMap((row) => row.assigned), ...(!isTrue(where) && { where }), ...(targetWhere && !isTrue(targetWhere) && { targetWhere }), location };
}

function conflictColumns(value: Value | undefined, ctx: Context): string[] {
  const inner = value && ctx.read(value);
  const items = inner?.kind === 'list' ? inner.items.map((item) => ctx.read(item.value)) : inner ? [inner] : [];
  return items.flatMap((item) => {
    const column = dataOf<ColumnData>(item, 'column');
    return column ? [columnName(column.info, ctx)] : [];
  });
}

