import { defineRule, sqlColumns, sqlTable } from '../src/rule.js';

export default defineRule({
  id: 'tenant-column-index',
  category: 'schema',
  summary: 'No index leads with the tenant column.',
  level: 'warning',
  asks: 'table',
  *check({ class: kind, table, tenantColumns, name, unread }) {
    const [column] = tenantColumns;
    if (kind !== 'tenant' || !column || unread.has('index')) return;
    // With nested levels any of them narrows the rows to one tenant.
    const leads = ([first]: readonly (string | undefined)[]) => tenantColumns.some(({ name }) => name === first);
    const keys = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques];
    if (keys.some(({ columns }) => leads(columns))) return;
    if (table.indexes.some((index) => leads(index.keys.map((key) => key.column)))) return;
    yield {
      message: `No index of "${name}" leads with ${column.name}: every query of one tenant reads the rows of all.`,
      location: column.added.location, tables: [name], tenantColumn: column.name,
      suggestion: `CREATE INDEX ON ${sqlTable(table)} (${sqlColumns(column.name)}), or put ${column.name} first in an index that the queries use.`,
    };
  },
});
