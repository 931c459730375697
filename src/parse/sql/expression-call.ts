import type { CallExpression, Expression } from '../../facts/expression.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { at, lower, lowerAll, testSpan } from './expression.js';
import { afterName, around, isName, locationOf, partnerOf, spanOf, spansOf, startOf, tokenFrom, tokenSpan, widenAfter, widenBefore, wordAt } from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { strings } from './expression-type.js';
import { queryOf } from './query.js';

/** Words that stand between the operands of a construct the grammar turns into a call (`x AT TIME ZONE y`, `LIKE ... ESCAPE`). */
const INFIX: ReadonlySet<string> = new Set(['at', 'overlaps', 'is', 'like', 'ilike', 'not', 'similar']);

/** Lowers a FuncCall; names the grammar itself put into pg_catalog (`EXTRACT`, `TRIM`, `AT TIME ZONE`) are bare. */
export function lowerCall(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const args = lowerAll(node['args'], scope);
  const name = strings(node['funcname']);
  const start = startOf(ctx, node);
  const word = start === undefined ? undefined : wordAt(ctx, tokenFrom(ctx, start));
  const written = word === name[0] || name[0] !== 'pg_catalog';
  const infix = !written && word !== undefined && INFIX.has(word);
  const span = start === undefined ? around(spansOf(args)) : infix ? infixSpan(ctx, start, args) : callSpan(ctx, start);
  return at(scope, span, (location): CallExpression => ({
    kind: 'call', name: written ? name : name.slice(1), arguments: args, ...aggregateParts(node, scope),
    ...(node['agg_star'] === true ? { star: true } : {}),
    ...(node['agg_distinct'] === true ? { distinct: true } : {}),
    location,
  }));
}

/** FILTER, ORDER BY and OVER, which aggregates of JSON have too. */
function aggregateParts(node: TreeNode, scope: Scope): Partial<CallExpression> {
  const filter = node['agg_filter'] as TreeNode | undefined;
  const order = node['agg_order'] as TreeNode[] | undefined;
  const over = node['over'] as TreeNode | undefined;
  return {
    ...(filter === undefined ? {} : { filter: lower(filter, scope) }),
    ...(order === undefined ? {} : { orderBy: lowerAll(order, scope) }),
    ...(over === undefined ? {} : { over: lowerWindow(over, scope) }),
  };
}

/** A window with what it takes over from named windows (PostgreSQL manual, SELECT, WINDOW clause). */
function lowerWindow(node: TreeNode, scope: Scope): NonNullable<CallExpression['over']> {
  const partition: TreeNode[] = [];
  const order: TreeNode[] = [];
  const seen = new Set<string>();
  for (let window: TreeNode | undefined = node; window !== undefined;) {
    partition.unshift(...((window['partitionClause'] as TreeNode[] | undefined) ?? []));
    order.unshift(...((window['orderClause'] as TreeNode[] | undefined) ?? []));
    const parent: string | undefined = (window['refname'] as string | undefined) ?? (window === node ? (window['name'] as string | undefined) : undefined);
    if (parent === undefined || seen.has(parent)) break;
    seen.add(parent);
    window = scope.windows.get(parent);
  }
  return { partitionBy: lowerAll(partition, scope), orderBy: lowerAll(order, scope) };
}

/** Span of `name(...)` with the clauses that may follow; of the bare name where there is no parenthesis. */
export function callSpan(ctx: LowerContext, start: number): Span {
  const first = tokenFrom(ctx, start);
  let after = afterName(ctx, first);
  if (wordAt(ctx, first) === 'collation' && wordAt(ctx, after) === 'for') after += 1;
  if (wordAt(ctx, after) !== '(') return tokenSpan(ctx, first, after);
  after = afterGroup(ctx, after);
  if (wordAt(ctx, after) === 'within' && wordAt(ctx, after + 2) === '(') after = afterGroup(ctx, after + 2);
  if (wordAt(ctx, after) === 'filter' && wordAt(ctx, after + 1) === '(') after = afterGroup(ctx, after + 1);
  if (wordAt(ctx, after) === 'over') {
    if (wordAt(ctx, after + 1) === '(') after = afterGroup(ctx, after + 1);
    else if (isName(ctx, after + 1)) after += 2;
  }
  return tokenSpan(ctx, first, after);
}

