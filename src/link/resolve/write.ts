import type { Assignment, DeleteQuery, InsertQuery, MergeBranch, MergeQuery, Query, TableReference, Target, UpdateQuery } from '../../facts/query.js';
import { checkAssignment, checkAssignments, checkTargetColumns } from './assignment.js';
import { checkBoolean } from './checks.js';
import { resolveConflict } from './conflict.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { resolveFrom, tableRelation, visible } from './from.js';
import { condition } from './query.js';
import type { Relation, RelationColumn } from './relation.js';
import type { NamespaceItem } from './scope.js';
import { relationsNamed, Scope } from './scope.js';
import { resolveTargets } from './targets.js';
import type { Output, Value } from './value.js';
import { resolveValue } from './values.js';

/** Resolves UPDATE: FROM does not see the target, everything else does (PostgreSQL's transformUpdateStmt). */
export function resolveUpdate(query: UpdateQuery, scope: Scope, context: Context): readonly Output[] | undefined {
  const target = addTarget(query.target, query.from, scope, context);
  if (query.where) condition(query.where, 'WHERE', scope, context);
  checkAssignments(query.set, target, scope, context);
  return resolveReturning(query.returning, target, scope, context);
}

/** Resolves DELETE: USING does not see the target, everything else does. */
export function resolveDelete(query: DeleteQuery, scope: Scope, context: Context): readonly Output[] | undefined {
  const target = addTarget(query.target, query.using, scope, context);
  if (query.where) condition(query.where, 'WHERE', scope, context);
  return resolveReturning(query.returning, target, scope, context);
}

function addTarget(reference: TableReference, from: UpdateQuery['from'], scope: Scope, context: Context): Relation {
  const target = targetRelation(reference, scope, context);
  scope.items.push({ ...visible(target), lateralOnly: true, lateralAllowed: false });
  resolveFrom(from, scope, context);
  return target;
}

function targetRelation(reference: TableReference, scope: Scope, context: Context): Relation {
  const target = tableRelation(reference, scope, context, true);
  scope.relations.push(target);
  if (target.table?.kind === 'materializedView') {
    context.fail(failure('42809', `cannot change materialized view "${target.table.name}"`, reference.location));
  }
  return target;
}

function resolveReturning(returning: readonly Target[], target: Relation, scope: Scope, context: Context): readonly Output[] | undefined {
  if (returning.length === 0) return [];
  const inner = new Scope(scope.block, scope.parent);
  inner.relations.push(...scope.relations);
  for (const [name, common] of scope.commonTables) inner.commonTables.set(name, common);
  inner.items = [...scope.items, ...rowImages(target, scope)];
  return context.within('RETURNING', () => resolveTargets(returning, inner, context));
}

/** `old` and `new`, which RETURNING knows since PostgreSQL 18, unless a relation has that name. */
function rowImages(target: Relation, scope: Scope): NamespaceItem[] {
  const names = scope.block.kind === 'insert' || scope.block.kind === 'update' || scope.block.kind === 'delete' || scope.block.kind === 'merge'
    ? [scope.block.returningNames?.old ?? 'old', scope.block.returningNames?.new ?? 'new'] : [];
  return names.filter((name) => !scope.items.some((item) => item.relation.name === name || relationsNamed(item, name).length > 0))
    .map((name) => ({ ...visible({ ...target, name, aliased: true, columns: target.columns.map((column) => ({ ...column, nullable: 'yes' as const })) }), columnsVisible: false }));
}

/** Resolves INSERT: the source does not see the target; RETURNING and ON CONFLICT do. */
export function resolveInsert(query: InsertQuery, scope: Scope, context: Context): readonly Output[] | undefined {
  const target = targetRelation(query.target, scope, context);
  const columns = checkTargetColumns(query.columns, target, query.target.location, context);
  if (query.source) resolveSource(query.source, query, columns, target, scope, context);
  const inner = new Scope(query, scope.parent);
  for (const [name, common] of scope.commonTables) inner.commonTables.set(name, common);
  inner.relations.push(target);
  inner.items = [visible(target)];
  if (query.onConflict) resolveConflict(query.onConflict, target, inner, context);
  return resolveReturning(query.returning, target, inner, context);
}

