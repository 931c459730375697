import type { Expression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';

/** Any node of an expression or query: everything that has a `kind`. */
export interface Node {
  readonly kind: string;
}

/** Every node inside a value, itself included, sub-queries included, outer nodes first. */
export function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (typeof (value as Partial<Node>).kind === 'string') yield value as Node;
  for (const child of Object.values(value)) yield* nodes(child);
}

/** The nodes of one kind inside a value. */
export function* nodesOfKind<K extends (Expression | Query)['kind']>(value: unknown, kind: K): Generator<Extract<Expression | Query, { kind: K }>> {
  for (const node of nodes(value)) {
    if (node.kind === kind) yield node as Extract<Expression | Query, { kind: K }>;
  }
}

/** The terms joined by AND at the top of a condition. */
export function conjuncts(condition: Expression | undefined): readonly Expression[] {
  if (!condition) return [];
  return condition.kind === 'and' ? condition.operands.flatMap((operand) => conjuncts(operand)) : [condition];
}

/** The expression without the casts around it. */
export function withoutCasts(expression: Expression): Expression {
  return expression.kind === 'cast' ? withoutCasts(expression.operand) : expression;
}

const aggregates = new Set([
  'count', 'sum', 'avg', 'min', 'max', 'bool_or', 'bool_and', 'every', 'array_agg', 'string_agg', 'json_agg', 'jsonb_agg', 'any_value', 'mode',
]);

/** Whether an expression calls an aggregate of its own block (sub-queries and window calls left out). */
export function hasAggregate(expression: Expression): boolean {
  if (expression.kind === 'subquery') return false;
  if (expression.kind === 'call' && !expression.over && aggregates.has(expression.name.at(-1)!)) return true;
  return Object.values(expression).some((child) => childExpressions(child).some(hasAggregate));
}

function childExpressions(value: unknown): Expression[] {
  if (Array.isArray(value)) return value.flatMap(childExpressions);
  if (typeof value !== 'object' || value === null) return [];
  if ('kind' in value) return [value as Expression];
  return 'when' in value || 'partitionBy' in value ? Object.values(value).flatMap(childExpressions) : [];
}
