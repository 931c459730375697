import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'backfill-may-leave-null',
  category: 'migration',
  summary: 'After its last backfill a tenant column can still hold NULLs, and no aborting check follows.',
  level: 'warning',
  asks: 'backfill',
  *check({ isTenantColumn, isLast, verifiedLater, coverage, leavesNull, table, column, location }) {
    if (!isTenantColumn || !isLast || verifiedLater || coverage !== 'partial') return;
    const paths = leavesNull.map(({ message }) => message);
    yield {
      message: `Rows of "${table}" can keep ${column} NULL after this backfill: ${paths.slice(0, 3).join('; ')}${paths.length > 3 ? '; ...' : ''}.`,
      location, tables: [table], tenantColumn: column, related: leavesNull,
      suggestion: `Add a fallback (COALESCE, a second UPDATE ... WHERE ${column} IS NULL), or a check that raises an exception while NULLs remain.`,
    };
  },
});
