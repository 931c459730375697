import { defineRule } from '../src/rule.js';

/** Classes that do not depend on data: syntax and names (42), transaction state (25), features PostgreSQL lacks (0A). */
const classes: ReadonlySet<string> = new Set(['42', '25', '0A']);

export default defineRule({
  id: 'no-failing-statement',
  category: 'migration',
  summary: 'PostgreSQL rejects this statement whatever the data.',
  level: 'error',
  asks: 'operation',
  *check({ operation, failure, runs, tables }) {
    if (!failure || runs === 'no') return;
    // An option that an older server does not know (22023) is refused whatever the data, too.
    if (!classes.has(failure.code.slice(0, 2)) && !operation.needs?.some(({ code }) => code === failure.code)) return;
    yield {
      message: `PostgreSQL rejects this${runs === 'unknown' ? ' when it runs' : ''}: ${failure.message} (SQLSTATE ${failure.code}).`,
      location: failure.location, tables, related: failure.related,
      ...(failure.suggestion === undefined ? {} : { suggestion: failure.suggestion }),
    };
  },
});
