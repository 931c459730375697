import type { Operation } from '../../facts/operation.js';
import type { PolicyCommand } from '../../facts/schema.js';
import type { LowerContext } from './context.js';
import type { TreeNode } from './engine.js';
import { lowerExpression } from './expression.js';
import { bareRoutines, booleanOption, list, locate, rangeName, roleName } from './tree.js';
import type { Span } from './tree.js';

/** Lowers CREATE POLICY. */
export function lowerPolicy(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  return [{
    kind: 'createPolicy',
    table: rangeName(node['table'] as TreeNode),
    policy: {
      name: String(node['policy_name']),
      command: String(node['cmd_name'] ?? 'all') as PolicyCommand,
      permissive: node['permissive'] === true,
      roles: list(node['roles']).map(roleName),
      ...predicates(node, ctx),
      location,
    },
    location,
  }];
}

/** Lowers ALTER POLICY (its RENAME is a statement of its own). */
export function lowerAlterPolicy(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return [{
    kind: 'alterPolicy', table: rangeName(node['table'] as TreeNode), name: String(node['policy_name']),
    ...(node['roles'] !== undefined && { roles: list(node['roles']).map(roleName) }),
    ...predicates(node, ctx), location: locate(ctx, span),
  }];
}

function predicates(node: TreeNode, ctx: LowerContext) {
  const using = node['qual'] as TreeNode | undefined;
  const withCheck = node['with_check'] as TreeNode | undefined;
  return { ...(using && { using: lowerExpression(using, ctx) }), ...(withCheck && { withCheck: lowerExpression(withCheck, ctx) }) };
}

/** Lowers GRANT and REVOKE on tables; grants on other objects do not concern rows. */
export function lowerGrant(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  const location = locate(ctx, span);
  const revoke = node['is_grant'] !== true;
  if (node['objtype'] !== 'OBJECT_TABLE') return [{ kind: 'harmless', name: revoke ? 'revoke' : 'grant', ...bareRoutines(list(node['objects'])), location }];
  const privileges = list(node['privileges']).map((item) => String(item['AccessPriv']?.['priv_name'] ?? 'all'));
  return [{
    kind: 'grant', revoke,
    privileges: privileges.length === 0 ? ['all'] : privileges,
    tables: list(node['objects']).flatMap((item) => (item['RangeVar'] === undefined ? [] : [rangeName(item['RangeVar'] as TreeNode)])),
    grantees: list(node['grantees']).map(roleName),
    location,
  }];
}

/** Lowers CREATE ROLE, USER and GROUP. */
export function lowerCreateRole(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return [{ kind: 'role', action: 'create', name: String(node['role']), ...powers(node), location: locate(ctx, span) }];
}

/** Lowers ALTER ROLE and USER. */
export function lowerAlterRole(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return [{ kind: 'role', action: 'alter', name: roleName(node['role'] as TreeNode), ...powers(node), location: locate(ctx, span) }];
}

/** Lowers DROP ROLE: one operation a name. */
export function lowerDropRole(node: TreeNode, ctx: LowerContext, span: Span): Operation[] {
  return list(node['roles']).map((role) => ({ kind: 'role', action: 'drop', name: roleName(role), location: locate(ctx, span) }));
}

function powers(node: TreeNode) {
  const bypassRls = booleanOption(node['options'], 'bypassrls');
  const superuser = booleanOption(node['options'], 'superuser');
  return { ...(bypassRls !== undefined && { bypassRls }), ...(superuser !== undefined && { superuser }) };
}
