import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'not-null-requires-backfill',
  category: 'migration',
  summary: 'A column becomes NOT NULL on a table that may hold rows, and nothing has filled it.',
  level: 'error',
  asks: 'notNullChange',
  suggests: true,
  options: {
    allColumns: { type: 'boolean', default: false, description: 'Check every column, not only tenant columns.' },
  },
  *check(change, { project, options }) {
    if (!change.isTenantColumn && options.allColumns !== true) return;
    if (change.mayHoldRows === 'no' || change.filledBy.length > 0 || change.skippedWhenNullsRemain) return;
    const again = change.form === 'validated check' && project.notNullChanges
      .some(({ table, column, form, migration }) => form !== 'validated check' && table === change.table && column === change.column && migration >= change.migration);
    if (again) return;
    const { table, column, location, evidence } = change;
    const what: Record<typeof change.form, string> = {
      'set not null': `SET NOT NULL on "${table}".${column}, but nothing has filled it since it was added: the migration stops on the first row`,
      'add column not null': `"${table}".${column} is added NOT NULL without a default: the migration stops if the table holds a single row`,
      'validated check': `CHECK requires "${table}".${column}, but nothing has filled it since it was added: the migration stops on the first row`,
      'primary key': `"${table}".${column} becomes part of the primary key, but nothing has filled it: the migration stops on the first row`,
      model: `"${table}".${column} becomes required, but nothing has filled it: the migration stops on the first row`,
    };
    yield {
      message: `${what[change.form]}.`,
      location, tables: [table], tenantColumn: column, related: evidence, suggestedFixes: change.sequences ?? [],
      suggestion: change.form === 'add column not null'
        ? `Add ${column} nullable, backfill it, verify that no NULL is left, and only then SET NOT NULL.`
        : `Backfill ${column} and verify that no NULL is left before this statement.`,
    };
  },
});
