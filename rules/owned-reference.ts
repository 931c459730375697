import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'owned-reference',
  category: 'query',
  summary: 'A write stores the id of another row as the caller sent it, without a proof that the row belongs to the tenant.',
  level: 'warning',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    for (const { table, column, to, input, location } of query.foreignIds) {
      yield {
        message: `${column} of "${table.name}" is stored as the caller sent it (${input}): nothing proves that this row of "${to}" belongs to the tenant, and a foreign key does not.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: [{ location, message: 'the value' }],
        suggestion: `Read the row of "${to}" by id and tenant first and stop when there is none, or let the foreign key carry the tenant column.`,
      };
    }
  },
});
