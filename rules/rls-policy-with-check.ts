import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'rls-policy-with-check',
  category: 'rls',
  summary: 'A row-level security policy lets a row be written to another tenant.',
  level: 'off',
  rlsLevel: 'error',
  asks: 'policy',
  *check({ policy, table, reads, writes, appliesToApplication }) {
    if (!appliesToApplication || writes?.answer !== 'lax') return;
    // Without WITH CHECK the condition of USING checks the row: if that is lax, rls-policy-strict says so.
    if (policy.withCheck === undefined && reads?.answer !== 'strict') return;
    const clause = policy.withCheck === undefined ? 'USING, its check as well' : 'WITH CHECK';
    yield {
      message: `Policy "${policy.name}" lets rows of "${table.name}" be written to another tenant (${clause}): ${writes.reason}.`,
      location: policy.origin.location, tables: [table.name], tenantColumn: table.tenantColumnName,
      related: [{ location: writes.location, message: 'this condition admits them' }],
      suggestion: `WITH CHECK must compare ${table.tenantColumnName} with the session's tenant in every branch.`,
    };
  },
});
