import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Assignment, DeleteQuery, InsertQuery, MergeQuery, OnConflict, TableReference, Target, UpdateQuery } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import type { QueryOptions } from './blocks.js';
import { outputsOf } from './blocks.js';
import type { Builder } from './builder.js';
import { addCondition } from './conditions.js';
import type { Frame, Outputs, Source } from './frame.js';
import { innerFrame } from './frame.js';
import { buildFrom, buildItem, tableSource } from './from.js';
import type { ColumnOf } from './graph.js';
import type { Region } from './regions.js';
import type { Access } from './types.js';

/** Builds UPDATE: its target is joined to FROM by WHERE alone. */
export function buildUpdate(query: UpdateQuery, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  const target = buildTarget(query.target, 'update', region, frame, builder);
  buildFrom(query.from, region, frame, builder);
  if (query.where) addCondition(query.where, region, frame, builder);
  for (const value of assigned(query.set)) builder.subqueries(value, region, frame);
  const changed = new Set(query.set.map((assignment) => assignment.column));
  return returning(query.returning, (column) => column.ref === target.ref && changed.has(column.name), region, frame, builder, options);
}

/** The values of SET; of `(a, b) = (SELECT x, y)` the one sub-select. */
function assigned(set: readonly Assignment[]): Expression[] {
  return [...new Set(set.flatMap(({ value }) => value ?? []))];
}

/** Builds DELETE. */
export function buildDelete(query: DeleteQuery, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  buildTarget(query.target, 'delete', region, frame, builder);
  buildFrom(query.using, region, frame, builder);
  if (query.where) addCondition(query.where, region, frame, builder);
  return returning(query.returning, () => false, region, frame, builder, options);
}

function buildTarget(item: TableReference, access: Access, region: Region, frame: Frame, builder: Builder): Source {
  const table = frame.resolution.tables.get(item);
  const source: Source = table ? tableSource(item, table, access, region, frame, builder)
    : { ref: builder.facts.ref('derived', item.alias ?? item.name.name, region), columns: [], open: true };
  frame.items.set(item, source);
  (frame.shown ??= []).push(source);
  return source;
}

/** RETURNING shows the rows written; a column that the statement changes is no longer the one that the conditions speak of. */
function returning(
  targets: readonly Target[], isChanged: (column: ColumnOf) => boolean, region: Region, frame: Frame, builder: Builder, options: QueryOptions,
): Outputs {
  if (!options.outputs || targets.length === 0) {
    for (const { expression } of targets) builder.subqueries(expression, region, frame);
    return { columns: [], region, open: false };
  }
  const start = builder.facts.flows.length;
  const outputs = outputsOf(targets, () => ({ reached: false, same: true }), region, frame, builder);
  const kept = builder.facts.flows.splice(start).filter((flow) => !(isChanged(flow.from) && flow.to.ref.kind === 'output'));
  builder.facts.flows.push(...kept);
  return outputs;
}

/** Builds INSERT: the row written holds what the source gives it; ON CONFLICT DO UPDATE changes a row that was there. */
export function buildInsert(query: InsertQuery, frame: Frame, region: Region, builder: Builder, options: QueryOptions): Outputs {
  const columns = targetColumns(query, frame);
  const source = query.source && builder.query(query.source, frame, builder.regions.make('block', region), { outputs: true });
  const target = buildTarget(query.target, 'insert', region, frame, builder);
  source?.columns.forEach((output, index) => {
    const name = columns[index];
    if (name === undefined) return;
    builder.facts.flows.push({
      from: output.column, fromRegion: source.region, to: { ref: target.ref, name }, toRegion: region, location: query.location, mode: 'proof',
    });
  });
  if (source?.open) builder.regions.find(region).hole = true;
  if (query.onConflict?.action === 'update') {
    const proposed = proposedRow(columns, source, query.location, region, builder);
    const present = buildConflict(query.onConflict, query.target, proposed, region, frame, builder);
    if (present) {
      const written = writtenRow(target, present, query.onConflict, region, builder);
      frame.items.set(query.target, written);
      frame.shown = [written];
    }
  }
  return returning(query.returning, () => false, region, frame, builder, options);
}

