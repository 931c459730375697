import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'foreign-key-includes-tenant',
  category: 'schema',
  summary: 'A foreign key between two tenant tables does not carry the tenant column.',
  level: 'off',
  asks: 'table',
  *check({ class: kind, table, tenantColumns, name }, { project }) {
    if (kind !== 'tenant') return;
    const tenantTables = new Map(project.tables.filter((each) => each.class === 'tenant').map((each) => [`${each.table.schema}.${each.table.name}`, each]));
    for (const key of table.foreignKeys) {
      const target = tenantTables.get(key.table);
      if (!key.enforced || !target || target.tenantColumns.length === 0) continue;
      if (tenantColumns.some((column) => key.columns.includes(column.name))) continue;
      const columns = key.columns.join(', ');
      const tenant = tenantColumns[0]!.name;
      yield {
        message: `Foreign key ${columns} of "${name}" to "${target.name}" does not carry ${tenant}: a row may point into another tenant.`,
        location: key.origin.location, tables: [name], tenantColumn: tenant,
        suggestion: `FOREIGN KEY (${tenant}, ${columns}) REFERENCES ${target.name} (${target.tenantColumns[0]!.name}, ${key.referencedColumns.join(', ')}), with a unique key there over the same columns.`,
      };
    }
  },
});
