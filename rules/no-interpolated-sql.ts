import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'no-interpolated-sql',
  category: 'migration',
  summary: 'A value that is not a constant of the file is pasted into SQL text without quoting.',
  level: 'error',
  asks: 'interpolation',
  *check({ location, expression, statement }) {
    yield {
      message: `${expression} is pasted into the SQL text "${statement}" without quoting: its content is read as SQL.`,
      location,
      suggestion: 'Pass values with USING, or format them with %L (values) and %I (names).',
    };
  },
});