/** What RETURNING shows: the row inserted, or the one that was there. Only what holds of both is known of it. */
function writtenRow(inserted: Source, present: Source, { set, location }: OnConflict, region: Region, builder: Builder): Source {
  const ref = builder.facts.ref('derived', inserted.ref.name, region);
  const changed = new Set(set.map((assignment) => assignment.column));
  const columns = inserted.columns.filter(({ name }) => !changed.has(name)).map(({ name }) => ({ to: { ref, name }, from: [{ ref: inserted.ref, name }, { ref: present.ref, name }] }));
  builder.facts.gates.push({ target: region, branches: [{ region }, { region: present.ref.region }], location, mode: 'proof', columns });
  return { ...inserted, ref, columns: inserted.columns.map(({ name }) => ({ name, column: { ref, name } })) };
}

/** The values given, apart from the row: its key may be that of a row that is already there. */
function proposedRow(columns: readonly string[], source: Outputs | undefined, location: Location, region: Region, builder: Builder): Source {
  const ref = builder.facts.ref('derived', 'excluded', region);
  source?.columns.forEach((output, index) => {
    const name = columns[index];
    if (name === undefined) return;
    const edge = { fromRegion: source.region, toRegion: region, location, mode: 'proof' as const };
    builder.facts.flows.push({ from: output.column, to: { ref, name }, ...edge });
  });
  return { ref, columns: columns.map((name) => ({ name, column: { ref, name } })), open: true };
}

function targetColumns(query: InsertQuery, frame: Frame): readonly string[] {
  if (query.columns.length > 0) return query.columns;
  const table = frame.resolution.tables.get(query.target);
  return table ? [...table.columns.keys()] : [];
}

function buildConflict(conflict: OnConflict, item: TableReference, inserted: Source, region: Region, outer: Frame, builder: Builder): Source | undefined {
  const table = outer.resolution.tables.get(item);
  if (!table) return undefined;
  const frame = { ...innerFrame(outer), excluded: inserted };
  const inner = builder.regions.make('block', region);
  const source = tableSource(item, table, 'update', inner, frame, builder);
  const conflictKey = arbiter(conflict, table);
  if (source.ref.owned) Object.assign(source.ref.owned, { conflictKey });
  frame.items.set(item, source);
  for (const name of conflictKey) {
    builder.facts.flows.push({
      from: { ref: inserted.ref, name }, fromRegion: region, to: { ref: source.ref, name }, toRegion: inner, location: conflict.location, mode: 'proof',
    });
  }
  if (conflict.where) addCondition(conflict.where, inner, frame, builder);
  for (const value of assigned(conflict.set)) builder.subqueries(value, inner, frame);
  return source;
}

/** The columns in which the row that is there agrees with the one proposed. */
function arbiter(conflict: OnConflict, table: Table): readonly string[] {
  if (conflict.constraint === undefined) return conflict.columns;
  const keys = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques];
  return keys.find((key) => key.name === conflict.constraint)?.columns ?? [];
}

/**
 * Builds MERGE: ON governs the target in the branches for matches, and where unmatched source rows are inserted, for a match
 * of another tenant's row would suppress them; WHEN ... AND governs the target in its own branch.
 */
export function buildMerge(query: MergeQuery, frame: Frame, region: Region, builder: Builder): Outputs {
  const { regions } = builder;
  const inserts = query.branches.some((branch) => branch.when === 'notMatchedByTarget');
  const home = regions.make('block', region);
  home.dead = query.branches.every((branch) => branch.action === 'nothing');
  const matched = regions.make('branch', home);
  const target = buildTarget(query.target, 'merge', home, frame, builder);
  buildItem(query.source, inserts ? region : matched, frame, builder);
  addCondition(query.on, matched, frame, builder);
  const needed: Region[] = [];
  if (inserts) needed.push(matched);
  for (const branch of query.branches) {
    const inner = regions.make('branch', branch.when === 'matched' ? matched : home);
    if (branch.condition) addCondition(branch.condition, inner, frame, builder);
    for (const value of [...branch.values, ...assigned(branch.set)]) builder.subqueries(value, inner, frame);
    if (branch.when !== 'notMatchedByTarget' && branch.action !== 'nothing') needed.push(inner);
  }
  const branches = needed.map((each) => ({ region: each }));
  builder.facts.gates.push({ target: home, branches, location: query.on.location, mode: 'proof', only: target.ref });
  for (const { expression } of query.returning) builder.subqueries(expression, region, frame);
  return { columns: query.returning.map((each, index) => ({ name: each.alias ?? '', column: { ref: builder.facts.ref('output', 'RETURNING', region), name: `#${index}` } })), region, open: true };
}
