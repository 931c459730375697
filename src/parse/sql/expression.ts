import type { BooleanTestExpression, Expression, LogicalExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerCall, lowerFunctionLike } from './expression-call.js';
import { lowerOperator } from './expression-operator.js';
import {
  afterName, around, locationOf, outerScope, partnerOf, placed, spanOf, spansOf, startOf, tokenFrom, tokenSpan, widenAfter, widenBefore, wordAt,
} from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { lowerType, strings, typeEnd } from './expression-type.js';
import { queryOf } from './query.js';

export { lowerType } from './expression-type.js';

/**
 * Lowers an expression of PostgreSQL's raw parse tree.
 * @param node a node as the grammar wraps it (`{ ColumnRef: { ... } }`)
 * @param ctx the statement the node belongs to
 * @returns the expression, with its place in the file; a node of unknown kind becomes an OtherExpression of that name
 */
export function lowerExpression(node: TreeNode, ctx: LowerContext): Expression {
  return lower(node, outerScope(ctx));
}

type Handler = (node: TreeNode, scope: Scope) => Expression;

const HANDLERS: Readonly<Record<string, Handler>> = {
  A_Expr: lowerOperator,
  BoolExpr: lowerLogical,
  ColumnRef: lowerColumn,
  ParamRef: lowerParameter,
  A_Const: lowerConstant,
  FuncCall: lowerCall,
  TypeCast: lowerCast,
  NullTest: lowerNullTest,
  BooleanTest: lowerBooleanTest,
  SubLink: lowerSubquery,
  CaseExpr: lowerCase,
  RowExpr: (node, scope) => lowerItems('row', node['args'], node, scope),
  A_ArrayExpr: (node, scope) => lowerItems('array', node['elements'], node, scope),
  List: (node, scope) => lowerItems('row', node['items'], { location: -1 }, scope),
  A_Indirection: lowerIndirection,
  CollateClause: (node, scope) => lowerWrapped(node['arg'], node, scope),
  NamedArgExpr: (node, scope) => lowerWrapped(node['arg'], node, scope),
  SortBy: (node, scope) => lower(node['node'], scope),
  ResTarget: (node, scope) => lower(node['val'], scope),
  MultiAssignRef: (node, scope) => lower(node['source'], scope),
  JsonValueExpr: (node, scope) => lower(node['raw_expr'], scope),
};

/** Lowers a wrapped node within a query block. */
export function lower(node: TreeNode, scope: Scope): Expression {
  const kind = Object.keys(node)[0] ?? '';
  const body = node[kind] as TreeNode;
  const handler = Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
  return handler === undefined ? lowerFunctionLike(kind, body, scope) : handler(body, scope);
}

/** Lowers a list of wrapped nodes; an absent list is empty. */
export function lowerAll(nodes: readonly TreeNode[] | undefined, scope: Scope): Expression[] {
  return (nodes ?? []).map((node) => lower(node, scope));
}

/** Gives the expression built by `make` the span, or an empty one at the statement's start when nothing is known of its place. */
export function at<T extends Expression>(scope: Scope, span: Span | undefined, make: (location: T['location']) => T): T {
  const known = span ?? { start: 0, end: 0 };
  const made = make(locationOf(scope.ctx, known));
  return span === undefined ? made : placed(made, span);
}

/** AND and OR become one node each, however deeply they are nested, without recursion; NOT stays as written. */
function lowerLogical(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  if (node['boolop'] === 'NOT_EXPR') {
    const operand = lower(node['args'][0], scope);
    const start = startOf(ctx, node) ?? spanOf(operand)?.start ?? 0;
    const word = tokenFrom(ctx, start);
    const inner = spanOf(operand);
    const span = around([tokenSpan(ctx, word, word + 1), inner === undefined ? undefined : widenAfter(ctx, inner, word)]);
    return at(scope, span, (location) => ({ kind: 'not', operand, location }));
  }
  const operands: Expression[] = [];
  const open: TreeNode[] = [{ BoolExpr: node }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const same = next['BoolExpr'] as TreeNode | undefined;
    if (same?.['boolop'] === node['boolop']) for (const operand of (same!['args'] as TreeNode[]).toReversed()) open.push(operand);
    else operands.push(lower(next, scope));
  }
  const kind: LogicalExpression['kind'] = node['boolop'] === 'AND_EXPR' ? 'and' : 'or';
  return at(scope, logicalSpan(ctx, operands), (location) => ({ kind, operands, location }));
}

