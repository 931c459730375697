import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'not-null-requires-verify',
  category: 'migration',
  summary: 'A backfilled column becomes NOT NULL without a check that aborts the migration while NULLs remain.',
  level: 'error',
  asks: 'notNullChange',
  options: {
    allColumns: { type: 'boolean', default: false, description: 'Check every column, not only tenant columns.' },
    allowTotalBackfill: { type: 'boolean', default: false, description: 'Accept a backfill of the same migration that provably leaves no NULL.' },
  },
  *check(change, { options }) {
    if (!change.isTenantColumn && options.allColumns !== true) return;
    if (change.form === 'validated check' || change.mayHoldRows === 'no' || change.filledBy.length === 0) return;
    if (change.verifiedBy || change.needsNoVerify !== undefined || change.skippedWhenNullsRemain) return;
    if (options.allowTotalBackfill === true && change.totalBackfill) return;
    const { table, column, location, weakCheck, migration } = change;
    const last = change.filledBy.at(-1)!;
    const reason = weakCheck ? 'the check that stands there cannot abort'
      : last.migration < migration ? 'it was filled in an earlier migration, and rows may have come since' : 'nothing between the last backfill and this statement aborts while NULLs remain';
    yield {
      message: `SET NOT NULL on "${table}".${column} comes without a verification: ${reason}.`,
      location, tables: [table], tenantColumn: column,
      related: [...change.evidence, ...(weakCheck ? [{ location: weakCheck, message: 'this check cannot abort' }] : [])],
      suggestion: `Before it, count the rows where ${column} IS NULL and RAISE EXCEPTION if there are any (or add a CHECK (${column} IS NOT NULL) and VALIDATE it).`,
    };
  },
});
