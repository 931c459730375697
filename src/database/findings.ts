import { PROOF_RULES } from '../check/proof-rules.js';
import type { Reported } from '../check/suppress.js';
import type { Location } from '../facts/location.js';
import type { ClassifiedTable } from '../link/project.js';
import type { Problem } from '../rule.js';
import type { RunFailure, RunResult } from './types.js';
import type { Crossing, Visibility } from './visibility.js';

/** A proof's finding at its level. */
export function reported(ruleId: string, problem: Problem): Reported {
  return { ruleId, severity: PROOF_RULES[ruleId]!.severity, problem };
}

/** What a run showed, as findings: of each migration the first statement that fails, NULLs that remain, tenants mixed up, rows lost. */
export function runFindings(result: RunResult): Reported[] {
  return [
    ...result.failures.filter(({ follows }) => !follows).map(failureFinding),
    ...result.remainingNulls.map(({ location, table, column, nulls, rows, filled }) => reported('replay-remaining-null', {
      location, tables: [table], tenantColumn: column,
      message: `${nulls} of ${rows} rows of "${table}" keep a NULL in ${column}${filled ? ' after the last migration that fills it' : ': no migration fills it'}`,
      suggestion: filled ? 'Find a tenant for these rows too, or let the migration abort while NULLs remain.' : 'Fill the column, verify that no NULL remains, then set it NOT NULL.',
    })),
    ...result.mixedTenants.map(({ location, table, column, through, parent, parentColumn }) => reported('replay-mixed-tenants', {
      location, tables: [table], tenantColumn: column,
      message: `Rows of "${table}" got another ${column} than ${parentColumn} of the row of "${parent}" that ${through.join(', ')} refers to`,
      suggestion: `Take the tenant from "${parent}" over ${through.join(', ')}.`,
    })),
    ...result.orderDependent.map(({ location, table, column, rows, of }) => reported('replay-order-dependent', {
      location, tables: [table], tenantColumn: column,
      message: `${rows} of ${of} rows of "${table}" get another ${column} when the same rows stand in the opposite order: several rows match, and chance picks one`,
      suggestion: 'Join over a unique key, or say which of the matching rows counts.',
    })),
    ...result.hiddenRows.map(({ location, table, column, rows }) => reported('replay-hidden-rows', {
      location, tables: [table], ...(column !== undefined && { tenantColumn: column }),
      message: rows === undefined ? `FORCE ROW LEVEL SECURITY hides rows of "${table}" from an owner that is no superuser: this stops a superuser, and lets the owner pass`
        : `FORCE ROW LEVEL SECURITY hides ${rows} rows from an owner that is no superuser: in "${table}" they keep a NULL in ${column}`,
      suggestion: 'Run the migration as a role with BYPASSRLS, or take FORCE away before and put it back after.',
    })),
    ...result.rowsLost.map(({ location, table, before, after }) => reported('replay-lost-rows', {
      location, tables: [table], message: `${before - after} of ${before} rows of "${table}" are gone after this migration`,
      suggestion: 'Give the rows a tenant instead of removing them, or say why they may go.',
    })),
  ];
}

function failureFinding({ location, code, message, detail, dependsOnRows, verbatim, table, column }: RunFailure): Reported {
  const about: Pick<Problem, 'location' | 'tables' | 'tenantColumn'> = { location, ...(table !== undefined && { tables: [table] }), ...(column !== undefined && { tenantColumn: column }) };
  if (code === '23502') {
    return reported('replay-failing-statement', {
      ...about, message: `PostgreSQL refuses this on a table with rows: ${message} (${code})`,
      suggestion: 'Fill the column of existing rows and verify it before NOT NULL.',
    });
  }
  const more = detail === undefined ? '' : ` ${detail}`;
  if (!dependsOnRows) return reported('replay-failing-statement', { ...about, message: `PostgreSQL rejects this: ${message} (${code})${more}` });
  const stopsItself = code === 'P0001';
  return reported('replay-refused-rows', {
    ...about, message: stopsItself ? `The migration stops itself on the made-up rows${verbatim ? `: ${message}` : ''}` : `PostgreSQL refuses this on the made-up rows, not on empty tables: ${message} (${code})${more}`,
    suggestion: stopsItself ? 'Nothing to do if rows such as these cannot exist; else they have to be repaired first.' : 'Check that no row of the real database is like these.',
  });
}

const WORDS: Readonly<Record<Crossing['what'], string>> = {
  reads: 'read', deletes: 'delete', updates: 'update', moves: 'move to another tenant', 'moves unseen': 'move to another tenant unseen', inserts: 'insert',
};

/** What a session can do to rows that are not its own, as a finding at the policy or table; none when the policies keep the tenants apart. */
export function visibilityFinding({ crossings, role }: Visibility, { name, tenantColumns, table }: ClassifiedTable, location: Location): Reported[] {
  if (crossings.length === 0) return [];
  const doing = (withTenant: boolean): string => crossings.filter((each) => each.withTenant === withTenant).map(({ what }) => WORDS[what]).join(', ');
  const own = doing(true);
  const none = doing(false);
  const parts = [...(own === '' ? [] : [`a session of one tenant can ${own} rows of another`]), ...(none === '' ? [] : [`a session without a tenant can ${none} rows`])];
  return [reported('replay-row-security', {
    location, tables: [name], ...(tenantColumns[0] && { tenantColumn: tenantColumns[0].name }),
    message: `In "${name}" ${parts.join(', and ')} (as role "${role}")`,
    related: table.policies.map((policy) => ({ location: policy.origin.location, message: `policy ${policy.name} (${policy.permissive ? 'permissive' : 'restrictive'}, ${policy.command})` })),
    suggestion: 'Compare the tenant column with the session\'s tenant in USING and WITH CHECK of every permissive policy, so that a missing setting matches no row.',
  })];
}
