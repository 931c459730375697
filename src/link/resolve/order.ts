import type { Expression } from '../../facts/expression.js';
import type { SelectQuery } from '../../facts/query.js';
import type { Context } from './context.js';
import { didYouMean, failure } from './failure.js';
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
  for (const item of query.orderBy) resolveSortItem(item, query, columns, 'ORDER BY', scope, context);
}

/** Resolves DISTINCT ON, whose items are found as those of ORDER BY. */
export function resolveDistinctOn(query: SelectQuery, columns: readonly Output[] | undefined, scope: Scope, context: Context): void {
  for (const item of query.distinctOn) resolveSortItem(item, query, columns, 'DISTINCT ON', scope, context);
}

function resolveSortItem(item: Expression, query: SelectQuery, columns: readonly Output[] | undefined, clause: string, scope: Scope, context: Context): void {
  if (ordinalTarget(item, query, clause, context)) return;
  if (item.kind === 'column' && item.path.length === 1) {
    const named = query.targets.some((target) => (target.alias ?? outputName(target.expression)) === item.path[0]);
    const hidden = !named && columns?.some((column) => column.name === item.path[0]);
    if (named && !isPlainColumn(query, item.path[0]!)) return;
    if (hidden && lookupColumn(scope, item.path[0]!, true).kind !== 'found') return;
    if (named && lookupColumn(scope, item.path[0]!).kind !== 'found') return;
  }
  resolveValue(item, scope, context);
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
