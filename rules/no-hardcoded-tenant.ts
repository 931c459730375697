import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'no-hardcoded-tenant',
  category: 'query',
  summary: 'A query names a tenant by a literal.',
  level: 'warning',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    for (const { table, column, literal, location } of query.literals) {
      yield {
        message: `${column} of "${table.name}" is the literal '${literal}' here: the query serves one tenant, whoever calls it.`,
        location: query.location, tables: [table.name], tenantColumn: column,
        related: [{ location, message: 'the literal' }],
        suggestion: 'Pass the tenant of the caller as a parameter.',
      };
    }
  },
});
