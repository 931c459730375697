import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'tenant-column-immutable',
  category: 'rls',
  summary: 'No trigger keeps the tenant column from being changed.',
  level: 'off',
  asks: 'table',
  *check({ class: kind, name, tenantColumns: [column], tenantKept }) {
    if (kind !== 'tenant' || !column || tenantKept !== 'no') return;
    yield {
      message: `Nothing keeps ${column.name} of "${name}" from being changed: an UPDATE may move a row to another tenant.`,
      location: column.added.location, tables: [name], tenantColumn: column.name,
      suggestion: `CREATE TRIGGER ... BEFORE UPDATE ON ${name} FOR EACH ROW whose function raises when NEW.${column.name} IS DISTINCT FROM OLD.${column.name}.`,
    };
  },
});
