import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'no-tenant-reassignment',
  category: 'query',
  summary: 'An UPDATE sets the tenant column.',
  level: 'warning',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    for (const { table, column, location } of query.reassignments) {
      yield {
        message: `This sets ${column} of "${table.name}": the row moves to another tenant, and what hangs on it stays behind.`,
        location, tables: [table.name], tenantColumn: column,
        suggestion: `Leave ${column} as it is; a move between tenants is a migration of its own.`,
      };
    }
  },
});
