import type { Expression } from '../../facts/expression.js';
import type {
  Assignment, DeleteQuery, FromItem, InsertQuery, MergeBranch, MergeQuery, OnConflict, ReturningNames, Target, UpdateQuery,
} from '../../facts/query.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lower, lowerAll } from './expression.js';
import { around, locationOf, outerScope, placed, spanOf, startOf, tokenFrom, tokenSpan, widenAfter, wordAt } from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { lowerFromItem, lowerTable } from './query-from.js';
import { afterTokens, firstToken, spanFrom } from './query-span.js';
import { lowerTargets, optional, queryOf, withOf } from './query.js';

/** Span of a data-modifying statement: from WITH or its verb to its end. */
function writeSpan(node: TreeNode, verb: string, ctx: LowerContext): Span {
  const start = startOf(ctx, node['relation']);
  return spanFrom(ctx, firstToken(ctx, node, verb, start), () => false);
}

function returningOf(node: TreeNode, scope: Scope): { returning: readonly Target[]; returningNames?: ReturningNames } {
  const clause = node['returningClause'] as TreeNode | undefined;
  const names: { old?: string; new?: string } = {};
  for (const item of (clause?.['options'] as TreeNode[] | undefined) ?? []) {
    const option = item['ReturningOption'] as TreeNode;
    names[option['option'] === 'RETURNING_OPTION_NEW' ? 'new' : 'old'] = option['value'] as string;
  }
  return { returning: lowerTargets(clause?.['exprs'], scope), ...(Object.keys(names).length === 0 ? {} : { returningNames: names }) };
}

function items(nodes: readonly TreeNode[] | undefined, scope: Scope): FromItem[] {
  return (nodes ?? []).map((item) => lowerFromItem(item, scope));
}

function names(targets: readonly TreeNode[] | undefined): string[] {
  return (targets ?? []).map((item) => (item['ResTarget']?.['name'] as string | undefined) ?? '');
}

/** Lowers an InsertStmt (not wrapped). */
export function lowerInsert(node: TreeNode, ctx: LowerContext): InsertQuery {
  const scope = outerScope(ctx);
  const span = writeSpan(node, 'insert', ctx);
  const conflict = node['onConflictClause'] as TreeNode | undefined;
  const override = node['override'] as string | undefined;
  return placed({
    kind: 'insert', ...withOf(node, ctx), target: lowerTable(node['relation'], ctx), columns: names(node['cols']),
    ...(node['selectStmt'] === undefined ? {} : { source: queryOf(node['selectStmt'], ctx, 'insert') }),
    ...(conflict === undefined ? {} : { onConflict: lowerConflict(conflict, scope) }),
    ...(override === 'OVERRIDING_USER_VALUE' ? { overriding: 'user' } : override === 'OVERRIDING_SYSTEM_VALUE' ? { overriding: 'system' } : {}),
    ...returningOf(node, scope), location: locationOf(ctx, span),
  }, span);
}

function lowerConflict(node: TreeNode, scope: Scope): OnConflict {
  const { ctx } = scope;
  const infer = node['infer'] as TreeNode | undefined;
  const elements = ((infer?.['indexElems'] as TreeNode[] | undefined) ?? []).map((item) => item['IndexElem'] as TreeNode);
  const columns = elements.flatMap((element) => (element['name'] === undefined ? [] : [element['name'] as string]));
  const targetWhere = optional(infer?.['whereClause'], scope);
  const where = optional(node['whereClause'], scope);
  const constraint = infer?.['conname'] as string | undefined;
  const span = spanFrom(ctx, tokenFrom(ctx, startOf(ctx, node) ?? 0), (index) => wordAt(ctx, index) === 'returning');
  return {
    action: node['action'] === 'ONCONFLICT_UPDATE' ? 'update' : 'nothing',
    columns,
    ...(columns.length < elements.length ? { expressions: true } : {}),
    ...(constraint === undefined ? {} : { constraint }),
    ...(targetWhere === undefined ? {} : { targetWhere }),
    set: lowerAssignments(node['targetList'], scope),
    ...(where === undefined ? {} : { where }),
    location: locationOf(ctx, span),
  };
}

/** SET of UPDATE, ON CONFLICT and MERGE. The columns of `(a, b) = (SELECT ...)` share one lowered sub-select. */
function lowerAssignments(nodes: readonly TreeNode[] | undefined, scope: Scope): Assignment[] {
  let shared: Expression | undefined;
  return (nodes ?? []).map((item) => {
    const target = item['ResTarget'] as TreeNode;
    const several = target['val']?.['MultiAssignRef'] as TreeNode | undefined;
    if (several === undefined) return assignment(target, lower(target['val'], scope), undefined, scope.ctx);
    const position = ((several['colno'] as number | undefined) ?? 1) - 1;
    if (position === 0 || shared === undefined) shared = lower(several['source'], scope);
    const one = shared.kind === 'row' ? shared.items[position] : undefined;
    return one === undefined ? assignment(target, shared, position, scope.ctx) : assignment(target, one, undefined, scope.ctx);
  });
}

