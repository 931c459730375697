import { defineRule, isApplicationQuery } from '../src/rule.js';

export default defineRule({
  id: 'trusted-tenant-source',
  category: 'query',
  summary: 'The tenant of a query is what the caller sent, and nothing checks that it is theirs.',
  level: 'warning',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    for (const { table, input, location } of query.untrustedTenants) {
      yield {
        message: `"${table.name}" is pinned to a tenant that the caller names (${input}): any caller can name any tenant.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: [{ location, message: `"${table.name}" is pinned by it` }],
        suggestion: 'Take the tenant from the session, or look up the membership of the signed-in user in it first.',
      };
    }
  },
});