/** The first operand may be in parentheses that close before the second, and the last in ones that open after the one before. */
function logicalSpan(ctx: LowerContext, operands: readonly Expression[]): Span | undefined {
  const places = spansOf(operands).filter((span) => span !== undefined);
  const [first, second] = places;
  const last = places.at(-1);
  if (first === undefined || second === undefined || last === undefined) return first;
  const before = places.at(-2)!;
  return around([
    widenBefore(ctx, first, tokenFrom(ctx, second.start)),
    ...places,
    widenAfter(ctx, last, tokenFrom(ctx, before.end) - 1),
  ]);
}

function lowerColumn(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const fields = node['fields'] as TreeNode[];
  const start = startOf(ctx, node);
  const first = start === undefined ? 0 : tokenFrom(ctx, start);
  const span = start === undefined ? undefined : tokenSpan(ctx, first, afterName(ctx, first));
  const star = fields.at(-1)?.['A_Star'] !== undefined;
  const path = strings(star ? fields.slice(0, -1) : fields);
  return at(scope, span, (location) => ({ kind: star ? 'star' : 'column', path, location }));
}

function lowerParameter(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const number = (node['number'] as number | undefined) ?? 0;
  const span = tokenAt(ctx, node);
  const hole = ctx.holes.get(number);
  if (hole !== undefined) return at(scope, span, (location) => ({ kind: 'hole', text: hole, location }));
  const name = ctx.placeholders.get(number) ?? (number === 0 ? '?' : `$${number}`);
  return at(scope, span, (location) => ({ kind: 'parameter', name, location }));
}

function lowerConstant(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  let span = tokenAt(ctx, node);
  if (span !== undefined && /^[+-]$/.test(ctx.text.slice(span.start, span.end))) {
    const sign = tokenFrom(ctx, span.start);
    const number = tokenFrom(ctx, span.end);
    span = around([span, tokenSpan(ctx, sign, number + 1)]);
  }
  const { value, text } = constantValue(node);
  const quote = span === undefined ? undefined : /^(?:'|\$[^$\s']*\$|[eEnN]'|[uU]&')/.exec(ctx.text.slice(span.start, span.end))?.[0];
  return at(scope, span, (location) => ({
    kind: 'constant', value, ...(text === undefined ? {} : { text }), ...(quote === undefined ? {} : { quote }), location,
  }));
}

function constantValue(node: TreeNode): { value: string | number | boolean | null; text?: string } {
  if (node['isnull'] === true) return { value: null };
  if (node['ival'] !== undefined) return { value: (node['ival']['ival'] as number | undefined) ?? 0 };
  if (node['boolval'] !== undefined) return { value: node['boolval']['boolval'] === true };
  if (node['fval'] !== undefined) {
    const text = node['fval']['fval'] as string;
    const value = Number(text.replaceAll('_', ''));
    return String(value) === text ? { value } : { value, text };
  }
  if (node['bsval'] !== undefined) return { value: (node['bsval']['bsval'] as string | undefined) ?? '' };
  return { value: (node['sval']?.['sval'] as string | undefined) ?? '' };
}

function tokenAt(ctx: LowerContext, node: TreeNode): Span | undefined {
  const start = startOf(ctx, node);
  if (start === undefined) return undefined;
  const index = tokenFrom(ctx, start);
  return tokenSpan(ctx, index, index + 1);
}

