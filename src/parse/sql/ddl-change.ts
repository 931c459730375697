import { entryOf } from '../../entry.js';
import type { DropRelation, Operation, RenameRelation } from '../../facts/operation.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerType } from './expression.js';
import { argumentTypes, list, listSpans, locate, partsName, rangeName, restSpan, stringOf, strings, tokenText } from './tree.js';
import type { Span } from './tree.js';

const DROPPED: Readonly<Record<string, DropRelation['relation']>> = {
  OBJECT_TABLE: 'table', OBJECT_VIEW: 'view', OBJECT_MATVIEW: 'materializedView', OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence', OBJECT_FOREIGN_TABLE: 'foreignTable',
};

/** Lowers DROP: one operation for each name, placed at the name when there are several. */
export function lowerDrop(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const objects = list(node['objects']);
  const spans = objects.length > 1 ? nameSpans(ctx, span, objects.length) : [span];
  return objects.map((object, index) => lowerDropOne(node, object, ctx, spans[index] ?? span));
}

/** The names of a DROP: the list that ends before CASCADE or RESTRICT. */
function nameSpans(ctx: LowerContext, span: Span, count: number): Span[] {
  const words = new Set(['drop', 'table', 'view', 'materialized', 'index', 'sequence', 'foreign', 'if', 'exists', 'concurrently',
    'function', 'procedure', 'routine', 'aggregate', 'type', 'domain', 'schema', 'extension']);
  let first = ctx.tokens.findIndex(({ start }) => start >= span.start);
  while (ctx.tokens[first]?.type === 'word' && words.has(tokenText(ctx, first))) first += 1;
  const last = ctx.tokens.findLastIndex(({ end }) => end <= span.end);
  const behaviour = /^(?:cascade|restrict)$/.test(tokenText(ctx, last));
  const spans = listSpans(ctx, first, behaviour ? ctx.tokens[last]!.start : span.end);
  return spans.length === count ? spans : [];
}

function lowerDropOne(node: TreeNode, object: TreeNode, ctx: LowerContext, span: Span): Operation {
  const location = locate(ctx, span);
  const ifExists = node['missing_ok'] === true;
  const cascade = node['behavior'] === 'DROP_CASCADE';
  const type = String(node['removeType']);
  const parts = strings(object['List']?.['items']);
  const relation = entryOf(DROPPED, type);
  if (relation !== undefined) {
    const concurrently = node['concurrent'] === true;
    return { kind: 'dropRelation', relation, name: partsName(parts), ifExists, cascade, ...(concurrently && { concurrently }), location };
  }
  switch (type) {
    case 'OBJECT_POLICY':
      return { kind: 'dropPolicy', table: partsName(parts.slice(0, -1)), name: parts.at(-1) ?? '', ifExists, location };
    case 'OBJECT_TRIGGER':
      return { kind: 'dropTrigger', table: partsName(parts.slice(0, -1)), name: parts.at(-1) ?? '', ifExists, location };
    case 'OBJECT_RULE':
      return { kind: 'changeRule', table: partsName(parts.slice(0, -1)), ...(ifExists && { ifTableExists: true }), name: parts.at(-1) ?? '', change: 'drop', location };
    case 'OBJECT_FUNCTION': case 'OBJECT_PROCEDURE': case 'OBJECT_ROUTINE': {
      const routine = object['ObjectWithArgs'] as TreeNode;
      const parameters = argumentTypes(routine)?.map(lowerType);
      return { kind: 'dropFunction', name: partsName(strings(routine['objname'])), ...(parameters && { parameters }), ifExists, cascade, location };
    }
    case 'OBJECT_TYPE': case 'OBJECT_DOMAIN':
      return { kind: 'dropType', name: partsName(strings(object['TypeName']?.['names'])), ifExists, cascade, location };
    case 'OBJECT_SCHEMA':
      return { kind: 'dropSchema', name: stringOf(object), ifExists, cascade, location };
    case 'OBJECT_EXTENSION':
      if (!cascade) return { kind: 'harmless', name: 'drop extension', location };
      return { kind: 'notUnderstood', reason: 'DROP EXTENSION ... CASCADE', tables: [], location };
    default:
      return { kind: 'harmless', name: `drop ${objectWord(type)}`, location };
  }
}

