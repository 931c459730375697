import type { ConstraintDefinition, ReferentialAction } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { list, locate, rangeName, strings } from './tree.js';
import type { Span } from './tree.js';

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  a: 'noAction', r: 'restrict', c: 'cascade', n: 'setNull', d: 'setDefault',
};

/**
 * Lowers a table constraint, or a column constraint when `column` is given.
 * @param node content of a `Constraint`
 * @returns undefined for what is part of the column itself (DEFAULT, NULL, GENERATED, the attributes; NOT NULL of a column)
 */
export function lowerConstraint(
  node: TreeNode, ctx: LowerContext, span: Span, column?: string,
): ConstraintDefinition | undefined {
  const name = node['conname'] as string | undefined;
  const base = { ...(name !== undefined && { name }), location: locate(ctx, span) };
  const columns = column === undefined ? strings(node['keys']) : [column];
  const usingIndex = node['indexname'] as string | undefined;
  const notValid = node['skip_validation'] === true || node['is_enforced'] !== true;
  switch (node['contype']) {
    case 'CONSTR_PRIMARY':
      return { kind: 'primaryKey', ...base, columns, ...(usingIndex !== undefined && { usingIndex }) };
    case 'CONSTR_UNIQUE':
      return {
        kind: 'unique', ...base, columns, nullsNotDistinct: node['nulls_not_distinct'] === true,
        ...(usingIndex !== undefined && { usingIndex }),
      };
    case 'CONSTR_CHECK':
      return { kind: 'check', ...base, expression: lowerExpression(node['raw_expr'] as TreeNode, ctx), notValid };
    case 'CONSTR_FOREIGN':
      return {
        kind: 'foreignKey', ...base, columns: column === undefined ? strings(node['fk_attrs']) : [column],
        references: rangeName(node['pktable'] as TreeNode), referencedColumns: strings(node['pk_attrs']),
        onDelete: ACTIONS[node['fk_del_action'] as string] ?? 'noAction',
        onUpdate: ACTIONS[node['fk_upd_action'] as string] ?? 'noAction',
        match: node['fk_matchtype'] === 'f' ? 'full' : 'simple',
        notValid: node['skip_validation'] === true, enforced: node['is_enforced'] === true,
      };
    case 'CONSTR_NOTNULL':
      if (column !== undefined) return undefined;
      return { kind: 'notNull', ...base, column: columns[0] ?? '', notValid: node['skip_validation'] === true };
    case 'CONSTR_EXCLUSION':
      return { kind: 'exclusion', ...base, columns: excludedColumns(node) };
    default:
      return undefined;
  }
}

function excludedColumns(node: TreeNode): string[] {
  return list(node['exclusions']).flatMap((pair) => {
    const element = list(pair['List']?.['items'])[0]?.['IndexElem'] as TreeNode | undefined;
    return element?.['name'] === undefined ? [] : [element['name'] as string];
  });
}
