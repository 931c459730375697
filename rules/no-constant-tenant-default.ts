import { defineRule, sqlColumns, sqlTable } from '../src/rule.js';

export default defineRule({
  id: 'no-constant-tenant-default',
  category: 'schema',
  summary: 'The tenant column has a constant DEFAULT.',
  level: 'warning',
  asks: 'table',
  *check({ class: kind, table, tenantColumns, name }) {
    if (kind !== 'tenant') return;
    for (const column of tenantColumns) {
      const value = column.default;
      if (!value?.constant || value.clientSide || isNull(value.expression)) continue;
      yield {
        message: `"${name}".${column.name} has a constant default: a writer that forgets the tenant silently writes to that one.`,
        location: value.location, tables: [name], tenantColumn: column.name,
        suggestion: `ALTER TABLE ${sqlTable(table)} ALTER COLUMN ${sqlColumns(column.name)} DROP DEFAULT once the backfill is done.`,
      };
    }
  },
});

/** `DEFAULT NULL`, with or without a cast, is no default. */
function isNull(expression: { readonly kind: string }): boolean {
  const node = expression as { kind: string; operand?: { kind: string }; value?: unknown };
  if (node.kind === 'cast' && node.operand) return isNull(node.operand);
  return node.kind === 'constant' && node.value === null;
}