/** `foreign table` for the grammar's `OBJECT_FOREIGN_TABLE`. */
export function objectWord(type: string): string {
  return type.replace(/^OBJECT_/, '').replaceAll('_', ' ').toLowerCase();
}

const RENAMED: Readonly<Record<string, RenameRelation['relation']>> = {
  OBJECT_TABLE: 'table', OBJECT_VIEW: 'view', OBJECT_MATVIEW: 'materializedView', OBJECT_SEQUENCE: 'sequence',
  OBJECT_FOREIGN_TABLE: 'foreignTable',
};

/** Lowers ALTER ... RENAME in all its forms. */
export function lowerRename(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const type = String(node['renameType']);
  const relation = node['relation'] as TreeNode | undefined;
  const to = String(node['newname'] ?? '');
  const old = String(node['subname'] ?? '');
  const ifExists = node['missing_ok'] === true;
  const table = rangeName(relation);
  const location = locate(ctx, type === 'OBJECT_POLICY' || type === 'OBJECT_TRIGGER' ? span : restSpan(ctx, relation, span));
  const base = { table, ...(ifExists && { ifTableExists: true }), location };
  const kind = entryOf(RENAMED, type);
  if (kind !== undefined) return [{ kind: 'renameRelation', relation: kind, name: table, to, ifExists, location }];
  const object = (node['object']?.['List']?.['items'] ?? node['object']?.['ObjectWithArgs']?.['objname']) as unknown;
  switch (type) {
    case 'OBJECT_COLUMN': return [{ kind: 'renameColumn', ...base, column: old, to }];
    case 'OBJECT_TABCONSTRAINT': return [{ kind: 'renameConstraint', ...base, name: old, to }];
    case 'OBJECT_POLICY': return [{ kind: 'renamePolicy', ...base, name: old, to }];
    case 'OBJECT_INDEX': return [{ kind: 'renameIndex', name: table, to, ifExists, location }];
    case 'OBJECT_FUNCTION': case 'OBJECT_PROCEDURE': case 'OBJECT_ROUTINE': {
      const parameters = argumentTypes(node['object']['ObjectWithArgs'] as TreeNode)?.map(lowerType);
      return [{ kind: 'alterFunction', name: partsName(strings(object)), ...(parameters && { parameters }), renameTo: to, location }];
    }
    case 'OBJECT_TYPE': case 'OBJECT_DOMAIN':
      return [{ kind: 'alterEnum', name: partsName(strings(object)), renameTo: to, ifNotExists: false, location }];
    case 'OBJECT_SCHEMA': case 'OBJECT_TRIGGER':
      return [{
        kind: 'notUnderstood', reason: `ALTER ${objectWord(type).toUpperCase()} ... RENAME`,
        tables: relation === undefined ? [] : [table], location,
      }];
    default: return [{ kind: 'harmless', name: `rename ${objectWord(type)}`, location }];
  }
}

const MOVED = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_FOREIGN_TABLE']);

/** Lowers ALTER ... SET SCHEMA. */
export function lowerSetSchema(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const type = String(node['objectType']);
  const relation = node['relation'] as TreeNode | undefined;
  const location = locate(ctx, restSpan(ctx, relation, span));
  if (MOVED.has(type)) {
    const ifExists = node['missing_ok'] === true;
    return [{ kind: 'setSchema', name: rangeName(relation), to: String(node['newschema']), ifExists, location }];
  }
  return [{ kind: 'notUnderstood', reason: `ALTER ${objectWord(type).toUpperCase()} ... SET SCHEMA`, tables: [], location }];
}

