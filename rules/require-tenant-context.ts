import { defineRule } from '../src/rule.js';

export default defineRule({
  id: 'require-tenant-context',
  category: 'query',
  summary: 'A handler is exported without the wrapper that sets the tenant.',
  level: 'error',
  asks: 'handler',
  *check({ name, location, wrapped, wrappers }) {
    if (wrapped) return;
    yield {
      message: `The handler ${name === 'default' ? 'exported by default' : `"${name}"`} is not wrapped in ${wrappers.join(' or ')}: it runs without a tenant.`,
      location, suggestion: `Export ${wrappers[0]}(...) around it.`,
    };
  },
});
