import type { Operation, Transaction } from '../../facts/operation.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { constantText, list, locate, stringOf } from './tree.js';
import type { Span } from './tree.js';

/** Lowers SET, RESET and SET ROLE. */
export function lowerSet(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const kind = String(node['kind']);
  if (kind === 'VAR_SET_MULTI' || kind === 'VAR_SET_CURRENT') return [{ kind: 'harmless', name: 'set transaction', location }];
  const name = kind === 'VAR_RESET_ALL' ? 'all' : String(node['name']).toLowerCase();
  const values = kind === 'VAR_SET_VALUE' ? list(node['args']).map(constantText) : undefined;
  return [{ kind: 'setSetting', name, ...(values && { values }), local: node['is_local'] === true, location }];
}

/**
 * Lowers `SELECT set_config('name', 'value', local)` with constant arguments, as dumps write it, to the SET it is.
 * @returns undefined when the query is anything else
 */
export function lowerSetConfig(node: TreeNode, ctx: LowerContext, span: Span): Operation[] | undefined {
  if (node['fromClause'] !== undefined || node['whereClause'] !== undefined || node['targetList'] === undefined) return undefined;
  const operations: Operation[] = [];
  for (const target of list(node['targetList'])) {
    const call = target['ResTarget']?.['val']?.['FuncCall'] as TreeNode | undefined;
    const [name, value, local] = list(call?.['args']);
    if (stringOf(list(call?.['funcname']).at(-1)) !== 'set_config' || !name?.['A_Const'] || !value?.['A_Const'] || !local?.['A_Const']) {
      return undefined;
    }
    const setting = constantText(name).toLowerCase();
    const text = constantText(value);
    const values = setting === 'search_path' ? text.split(',').map(pathItem).filter((item) => item !== '') : [text];
    operations.push({
      kind: 'setSetting', name: setting, values, local: local['A_Const']['boolval']?.['boolval'] === true, location: locate(ctx, span),
    });
  }
  return operations;
}

function pathItem(text: string): string {
  const item = text.trim();
  return item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item.toLowerCase();
}

const ACTIONS: Readonly<Record<string, Transaction['action']>> = {
  TRANS_STMT_BEGIN: 'begin', TRANS_STMT_START: 'begin', TRANS_STMT_COMMIT: 'commit', TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint', TRANS_STMT_RELEASE: 'release', TRANS_STMT_ROLLBACK_TO: 'rollbackTo',
};

/** Lowers BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin. */
export function lowerTransaction(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const action = ACTIONS[String(node['kind'])];
  if (action === undefined) return [{ kind: 'notUnderstood', reason: 'two-phase commit', tables: [], location }];
  const name = node['savepoint_name'] as string | undefined;
  return [{ kind: 'transaction', action, ...(name !== undefined && { name }), location }];
}
