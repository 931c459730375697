import { defineRule, sqlColumns, type ClassifiedTable, type Project, type UniqueKey } from '../src/rule.js';

export default defineRule({
  id: 'unique-includes-tenant',
  category: 'schema',
  summary: 'A unique key of a tenant table leaves the tenant column out.',
  level: 'warning',
  asks: 'table',
  *check(subject, { project }) {
    const { class: kind, tenantColumns: [tenant], uniqueKeys, name } = subject;
    if (kind !== 'tenant' || !tenant) return;
    for (const key of uniqueKeys) {
      if (key.kind === 'primaryKey' || key.columns.length === 0 || isConfined(key, subject, project)) continue;
      const list = key.columns.join(', ');
      yield {
        message: `Unique ${key.kind} "${key.name}" of "${name}" over (${list}) leaves out ${tenant.name}: one tenant can block or probe another's values.`,
        location: key.location, tables: [name], tenantColumn: tenant.name,
        suggestion: `Make it unique over (${sqlColumns(tenant.name, ...key.columns)}).`,
      };
    }
  },
});

/** Whether no other tenant can meet the key's values: it names the tenant, a row of the tenant, or something nobody can choose. */
function isConfined(key: UniqueKey, { table, tenantColumns, uniqueKeys, references }: ClassifiedTable, project: Project): boolean {
  const has = (column: string) => key.columns.includes(column);
  if (tenantColumns.some((column) => has(column.name))) return true;
  // Whatever contains the primary key is unique already.
  if (uniqueKeys.some((each) => each.kind === 'primaryKey' && each.columns.every(has))) return true;
  if (references.some(({ rowColumns, toClass }) => rowColumns.every(has) && ['tenant', 'child', 'root'].includes(toClass))) return true;
  const columns = key.columns.flatMap((column) => table.columns.get(column) ?? []);
  if (columns.some((column) => column.generated === 'identity' || column.default?.generator)) return true;
  const [lone, ...more] = columns;
  return lone !== undefined && more.length === 0 && (lone.type.name === 'uuid' || isCredential(table.name, lone.name, project));
}

/** Secrets are unique everywhere on purpose: looking one up is what finds the tenant. */
function isCredential(table: string, column: string, project: Project): boolean {
  return /token|hash|secret|api_?key/i.test(column) || project.config.queries.credentialColumns.includes(`${table}.${column}`);
}
