import { defineRule, describePath } from '../src/rule.js';

export default defineRule({
  id: 'require-tenant-column',
  category: 'schema',
  summary: 'A tenant table lacks the tenant column.',
  level: 'error',
  asks: 'table',
  anyDatabase: true,
  *check({ class: kind, viaParent, tenantColumns, tenantColumnName, path, name, location, unread }) {
    if ((kind !== 'child' && kind !== 'tenant') || viaParent || tenantColumns.length > 0 || unread.has('column')) return;
    const reach = path.length > 0 ? ` It belongs to a tenant through ${describePath(path, tenantColumnName)}.` : '';
    yield {
      message: `Tenant table "${name}" has no ${tenantColumnName} column.${reach}`,
      location, tables: [name], tenantColumn: tenantColumnName,
      suggestion: path.length > 0
        ? `Add ${tenantColumnName}, backfill it along that path, verify, then SET NOT NULL; or list "${name}" under tables.viaParent or tables.global.`
        : `Add ${tenantColumnName}, or take "${name}" out of tables.tenant.`,
    };
  },
});
