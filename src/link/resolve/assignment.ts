import type { Location } from '../../facts/location.js';
import type { Assignment, InsertQuery } from '../../facts/query.js';
import { displayName } from '../catalog/names.js';
import type { Table } from '../catalog/types.js';
import type { Context } from './context.js';
import { declaredHere, didYouMean, failure } from './failure.js';
import type { Relation, RelationColumn } from './relation.js';
import { isSystemColumn } from './relation.js';
import type { Scope } from './scope.js';
import { assignable, typeText } from './typing.js';
import type { Value } from './value.js';
import { settle } from './value.js';
import { resolveValue } from './values.js';

/** The columns an INSERT names, all of them when it names none; undefined when they are not known. Reports 42703 and 42701. */
export function checkTargetColumns(
  names: readonly string[], target: Relation, location: Location, context: Context,
): readonly (RelationColumn | undefined)[] | undefined {
  const table = realTable(target);
  if (names.length === 0) return table && !target.open ? target.columns : undefined;
  const seen = new Set<string>();
  return names.map((name) => {
    if (seen.has(name)) context.fail(failure('42701', `column "${name}" specified more than once`, location));
    seen.add(name);
    return targetColumn(name, target, location, context);
  });
}

function targetColumn(name: string, target: Relation, location: Location, context: Context): RelationColumn | undefined {
  const column = target.table?.columns.get(name);
  if (column) return target.columns.find((candidate) => candidate.binding.column === column);
  if (target.open || !target.table || isSystemColumn(name)) return undefined;
  context.fail(failure('42703', `column "${name}" of relation "${target.table.name}" does not exist`, location, {
    suggestion: didYouMean(name, target.table.columns.keys()),
    related: declaredHere(target.table),
  }));
  return undefined;
}

function realTable(target: Relation): Table | undefined {
  return target.table && target.table.kind === 'table' ? target.table : undefined;
}

/** Resolves the SET list of UPDATE, ON CONFLICT or MERGE. */
export function checkAssignments(set: readonly Assignment[], target: Relation, scope: Scope, context: Context): void {
  const seen = new Set<string>();
  for (const assignment of set) {
    const value = assignment.value && resolveAssigned(assignment, set, scope, context);
    if (assignment.partial && isQualified(assignment, target)) {
      refuseQualified(assignment, target, context);
      continue;
    }
    const column = targetColumn(assignment.column, target, assignment.location, context);
    if (!assignment.partial && seen.has(assignment.column)) {
      context.fail(failure('42601', `multiple assignments to same column "${assignment.column}"`, assignment.location));
    }
    if (!assignment.partial) seen.add(assignment.column);
    if (!assignment.partial) checkAssignment(column, value, target.table, assignment.location, undefined, context, true);
  }
}

/** The value of one assignment: the sub-select of `(a, b) = (SELECT x, y)` gives each its column. */
function resolveAssigned(assignment: Assignment, set: readonly Assignment[], scope: Scope, context: Context): Value {
  const { value, position } = assignment;
  if (position === undefined || value!.kind !== 'subquery') return context.within('UPDATE', () => resolveValue(value!, scope, context));
  const known = context.multiColumns.get(value!);
  const columns = known ?? context.within(undefined, () => context.resolveSubquery(value!.query, scope, context)) ?? [];
  if (!known) {
    context.multiColumns.set(value!, columns);
    const width = set.filter((other) => other.value === value).length;
    if (columns.length > 0 && columns.length !== width) {
      context.fail(failure('42601', 'number of columns does not match number of values', value!.location));
    }
  }
  const column = settle(columns)[position];
  return column ? { ...column, nullable: column.nullable === 'no' ? 'yes' : column.nullable } : { nullable: 'unknown' };
}

/** `SET t.c = ...`: PostgreSQL takes `t` for the column and `c` for a field of it. */
function isQualified(assignment: Assignment, target: Relation): boolean {
  return !target.open && target.table !== undefined && !target.table.columns.has(assignment.column);
}

function refuseQualified(assignment: Assignment, target: Relation, context: Context): void {
  const names = assignment.column === target.name || assignment.column === target.table?.name;
  context.fail(failure('42703', `column "${assignment.column}" of relation "${target.table!.name}" does not exist`, assignment.location, {
    suggestion: names ? 'SET target columns cannot be qualified with the relation name.' : didYouMean(assignment.column, target.table!.columns.keys()),
    related: declaredHere(target.table),
  }));
}

/**
 * 42804 for a value of a known type that its column does not take, 428C9 for one given to a generated column.
 * @param value undefined for DEFAULT
 */
export function checkAssignment(
  column: RelationColumn | undefined, value: Value | undefined, table: Table | undefined, location: Location,
  overriding: InsertQuery['overriding'], context: Context, isUpdate = false,
): void {
  if (!column || !value) return;
  const { generated, identityAlways } = column.binding.column ?? {};
  if ((generated === 'stored' || generated === 'virtual' || (generated === 'identity' && identityAlways)) && table?.kind === 'table' && overriding === undefined) {
    const message = isUpdate ? `column "${column.name}" can only be updated to DEFAULT` : `cannot insert a non-DEFAULT value into column "${column.name}"`;
    context.fail(failure('428C9', message, location, { related: [{ location: column.binding.column!.added.location, message: `"${displayName(table)}.${column.name}" is generated` }] }));
    return;
  }
  const from = context.group(value);
  const to = context.group({ ...(column.type ? { type: column.type } : {}), nullable: 'unknown' });
  if (!from || !to || assignable(from, to)) return;
  context.fail(failure('42804', `column "${column.name}" is of type ${typeText(column.type)} but expression is of type ${typeText(value.type)}`, location, {
    suggestion: 'Cast the value to the type of the column.',
    related: column.binding.column && table && !table.assumed ? [{ location: column.binding.column.added.location, message: `"${displayName(table)}.${column.name}" is declared here` }] : [],
  }));
}
