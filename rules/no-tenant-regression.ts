import { defineRule } from '../src/rule.js';

const words = {
  'tenant column': 'drops the tenant column of',
  'not null': 'drops NOT NULL from the tenant column of',
  'foreign key': 'drops the foreign key of the tenant column of',
  'unique': 'drops a unique key with the tenant column of',
  'index': 'drops the index on the tenant column of',
  'row security': 'disables row-level security of',
  'forced row security': 'no longer forces row-level security of',
  'policy': 'drops a policy of',
} as const;

export default defineRule({
  id: 'no-tenant-regression',
  category: 'migration',
  summary: 'A later migration takes a protection of a tenant table away.',
  level: 'error',
  asks: 'regression',
  *check({ table, what, location, origin, name }) {
    yield {
      message: `This ${words[what]} "${table}"${name === undefined ? '' : ` (${name})`}, and no later migration gives it back.`,
      location, tables: [table],
      related: origin ? [{ location: origin, message: 'it was given here' }] : [],
      suggestion: 'Put a replacement into the same migration, or suppress this with the reason why it is no longer needed.',
    };
  },
});
