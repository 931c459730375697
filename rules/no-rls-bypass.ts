import { defineRule, isUnpinned, type Problem, type Project, type QueryFact } from '../src/rule.js';

export default defineRule({
  id: 'no-rls-bypass',
  category: 'rls',
  summary: 'A SECURITY DEFINER function, a view or a role goes around row-level security.',
  level: 'warning',
  asks: 'project',
  *check(project): Iterable<Problem> {
    for (const query of project.queries) yield* ofQuery(query);
    yield* ofRoles(project);
  },
});

/** Only tables with row-level security have something to go around; what a policy itself calls has to. */
function* ofQuery(query: QueryFact): Iterable<Problem> {
  const { routine, view, system, references } = query;
  const bypasses = view ? !view.invoker : routine?.definer === true && !system;
  if (!bypasses) return;
  for (const reference of references) {
    const { table, access } = reference;
    if (!table.table.rowSecurity || access === 'insert' || !isUnpinned(reference)) continue;
    const what = view ? `${view.materialized ? 'Materialized view' : 'View'} "${view.name}"` : `SECURITY DEFINER function "${routine!.name}"`;
    yield {
      message: `${what} goes around the policies of "${table.name}": it ${access === 'read' ? 'reads' : 'changes'} rows of every tenant.`,
      location: routine?.location ?? query.location, tables: [table.name], tenantColumn: table.tenantColumnName, related: reference.evidence,
      suggestion: view?.materialized ? 'No policy binds a materialized view: keep it from the application, or pin it to the tenant.'
        : view ? `Create it WITH (security_invoker = true), or compare ${table.tenantColumnName} with the session's tenant.`
          : `Make it SECURITY INVOKER, or compare ${table.tenantColumnName} with the session's tenant.`,
    };
  }
}

function* ofRoles({ databases }: Project): Iterable<Problem> {
  for (const { catalog } of databases) {
    for (const [name, { bypassRls, origin }] of catalog.roles) {
      if (!bypassRls) continue;
      yield {
        message: `Role ${name} bypasses row-level security: its sessions see the rows of all tenants.`, location: origin.location,
        suggestion: 'Keep it for migrations and jobs; the application connects as a role without BYPASSRLS.',
      };
    }
  }
}
