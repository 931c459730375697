import type { AlterPolicy, CreatePolicy, DropPolicy, RenamePolicy, SetRowSecurity } from '../../facts/operation.js';
import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { ApplyEnvironment } from './environment.js';
import { alteredTable, createdHere, isOpen, originAt, useTable } from './lookup.js';
import { displayName, keyOf } from './names.js';
import { columnNames, qualifyTables } from './references.js';
import { reject } from './rejection.js';
import { editTable } from './state.js';
import { containsSubquery } from './expressions.js';
import type { Catalog, Policy, Table } from './types.js';

/** ENABLE | DISABLE | FORCE | NO FORCE ROW LEVEL SECURITY. @throws Rejection 42P01, 42809 */
export function setRowSecurity(catalog: Catalog, operation: SetRowSecurity, env: ApplyEnvironment): void {
  const found = alteredTable(catalog, operation, env);
  if (!found) return;
  const table = editTable(catalog, keyOf(found));
  if (operation.change === 'enable' || operation.change === 'disable') table.rowSecurity = operation.change === 'enable';
  else table.forceRowSecurity = operation.change === 'force';
  table.rowSecurityOrigin = env.origin;
}

/** CREATE POLICY. @throws Rejection 42601, 42P01, 42809, 42710, 42703 */
export function createPolicy(catalog: Catalog, operation: CreatePolicy, env: ApplyEnvironment): void {
  const { policy, location } = operation;
  if (policy.withCheck && (policy.command === 'select' || policy.command === 'delete')) reject('42601', 'WITH CHECK cannot be applied to SELECT or DELETE', location);
  if (policy.using && policy.command === 'insert') reject('42601', 'only WITH CHECK expression allowed for INSERT', location);
  const found = useTable(catalog, operation.table, location, env)!;
  const existing = found.policies.find((other) => other.name === policy.name);
  if (existing) {
    reject('42710', `policy "${policy.name}" for table "${found.name}" already exists`, location, {
      ...createdHere('the policy was created', existing.origin), suggestion: 'Write DROP POLICY IF EXISTS before it.',
    });
  }
  const { location: place, ...facts } = policy;
  editTable(catalog, keyOf(found)).policies.push({ ...facts, ...storedConditions(catalog, found, policy, location, env), origin: originAt(env, place) });
}

function storedConditions(
  catalog: Catalog, table: Table, source: { readonly using?: Expression; readonly withCheck?: Expression }, location: Location, env: ApplyEnvironment,
): { using?: Expression; withCheck?: Expression } {
  const store = (expression: Expression): Expression => {
    requireColumns(table, expression, location);
    return qualifyTables(expression, { catalog, searchPath: env.searchPath }, table);
  };
  return {
    ...(source.using && { using: store(source.using) }),
    ...(source.withCheck && { withCheck: store(source.withCheck) }),
  };
}

/** A condition with a sub-select is left to the resolver: names in it may belong to other tables. */
function requireColumns(table: Table, expression: Expression, location: Location): void {
  if (isOpen(table) || containsSubquery(expression)) return;
  for (const name of columnNames(expression)) {
    if (!table.columns.has(name) && name !== table.name) reject('42703', `column "${name}" does not exist`, location, createdHere(`"${displayName(table)}" was created`, table.created));
  }
}

/** ALTER POLICY: what it does not name stays. @throws Rejection 42P01, 42704, 42703 */
export function alterPolicy(catalog: Catalog, operation: AlterPolicy, env: ApplyEnvironment): void {
  const found = useTable(catalog, operation.table, operation.location, env)!;
  const policy = usePolicy(found, operation.name, operation.location);
  if (!policy) return;
  const changed: Policy = {
    ...policy, ...(operation.roles && { roles: operation.roles }),
    ...storedConditions(catalog, found, operation, operation.location, env), origin: env.origin,
  };
  replacePolicy(editTable(catalog, keyOf(found)), operation.name, changed);
}

/** ALTER POLICY ... RENAME TO. @throws Rejection 42P01, 42704, 42710 */
export function renamePolicy(catalog: Catalog, operation: RenamePolicy, env: ApplyEnvironment): void {
  const found = useTable(catalog, operation.table, operation.location, env)!;
  if (found.policies.some((policy) => policy.name === operation.to)) {
    reject('42710', `policy "${operation.to}" for table "${found.name}" already exists`, operation.location);
  }
  const policy = usePolicy(found, operation.name, operation.location);
  if (policy) replacePolicy(editTable(catalog, keyOf(found)), operation.name, { ...policy, name: operation.to });
}

/** DROP POLICY. IF EXISTS also passes over a missing table. @throws Rejection 42P01, 42704 */
export function dropPolicy(catalog: Catalog, operation: DropPolicy, env: ApplyEnvironment): void {
  const found = useTable(catalog, operation.table, operation.location, env, operation.ifExists);
  if (!found || (operation.ifExists && !found.policies.some((policy) => policy.name === operation.name))) return;
  if (!usePolicy(found, operation.name, operation.location)) return;
  const table = editTable(catalog, keyOf(found));
  table.policies = table.policies.filter((policy) => policy.name !== operation.name);
}

function usePolicy(table: Table, name: string, location: Location): Policy | undefined {
  const policy = table.policies.find((candidate) => candidate.name === name);
  if (!policy && !isOpen(table)) {
    reject('42704', `policy "${name}" for table "${table.name}" does not exist`, location, { suggestion: 'Write IF EXISTS, or correct the name.' });
  }
  return policy;
}

function replacePolicy(table: Table, name: string, policy: Policy): void {
  table.policies = table.policies.map((other) => (other.name === name ? policy : other));
}
