import type { Expression } from '../../facts/expression.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { at, lower, lowerAll } from './expression.js';
import { around, partnerOf, spanOf, spansOf, startOf, tokenFrom, tokenSpan, widenAfter, widenBefore } from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { strings } from './expression-type.js';

const BETWEEN: Readonly<Record<string, string>> = {
  AEXPR_BETWEEN: 'between',
  AEXPR_NOT_BETWEEN: 'not between',
  AEXPR_BETWEEN_SYM: 'between symmetric',
  AEXPR_NOT_BETWEEN_SYM: 'not between symmetric',
};

/** Lowers an A_Expr. The left spine of an operator chain (`a || b || c ...`) is walked, not recursed into. */
export function lowerOperator(node: TreeNode, scope: Scope): Expression {
  const chain: TreeNode[] = [];
  let bottom: TreeNode = node;
  let leftmost = node['lexpr'] as TreeNode | undefined;
  for (; leftmost?.['A_Expr'] !== undefined; leftmost = bottom['lexpr'] as TreeNode | undefined) {
    chain.push(bottom);
    bottom = leftmost['A_Expr'] as TreeNode;
  }
  let result = combine(bottom, leftmost === undefined ? undefined : lower(leftmost, scope), scope);
  for (let next = chain.pop(); next !== undefined; next = chain.pop()) result = combine(next, result, scope);
  return result;
}

function combine(node: TreeNode, left: Expression | undefined, scope: Scope): Expression {
  const { ctx } = scope;
  const kind = (node['kind'] as string | undefined) ?? 'AEXPR_OP';
  const operator = strings(node['name']).at(-1) ?? '';
  if (left === undefined) {
    const right = lower(node['rexpr'], scope);
    return at(scope, operatorSpan(ctx, node, undefined, [right]), (location) => ({ kind: 'operator', operator, right, location }));
  }
  if (kind === 'AEXPR_IN') {
    const list = lowerAll(node['rexpr']['List']?.['items'], scope);
    const negated = operator === '<>';
    return at(scope, operatorSpan(ctx, node, left, list), (location) => ({ kind: 'inList', operand: left, list, negated, location }));
  }
  const between = BETWEEN[kind];
  if (between !== undefined) {
    const right = lower(node['rexpr'], scope);
    const bounds = right.kind === 'row' ? right.items : [right];
    return at(scope, operatorSpan(ctx, node, left, bounds), (location) => ({ kind: 'operator', operator: between, left, right, location }));
  }
  const right = lower(node['rexpr'], scope);
  if (kind === 'AEXPR_NULLIF') {
    const index = tokenFrom(ctx, startOf(ctx, node) ?? 0);
    const span = tokenSpan(ctx, index, partnerOf(ctx, index + 1) + 1);
    return at(scope, span, (location) => ({ kind: 'call', name: ['nullif'], arguments: [left, right], location }));
  }
  const span = operatorSpan(ctx, node, left, [right]);
  switch (kind) {
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL': {
      const quantifier = kind === 'AEXPR_OP_ANY' ? 'any' : 'all';
      return at(scope, span, (location) => ({ kind: 'quantified', operator, quantifier, left, right, location }));
    }
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT': {
      const negated = kind === 'AEXPR_NOT_DISTINCT';
      return at(scope, span, (location) => ({ kind: 'distinct', left, right, negated, location }));
    }
    default:
      return at(scope, span, (location) => ({ kind: 'operator', operator, left, right, location }));
  }
}

/** From the left operand to the last right one, with the parentheses that belong to either. */
function operatorSpan(ctx: LowerContext, node: TreeNode, left: Expression | undefined, right: readonly Expression[]): Span | undefined {
  const start = startOf(ctx, node);
  const places = [left && spanOf(left), ...spansOf(right)];
  if (start === undefined) return around(places);
  const index = tokenFrom(ctx, start);
  return around(places.map((place, position) => {
    if (place === undefined) return undefined;
    return position === 0 ? widenBefore(ctx, place, index) : widenAfter(ctx, place, index);
  }).concat(tokenSpan(ctx, index, index + 1)));
}
