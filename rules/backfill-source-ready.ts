import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'backfill-source-ready',
  category: 'migration',
  summary: 'A backfill reads a tenant column that is itself not there or not filled yet.',
  level: 'error',
  asks: 'backfill',
  *check({ isTenantColumn, unready, table, column, location }) {
    if (!isTenantColumn) return;
    for (const source of unready) {
      yield {
        message: `The backfill of "${table}".${column} reads ${source.table}.${source.column}, which ${source.reason}.`,
        location, tables: [table], tenantColumn: column,
        related: [{ location: source.location, message: `${source.table}.${source.column} is added here` }],
        suggestion: `Backfill ${source.table} first: parents before children.`,
      };
    }
  },
});
