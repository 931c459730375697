import type { Expression } from '../../facts/expression.js';
import type { FromItem, FunctionTable, Join, TableReference } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lower, lowerAll } from './expression.js';
import { callSpan } from './expression-call.js';
import { afterName, around, locationOf, placed, spanOf, spansOf, startOf, tokenFrom, tokenSpan, widenAfter, widenBefore } from './expression-span.js';
import type { Scope, Span } from './expression-span.js';
import { strings } from './expression-type.js';
import { queryOf } from './query.js';

const JOIN_TYPES: Readonly<Record<string, Join['type']>> = {
  JOIN_INNER: 'inner', JOIN_LEFT: 'left', JOIN_RIGHT: 'right', JOIN_FULL: 'full',
};

/** Lowers one item of FROM or USING. */
export function lowerFromItem(node: TreeNode, scope: Scope): FromItem {
  const kind = Object.keys(node)[0] ?? '';
  const body = node[kind] as TreeNode;
  switch (kind) {
    case 'RangeVar': return lowerTable(body, scope.ctx);
    case 'RangeTableSample': return lowerTable(body['relation']['RangeVar'], scope.ctx, true);
    case 'JoinExpr': return lowerJoin(body, scope);
    case 'RangeSubselect': return lowerDerived(body, scope.ctx);
    case 'RangeFunction': return lowerFunctionTable(body, scope);
    case 'JsonTable': return constructed('json_table', body, jsonTableParts(body), jsonTableColumns(body['columns']), scope);
    case 'RangeTableFunc': return constructed('xmltable', body, xmlTableParts(body), xmlTableColumns(body), scope);
    default: return functionTable(body, [{ kind: 'other', name: kind, parts: [], location: scope.ctx.location(0, 0) }], [], undefined, scope.ctx);
  }
}

/** Lowers a RangeVar (not wrapped): its location is the name as written. */
export function lowerTable(node: TreeNode, ctx: LowerContext, sampled = false): TableReference {
  const alias = node['alias'] as TreeNode | undefined;
  const start = startOf(ctx, node);
  const first = start === undefined ? 0 : tokenFrom(ctx, start);
  const span = start === undefined ? { start: 0, end: 0 } : tokenSpan(ctx, first, afterName(ctx, first));
  const schema = node['schemaname'] as string | undefined;
  return placed({
    kind: 'table',
    name: { ...(schema === undefined ? {} : { schema }), name: (node['relname'] as string | undefined) ?? '' },
    ...aliasName(alias),
    columnAliases: strings(alias?.['colnames']),
    ...(node['inh'] === true ? {} : { only: true }),
    ...(sampled ? { sampled } : {}),
    location: locationOf(ctx, span),
  }, span);
}

function aliasName(alias: TreeNode | undefined): { alias?: string } {
  const name = alias?.['aliasname'] as string | undefined;
  return name === undefined ? {} : { alias: name };
}

function lowerJoin(node: TreeNode, scope: Scope): Join {
  const { ctx } = scope;
  const left = lowerFromItem(node['larg'], scope);
  const right = lowerFromItem(node['rarg'], scope);
  const on = node['quals'] === undefined ? undefined : lower(node['quals'], scope);
  const using = strings(node['usingClause']);
  const natural = node['isNatural'] === true;
  const written = JOIN_TYPES[(node['jointype'] as string | undefined) ?? 'JOIN_INNER'] ?? 'inner';
  const type = written === 'inner' && on === undefined && using.length === 0 && !natural ? 'cross' : written;
  const usingAlias = node['join_using_alias']?.['aliasname'] as string | undefined;
  const span = joinSpan(ctx, left, right, on) ?? { start: 0, end: 0 };
  return placed({
    kind: 'join', type, left, right, ...(on === undefined ? {} : { on }), using, natural,
    ...aliasName(node['alias'] as TreeNode | undefined), ...(usingAlias === undefined ? {} : { usingAlias }), location: locationOf(ctx, span),
  }, span);
}

function joinSpan(ctx: LowerContext, left: FromItem, right: FromItem, on: Expression | undefined): Span | undefined {
  const [before, after] = [spanOf(left), spanOf(right)];
  const condition = on && spanOf(on);
  return around([
    before && after ? widenBefore(ctx, before, tokenFrom(ctx, after.start)) : before,
    before && after ? widenAfter(ctx, after, tokenFrom(ctx, before.end) - 1) : after,
    condition && after ? widenAfter(ctx, condition, tokenFrom(ctx, after.end) - 1) : condition,
  ]);
}

