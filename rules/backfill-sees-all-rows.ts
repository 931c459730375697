import { defineRule } from '../src/rule.js';
import type { Problem } from '../src/rule.js';

export default defineRule({
  id: 'backfill-sees-all-rows',
  category: 'migration',
  summary: 'A backfill or its verification runs under forced row-level security and sees only some rows.',
  level: 'error',
  asks: 'project',
  *check({ backfills, nullChecks }): Iterable<Problem> {
    const subjects = [
      ...backfills.map((backfill) => ({ ...backfill, what: 'backfill' })),
      ...nullChecks.filter(({ aborts }) => aborts !== 'no').map((check) => ({ ...check, what: 'verification' })),
    ];
    for (const { isTenantColumn, hiddenByRls, what, table, column, location } of subjects) {
      if (!isTenantColumn || hiddenByRls.length === 0) continue;
      yield {
        message: `The ${what} of "${table}".${column} runs under forced row-level security: it sees only the rows that the policies let through${what === 'verification' ? ', and passes wrongly' : ''}.`,
        location, tables: [table], tenantColumn: column, related: hiddenByRls,
        suggestion: `Run it as a role with BYPASSRLS, or NO FORCE ROW LEVEL SECURITY before it and FORCE again after it.`,
      };
    }
  },
});
