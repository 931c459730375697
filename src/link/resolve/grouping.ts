import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { SelectQuery } from '../../facts/query.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { isAggregateCall, mayAggregate } from './functions.js';
import { Sameness, isColumn } from './sameness.js';
import type { Scope } from './scope.js';
import { lookupRelation } from './scope.js';
import type { Binding } from './types.js';
import { partsOf, visitExpressions } from './walk.js';

/**
 * 42803: columns of a grouped query that are neither grouped nor aggregated (PostgreSQL's parseCheckAggregates).
 * Columns that depend on a grouped primary key are allowed; whatever stands in a user's function is not judged, for it may be an aggregate.
 */
export function checkGrouping(query: SelectQuery, groups: readonly Expression[], scope: Scope, context: Context): void {
  const roots = [...query.targets.map((target) => target.expression), ...(query.having ? [query.having] : []), ...query.orderBy];
  const grouped = query.groupBy.length > 0 || query.having !== undefined || roots.some((root) => hasAggregate(root, scope, context));
  if (!grouped || groups.some((group) => group.kind === 'constant' || group.kind === 'hole')) return;
  const checker = new GroupingChecker(query, groups, scope, context);
  for (const root of roots) if (checker.check(root)) return;
}

function hasAggregate(root: Expression, scope: Scope, context: Context): boolean {
  let found = false;
  visitExpressions(root, (expression) => {
    if (expression.kind === 'call' && isAggregateCall(expression, context.env.catalog, context.env.searchPath) && isLocal(expression.arguments, scope, context)) found = true;
    return !found;
  });
  return found;
}

/** Whether an aggregate belongs to this block: it has a column of it, or no column at all. */
function isLocal(argumentList: readonly Expression[], scope: Scope, context: Context): boolean {
  let columns = 0;
  let local = 0;
  for (const argument of argumentList) {
    visitExpressions(argument, (expression) => {
      if (expression.kind === 'column') {
        columns++;
        if (context.bindings.get(expression)?.block === scope.block) local++;
      }
      return true;
    });
  }
  return columns === 0 || local > 0;
}

class GroupingChecker {
  private readonly sameness: Sameness;
  private readonly keys: ReadonlySet<string>;

  constructor(
    private readonly query: SelectQuery, private readonly groups: readonly Expression[], private readonly scope: Scope, private readonly context: Context,
  ) {
    this.sameness = new Sameness(context);
    this.keys = new Set(groups.map((group) => this.sameness.key(group)));
  }

  /** @returns whether a fault was found */
  check(expression: Expression): boolean {
    if (expression.kind === 'column') return this.checkColumn(expression, 'plain');
    if (expression.kind === 'star') return this.checkStar(expression);
    if (this.keys.has(this.sameness.key(expression))) return false;
    const { catalog, searchPath } = this.context.env;
    if (expression.kind === 'call' && mayAggregate(expression, catalog, searchPath)) return this.checkNesting(expression);
    if (expression.kind === 'subquery' && this.checkInside(expression.query)) return true;
    return partsOf(expression).some((part) => this.check(part));
  }

  private checkNesting(call: Expression & { kind: 'call' }): boolean {
    const { catalog, searchPath } = this.context.env;
    if (!isAggregateCall(call, catalog, searchPath)) return false;
    let nested: Expression | undefined;
    for (const argument of call.arguments) {
      visitExpressions(argument, (part) => {
        if (part.kind === 'call' && isAggregateCall(part, catalog, searchPath)) nested ??= part;
        return part.kind !== 'subquery';
      });
    }
    if (nested) this.context.fail(failure('42803', 'aggregate function calls cannot be nested', nested.location));
    return nested !== undefined;
  }

  /** Looks for columns of this block in a sub-select; what stands in its calls is left out, for an aggregate there may belong to this block. */
  private checkInside(node: unknown): boolean {
    if (typeof node !== 'object' || node === null) return false;
    if (isColumn(node)) return this.checkColumn(node, 'subquery');
    const { kind } = node as { kind?: unknown };
    if (kind === 'call' && mayAggregate(node as CallExpression, this.context.env.catalog, this.context.env.searchPath)) return false;
    if (kind !== undefined && this.keys.has(this.sameness.key(node as Expression))) return false;
    return Object.entries(node).some(([name, value]) => name !== 'location' && this.checkInside(value));
  }

  private checkColumn(expression: Expression & { kind: 'column' }, place: 'plain' | 'subquery'): boolean {
    const binding = this.context.bindings.get(expression);
    return binding !== undefined && this.checkBinding(binding, expression.location, place);
  }

  private checkStar(star: Expression & { kind: 'star' }): boolean {
    const found = star.path.length === 0 ? undefined : lookupRelation(this.scope, star.path.at(-1)!, star.path.at(-2));
    const relations = star.path.length === 0 ? this.scope.items.filter((item) => item.columnsVisible).map((item) => item.relation)
      : found?.kind === 'found' ? [found.relation] : [];
    return relations.some((relation) => !relation.open && relation.columns.some(({ binding }) => this.checkBinding(binding, star.location, 'plain')));
  }

  private checkBinding(binding: Binding, location: Location, place: 'plain' | 'subquery'): boolean {
    if (binding.block !== this.query || this.keys.has(this.sameness.columnKey(binding)) || this.dependsOnKey(binding)) return false;
    const { item } = binding;
    const alias = item.kind === 'table' ? item.alias ?? item.name.name : item.alias;
    const name = alias === undefined ? binding.name : `${alias}.${binding.name}`;
    const message = place === 'plain' ? `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`
      : `subquery uses ungrouped column "${name}" from outer query`;
    this.context.fail(failure('42803', message, location));
    return true;
  }

  /** Every column of a table depends on its primary key, when that is grouped by (PostgreSQL manual, section 7.2.3). */
  private dependsOnKey({ item, table }: Binding): boolean {
    if (!table || table.open || table.assumed) return item.kind === 'join' || table !== undefined;
    const grouped = new Set(this.groups.flatMap((group) => {
      const binding = group.kind === 'column' ? this.context.bindings.get(group) : undefined;
      return binding?.item === item && binding.column ? [binding.column.name] : [];
    }));
    return table.primaryKey !== undefined && table.primaryKey.columns.every((column) => grouped.has(column));
  }
}
