import type { Config } from '../../config/types.js';
import type { PolicyCommand } from '../../facts/schema.js';
import type { Catalog, Policy } from '../catalog/types.js';
import type { ClassifiedTable, PolicyFact } from '../project.js';
import { judgeCondition, predicateContext, STRICT, type PredicateContext, type Strictness } from './predicate.js';

/** Roles of hosting platforms that no policy binds. */
const PLATFORM_ROLES = /^(service_role|postgres|rds_superuser|supabase_.*)$/;
const WRITES: readonly PolicyCommand[] = ['insert', 'update'];
const READS: readonly PolicyCommand[] = ['select', 'update', 'delete'];

/**
 * Judges every policy of the tenant tables of one database: which rows of other tenants it lets a session read or write.
 * Permissive policies of one command widen each other, restrictive ones narrow them all (PostgreSQL manual, CREATE POLICY):
 * a policy is shielded when a strict restrictive one covers its commands and roles.
 */
export function judgePolicies(catalog: Catalog, tables: readonly ClassifiedTable[], config: Config): PolicyFact[] {
  const isExemptRole = exemptRoles(catalog);
  return tables.filter(({ class: of }) => of === 'tenant' || of === 'child' || of === 'root').flatMap((table) => {
    const context = (purpose: PredicateContext['purpose']): PredicateContext => predicateContext({
      catalog, table, tables, purpose, isExemptRole, tenantValues: config.queries.tenantValues, principalColumns: config.queries.principalColumns,
    });
    const judged = table.table.policies.map((policy) => judgePolicy(policy, context('read'), context('write')));
    return judged.map(({ policy, reads, writes }): PolicyFact => {
      const shields = judged.filter((other) => !other.policy.permissive && coversRoles(other.policy, policy));
      const covered = (commands: readonly PolicyCommand[], strict: (each: Judged) => boolean) => commandsOf(policy, commands)
        .every((command) => shields.some((each) => commandsOf(each.policy, [command]).length > 0 && strict(each)));
      return {
        policy, table,
        appliesToApplication: policy.permissive && policy.roles.some((role) => isApplicationRole(role, config, isExemptRole)),
        ...(reads && { reads: covered(READS, (each) => each.reads?.answer === 'strict') ? STRICT : reads }),
        ...(writes && { writes: covered(WRITES, (each) => each.writes?.answer === 'strict') ? STRICT : writes }),
      };
    });
  });
}

interface Judged {
  readonly policy: Policy;
  readonly reads?: Strictness;
  readonly writes?: Strictness;
}

/** Without USING nothing is read; without WITH CHECK the condition of USING checks what is written. */
function judgePolicy(policy: Policy, read: PredicateContext, write: PredicateContext): Judged {
  const { using, withCheck } = policy;
  const check = withCheck ?? (policy.command === 'insert' ? undefined : using);
  return {
    policy,
    ...(using && commandsOf(policy, READS).length > 0 && { reads: judgeCondition(using, policy.command === 'delete' || policy.command === 'update' ? { ...read, table: { ...read.table, hybrid: false } } : read) }),
    // A new row of the root table is a new tenant, not another one.
    ...(check && commandsOf(policy, WRITES).length > 0 && { writes: policy.command === 'insert' && write.table.class === 'root' ? STRICT : judgeCondition(check, write) }),
  };
}

function commandsOf({ command }: Policy, among: readonly PolicyCommand[]): readonly PolicyCommand[] {
  return command === 'all' ? among : among.filter((each) => each === command);
}

/** Whether every role the one speaks of is bound by the other. */
function coversRoles(shield: Policy, policy: Policy): boolean {
  return isForEverybody(shield) || policy.roles.every((role) => shield.roles.includes(role));
}

function isForEverybody({ roles }: Policy): boolean {
  return roles.length === 0 || roles.includes('public');
}

function exemptRoles(catalog: Catalog): (role: string) => boolean {
  return (role) => {
    const known = catalog.roles.get(role);
    return PLATFORM_ROLES.test(role) || known?.bypassRls === true || known?.superuser === true;
  };
}

function isApplicationRole(role: string, { rls }: Config, isExempt: (role: string) => boolean): boolean {
  if (isExempt(role)) return false;
  if (rls === undefined || rls.roles.length === 0) return true;
  return rls.roles.includes(role) || ['public', 'anon', 'authenticated', 'current_user', 'session_user'].includes(role);
}
