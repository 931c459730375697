import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'backfill-in-batches',
  category: 'migration',
  summary: 'One UPDATE rewrites a whole existing table inside the transaction that changes its schema.',
  level: 'off',
  asks: 'backfill',
  *check({ isTenantColumn, rewritesWholeTable, table, column, location }) {
    if (!isTenantColumn || !rewritesWholeTable) return;
    yield {
      message: `One UPDATE fills ${column} in every row of "${table}" inside the transaction that changes the schema: the locks are held until all rows are rewritten.`,
      location, tables: [table], tenantColumn: column,
      suggestion: `Backfill in a migration of its own, in batches of limited size with a commit after each.`,
    };
  },
});
