import type { Expression } from '../../facts/expression.js';
import type { CommonTableExpression, Query, SelectQuery, SetQuery, Target, ValuesQuery } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lower, lowerAll } from './expression.js';
import { around, locationOf, placed, spanOf, startOf, tokenFrom, tokenSpan, widenAfter, widenBefore } from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { strings } from './expression-type.js';
import { lowerFromItem } from './query-from.js';
import { afterTokens, firstToken, spanFrom, stopsOf } from './query-span.js';
import type { Follow } from './query-span.js';
import { lowerDelete, lowerInsert, lowerMerge, lowerUpdate } from './query-write.js';

/**
 * Lowers a query of PostgreSQL's raw parse tree.
 * @param node SelectStmt, InsertStmt, UpdateStmt, DeleteStmt or MergeStmt, as the grammar wraps it
 * @param ctx the statement the node belongs to
 * @returns the query; its location runs from its first keyword to its end
 * @throws Error when the node is none of these
 */
export function lowerQuery(node: TreeNode, ctx: LowerContext): Query {
  return queryOf(node, ctx);
}

/** Lowers a query; `follow` tells what may stand after it at its level of parentheses. */
export function queryOf(node: TreeNode, ctx: LowerContext, follow: Follow = 'end'): Query {
  const kind = Object.keys(node)[0] ?? '';
  const body = node[kind] as TreeNode;
  switch (kind) {
    case 'SelectStmt': return lowerSelect(body, ctx, follow);
    case 'InsertStmt': return lowerInsert(body, ctx);
    case 'UpdateStmt': return lowerUpdate(body, ctx);
    case 'DeleteStmt': return lowerDelete(body, ctx);
    case 'MergeStmt': return lowerMerge(body, ctx);
    default: throw new Error(`${kind} is not a query`);
  }
}

/** Set operations are walked along their left spine: thousands of UNION arms need no deep stack. */
function lowerSelect(node: TreeNode, ctx: LowerContext, follow: Follow): Query {
  const chain: TreeNode[] = [];
  let leaf = node;
  for (; isSetOperation(leaf); leaf = leaf['larg'] as TreeNode) chain.push(leaf);
  let result: Query = lowerBlock(leaf, ctx, chain.length === 0 ? follow : 'setOperator');
  for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
    result = lowerSetOperation(next, result, ctx, chain.length === 0 ? follow : 'setOperator');
  }
  return result;
}

function isSetOperation(node: TreeNode): boolean {
  return node['op'] !== undefined && node['op'] !== 'SETOP_NONE';
}

const SET_OPERATORS: Readonly<Record<string, SetQuery['operator']>> = {
  SETOP_UNION: 'union', SETOP_INTERSECT: 'intersect', SETOP_EXCEPT: 'except',
};

function lowerSetOperation(node: TreeNode, left: Query, ctx: LowerContext, follow: Follow): SetQuery {
  const right = lowerSelect(node['rarg'] as TreeNode, ctx, 'setOperator');
  const scope = scopeOf(node, ctx);
  const span = setSpan(node, left, right, ctx, follow);
  return placed({
    kind: 'set', ...withOf(node, ctx), operator: SET_OPERATORS[node['op'] as string] ?? 'union', all: node['all'] === true, left, right,
    ...tailOf(node, scope), location: locationOf(ctx, span),
  }, span);
}

function setSpan(node: TreeNode, left: Query, right: Query, ctx: LowerContext, follow: Follow): Span {
  const before = spanOf(left)!;
  const after = spanOf(right)!;
  const clause = node['withClause'] as TreeNode | undefined;
  const start = (clause && startOf(ctx, clause)) ?? before.start;
  const whole = around([
    widenBefore(ctx, before, tokenFrom(ctx, after.start)), widenAfter(ctx, after, tokenFrom(ctx, before.end) - 1),
  ])!;
  const next = tokenFrom(ctx, whole.end);
  const stops = stopsOf(ctx, node, follow);
  const end = stops(next) ? next : afterTokens(ctx, next, stops);
  return { start, end: Math.max(whole.end, ctx.tokens[end - 1]?.end ?? whole.end) };
}

/** The scope of a query block: its named windows are known to its calls. */
function scopeOf(node: TreeNode, ctx: LowerContext): Scope {
  const windows = new Map<string, TreeNode>();
  for (const item of (node['windowClause'] as TreeNode[] | undefined) ?? []) {
    const window = item['WindowDef'] as TreeNode;
    windows.set((window['name'] as string | undefined) ?? '', window);
  }
  return { ctx, windows };
}

function lowerBlock(node: TreeNode, ctx: LowerContext, follow: Follow): SelectQuery | ValuesQuery {
  const scope = scopeOf(node, ctx);
  if (node['valuesLists'] !== undefined) return lowerValues(node, scope, follow);
  const targets = lowerTargets(node['targetList'], scope);
  const from = ((node['fromClause'] as TreeNode[] | undefined) ?? []).map((item) => lowerFromItem(item, scope));
  const where = optional(node['whereClause'], scope);
  const having = optional(node['havingClause'], scope);
  const distinct = node['distinctClause'] as TreeNode[] | undefined;
  const span = spanFrom(ctx, selectStart(node, from, where, ctx), stopsOf(ctx, node, follow));
  const into = node['intoClause']?.['rel'] as TreeNode | undefined;
  const locking = node['lockingClause'] as TreeNode[] | undefined;
  const schema = into?.['schemaname'] as string | undefined;
  return placed({
    kind: 'select', ...withOf(node, ctx), targets, from,
    ...(where === undefined ? {} : { where }),
    groupBy: lowerAll(node['groupClause'], scope),
    ...(having === undefined ? {} : { having }),
    ...(distinct !== undefined && isPlainDistinct(distinct) ? { distinct: true } : {}),
    distinctOn: distinct === undefined || isPlainDistinct(distinct) ? [] : lowerAll(distinct, scope),
    ...tailOf(node, scope),
    ...(locking === undefined ? {} : { lockingOf: lockedNames(locking) }),
    ...(into === undefined ? {} : { intoTable: { ...(schema === undefined ? {} : { schema }), name: into['relname'] as string } }),
    location: locationOf(ctx, span),
  }, span);
}