/** `x::type`, `CAST(x AS type)`, and `type 'constant'`, which has no position of its own. */
function lowerCast(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const operand = lower(node['arg'], scope);
  const type = lowerType(node['typeName']);
  const start = startOf(ctx, node);
  const typeStart = startOf(ctx, node['typeName']);
  const inner = spanOf(operand);
  let span: Span | undefined;
  if (start === undefined) span = around([inner, typeStart === undefined ? undefined : { start: typeStart, end: typeStart }]);
  else {
    const index = tokenFrom(ctx, start);
    span = wordAt(ctx, index) === '::'
      ? around([inner && widenBefore(ctx, inner, index), typeStart === undefined ? undefined : { start, end: typeEnd(ctx, typeStart) }])
      : tokenSpan(ctx, index, partnerOf(ctx, index + 1) + 1);
  }
  return at(scope, span, (location) => ({ kind: 'cast', operand, type, location }));
}

/** Span of `operand IS [NOT] word`: from the operand to the last word. */
export function testSpan(ctx: LowerContext, operand: Expression, node: TreeNode): Span | undefined {
  const start = startOf(ctx, node);
  const inner = spanOf(operand);
  if (start === undefined) return inner;
  const index = tokenFrom(ctx, start);
  let last = index;
  if (wordAt(ctx, last) === 'is') last += 1;
  if (wordAt(ctx, last) === 'not') last += 1;
  return around([inner && widenBefore(ctx, inner, index), tokenSpan(ctx, index, last + 1)]);
}

function lowerNullTest(node: TreeNode, scope: Scope): Expression {
  const operand = lower(node['arg'], scope);
  const negated = node['nulltesttype'] === 'IS_NOT_NULL';
  return at(scope, testSpan(scope.ctx, operand, node), (location) => ({ kind: 'nullTest', operand, negated, location }));
}

const BOOLEAN_TESTS: Readonly<Record<string, BooleanTestExpression['test']>> = {
  IS_TRUE: 'true', IS_NOT_TRUE: 'notTrue', IS_FALSE: 'false', IS_NOT_FALSE: 'notFalse', IS_UNKNOWN: 'unknown', IS_NOT_UNKNOWN: 'notUnknown',
};

function lowerBooleanTest(node: TreeNode, scope: Scope): Expression {
  const operand = lower(node['arg'], scope);
  const test = BOOLEAN_TESTS[(node['booltesttype'] as string | undefined) ?? 'IS_TRUE']!;
  return at(scope, testSpan(scope.ctx, operand, node), (location) => ({ kind: 'booleanTest', operand, test, location }));
}

const FORMS: Readonly<Record<string, 'exists' | 'scalar' | 'any' | 'all' | 'array'>> = {
  EXISTS_SUBLINK: 'exists', EXPR_SUBLINK: 'scalar', MULTIEXPR_SUBLINK: 'scalar', ANY_SUBLINK: 'any', ALL_SUBLINK: 'all', ARRAY_SUBLINK: 'array',
};

function lowerSubquery(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const left = node['testexpr'] === undefined ? undefined : lower(node['testexpr'], scope);
  const query: Query = queryOf(node['subselect'], ctx);
  const form = FORMS[(node['subLinkType'] as string | undefined) ?? 'EXISTS_SUBLINK'] ?? 'scalar';
  const start = startOf(ctx, node);
  const index = start === undefined ? 0 : tokenFrom(ctx, start);
  const inner = spanOf(query);
  const leftSpan = left && spanOf(left);
  const span = around([
    leftSpan && widenBefore(ctx, leftSpan, index),
    inner && widenAfter(ctx, inner, index - 1),
    start === undefined ? undefined : tokenSpan(ctx, index, index + 1),
  ]);
  const operator = strings(node['operName']).at(-1) ?? '=';
  return at(scope, span, (location) => ({
    kind: 'subquery', form, ...(left === undefined ? {} : { operator, left }), query, location,
  }));
}

