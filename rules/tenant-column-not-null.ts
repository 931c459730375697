import { defineRule, sqlColumns } from '../src/rule.js';

export default defineRule({
  id: 'tenant-column-not-null',
  category: 'schema',
  summary: 'The tenant column may be NULL in the final state.',
  level: 'error',
  asks: 'table',
  anyDatabase: true,
  *check({ class: kind, tenantColumns, neverNull, hybrid, name, unread }) {
    if ((kind !== 'tenant' && kind !== 'root') || hybrid || unread.has('notNull')) return;
    if (neverNull.length > 0) return;
    const [column] = tenantColumns;
    if (!column || kind === 'root') return;
    yield {
      message: `"${name}".${column.name} is nullable: a row without a tenant belongs to nobody and is missed or shown by accident.`,
      location: column.added.location, tables: [name], tenantColumn: column.name,
      suggestion: `Backfill ${column.name}, verify that no NULL remains, then ALTER COLUMN ${sqlColumns(column.name)} SET NOT NULL; or list the table under tables.hybrid if NULL means shared.`,
    };
  },
});
