import { defineRule, isApplicationQuery, isUnpinned, wayOf } from '../src/rule.js';

export default defineRule({
  id: 'insert-sets-tenant',
  category: 'query',
  summary: 'A row is inserted without its tenant.',
  level: 'error',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query) && (query.origin !== 'seed' || query.system)) return;
    for (const { table, column, how, location } of query.missingTenants) {
      yield {
        message: `This insert ${how} ${column} of "${table.name}": the row belongs to no tenant, or is refused.`,
        location, tables: [table.name], tenantColumn: column,
        suggestion: `Give ${column} the tenant of the caller.`,
      };
    }
    if (query.origin === 'seed') return;
    for (const reference of query.references) {
      const { table, access } = reference;
      if (access !== 'insert' || table.class !== 'child' || !isUnpinned(reference)) continue;
      yield {
        message: `This inserts into "${table.name}" under a parent that nothing proves to be of the caller's tenant.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: [...reference.evidence, ...wayOf(query)],
        suggestion: `INSERT ... SELECT the key of the parent, read where its ${table.tenantColumnName} is the tenant of the caller.`,
      };
    }
  },
});
