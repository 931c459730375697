import { defineRule, sqlColumns, sqlTable } from '../src/rule.js';

export default defineRule({
  id: 'tenant-column-foreign-key',
  category: 'schema',
  summary: 'The tenant column has no foreign key to the root table.',
  level: 'warning',
  asks: 'table',
  *check({ class: kind, table, tenantColumns: [column], root, name, unread }) {
    if (kind !== 'tenant' || !column || !root || root.table === table || unread.has('foreignKey')) return;
    const key = `${root.table.schema}.${root.table.name}`;
    const keys = table.foreignKeys.filter((foreignKey) => foreignKey.enforced && foreignKey.columns.includes(column.name));
    if (keys.some((foreignKey) => foreignKey.table === key)) return;
    // A composite key to another tenant table leads to the root as well, through that table's own tenant column.
    if (keys.some((foreignKey) => foreignKey.columns.length > 1 && column.notNull)) return;
    yield {
      message: `"${name}".${column.name} has no foreign key to "${root.name}": rows may name a tenant that does not exist.`,
      location: column.added.location, tables: [name], tenantColumn: column.name,
      suggestion: `ALTER TABLE ${sqlTable(table)} ADD FOREIGN KEY (${sqlColumns(column.name)}) REFERENCES ${sqlTable(root.table)}${root.key ? ` (${sqlColumns(root.key.name)})` : ''}.`,
    };
  },
});
