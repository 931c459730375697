import { defineRule, sqlTable } from '../src/rule.js';

export default defineRule({
  id: 'rls-forced',
  category: 'rls',
  summary: 'Row-level security is not forced, so the owner of the table bypasses it.',
  level: 'off',
  rlsLevel: 'warning',
  asks: 'table',
  *check({ class: kind, table, name, tenantColumnName, location }) {
    if ((kind !== 'tenant' && kind !== 'child') || !table.rowSecurity || table.forceRowSecurity || table.created.migration === undefined) return;
    yield {
      message: `Row-level security of "${name}" is not forced: a session of the table's owner sees the rows of all tenants.`,
      location: table.rowSecurityOrigin?.location ?? location, tables: [name], tenantColumn: tenantColumnName,
      related: table.rowSecurityOrigin ? [{ location, message: 'the table' }] : [],
      suggestion: `ALTER TABLE ${sqlTable(table)} FORCE ROW LEVEL SECURITY.`,
    };
  },
});