function afterGroup(ctx: LowerContext, open: number): number {
  const close = partnerOf(ctx, open);
  return close < 0 ? ctx.tokens.length : close + 1;
}

function infixSpan(ctx: LowerContext, start: number, args: readonly Expression[]): Span | undefined {
  const index = tokenFrom(ctx, start);
  return around(args.map((arg) => {
    const place = spanOf(arg);
    if (place === undefined) return undefined;
    return place.start < start ? widenBefore(ctx, place, index) : widenAfter(ctx, place, index);
  }).concat(tokenSpan(ctx, index, index + 1)));
}

type Parts = readonly (TreeNode | undefined)[];

/** Names and parts of the constructs that are neither calls nor operators in the grammar. */
const OTHERS: Readonly<Record<string, (node: TreeNode) => { name: string; parts: Parts }>> = {
  GroupingFunc: (node) => ({ name: 'grouping', parts: list(node['args']) }),
  GroupingSet: (node) => ({ name: groupingName(node), parts: list(node['content']) }),
  SetToDefault: () => ({ name: 'default', parts: [] }),
  CurrentOfExpr: () => ({ name: 'current of', parts: [] }),
  XmlExpr: (node) => ({ name: xmlName(node), parts: [...list(node['named_args']), ...list(node['args'])] }),
  XmlSerialize: (node) => ({ name: 'xmlserialize', parts: [node['expr']] }),
  JsonObjectConstructor: (node) => ({ name: 'json_object', parts: list(node['exprs']) }),
  JsonArrayConstructor: (node) => ({ name: 'json_array', parts: list(node['exprs']) }),
  JsonParseExpr: (node) => ({ name: 'json', parts: [jsonValue(node['expr'])] }),
  JsonScalarExpr: (node) => ({ name: 'json_scalar', parts: [node['expr']] }),
  JsonSerializeExpr: (node) => ({ name: 'json_serialize', parts: [jsonValue(node['expr'])] }),
  JsonKeyValue: (node) => ({ name: 'json_key_value', parts: [node['key'], jsonValue(node['value'])] }),
  JsonArgument: (node) => ({ name: 'json_argument', parts: [jsonValue(node['val'])] }),
  JsonFuncExpr: (node) => ({
    name: String(node['op'] ?? 'JSON_EXISTS_OP').replace(/_OP$/, '').toLowerCase(),
    parts: [jsonValue(node['context_item']), node['pathspec'], ...list(node['passing']), node['on_empty']?.['expr'], node['on_error']?.['expr']],
  }),
};

function list(nodes: TreeNode[] | undefined): readonly TreeNode[] {
  return nodes ?? [];
}

function jsonValue(node: TreeNode | undefined): TreeNode | undefined {
  return (node?.['JsonValueExpr']?.['raw_expr'] ?? node?.['raw_expr']) as TreeNode | undefined;
}

function xmlName(node: TreeNode): string {
  const op = String(node['op'] ?? 'IS_XMLCONCAT');
  return op === 'IS_DOCUMENT' ? 'is document' : op.replace(/^IS_/, '').toLowerCase();
}

function groupingName(node: TreeNode): string {
  switch (node['kind']) {
    case 'GROUPING_SET_ROLLUP': return 'rollup';
    case 'GROUPING_SET_CUBE': return 'cube';
    case 'GROUPING_SET_SETS': return 'grouping sets';
    default: return 'empty grouping set';
  }
}