function lowerCase(node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const operand = node['arg'] === undefined ? undefined : lower(node['arg'], scope);
  const branches = (node['args'] as TreeNode[]).map((item) => {
    const when = item['CaseWhen'] as TreeNode;
    return { when: lower(when['expr'], scope), then: lower(when['result'], scope) };
  });
  const otherwise = node['defresult'] === undefined ? undefined : lower(node['defresult'], scope);
  const start = startOf(ctx, node) ?? 0;
  const last = otherwise ?? branches.at(-1)!.then;
  let end = tokenFrom(ctx, spanOf(last)?.end ?? start);
  while (end < ctx.tokens.length - 1 && wordAt(ctx, end) !== 'end') end += 1;
  const span = { start, end: ctx.tokens[end]?.end ?? ctx.text.length };
  return at(scope, span, (location) => ({
    kind: 'case', ...(operand === undefined ? {} : { operand }), branches, ...(otherwise === undefined ? {} : { otherwise }), location,
  }));
}

/** ROW(...), (a, b), ARRAY[...], and lists of the grammar that have no position. */
function lowerItems(kind: 'row' | 'array', nodes: readonly TreeNode[] | undefined, node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const items = lowerAll(nodes, scope);
  const start = startOf(ctx, node);
  let span = around(spansOf(items));
  if (start !== undefined) {
    const index = tokenFrom(ctx, start);
    const open = partnerOf(ctx, index) > index ? index : index + 1;
    span = tokenSpan(ctx, index, Math.max(partnerOf(ctx, open), index) + 1);
  }
  return at(scope, span, (location) => ({ kind, items, location }));
}

function lowerIndirection(node: TreeNode, scope: Scope): Expression {
  const operand = lower(node['arg'], scope);
  const parts = node['indirection'] as TreeNode[];
  const fields: string[] = [];
  const subscripts: Expression[] = [];
  for (const part of parts) {
    if (part['String'] !== undefined) fields.push(part['String']['sval'] as string);
    else if (part['A_Star'] !== undefined) fields.push('*');
    else for (const bound of ['lidx', 'uidx']) {
      const index = part['A_Indices']?.[bound] as TreeNode | undefined;
      if (index !== undefined) subscripts.push(lower(index, scope));
    }
  }
  const span = indirectionSpan(scope.ctx, operand, parts.length);
  return at(scope, span, (location) => ({ kind: 'indirection', operand, fields, subscripts, location }));
}

function indirectionSpan(ctx: LowerContext, operand: Expression, count: number): Span | undefined {
  const inner = spanOf(operand);
  if (inner === undefined) return undefined;
  let after = tokenFrom(ctx, inner.end);
  while (wordAt(ctx, after) === ')') after += 1;
  const widened = widenBefore(ctx, inner, after);
  for (let part = 0; part < count; part += 1) {
    if (wordAt(ctx, after) === '.') after += 2;
    else if (wordAt(ctx, after) === '[') after = partnerOf(ctx, after) + 1;
    else break;
  }
  return { start: widened.start, end: ctx.tokens[after - 1]?.end ?? widened.end };
}

/** `x COLLATE c` and `name => x` mean x; their span is the whole, so that what stands around them is measured rightly. */
function lowerWrapped(inner: TreeNode, node: TreeNode, scope: Scope): Expression {
  const { ctx } = scope;
  const value = lower(inner, scope);
  const start = startOf(ctx, node);
  const place = spanOf(value);
  if (start === undefined || place === undefined) return value;
  const index = tokenFrom(ctx, start);
  const collate = wordAt(ctx, index) === 'collate';
  const span = collate ? around([widenBefore(ctx, place, index), tokenSpan(ctx, index, afterName(ctx, index + 1))]) : around([place, { start, end: start }]);
  return span === undefined ? value : placed(value, span);
}