function isPlainDistinct(clause: readonly TreeNode[]): boolean {
  return clause.every((item) => Object.keys(item).length === 0);
}

function lockedNames(clauses: readonly TreeNode[]): string[] {
  return clauses.flatMap((item) => ((item['LockingClause']?.['lockedRels'] as TreeNode[] | undefined) ?? [])
    .map((relation) => relation['RangeVar']['relname'] as string));
}

/** The grammar gives a SELECT no position: it is the keyword before its first part. */
function selectStart(node: TreeNode, from: SelectQuery['from'], where: Expression | undefined, ctx: LowerContext): number {
  const first = node['targetList']?.[0]?.['ResTarget'] as TreeNode | undefined;
  const target = first === undefined ? undefined : startOf(ctx, first);
  if (target !== undefined) return firstToken(ctx, node, 'select', target);
  const item = from[0] && spanOf(from[0])?.start;
  if (first !== undefined) return firstToken(ctx, node, 'table', item);
  return firstToken(ctx, node, 'select', item ?? (where && spanOf(where)?.start));
}

function lowerValues(node: TreeNode, scope: Scope, follow: Follow): ValuesQuery {
  const { ctx } = scope;
  const rows = (node['valuesLists'] as TreeNode[]).map((row) => lowerAll(row['List']?.['items'], scope));
  const first = rows[0]?.[0];
  const start = firstToken(ctx, node, 'values', first && (spanOf(first)?.start));
  const span = spanFrom(ctx, start, stopsOf(ctx, node, follow));
  return placed({ kind: 'values', ...withOf(node, ctx), rows, ...tailOf(node, scope), location: locationOf(ctx, span) }, span);
}

interface Tail {
  readonly orderBy: readonly Expression[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

/** ORDER BY, LIMIT and OFFSET. LIMIT ALL and LIMIT NULL are no limit; OFFSET 0 leaves out no row, it only keeps the planner from looking in. */
function tailOf(node: TreeNode, scope: Scope): Tail {
  const limit = optional(node['limitCount'], scope);
  const offset = optional(node['limitOffset'], scope);
  const unlimited = limit === undefined || (limit.kind === 'constant' && limit.value === null);
  const unmoved = offset === undefined || (offset.kind === 'constant' && (offset.value === null || offset.value === 0));
  return { orderBy: lowerAll(node['sortClause'], scope), ...(unlimited ? {} : { limit }), ...(unmoved ? {} : { offset }) };
}

/** Lowers a node that may be absent. */
export function optional(node: TreeNode | undefined, scope: Scope): Expression | undefined {
  return node === undefined ? undefined : lower(node, scope);
}

/** Lowers a select list or RETURNING. */
export function lowerTargets(nodes: readonly TreeNode[] | undefined, scope: Scope): Target[] {
  return (nodes ?? []).map((item) => {
    const target = item['ResTarget'] as TreeNode;
    const alias = target['name'] as string | undefined;
    const expression = lower(target['val'], scope);
    return alias === undefined ? { expression } : { expression, alias };
  });
}

export interface With {
  readonly with: readonly CommonTableExpression[];
  readonly recursive?: boolean;
}

/** The WITH clause of any query. */
export function withOf(node: TreeNode, ctx: LowerContext): With {
  const clause = node['withClause'] as TreeNode | undefined;
  const members = ((clause?.['ctes'] as TreeNode[] | undefined) ?? []).map((item) => lowerMember(item['CommonTableExpr'], ctx));
  return { with: members, ...(clause?.['recursive'] === true ? { recursive: true } : {}) };
}

function lowerMember(node: TreeNode, ctx: LowerContext): CommonTableExpression {
  const query = queryOf(node['ctequery'], ctx);
  const start = startOf(ctx, node) ?? 0;
  const name = tokenFrom(ctx, start);
  const inner = spanOf(query);
  const span = around([tokenSpan(ctx, name, name + 1), inner && widenAfter(ctx, inner, name)])!;
  const materialized = node['ctematerialized'] as string | undefined;
  const added = [node['search_clause']?.['search_seq_column'], node['cycle_clause']?.['cycle_mark_column'], node['cycle_clause']?.['cycle_path_column']]
    .filter((column): column is string => typeof column === 'string');
  return {
    name: node['ctename'] as string,
    columns: strings(node['aliascolnames']),
    query,
    ...(materialized === 'CTEMaterializeAlways' ? { materialized: true } : materialized === 'CTEMaterializeNever' ? { materialized: false } : {}),
    ...(added.length === 0 ? {} : { addedColumns: added }),
    location: locationOf(ctx, span),
  };
}
