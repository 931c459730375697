import type { Severity } from '../config/types.js';

/** What running on a database shows: findings of `replay` and `gate`, not of a rule. They can be suppressed like any other. */
export const PROOF_RULES: Readonly<Record<string, { readonly severity: Severity; readonly summary: string }>> = {
  'replay-failing-statement': { severity: 'error', summary: 'PostgreSQL rejects a statement of a migration.' },
  'replay-refused-rows': { severity: 'warning', summary: 'A statement of a migration fails on rows such as the made-up ones, and runs on empty tables.' },
  'replay-remaining-null': { severity: 'error', summary: 'A tenant column keeps NULLs after the last migration that fills it.' },
  'replay-mixed-tenants': { severity: 'error', summary: 'A migration gives rows another tenant than that of the row they refer to.' },
  'replay-order-dependent': { severity: 'error', summary: 'A migration gives rows another tenant when the same rows stand in another order.' },
  'replay-hidden-rows': { severity: 'error', summary: 'Forced row-level security hides rows from a backfill or a verification that no superuser runs.' },
  'replay-lost-rows': { severity: 'warning', summary: 'A migration removes rows of a table that stays.' },
  'replay-row-security': { severity: 'error', summary: 'A session of one tenant reads or writes rows of another.' },
  'gate-null-tenant': { severity: 'error', summary: 'Rows without a tenant stand in a tenant table of the live database.' },
  'gate-drift': { severity: 'warning', summary: 'The live database differs from what the migrations or models describe.' },
};
