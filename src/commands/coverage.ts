import { createLocator } from '../check/position.js';
import type { CheckResult } from '../check/types.js';
import type { QueryFact } from '../link/project.js';
import { countQueries, isUndecided, undecided } from '../link/queries/counts.js';
import { printable } from '../report/text.js';
import { table } from './table.js';

/**
 * `--coverage`: by kind of file and by ORM what was seen and decided, and every place that was not, with its reason.
 * @param cwd absolute working folder, to which paths are relative
 */
export function coverageReport({ skipped, ...result }: CheckResult, cwd: string): string {
  const project = result.project();
  const locator = createLocator(project, cwd, () => undefined);
  const kinds = new Map<string, { files: number; statements: number; rejected: number; models: number }>();
  for (const { role, language, statements, rejected, models } of project.files.values()) {
    const kind = role.type === 'migration' ? `${role.kind} migration` : `${language} ${role.type}`;
    const sum = kinds.get(kind) ?? { files: 0, statements: 0, rejected: 0, models: 0 };
    kinds.set(kind, { files: sum.files + 1, statements: sum.statements + statements.length, rejected: sum.rejected + rejected, models: sum.models + models.length });
  }
  const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { files, statements, rejected, models }]) => [kind, files, statements + rejected + models, rejected].map(String));
  const place = (location: QueryFact['location']): string => `${locator.path(location.file)}:${locator.start(location).line}`;
  const notUnderstood = project.appliedOperations.filter((operation) => operation.notUnderstood !== undefined);
  return [
    ...table(['kind', 'files', 'statements and models', 'not understood'], rows), '',
    ...queryTable(project.queries),
    ...notUnderstood.map(({ location, notUnderstood: reason }) => printable(`${place(location)}: ${reason!}`)),
    ...project.queries.filter(isUndecided).map((query) => printable(`${place(query.location)}: ${reasonsOf(query).join('; ')}`)),
    ...skipped.map(({ file, line, reason }) => `${printable(file)}:${line}: ${printable(reason)}`),
    '',
  ].join('\n');
}

/** By what the queries are written with. */
function queryTable(queries: readonly QueryFact[]): string[] {
  const groups = new Map<string, QueryFact[]>();
  for (const query of queries) {
    const name = query.code?.library ?? `SQL of a ${query.origin}`;
    const group = groups.get(name);
    if (group) group.push(query);
    else groups.set(name, [query]);
  }
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, countQueries(group)] as const).filter(([, counts]) => counts.queries > 0);
  if (rows.length === 0) return [];
  const cells = rows.map(([name, { queries: seen, queriesScoped, queriesUnscoped, queriesUnknown }]) => [name, seen, queriesScoped, queriesUnscoped, queriesUnknown].map(String));
  return [...table(['queries of tenant tables by', 'seen', 'scoped', 'unscoped', 'unknown'], cells), ''];
}

function reasonsOf(query: QueryFact): string[] {
  if (query.unknown !== undefined) return [`a query cannot be understood: ${query.unknown}`];
  return undecided(query).map(({ table: { name }, reason }) => `whether "${name}" is pinned to one tenant cannot be told: it ${reason}`);
}
