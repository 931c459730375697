import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'tenant-index-concurrently',
  category: 'migration',
  summary: 'An index with the tenant column is built on an existing table without CONCURRENTLY, which blocks writes meanwhile.',
  level: 'off',
  asks: 'operation',
  *check({ operation, before, runs, tables, failure }, { project }) {
    if (operation.kind !== 'createIndex' || operation.index.concurrently || runs === 'no' || failure || !before || before.createdInSameMigration) return;
    const table = project.tables.find((candidate) => `${candidate.table.schema}.${candidate.table.name}` === before.key || tables.includes(candidate.name));
    const column = table?.tenantColumns.find(({ name }) => operation.index.keys.some((key) => key.column === name));
    if (!table || !column || table.table.partitioned) return;
    yield {
      message: `Building this index on "${table.name}" blocks every write to the table until it is done.`,
      location: operation.location, tables: [table.name], tenantColumn: column.name,
      suggestion: 'Use CREATE INDEX CONCURRENTLY in a migration that runs outside of a transaction.',
    };
  },
});
