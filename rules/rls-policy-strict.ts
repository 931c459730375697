import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'rls-policy-strict',
  category: 'rls',
  summary: "A row-level security policy lets other tenants' rows through.",
  level: 'off',
  rlsLevel: 'error',
  asks: 'policy',
  *check({ policy, table, reads, appliesToApplication }) {
    if (!appliesToApplication || reads?.answer !== 'lax') return;
    yield {
      message: `Policy "${policy.name}" lets rows of other tenants of "${table.name}" through: ${reads.reason}.`,
      location: policy.origin.location, tables: [table.name], tenantColumn: table.tenantColumnName,
      related: [{ location: reads.location, message: 'this condition admits them' }],
      suggestion: `Compare ${table.tenantColumnName} with the session's tenant in every branch of USING.`,
    };
  },
});
