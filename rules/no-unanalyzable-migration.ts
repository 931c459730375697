import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'no-unanalyzable-migration',
  category: 'migration',
  summary: 'A statement that may change tenant tables cannot be understood, so nothing is said about it.',
  level: 'warning',
  asks: 'operation',
  *check({ notUnderstood, runs, location, tables }, { project }) {
    if (notUnderstood === undefined || runs === 'no') return;
    const concerned = project.tables.filter((table) => ['tenant', 'child', 'root', 'unclassified'].includes(table.class)).map((table) => table.name);
    const named = tables.filter((table) => concerned.includes(table));
    if (tables.length > 0 && named.length === 0) return;
    yield {
      message: `This statement is not understood: ${notUnderstood}. What it does to ${named.length > 0 ? named.map((name) => `"${name}"`).join(', ') : 'tenant tables'} is not checked.`,
      location, tables: named,
      suggestion: 'Write it with names that stand in the file, or suppress this with a note of what it does.',
    };
  },
});
