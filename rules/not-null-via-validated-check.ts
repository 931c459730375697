import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'not-null-via-validated-check',
  category: 'migration',
  summary: 'SET NOT NULL on an existing table scans all of it under ACCESS EXCLUSIVE unless a validated CHECK proves it.',
  level: 'off',
  asks: 'operation',
  *check({ operation, before, location, tables, runs }) {
    if (operation.kind !== 'setNotNull' || runs === 'no' || !before || before.createdInSameMigration || !before.mayHoldRows) return;
    if (before.column?.notNull || before.column?.validatedNotNullCheck) return;
    const [table] = tables;
    if (table === undefined) return;
    yield {
      message: `SET NOT NULL scans all of "${table}" while nobody can read or write it.`,
      location, tables: [table],
      suggestion: `Before it, add CHECK (${operation.column} IS NOT NULL) NOT VALID and VALIDATE CONSTRAINT in a separate transaction: SET NOT NULL then needs no scan.`,
    };
  },
});