function lowerDerived(node: TreeNode, ctx: LowerContext): FromItem {
  const query = queryOf(node['subquery'], ctx);
  const alias = node['alias'] as TreeNode | undefined;
  const inner = spanOf(query) ?? { start: 0, end: 0 };
  const opening = tokenFrom(ctx, inner.start) - 2;
  const span = widenAfter(ctx, inner, opening);
  return placed({
    kind: 'derived', query, ...aliasName(alias), columnAliases: strings(alias?.['colnames']), lateral: node['lateral'] === true,
    location: locationOf(ctx, span),
  }, span);
}

/** `f(...)`, `ROWS FROM (f(...), g(...) AS (...))`; columns of a definition list count as column aliases. */
function lowerFunctionTable(node: TreeNode, scope: Scope): FunctionTable {
  const calls: Expression[] = [];
  const defined: string[] = columnNames(node['coldeflist']);
  for (const item of (node['functions'] as TreeNode[] | undefined) ?? []) {
    const [call, definitions] = (item['List']?.['items'] as TreeNode[] | undefined) ?? [item];
    if (call === undefined) continue;
    calls.push(lower(call, scope));
    defined.push(...columnNames(definitions?.['List']?.['items']));
  }
  return functionTable(node, calls, defined, around(spansOf(calls)), scope.ctx);
}

function columnNames(definitions: TreeNode[] | undefined): string[] {
  return (definitions ?? []).map((item) => (item['ColumnDef']?.['colname'] as string | undefined) ?? '');
}

function functionTable(
  node: TreeNode, calls: readonly Expression[], columns: readonly string[], span: Span | undefined, ctx: LowerContext,
): FunctionTable {
  const alias = node['alias'] as TreeNode | undefined;
  const named = strings(alias?.['colnames']);
  const place = span ?? { start: 0, end: 0 };
  return placed({
    kind: 'function', calls, ...aliasName(alias), columnAliases: named.length > 0 ? named : columns, ordinality: node['ordinality'] === true,
    location: locationOf(ctx, place),
  }, place);
}

/** JSON_TABLE and XMLTABLE: a table made by one construct whose column list is written out. */
function constructed(name: string, node: TreeNode, parts: readonly (TreeNode | undefined)[], columns: readonly string[], scope: Scope): FunctionTable {
  const { ctx } = scope;
  const lowered = lowerAll(parts.filter((part) => part !== undefined), scope);
  const start = startOf(ctx, node);
  const span = start === undefined ? around(spansOf(lowered)) : callSpan(ctx, start);
  const call: Expression = { kind: 'other', name, parts: lowered, location: locationOf(ctx, span ?? { start: 0, end: 0 }) };
  return functionTable(node, [call], columns, span, ctx);
}

function jsonTableParts(node: TreeNode): (TreeNode | undefined)[] {
  return [node['context_item']?.['raw_expr'], node['pathspec']?.['string'], ...((node['passing'] as TreeNode[] | undefined) ?? [])];
}

function jsonTableColumns(columns: TreeNode[] | undefined): string[] {
  return (columns ?? []).flatMap((item) => {
    const column = item['JsonTableColumn'] as TreeNode;
    return column['coltype'] === 'JTC_NESTED' ? jsonTableColumns(column['columns']) : [(column['name'] as string | undefined) ?? ''];
  });
}

function xmlTableParts(node: TreeNode): (TreeNode | undefined)[] {
  const columns = ((node['columns'] as TreeNode[] | undefined) ?? []).flatMap((item) => {
    const column = item['RangeTableFuncCol'] as TreeNode;
    return [column['colexpr'] as TreeNode | undefined, column['coldefexpr'] as TreeNode | undefined];
  });
  return [node['rowexpr'], node['docexpr'], ...columns];
}

function xmlTableColumns(node: TreeNode): string[] {
  return ((node['columns'] as TreeNode[] | undefined) ?? []).map((item) => (item['RangeTableFuncCol']?.['colname'] as string | undefined) ?? '');
}
