import type { Config } from '../../config/types.js';
import type { Catalog } from '../catalog/types.js';
import type { SettingSet } from '../code/values.js';
import type { ClassifiedTable, PolicyFact } from '../project.js';
import type { ReferenceVerdict } from '../scope/types.js';
import { settingsOf } from '../session-settings.js';
import type { FoundQuery } from './collect.js';

/** What row-level security is known by. */
interface Policies {
  readonly policies: readonly PolicyFact[];
  readonly config: Config;
}

/** The verdicts that `require-tenant-scope` reports. */
export const BAD: ReadonlySet<string> = new Set(['unscoped', 'optional', 'negated', 'disjunctive']);

type PinnedByContext = Partial<Pick<ReferenceVerdict, 'verdict' | 'reason' | 'evidence'>> & { /** The one that the policies read. */ readonly setting?: SettingSet };

/**
 * What pins a table beside of the query's own conditions: clients and callbacks that add the tenant by themselves, as the config says,
 * and a setting that the policies read and that is set on the query's connection.
 */
export function pinnedByContext(found: FoundQuery, table: ClassifiedTable, { verdict, reason }: ReferenceVerdict, catalog: Catalog, sources: Policies): PinnedByContext {
  const { code } = found;
  if (code?.access === 'scoped') return { verdict: 'scoped', reason: 'runs on a client that adds the tenant by itself', evidence: [] };
  if (code === undefined || code.access === 'unscoped') return {};
  if (maySeeOneTenant(found, table)) return BAD.has(verdict) ? { verdict: 'unknown', reason: 'runs on a client that nothing leads to: it may see one tenant only', evidence: [] } : {};
  const { callback, beside } = code;
  const setting = code.settings?.find(({ set }) => settingsOf(table.table, catalog).has(set));
  const set = setting?.set;
  if (callback === undefined && set === undefined) return beside === undefined || !BAD.has(verdict) ? {} : { reason: `${reason}; ${beside} does not pin it: it runs on another client than ${beside} hands over` };
  const gap = missingProtection(table, sources);
  if (gap !== undefined) return BAD.has(verdict) ? { reason: `${reason}; ${callback ?? `setting ${set}`} does not pin it: ${gap}` } : {};
  return { verdict: 'scoped', reason: callback === undefined ? `runs with ${set} set, under forced and strict policies` : `runs inside of ${callback}, under forced and strict policies`, evidence: [], ...(setting && { setting }) };
}

/** Whether the client of a query, that nothing leads to, may see the rows of one tenant only. */
export function maySeeOneTenant({ code }: FoundQuery, { table }: ClassifiedTable): boolean {
  return code?.access === 'untold' || (code?.access === 'policed' && table.rowSecurity);
}

/** Whether the policies of the table bind the query, so that they pin what it does not: SECURITY INVOKER functions under strict, forced policies. */
export function isEnforced({ routine, view, code }: FoundQuery, table: ClassifiedTable, sources: Policies): boolean {
  if (routine === undefined ? view?.view?.securityInvoker !== true && code?.rls !== 'enforced' : routine.securityDefiner) return false;
  // Who asks through Supabase's API is `authenticated` or `anon`: no owner of tables, whom ENABLE alone binds (its manual, "Postgres Roles").
  return missingProtection(table, sources, code?.rls === 'enforced') === undefined;
}

/** Whether users of the application, who own no table, read only rows of their own tenants in it. */
export function limitsUsers(table: ClassifiedTable, sources: Policies): boolean {
  return missingProtection(table, sources, true) === undefined;
}

/** What is missing for row-level security to be on, to bind the application's role, and to let only rows of the session's tenant through. */
function missingProtection({ table }: ClassifiedTable, { policies, config }: Policies, isNoOwner = false): string | undefined {
  if (!table.rowSecurity) return 'row-level security is not enabled on it';
  if (!table.forceRowSecurity && !isNoOwner && (config.rls?.roles.length ?? 0) === 0) return 'row-level security is not forced, so it does not bind the owner';
  const loose = policies.find(({ table: own, appliesToApplication, reads, writes }) => own.table === table && appliesToApplication
    && [reads, writes].some((side) => (side?.answer ?? 'strict') !== 'strict'));
  return loose && `policy "${loose.policy.name}" lets other tenants through`;
}
