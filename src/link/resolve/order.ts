import type { Expression } from '../../facts/expression.js';
import type { SelectQuery } from '../../facts/query.js';
import type { Context } from './context.js';
import { didYouMean, failure } from './failure.js';
import { Sameness } from './sameness.js';
import type { Scope } from './scope.js';
import { lookupColumn } from './scope.js';
import { outputName } from './targets.js';
import type { Output } from './value.js';
import { resolveValue } from './values.js';

/**
 * Resolves GROUP BY: an input column first, else an output name, an ordinal, or an expression
 * (PostgreSQL's findTargetlistEntrySQL92). @returns the expressions grouped by
 */
export function resolveGroupBy(query: SelectQuery, scope: Scope, context: Context): readonly Expression[] {
  return query.groupBy.flatMap((item) => groupItem(item, query, scope, context));
}

function groupItem(item: Expression, query: SelectQuery, scope: Scope, context: Context): readonly Expression[] {
  if (item.kind === 'other') return item.parts.flatMap((part) => groupItem(part, query, scope, context));
  if (item.kind === 'row') return item.items.flatMap((part) => groupItem(part, query, scope, context));
  const ordinal = ordinalTarget(item, query, 'GROUP BY', context);
  if (ordinal) return [ordinal];
  if (item.kind === 'column' && item.path.length === 1 && lookupColumn(scope, item.path[0]!, true).kind === 'missing') {
    const target = query.targets.find((candidate) => (candidate.alias ?? outputName(candidate.expression)) === item.path[0]);
    if (target) return [target.expression];
  }
  resolveValue(item, scope, context);
  return [item];
}

/** Resolves ORDER BY of a SELECT: an output name first, an ordinal, else an expression of input columns. */
export function resolveOrderBy(query: SelectQuery, columns: readonly Output[] | undefined, scope: Scope, context: Context): void {
  const count = context.failures.length;
  const sorted = query.orderBy.map((item) => resolveSortItem(item, query, columns, 'ORDER BY', scope, context));
  if (query.distinct && context.failures.length === count) checkDistinct(query, sorted, context);
}

/** 42P10: SELECT DISTINCT sorted by something that is not in its list. */
function checkDistinct(query: SelectQuery, sorted: readonly Expression[], context: Context): void {
  if (query.targets.some((target) => isStar(target.expression))) return;
  const sameness = new Sameness(context);
  const shown = new Set(query.targets.map((target) => sameness.key(target.expression)));
  const other = sorted.find((item) => item.kind !== 'hole' && !shown.has(sameness.key(item)));
  if (!other) return;
  context.fail(failure('42P10', 'for SELECT DISTINCT, ORDER BY expressions must appear in select list', other.location));
}

function isStar(expression: Expression): boolean {
  return expression.kind === 'star' || (expression.kind === 'indirection' && expression.fields.at(-1) === '*');
}

/** Resolves DISTINCT ON, whose items are found as those of ORDER BY, and must be its first ones (42P10). */
export function resolveDistinctOn(query: SelectQuery, columns: readonly Output[] | undefined, scope: Scope, context: Context): void {
  if (query.distinctOn.length === 0) return;
  const count = context.failures.length;
  const resolve = (item: Expression, clause: string) => resolveSortItem(item, query, columns, clause, scope, context);
  const distinct = query.distinctOn.map((item) => resolve(item, 'DISTINCT ON'));
  const sameness = new Sameness(context);
  const missing = new Set(distinct.map((item) => sameness.key(item)));
  const all = new Set(missing);
  for (const item of query.orderBy.map((sorted) => resolve(sorted, 'ORDER BY'))) {
    const key = sameness.key(item);
    if (missing.size === 0 || context.failures.length > count) return;
    if (!all.has(key)) {
      context.fail(failure('42P10', 'SELECT DISTINCT ON expressions must match initial ORDER BY expressions', query.distinctOn[0]!.location));
      return;
    }
    missing.delete(key);
  }
}

/** @returns the expression an item of ORDER BY stands for: itself, or the target it names */
function resolveSortItem(
  item: Expression, query: SelectQuery, columns: readonly Output[] | undefined, clause: string, scope: Scope, context: Context,
): Expression {
  const ordinal = ordinalTarget(item, query, clause, context);
  if (ordinal) return ordinal;
  if (item.kind === 'column' && item.path.length === 1) {
    const name = item.path[0]!;
    const targets = query.targets.filter((target) => (target.alias ?? outputName(target.expression)) === name);
    const found = targets[0]?.expression;
    if (found) {
      const sameness = new Sameness(context);
      const keys = new Set(targets.map((target) => sameness.key(target.expression)));
      if (keys.size > 1) context.fail(failure('42702', `${clause} "${name}" is ambiguous`, item.location));
      if (isPlainColumn(query, name)) resolveValue(item, scope, context);
      return found;
    }
    if (columns?.some((column) => column.name === name) && lookupColumn(scope, name, true).kind !== 'found') return item;
  }
  resolveValue(item, scope, context);
  return item;
}

/** The output column is the input column of that name: resolving it gives a binding. */
function isPlainColumn(query: SelectQuery, name: string): boolean {
  const targets = query.targets.filter((target) => (target.alias ?? outputName(target.expression)) === name);
  return targets.every(({ expression }) => expression.kind === 'column' && expression.path.at(-1) === name && expression.path.length === 1);
}

function ordinalTarget(item: Expression, query: SelectQuery, clause: string, context: Context): Expression | undefined {
  if (item.kind !== 'constant') return undefined;
  if (typeof item.value !== 'number' || !Number.isInteger(item.value)) {
    if (item.value !== null) context.fail(failure('42601', `non-integer constant in ${clause}`, item.location));
    return undefined;
  }
  if (query.targets.some((target) => target.expression.kind === 'star' || target.expression.kind === 'indirection')) return item;
  const target = query.targets[item.value - 1];
  if (!target) context.fail(failure('42P10', `${clause} position ${item.value} is not in select list`, item.location));
  return target?.expression ?? item;
}

/** Resolves ORDER BY of VALUES or of a set operation: output names and ordinals; expressions only after VALUES. */
export function resolveSetOrder(
  items: readonly Expression[], columns: readonly Output[] | undefined, scope: Scope, context: Context, isSet: boolean,
): void {
  if (!columns) return;
  for (const item of items) {
    if (item.kind === 'constant' && typeof item.value === 'number') {
      if (item.value < 1 || item.value > columns.length) context.fail(failure('42P10', `ORDER BY position ${item.value} is not in select list`, item.location));
    } else if (item.kind === 'column' && item.path.length === 1) {
      const name = item.path[0]!;
      if (columns.some((column) => column.name === name) || context.env.variables.has(name)) continue;
      context.fail(failure('42703', `column "${name}" does not exist`, item.location, { suggestion: didYouMean(name, columns.map((column) => column.name)) }));
    } else if (isSet && item.kind !== 'hole' && item.kind !== 'parameter' && item.kind !== 'constant' && item.kind !== 'column') {
      context.fail(failure('0A000', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', item.location, {
        suggestion: 'Only result column names can be used, not expressions: put the set operation into a sub-select.',
      }));
    } else resolveValue(item, scope, context);
  }
}
