import type { Expression } from '../../facts/expression.js';
import type { Query, SelectQuery, TableReference } from '../../facts/query.js';
import type { Table } from '../catalog/types.js';
import { checkBoolean } from './checks.js';
import { Context } from './context.js';
import { failure } from './failure.js';
import { visible } from './from.js';
import { resolveBlock } from './query.js';
import { tableColumns } from './relation.js';
import { Scope } from './scope.js';
import type { Asked, Binding, OutputColumn, Resolution, ResolveEnvironment } from './types.js';
import { assignable, groupOf, typeText } from './typing.js';
import { settle, type Value } from './value.js';
import { resolveValue } from './values.js';

/**
 * Resolves every name of a query as PostgreSQL's parse analysis does (src/backend/parser, PostgreSQL 18), and finds what it rejects.
 * Nothing is said to fail unless it fails for certain: what is not known (assumed tables, types of extensions, parameters) is left open.
 */
export function resolveQuery(query: Query, env: ResolveEnvironment): Resolution {
  const context = new Context(env, resolveBlock);
  const columns = guarded(context, () => resolveBlock(query, undefined, context));
  return resolution(context, columns && settle(columns));
}

/**
 * Resolves an expression that belongs to tables: a CHECK, a policy, a trigger condition, a key of an index.
 * Sub-selects in it are resolved as well. A table of the list is named by its own name.
 * @param asked what its place demands of it
 */
export function resolveExpression(expression: Expression, tables: readonly Table[], env: ResolveEnvironment, asked: Asked = {}): Resolution {
  const context = new Context(env, resolveBlock);
  const { location } = expression;
  const from = tables.map((table): TableReference => ({ kind: 'table', name: { schema: table.schema, name: table.name }, columnAliases: [], location }));
  const block: SelectQuery = {
    kind: 'select', targets: [{ expression }], from, groupBy: [], distinctOn: [], orderBy: [], with: [], location,
  };
  const scope = new Scope(block);
  scope.items = tables.map((table, index) => {
    const item = from[index]!;
    context.tables.set(item, table);
    return visible({ item, block, name: table.name, aliased: false, table, columns: tableColumns(table, item, block), open: table.assumed || table.open });
  });
  const value = guarded(context, () => context.within(asked.place, () => resolveValue(expression, scope, context)));
  if (value) checkAsked(value, expression, asked, context);
  return resolution(context, value && settle([{ ...value, name: '?column?' }]));
}

function checkAsked(value: Value, { location }: Expression, { condition, stored }: Asked, context: Context): void {
  if (condition) checkBoolean(value, condition, location, context);
  const from = context.group(value);
  const to = stored && groupOf(stored.type, context.env.catalog, context.env.searchPath);
  if (!from || !to || assignable(from, to)) return;
  context.fail(failure('42804', `column "${stored.column}" is of type ${typeText(stored.type)} but default expression is of type ${typeText(value.type)}`, location, {
    suggestion: 'Cast the default to the type of the column.',
  }));
}

/** An expression nested deeper than the stack is left open. */
function guarded<T>(context: Context, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.leaveOpen();
    return undefined;
  }
}

function resolution(context: Context, columns: readonly OutputColumn[] | undefined): Resolution {
  return {
    failures: context.failures, bindings: context.bindings, tables: context.tables, ...(columns ? { columns } : {}), complete: context.complete,
  };
}

export type { Asked, Binding, OutputColumn, Resolution, ResolveEnvironment };
