import { posix } from 'node:path';
import type { DatabasePlan } from '../plan/index.js';
import { describeSource } from '../plan/sources.js';
import type { Decisions, TablePlan } from '../plan/types.js';
import { count, printable } from '../report/text.js';

const COMMENT: Readonly<Record<string, string>> = { '.sql': '--', '.py': '#' };

/** Every file under a comment with its path. */
export function printedFiles(plans: readonly DatabasePlan[]): string {
  return plans.flatMap(({ dir, files }) => files.map(({ path, text }) => {
    const name = posix.join(dir, path);
    return `${COMMENT[posix.extname(path)] ?? '//'} file: ${name}\n${text}`;
  })).join('\n');
}

/** How each table gets its tenant, and why so. */
export function planReport(plans: readonly DatabasePlan[]): string {
  return plans.flatMap(({ decisions, migrations, dialect }) => [
    `${count(decisions.plans.length, 'table')} in ${count(migrations.length, 'migration')} (${dialect.name})`, '',
    ...decisions.plans.flatMap((plan) => [...explain(plan), '']),
    ...decisions.refused.flatMap(({ table, reason }) => [`${table.name}: refused`, `  ${reason}`, '']),
  ]).map((line) => `${printable(line)}\n`).join('');
}

function explain(plan: TablePlan): string[] {
  const { table, column, adds, sources, selfReference, defaultTenant, guarded, reason, staysNullable } = plan;
  return [
    `${table.name}.${column}${adds ? '' : ' (is there, nullable)'}`,
    ...sources.map((source, index) => `  ${index === 0 ? 'from' : 'else'} ${describeSource(source)}${source.total ? '' : ' (may be NULL)'}`),
    ...(selfReference ? [`  else the parent row's, by ${selfReference.columns.join('+')}`] : []),
    ...(defaultTenant === undefined ? [] : [`  ${sources.length > 0 ? 'else' : 'from'} the default tenant ${defaultTenant}`]),
    `  because: ${reason}`,
    ...(guarded ? ['  the migration aborts where they name different tenants; --via gives them an order instead'] : []),
    ...(staysNullable ? ['  stays nullable: its NULL rows are shared (tables.hybrid)'] : mayLeaveOrphans(plan) ? ['  the migration aborts while a row is left without a tenant'] : []),
  ];
}

function mayLeaveOrphans({ sources, defaultTenant, staysNullable }: TablePlan): boolean {
  return !staysNullable && defaultTenant === undefined && !sources.some(({ total }) => total);
}

/** The tables whose rows may be left without a tenant, so that their migration would abort; undefined when there is none. */
export function orphanNote({ plans }: Decisions): string | undefined {
  const names = plans.filter(mayLeaveOrphans).map(({ table }) => printable(table.name));
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
  return `rows of ${shown} may have no tenant (their foreign keys are nullable): the migration aborts while there are any; --default-tenant ID assigns them.`;
}