/** The values are matched with the columns; a VALUES list keeps DEFAULT and literals apart, row by row. */
function resolveSource(
  source: Query, query: InsertQuery, columns: readonly (RelationColumn | undefined)[] | undefined, target: Relation, scope: Scope, context: Context,
): void {
  if (source.kind !== 'values') {
    const outputs = context.within(undefined, () => context.resolveSubquery(source, scope, context));
    if (outputs) matchRow(outputs, outputs.map(() => source.location), query, columns, target, context);
    return;
  }
  context.insertedValues.add(source);
  context.resolveSubquery(source, scope, context);
  const [first] = source.rows;
  for (const row of source.rows) {
    if (row.length !== first!.length) return;
    const values = row.map((item) => (item.kind === 'other' && item.name === 'default' ? undefined : context.values.get(item) ?? { nullable: 'unknown' as const }));
    if (!matchRow(values, row.map((item) => item.location), query, columns, target, context)) return;
  }
}

function matchRow(
  values: readonly (Value | undefined)[], places: readonly Query['location'][], query: InsertQuery,
  columns: readonly (RelationColumn | undefined)[] | undefined, target: Relation, context: Context,
): boolean {
  if (columns === undefined) return true;
  if (values.length > columns.length) {
    context.fail(failure('42601', 'INSERT has more expressions than target columns', places[columns.length] ?? query.location));
    return false;
  }
  if (values.length < columns.length && query.columns.length > 0) {
    context.fail(failure('42601', 'INSERT has more target columns than expressions', query.target.location));
    return false;
  }
  values.forEach((value, index) => checkAssignment(columns[index], value, target.table, places[index]!, query.overriding, context));
  return true;
}

/** Resolves MERGE: ON sees target and source; each branch what can exist in it (PostgreSQL's setNamespaceForMergeWhen). */
export function resolveMerge(query: MergeQuery, scope: Scope, context: Context): readonly Output[] | undefined {
  const target = targetRelation(query.target, scope, context);
  resolveFrom([query.source], scope, context);
  const source = scope.items;
  const both = [visible(target), ...source];
  if (source.some((item) => relationsNamed(item, target.name!).length > 0)) {
    context.fail(failure('42712', `name "${target.name ?? ''}" specified more than once`, query.target.location));
  }
  scope.items = both;
  context.within('JOIN conditions', () => checkBoolean(resolveValue(query.on, scope, context), 'JOIN/ON', query.on.location, context));
  for (const branch of query.branches) {
    scope.items = branch.when === 'notMatchedByTarget' ? source : branch.when === 'notMatchedBySource' ? [visible(target)] : both;
    context.within(undefined, () => resolveBranch(branch, target, scope, context));
  }
  scope.items = [...source, visible(target)];
  return resolveReturning(query.returning, target, scope, context);
}

function resolveBranch(branch: MergeBranch, target: Relation, scope: Scope, context: Context): void {
  if (branch.condition) checkBoolean(resolveValue(branch.condition, scope, context), 'WHEN', branch.condition.location, context);
  if (branch.action === 'update') checkAssignments(branch.set as readonly Assignment[], target, scope, context);
  if (branch.action !== 'insert') return;
  const columns = checkTargetColumns(branch.columns, target, branch.location, context);
  const values = branch.values.map((value) => (value.kind === 'other' && value.name === 'default' ? undefined : resolveValue(value, scope, context)));
  if (!columns) return;
  if (values.length > columns.length) context.fail(failure('42601', 'INSERT has more expressions than target columns', branch.location));
  else values.forEach((value, index) => checkAssignment(columns[index], value, target.table, branch.values[index]!.location, undefined, context));
}

