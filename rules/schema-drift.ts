import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'schema-drift',
  category: 'schema',
  summary: 'Two declarations of a table disagree on its tenant column.',
  level: 'warning',
  asks: 'drift',
  *check({ table, column, location, message, other }) {
    yield {
      message: `${message}.`,
      location, tables: [table], tenantColumn: column, related: [other],
      suggestion: 'Make both say the same: write the missing migration, or correct the model.',
    };
  },
});
