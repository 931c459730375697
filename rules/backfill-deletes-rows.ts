import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'backfill-deletes-rows',
  category: 'migration',
  summary: 'Rows without a tenant are deleted instead of assigned.',
  level: 'warning',
  asks: 'rowDeletion',
  *check({ table, column, location }) {
    yield {
      message: `Rows of "${table}" without ${column} are deleted instead of assigned to a tenant: data is lost for good.`,
      location, tables: [table], tenantColumn: column,
      suggestion: `Assign them along another path, or to a sentinel tenant, and let a verification abort on what is left.`,
    };
  },
});
