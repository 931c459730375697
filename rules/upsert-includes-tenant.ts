import { defineRule, isApplicationQuery, isUnpinned } from '../src/rule.js';

export default defineRule({
  id: 'upsert-includes-tenant',
  category: 'query',
  summary: "An upsert finds its row by a key without the tenant, and may overwrite another tenant's row.",
  level: 'error',
  asks: 'query',
  *check(query) {
    if (!isApplicationQuery(query)) return;
    for (const reference of query.references) {
      const { table, conflictKey } = reference;
      if (!conflictKey || !isUnpinned(reference)) continue;
      // A key with the tenant finds a row of the tenant that is given: where that comes from is asked elsewhere. So is whose a child's parent is.
      if (table.tenantColumns.some(({ name }) => conflictKey.includes(name))) continue;
      if (table.class === 'child' && query.references.some((each) => each.access === 'insert' && !each.conflictKey && each.reference === reference.reference && isUnpinned(each))) continue;
      yield {
        message: `ON CONFLICT finds the row of "${table.name}" by a key that leaves ${table.tenantColumnName} out: one tenant overwrites another's row.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: reference.evidence,
        suggestion: `Put ${table.tenantColumnName} into the unique key and the conflict target, or add WHERE ${table.name}.${table.tenantColumnName} = excluded.${table.tenantColumnName}.`,
      };
    }
  },
});