/** Lowers the constructs that are written like functions but are nodes of their own, and whatever is not known. */
export function lowerFunctionLike(kind: string, node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  switch (kind) {
    case 'CoalesceExpr': return namedCall('coalesce', node, list(node['args']), scope);
    case 'MinMaxExpr': return namedCall(node['op'] === 'IS_LEAST' ? 'least' : 'greatest', node, list(node['args']), scope);
    case 'SQLValueFunction': return namedCall(valueFunction(node), node, [], scope);
    case 'MergeSupportFunc': return namedCall('merge_action', node, [], scope);
    case 'JsonObjectAgg': return jsonAggregate('json_objectagg', node, [node['arg']?.['key'], jsonValue(node['arg']?.['value'])], scope);
    case 'JsonArrayAgg': return jsonAggregate('json_arrayagg', node, [jsonValue(node['arg'])], scope);
    case 'JsonArrayQueryConstructor': return jsonArrayQuery(node, scope);
    case 'JsonIsPredicate': {
      const operand = lower(node['expr'], scope);
      return at(scope, jsonTestSpan(ctx, operand), (location) => ({ kind: 'other', name: 'is json', parts: [operand], location }));
    }
  }
  const known = Object.hasOwn(OTHERS, kind) ? OTHERS[kind]!(node) : { name: kind, parts: [] };
  const parts = lowerAll(known.parts.filter((part) => part !== undefined), scope);
  const start = startOf(ctx, node);
  const postfix = kind === 'XmlExpr' && node['op'] === 'IS_DOCUMENT' && parts[0] !== undefined;
  const span = postfix ? testSpan(ctx, parts[0]!, node)
    : start === undefined || kind === 'JsonKeyValue' || kind === 'JsonArgument' || kind === 'CurrentOfExpr' ? around(spansOf(parts)) : otherSpan(ctx, kind, node, start);
  return at(scope, span, (location) => ({ kind: 'other', name: known.name, parts, location }));
}

function otherSpan(ctx: LowerContext, kind: string, node: TreeNode, start: number): Span {
  if (kind !== 'GroupingSet') return callSpan(ctx, start);
  const index = tokenFrom(ctx, start);
  const open = node['kind'] === 'GROUPING_SET_EMPTY' ? index : node['kind'] === 'GROUPING_SET_SETS' ? index + 2 : index + 1;
  return tokenSpan(ctx, index, afterGroup(ctx, open));
}

function namedCall(name: string, node: TreeNode, args: readonly TreeNode[], scope: Scope): Expression {
  const lowered = lowerAll(args, scope);
  const start = startOf(scope.ctx, node);
  const span = start === undefined ? around(spansOf(lowered)) : callSpan(scope.ctx, start);
  return at(scope, span, (location) => ({ kind: 'call', name: [name], arguments: lowered, location }));
}

function valueFunction(node: TreeNode): string {
  return String(node['op'] ?? 'SVFOP_CURRENT_DATE').replace(/^SVFOP_/, '').replace(/_N$/, '').toLowerCase();
}

function jsonAggregate(name: string, node: TreeNode, args: Parts, scope: Scope): Expression {
  const own = Object.hasOwn(node, 'constructor') ? (node['constructor'] as unknown as TreeNode) : {};
  const lowered = lowerAll(args.filter((arg) => arg !== undefined), scope);
  const start = startOf(scope.ctx, own);
  const span = start === undefined ? around(spansOf(lowered)) : callSpan(scope.ctx, start);
  return at(scope, span, (location) => ({ kind: 'call', name: [name], arguments: lowered, ...aggregateParts(own, scope), location }));
}

function jsonArrayQuery(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const query = queryOf(node['query'], ctx);
  const inner = spanOf(query);
  const location = locationOf(ctx, inner ?? { start: 0, end: 0 });
  const part: Expression = { kind: 'subquery', form: 'array', query, location };
  const start = startOf(ctx, node);
  return at(scope, start === undefined ? inner : callSpan(ctx, start), (place) => ({ kind: 'other', name: 'json_array', parts: [part], location: place }));
}

/** `x IS [NOT] JSON [VALUE | ARRAY | OBJECT | SCALAR] [WITH | WITHOUT UNIQUE [KEYS]]`; the grammar places it at x. */
function jsonTestSpan(ctx: LowerContext, operand: Expression): Span | undefined {
  const inner = spanOf(operand);
  if (inner === undefined) return undefined;
  let after = tokenFrom(ctx, inner.end);
  while (wordAt(ctx, after) === ')') after += 1;
  const widened = widenBefore(ctx, inner, after);
  for (const words of [['is'], ['not'], ['json'], ['value', 'array', 'object', 'scalar'], ['with', 'without'], ['unique'], ['keys']]) {
    if (words.includes(wordAt(ctx, after) ?? '')) after += 1;
  }
  return { start: widened.start, end: ctx.tokens[after - 1]?.end ?? inner.end };
}
