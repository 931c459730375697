import type { Operation } from '../../facts/operation.js';
import type { IndexKey } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { lowerQuery } from './query.js';
import { booleanOption, list, locate, option, rangeName, stringOf, strings } from './tree.js';
import type { Span } from './tree.js';

/** Lowers CREATE INDEX. */
export function lowerIndex(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const name = node['idxname'] as string | undefined;
  const where = node['whereClause'] as TreeNode | undefined;
  const location = locate(ctx, span);
  return [{
    kind: 'createIndex',
    table: rangeName(node['relation'] as TreeNode),
    index: {
      ...(name !== undefined && { name }),
      unique: node['unique'] === true,
      keys: list(node['indexParams']).map((item) => indexKey(item['IndexElem'] as TreeNode, ctx)),
      include: list(node['indexIncludingParams']).map((item) => String(item['IndexElem']?.['name'] ?? '')),
      ...(where && { where: lowerExpression(where, ctx) }),
      method: String(node['accessMethod'] ?? 'btree'),
      nullsNotDistinct: node['nulls_not_distinct'] === true,
      concurrently: node['concurrent'] === true,
      location,
    },
    ifNotExists: node['if_not_exists'] === true,
    location,
  }];
}

function indexKey(element: TreeNode, ctx: LowerContext): IndexKey {
  if (element['name'] !== undefined) return { column: element['name'] as string };
  return { expression: lowerExpression(element['expr'] as TreeNode, ctx) };
}

/** Lowers CREATE VIEW. */
export function lowerView(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const view = node['view'] as TreeNode;
  return [{
    kind: 'createView', name: rangeName(view), columns: strings(node['aliases']), query: lowerQuery(node['query'] as TreeNode, ctx),
    orReplace: node['replace'] === true, ifNotExists: false, materialized: false, temporary: view['relpersistence'] === 't',
    securityInvoker: booleanOption(node['options'], 'security_invoker') === true, location: locate(ctx, span),
  }];
}

/** Lowers CREATE SEQUENCE. */
export function lowerSequence(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const ifNotExists = node['if_not_exists'] === true;
  return [{ kind: 'createSequence', name: rangeName(node['sequence'] as TreeNode), ifNotExists, location: locate(ctx, span) }];
}

/** Lowers CREATE EXTENSION. */
export function lowerExtension(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const schema = option(node['options'], 'schema')?.['arg'] as TreeNode | undefined;
  return [{
    kind: 'createExtension', name: String(node['extname']), ...(schema && { schema: stringOf(schema) }), location: locate(ctx, span),
  }];
}
