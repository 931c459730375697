import { defineRule, isConfinedKey, sqlColumns } from '../src/rule.js';

export default defineRule({
  id: 'unique-includes-tenant',
  category: 'schema',
  summary: 'A unique key of a tenant table leaves the tenant column out.',
  level: 'warning',
  asks: 'table',
  anyDatabase: true,
  *check(subject, { project }) {
    const { class: kind, tenantColumns: [tenant], uniqueKeys, name } = subject;
    if (kind !== 'tenant' || !tenant) return;
    for (const key of uniqueKeys) {
      if (key.kind === 'primaryKey' || key.columns.length === 0 || isConfinedKey(key, subject, project.config.queries.credentialColumns)) continue;
      const list = key.columns.join(', ');
      yield {
        message: `Unique ${key.kind} "${key.name}" of "${name}" over (${list}) leaves out ${tenant.name}: one tenant can block or probe another's values.`,
        location: key.location, tables: [name], tenantColumn: tenant.name,
        suggestion: `Make it unique over (${sqlColumns(tenant.name, ...key.columns)}).`,
      };
    }
  },
});
