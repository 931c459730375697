import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'linear-migration-history',
  category: 'migration',
  summary: 'The order of the migrations is not certain: a journal and the files disagree, or two migrations have one number.',
  level: 'error',
  asks: 'historyFault',
  *check({ location, message, suggestion, related }) {
    yield { message, location, suggestion, related };
  },
});
