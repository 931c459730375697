import { defineRule, sqlColumns } from '../src/rule.js';

export default defineRule({
  id: 'foreign-key-includes-tenant',
  category: 'schema',
  summary: 'A foreign key between two tenant tables does not carry the tenant column.',
  level: 'off',
  asks: 'table',
  *check({ class: kind, tenantColumns, references, name }) {
    const [tenant] = tenantColumns;
    if (kind !== 'tenant' || !tenant) return;
    for (const { columns, to, toColumns, toClass, toTenantColumn, enforced, location } of references) {
      if (!enforced || toClass !== 'tenant' || toTenantColumn === undefined) continue;
      if (tenantColumns.some((column) => columns.includes(column.name))) continue;
      const list = columns.join(', ');
      yield {
        message: `Foreign key (${list}) of "${name}" to "${to}" does not carry ${tenant.name}: a row may point into another tenant.`,
        location, tables: [name], tenantColumn: tenant.name,
        suggestion: `FOREIGN KEY (${sqlColumns(tenant.name, ...columns)}) REFERENCES ${to} (${sqlColumns(toTenantColumn, ...toColumns)}), with a unique key there over the same columns.`,
      };
    }
  },
});