function assignment(target: TreeNode, value: Expression, position: number | undefined, ctx: LowerContext): Assignment {
  const name = tokenFrom(ctx, startOf(ctx, target) ?? 0);
  const single = target['val']?.['MultiAssignRef'] === undefined;
  const inner = spanOf(value);
  const span = around([tokenSpan(ctx, name, name + 1), single && inner ? widenAfter(ctx, inner, name) : undefined])!;
  const isDefault = value.kind === 'other' && value.name === 'default';
  return {
    column: target['name'] as string,
    ...(target['indirection'] === undefined ? {} : { partial: true }),
    ...(isDefault ? {} : { value }),
    ...(position === undefined ? {} : { position }),
    location: locationOf(ctx, span),
  };
}

/** Lowers an UpdateStmt (not wrapped). */
export function lowerUpdate(node: TreeNode, ctx: LowerContext): UpdateQuery {
  const scope = outerScope(ctx);
  const span = writeSpan(node, 'update', ctx);
  const where = optional(node['whereClause'], scope);
  return placed({
    kind: 'update', ...withOf(node, ctx), target: lowerTable(node['relation'], ctx), set: lowerAssignments(node['targetList'], scope),
    from: items(node['fromClause'], scope), ...(where === undefined ? {} : { where }), ...returningOf(node, scope), location: locationOf(ctx, span),
  }, span);
}

/** Lowers a DeleteStmt (not wrapped). */
export function lowerDelete(node: TreeNode, ctx: LowerContext): DeleteQuery {
  const scope = outerScope(ctx);
  const span = writeSpan(node, 'delete', ctx);
  const where = optional(node['whereClause'], scope);
  return placed({
    kind: 'delete', ...withOf(node, ctx), target: lowerTable(node['relation'], ctx), using: items(node['usingClause'], scope),
    ...(where === undefined ? {} : { where }), ...returningOf(node, scope), location: locationOf(ctx, span),
  }, span);
}

/** Lowers a MergeStmt (not wrapped). */
export function lowerMerge(node: TreeNode, ctx: LowerContext): MergeQuery {
  const scope = outerScope(ctx);
  const span = writeSpan(node, 'merge', ctx);
  const on = lower(node['joinCondition'], scope);
  const clauses = ((node['mergeWhenClauses'] as TreeNode[] | undefined) ?? []).map((item) => item['MergeWhenClause'] as TreeNode);
  const places = branchSpans(ctx, spanOf(on)?.end ?? span.start);
  return placed({
    kind: 'merge', ...withOf(node, ctx), target: lowerTable(node['relation'], ctx), source: lowerFromItem(node['sourceRelation'], scope), on,
    branches: clauses.map((clause, index) => lowerBranch(clause, places[index] ?? span, scope)),
    ...returningOf(node, scope), location: locationOf(ctx, span),
  }, span);
}

/** The grammar gives WHEN clauses no position: they are the WHENs before [NOT] MATCHED. */
function branchSpans(ctx: LowerContext, from: number): Span[] {
  const isBranch = (index: number): boolean => wordAt(ctx, index) === 'when'
    && (wordAt(ctx, index + 1) === 'matched' || (wordAt(ctx, index + 1) === 'not' && wordAt(ctx, index + 2) === 'matched'));
  const spans: Span[] = [];
  let first = tokenFrom(ctx, from);
  while (first < ctx.tokens.length && !isBranch(first)) first += 1;
  while (first < ctx.tokens.length && isBranch(first)) {
    const after = afterTokens(ctx, first, (index) => isBranch(index) || wordAt(ctx, index) === 'returning');
    spans.push(tokenSpan(ctx, first, after));
    first = after;
  }
  return spans;
}

const MATCHES: Readonly<Record<string, MergeBranch['when']>> = {
  MERGE_WHEN_MATCHED: 'matched', MERGE_WHEN_NOT_MATCHED_BY_SOURCE: 'notMatchedBySource', MERGE_WHEN_NOT_MATCHED_BY_TARGET: 'notMatchedByTarget',
};
const ACTIONS: Readonly<Record<string, MergeBranch['action']>> = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete', CMD_NOTHING: 'nothing' };

function lowerBranch(node: TreeNode, span: Span, scope: Scope): MergeBranch {
  const action = ACTIONS[(node['commandType'] as string | undefined) ?? 'CMD_NOTHING'] ?? 'nothing';
  const condition = optional(node['condition'], scope);
  return {
    when: MATCHES[(node['matchKind'] as string | undefined) ?? 'MERGE_WHEN_MATCHED'] ?? 'matched',
    ...(condition === undefined ? {} : { condition }),
    action,
    columns: action === 'insert' ? names(node['targetList']) : [],
    values: lowerAll(node['values'], scope),
    set: action === 'update' ? lowerAssignments(node['targetList'], scope) : [],
    location: locationOf(scope.ctx, span),
  };
}
