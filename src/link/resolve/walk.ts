import type { Expression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';

/** The expressions an expression is made of; the query of a sub-select is not among them. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call': return [
      ...expression.arguments, ...(expression.filter ? [expression.filter] : []), ...(expression.orderBy ?? []),
      ...(expression.over ? [...expression.over.partitionBy, ...expression.over.orderBy] : []),
    ];
    case 'operator': return expression.left ? [expression.left, expression.right] : [expression.right];
    case 'and': case 'or': return expression.operands;
    case 'not': case 'nullTest': case 'booleanTest': case 'cast': return [expression.operand];
    case 'distinct': case 'quantified': return [expression.left, expression.right];
    case 'inList': return [expression.operand, ...expression.list];
    case 'subquery': return expression.left ? [expression.left] : [];
    case 'case': return [
      ...(expression.operand ? [expression.operand] : []), ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
      ...(expression.otherwise ? [expression.otherwise] : []),
    ];
    case 'row': case 'array': return expression.items;
    case 'indirection': return [expression.operand, ...expression.subscripts];
    case 'other': return expression.parts;
    default: return [];
  }
}

/** Visits an expression and its parts, outermost first, until `visit` returns false for a branch. */
export function visitExpressions(expression: Expression, visit: (expression: Expression) => boolean): void {
  if (!visit(expression)) return;
  for (const part of partsOf(expression)) visitExpressions(part, visit);
}

/** Whether one of several nodes stands in a query, at any depth. */
export function holdsAny(query: Query, nodes: ReadonlySet<unknown>): boolean {
  const open: unknown[] = [query];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (nodes.has(node)) return true;
    for (const key in node) if (key !== 'location') open.push((node as Record<string, unknown>)[key]);
  }
  return false;
}
