import { defineRule, sqlTable } from '../src/rule.js';

export default defineRule({
  id: 'rls-enabled',
  category: 'rls',
  summary: 'A tenant table has no row-level security.',
  level: 'off',
  rlsLevel: 'error',
  asks: 'table',
  *check({ class: kind, table, name, tenantColumnName, location, unread }) {
    if ((kind !== 'tenant' && kind !== 'child') || table.rowSecurity || table.kind !== 'table' || unread.has('rowSecurity')) return;
    if (table.created.migration === undefined && !table.model?.saysRowSecurity) return;
    const without = table.policies.length > 0 ? `; its ${table.policies.length === 1 ? 'policy has' : 'policies have'} no effect` : '';
    yield {
      message: `"${name}" has no row-level security${without}: every role that may read it sees the rows of all tenants.`,
      location, tables: [name], tenantColumn: tenantColumnName,
      related: table.policies.map((policy) => ({ location: policy.origin.location, message: `policy "${policy.name}" is not in force` })),
      suggestion: `ALTER TABLE ${sqlTable(table)} ENABLE ROW LEVEL SECURITY, FORCE it, and CREATE POLICY that compares ${tenantColumnName} with the session's tenant.`,
    };
  },
});
