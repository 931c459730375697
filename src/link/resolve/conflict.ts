import type { Expression } from '../../facts/expression.js';
import type { OnConflict } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import { checkAssignments } from './assignment.js';
import type { Context } from './context.js';
import { didYouMean, failure } from './failure.js';
import { visible } from './from.js';
import { condition } from './query.js';
import type { Relation } from './relation.js';
import type { Scope } from './scope.js';
import { resolveValue } from './values.js';

/** Resolves ON CONFLICT: its target, and DO UPDATE, which sees the target and `excluded` (PostgreSQL manual, INSERT). */
export function resolveConflict(conflict: OnConflict, target: Relation, scope: Scope, context: Context): void {
  if (conflict.targetWhere) resolveValue(conflict.targetWhere, scope, context);
  checkArbiter(conflict, target, context);
  if (conflict.action === 'nothing') return;
  const excluded = proposedRow(target);
  const outer = scope.items;
  scope.items = [...outer, visible(excluded)];
  checkAssignments(conflict.set, target, scope, context);
  if (conflict.where) condition(conflict.where, 'WHERE', scope, context);
  scope.items = outer;
}

/** The row that was proposed for insertion: an item of its own, for its columns are not those of a stored row. */
function proposedRow(target: Relation): Relation {
  const item = { ...target.item, alias: 'excluded' };
  const columns = target.columns.map(({ source: _, ...column }) => ({ ...column, nullable: 'unknown' as const, binding: { ...column.binding, item } }));
  return { ...target, item, name: 'excluded', aliased: true, columns };
}

function checkArbiter(conflict: OnConflict, target: Relation, context: Context): void {
  const { table } = target;
  if (conflict.constraint === undefined && conflict.columns.length === 0 && !conflict.expressions) {
    if (conflict.action === 'update') {
      context.fail(failure('42601', 'ON CONFLICT DO UPDATE requires inference specification or constraint name', conflict.location, {
        suggestion: 'For example, ON CONFLICT (column_name).',
      }));
    }
    return;
  }
  if (!table || target.open || table.kind !== 'table') return;
  if (conflict.constraint !== undefined) checkConstraint(conflict, conflict.constraint, table, context);
  else if (!missingColumn(conflict, table, context) && !conflict.expressions && !hasArbiter(conflict, table)) refuse(conflict, table, context);
}

function missingColumn(conflict: OnConflict, table: Table, context: Context): boolean {
  const name = conflict.columns.find((column) => !table.columns.has(column));
  if (name === undefined) return false;
  context.fail(failure('42703', `column "${name}" does not exist`, conflict.location, { suggestion: didYouMean(name, table.columns.keys()) }));
  return true;
}

function checkConstraint(conflict: OnConflict, name: string, table: Table, context: Context): void {
  const names = [...(table.primaryKey ? [table.primaryKey.name] : []), ...table.uniques.map((key) => key.name), ...table.exclusions.flatMap((key) => key.name ?? [])];
  if (names.includes(name)) return;
  const isIndex = table.indexes.some((index) => index.name === name);
  context.fail(failure('42704', `constraint "${name}" for table "${table.name}" does not exist`, conflict.location, {
    suggestion: isIndex ? `"${name}" is an index, not a constraint: name its columns instead.` : didYouMean(name, names),
  }));
}

/** Whether a unique index or constraint has exactly these columns; a partial index counts when its predicate may be implied. */
function hasArbiter(conflict: OnConflict, table: Table): boolean {
  const wanted = new Set(conflict.columns);
  const keys = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques];
  if (keys.some((key) => sameSet(key.columns, wanted))) return true;
  return table.indexes.some((index) => {
    if (!index.unique || index.keys.some((key) => key.column === undefined)) return false;
    if (!sameSet(index.keys.map((key) => key.column!), wanted)) return false;
    return index.where === undefined || conflict.targetWhere !== undefined || isAlwaysTrue(index.where);
  });
}

function sameSet(columns: readonly string[], wanted: ReadonlySet<string>): boolean {
  return new Set(columns).size === wanted.size && columns.every((column) => wanted.has(column));
}

function isAlwaysTrue(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === true;
}

function refuse(conflict: OnConflict, table: Table, context: Context): void {
  const partial = table.indexes.find((index) => index.unique && index.where !== undefined && sameSet(index.keys.flatMap((key) => key.column ?? []), new Set(conflict.columns)));
  const keys = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques].map((key) => `(${key.columns.join(', ')})`);
  const nearby = partial ?? [...table.uniques, ...(table.primaryKey ? [table.primaryKey] : [])].find((key) => conflict.columns.some((column) => key.columns.includes(column)));
  context.fail(failure('42P10', 'there is no unique or exclusion constraint matching the ON CONFLICT specification', conflict.location, {
    suggestion: partial ? `The unique index "${partial.name}" is partial: repeat its WHERE after the columns of ON CONFLICT.`
      : keys.length > 0 ? `"${table.name}" is unique on ${keys.join(' and ')}.` : `"${table.name}" has no unique constraint: add one on (${conflict.columns.join(', ')}).`,
    related: nearby ? [{ location: nearby.origin.location, message: `"${nearby.name}" is declared here` }] : [],
  }));
}
