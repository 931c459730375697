import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'no-unanalyzable-query',
  category: 'query',
  summary: 'A query on tenant tables cannot be understood.',
  level: 'off',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    const suggestion = 'Write the SQL out, with parameters for its values, so that it can be checked.';
    if (query.unknown !== undefined) {
      yield { message: `A query in ${query.where} cannot be understood: ${query.unknown}.`, location: query.location, suggestion };
      return;
    }
    for (const { table, verdict, enforced, reason, evidence } of query.references) {
      if (verdict !== 'unknown' || enforced) continue;
      yield {
        message: `Whether "${table.name}" is pinned to one tenant cannot be told: it ${reason}.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: evidence, suggestion,
      };
    }
  },
});
