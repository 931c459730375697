import { defineRule } from '../src/rule.js';

/** Classes that do not depend on data: syntax and names (42), transaction state (25), features PostgreSQL lacks (0A). */
const classes: ReadonlySet<string> = new Set(['42', '25', '0A']);

export default defineRule({
  id: 'no-failing-statement',
  category: 'migration',
  summary: 'PostgreSQL rejects this statement whatever the data.',
  level: 'error',
  asks: 'operation',
  *check({ failure, runs, tables }) {
    if (!failure || runs === 'no' || !classes.has(failure.code.slice(0, 2))) return;
    yield {
      message: `PostgreSQL rejects this${runs === 'unknown' ? ' when it runs' : ''}: ${failure.message} (SQLSTATE ${failure.code}).`,
      location: failure.location, tables, related: failure.related,
      ...(failure.suggestion === undefined ? {} : { suggestion: failure.suggestion }),
    };
  },
});
