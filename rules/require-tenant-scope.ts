import { defineRule, isApplicationQuery, isUnpinned, wayOf } from '../src/rule.js';

const verbs = { read: 'reads', update: 'changes', delete: 'deletes from', merge: 'merges into', insert: 'inserts into' } as const;

export default defineRule({
  id: 'require-tenant-scope',
  category: 'query',
  summary: 'A query reads or changes a tenant table that is not pinned to one tenant.',
  level: 'error',
  asks: 'query',
  fixable: true,
  suggests: true,
  options: {
    allowTenantLists: { type: 'boolean', default: false, description: 'A list of several tenants pins as well.' },
  },
  *check(query, { options }) {
    if (!isApplicationQuery(query)) return;
    // What it writes to is said first: the tables of one place are told together.
    const references = [...query.references].sort((a, b) => Number(a.access === 'read') - Number(b.access === 'read'));
    for (const reference of references) {
      const { table, access, tenantList, enforced, conflictKey } = reference;
      if (access === 'insert' || conflictKey) continue;
      const isList = !enforced && reference.verdict === 'scoped' && tenantList === true && options['allowTenantLists'] !== true;
      if (!isUnpinned(reference) && !isList) continue;
      yield {
        message: `This ${verbs[access]} "${table.name}", which ${isList ? 'is pinned to a list of several tenants' : reference.reason}.`,
        location: query.location, tables: [table.name], tenantColumn: table.tenantColumnName,
        related: [{ location: reference.reference.location, message: `"${table.name}" is not pinned to one tenant` }, ...reference.evidence, ...wayOf(query)],
        suggestion: table.tenantColumns.length > 0 || table.class === 'root'
          ? `${reference.reason.includes('joined by') ? 'Declare the foreign key of the join, in the database or under references, or compare' : 'Compare'} ${table.class === 'root' ? 'its key' : table.tenantColumnName} with the tenant of the caller in every branch of WHERE.`
          : `Join its parent and compare ${table.tenantColumnName} of that with the tenant of the caller.`,
        ...(reference.tightening?.kind === 'fix' && { fix: reference.tightening.fix }),
        ...(reference.tightening?.kind === 'suggestion' && { suggestedFixes: [reference.tightening.fix] }),
      };
    }
  },
});
