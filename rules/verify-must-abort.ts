import { defineRule } from '../src/rule.js';

const words = {
  notice: 'only prints a message',
  'bare select': 'only selects the count: no migration tool reads the result',
  comment: 'stands in a comment: it never runs',
  swallowed: 'raises an exception that the block itself catches',
  'skips not null': 'skips SET NOT NULL while NULLs remain: the migration succeeds and the column stays nullable',
  'not validated': 'is NOT VALID: existing rows are not looked at',
  'no reaction': 'has no effect: nothing depends on its result',
} as const;

export default defineRule({
  id: 'verify-must-abort',
  category: 'migration',
  summary: 'A check for remaining NULLs exists but cannot stop the migration.',
  level: 'error',
  asks: 'nullCheck',
  *check({ isTenantColumn, aborts, reason, table, column, location }) {
    if (!isTenantColumn || aborts !== 'no' || !reason) return;
    yield {
      message: `The check for NULLs in "${table}".${column} ${words[reason]}.`,
      location, tables: [table], tenantColumn: column,
      suggestion: reason === 'skips not null'
        ? `RAISE EXCEPTION while rows have no ${column}, and SET NOT NULL without a condition.`
        : `RAISE EXCEPTION when a row has no ${column}, so that the whole migration is rolled back.`,
    };
  },
});
