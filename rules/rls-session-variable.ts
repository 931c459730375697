import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'rls-session-variable',
  category: 'rls',
  summary: 'The tenant setting is set for the session instead of the transaction.',
  level: 'error',
  asks: 'sessionSetting',
  *check({ name, where, location }) {
    yield {
      message: `${name} is set for the whole session in ${where}: on a pooled connection the next request runs with this tenant.`,
      location,
      suggestion: `Write SET LOCAL ${name} = ..., or set_config('${name}', ..., true), inside the transaction of the queries.`,
    };
  },
});
