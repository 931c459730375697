import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'rls-session-variable',
  category: 'rls',
  summary: 'The tenant setting is set for the session instead of the transaction.',
  level: 'error',
  asks: 'sessionSetting',
  fixable: true,
  *check({ name, where, location, flag }) {
    yield {
      message: `${name} is set for the whole session in ${where}: on a pooled connection the next request runs with this tenant.`,
      location,
      suggestion: `Write SET LOCAL ${name} = ..., or set_config('${name}', ..., true), inside the transaction of the queries.`,
      // Outside of a transaction nothing is set, and the policies let nothing through: less, never more.
      fix: {
        description: 'Set it for the transaction.',
        edits: [flag === undefined ? { location, replaces: /^set(?:\s+session)?(?=\s)/i, text: 'SET LOCAL' } : { location: flag, replaces: /^(?:false|'(?:false|f|off|no|0)')$/i, text: 'true' }],
      },
    };
  },
});
