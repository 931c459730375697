import { createLocator, type Locator } from '../check/position.js';
import type { CheckResult } from '../check/types.js';
import type { Location } from '../facts/location.js';
import type { Evidence, Project, QueryFact } from '../link/project.js';
import { printable } from '../report/text.js';
import { isUnpinned, wayOf } from '../rule.js';

/**
 * What stands on one line of a project file: its findings, and the facts of migrations and tables placed there.
 * @param file relative to the project's root
 */
export function explainPlace(result: CheckResult, file: string, line: number, cwd: string): string[] {
  const project = result.project();
  const locator = createLocator(project, cwd, () => undefined);
  const here = (location: Location): boolean => location.file === file
    && locator.start(location).line <= line && locator.end(location).line >= line;
  const findings = result.findings.filter((finding) => finding.file === locator.path(file) && finding.line <= line && finding.endLine >= line);
  const facts = factsAt(project, here, locator);
  return [
    `${locator.path(file)}:${line}`,
    ...(findings.length === 0 ? ['Nothing is reported here.'] : findings.map(({ ruleId, severity, message }) => `${severity}  ${ruleId}  ${message}`)),
    ...(facts.length === 0 ? ['No migration statement, query or table of the model stands here.'] : facts),
  ].map(printable);
}

function factsAt(project: Project, here: (location: Location) => boolean, locator: Locator): string[] {
  const lines: string[] = [];
  const add = (words: string, evidence: readonly Evidence[] = []): void => {
    lines.push(`- ${words}`, ...evidence.map((step) => `    ${locator.path(step.location.file)}:${locator.start(step.location).line} ${step.message}`));
  };
  for (const { location, operation, tables, failure, runs, notUnderstood } of project.appliedOperations) {
    if (!here(location)) continue;
    const outcome = failure !== undefined ? `fails: ${failure.code} ${failure.message}` : runs === 'no' ? 'does not run' : runs === 'unknown' ? 'runs depending on data' : 'runs';
    add(`${operation.kind}${tables.length > 0 ? ` on ${tables.join(', ')}` : ''}: ${notUnderstood ?? outcome}`, failure?.related);
  }
  for (const change of project.notNullChanges) {
    if (!here(change.location)) continue;
    add(`${change.table}.${change.column} becomes NOT NULL (${change.form}); rows may exist: ${change.mayHoldRows}; `
      + `filled: ${change.filledBy.length > 0 ? change.filledBy.map(({ how, coverage }) => `${how} (${coverage})`).join(', ') : 'no'}; `
      + `verified: ${change.verifiedBy !== undefined ? 'yes' : change.needsNoVerify ?? 'no'}`, change.evidence);
  }
  for (const { location, table, column, coverage, leavesNull, ambiguous } of project.backfills) {
    if (here(location)) add(`fills ${table}.${column} (${coverage})${ambiguous === undefined ? '' : `, ambiguous: ${ambiguous.reason}`}`, leavesNull);
  }
  for (const { location, table, column, aborts, reason } of project.nullChecks) {
    if (here(location)) add(`tests ${table}.${column} for NULLs; aborts: ${aborts}${reason === undefined ? '' : ` (${reason})`}`);
  }
  for (const { location, name, class: kind, tenantColumns, path } of project.tables) {
    if (!here(location)) continue;
    add(`table ${name}: ${kind}${tenantColumns.length > 0 ? `, tenant column ${tenantColumns.map((column) => column.name).join(', ')}` : ''}`
      + `${path.length > 0 ? `, path ${path.map((step) => `${step.table}.${step.columns.join('+')} → ${step.to}`).join(', ')}` : ''}`);
  }
  for (const query of project.queries) if (here(query.location)) explainQuery(query, add);
  for (const { policy, table, reads, writes } of project.policies) {
    if (!here(policy.origin.location)) continue;
    const words = (answer: typeof reads): string => (answer === undefined ? 'nothing' : answer.answer === 'strict' ? "rows of the session's tenant only" : `${answer.answer === 'lax' ? 'rows of other tenants' : 'unknown'}: ${answer.reason}`);
    add(`policy ${policy.name} of ${table.name} (${policy.permissive ? 'permissive' : 'restrictive'}, ${policy.command}) lets be read: ${words(reads)}; written: ${words(writes)}`);
  }
  return lines;
}

/** Each table of a query: what pins it step by step, or what is missing. */
function explainQuery(fact: QueryFact, add: (words: string, evidence?: readonly Evidence[]) => void): void {
  const { where, query, unknown, system, references } = fact;
  const context = system ? ', system context: the query rules are off' : '';
  if (unknown !== undefined) add(`a query in ${where}${context}: ${unknown}`);
  else if (references.length === 0) add(`${query?.kind ?? 'query'} in ${where}${context}: it names no tenant table`);
  for (const { table, access, verdict, reason, evidence, enforced, conflictKey, reference } of references) {
    const alias = reference.alias !== undefined && reference.alias !== table.name ? ` (${reference.alias})` : '';
    const what = conflictKey ? 'update on conflict' : access;
    add(`${what} of ${table.name}${alias} in ${where}${context}: ${enforced && verdict !== 'scoped' ? `${verdict}, but its policies pin it` : verdict}; it ${reason}`, isUnpinned({ verdict, enforced }) ? [...evidence, ...wayOf(fact)] : evidence);
  }
}
