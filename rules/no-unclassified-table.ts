import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'no-unclassified-table',
  category: 'schema',
  summary: 'A table is neither tenant, child, root, global nor ignored.',
  level: 'warning',
  asks: 'table',
  anyDatabase: true,
  *check({ class: kind, name, location, tenantColumnName }, { project }) {
    if (kind !== 'unclassified' || project.tenancy.levels.length === 0) return;
    yield {
      message: `"${name}" has no ${tenantColumnName}, no foreign key that leads to a tenant, and is not declared global: nobody has decided whose rows these are.`,
      location, tables: [name], tenantColumn: tenantColumnName,
      suggestion: `Add ${tenantColumnName}, or list "${name}" under tables.global or tables.ignore.`,
    };
  },
});
