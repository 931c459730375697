import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'no-unscoped-client',
  category: 'query',
  summary: 'A client that is configured as unscoped is used where requests are answered.',
  level: 'warning',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query) || query.code?.access !== 'unscoped' || !query.code.inHandler) return;
    const tables = [...new Set(query.references.map(({ table }) => table.name))];
    yield {
      message: `This query runs on a client that sees the rows of every tenant, in code that answers requests.`,
      location: query.location, tables, suggestion: 'Use the client of the request, and keep this one for jobs and administration.',
    };
  },
});
