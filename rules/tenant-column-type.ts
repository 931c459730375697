import { defineRule, describeType } from '../src/rule.js';

export default defineRule({
  id: 'tenant-column-type',
  category: 'schema',
  summary: 'The tenant column has another type than the key of the root table.',
  level: 'error',
  asks: 'table',
  *check({ class: kind, tenantColumns: [column], root, name }) {
    if (kind !== 'tenant' || !column || !root?.key) return;
    const [own, expected] = [describeType(column.type), describeType(root.key.type)];
    if (own === expected) return;
    yield {
      message: `"${name}".${column.name} is ${own}, but the key of "${root.name}" is ${expected}.`,
      location: column.added.location, tables: [name], tenantColumn: column.name,
      related: [{ location: root.key.added.location, message: `${root.name}.${root.key.name} is ${expected}` }],
      suggestion: `Give ${column.name} the type ${expected}, so that it can reference "${root.name}" and indexes are used.`,
    };
  },
});
