import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'backfill-ambiguous-source',
  category: 'migration',
  summary: 'A backfill can find several source rows for one row, so the tenant written is arbitrary.',
  level: 'error',
  asks: 'backfill',
  *check({ isTenantColumn, ambiguous, table, column, location }) {
    if (!isTenantColumn || !ambiguous) return;
    yield {
      message: `The ${column} written to "${table}" is arbitrary: ${ambiguous.reason}.`,
      location, tables: [table], tenantColumn: column,
      related: [{ location: ambiguous.location, message: 'the source with several candidates' }],
      suggestion: `Join on a unique key, or name the one row that decides; let rows with several candidates fail a verification instead.`,
    };
  },
});
