import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'reversible-migration',
  category: 'migration',
  summary: 'A down migration does not undo what its up migration does to a tenant table, or is missing where its siblings have one.',
  level: 'off',
  asks: 'irreversibility',
  *check({ location, tables, never, down }) {
    if (never === undefined) {
      yield {
        message: 'This migration has no down part, though others beside it have one.',
        location,
        suggestion: 'Write the statements that undo it, or one that says why it cannot be undone.',
      };
      return;
    }
    yield {
      message: `The down part does not undo this: it never ${never}.`,
      location, tables,
      related: down ? [{ location: down, message: 'the down part' }] : [],
      suggestion: 'Undo in the down part, in reverse order, everything that the up part does.',
    };
  },
});
