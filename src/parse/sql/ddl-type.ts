import type { CreateType, Operation } from '../../facts/operation.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerExpression, lowerType } from './expression.js';
import { list, locate, partsName, rangeName, strings } from './tree.js';
import type { Span } from './tree.js';

/** Lowers CREATE TYPE ... AS ENUM. */
export function lowerEnum(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const name = partsName(strings(node['typeName']));
  return [{ kind: 'createType', name, form: 'enum', labels: strings(node['vals']), location: locate(ctx, span) }];
}

/** Lowers ALTER TYPE ... ADD VALUE and RENAME VALUE. */
export function lowerAlterEnum(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const label = String(node['newVal']);
  return [{
    kind: 'alterEnum', name: partsName(strings(node['typeName'])),
    ...(node['oldVal'] === undefined ? { addLabel: label } : { renameLabel: { from: String(node['oldVal']), to: label } }),
    ifNotExists: node['skipIfNewValExists'] === true, location: locate(ctx, span),
  }];
}

function plainType(name: CreateType['name'], form: CreateType['form'], ctx: LowerContext, span: Span): Operation[] {
  return [{ kind: 'createType', name, form, labels: [], location: locate(ctx, span) }];
}

/** Lowers CREATE TYPE ... AS RANGE. */
export function lowerRange(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return plainType(partsName(strings(node['typeName'])), 'range', ctx, span);
}

/** Lowers CREATE TYPE ... AS (...). */
export function lowerComposite(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return plainType(rangeName(node['typevar'] as TreeNode), 'composite', ctx, span);
}

/** Lowers CREATE TYPE (base), and CREATE AGGREGATE, OPERATOR, COLLATION and TEXT SEARCH objects, which do not concern rows. */
export function lowerDefine(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  if (node['kind'] === 'OBJECT_TYPE') return plainType(partsName(strings(node['defnames'])), 'base', ctx, span);
  const name = String(node['kind']).replace(/^OBJECT_/, '').toLowerCase();
  return [{ kind: 'harmless', name: `create ${name}`, location: locate(ctx, span) }];
}

/** Lowers CREATE DOMAIN. */
export function lowerDomain(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const constraints = list(node['constraints']).map((item) => item['Constraint'] as TreeNode);
  const checks = constraints.filter((item) => item['contype'] === 'CONSTR_CHECK');
  return [{
    kind: 'createType', name: partsName(strings(node['domainname'])), form: 'domain', labels: [],
    baseType: lowerType(node['typeName'] as TreeNode),
    notNull: constraints.some((item) => item['contype'] === 'CONSTR_NOTNULL'),
    ...(constraints.some((item) => item['contype'] === 'CONSTR_DEFAULT') && { hasDefault: true }),
    checks: checks.map((item) => lowerExpression(item['raw_expr'] as TreeNode, ctx)),
    location: locate(ctx, span),
  }];
}

/** Lowers ALTER DOMAIN; of what it changes only NOT NULL is followed. */
export function lowerAlterDomain(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const name = partsName(strings(node['typeName']));
  const location = locate(ctx, span);
  const change = String(node['subtype']);
  if (change === 'O' || change === 'N') return [{ kind: 'alterDomain', name, notNull: change === 'O', location }];
  return [change === 'T' ? { kind: 'harmless', name: 'alter domain set default', location } : { kind: 'notUnderstood', reason: 'ALTER DOMAIN', tables: [], location }];
}
