import { resolve } from 'node:path';
import type { CheckResult, SkippedPlace } from './check/types.js';
import { checkProject, loadProject } from './commands/pipeline.js';
import type { Finding } from './rule.js';

export interface LintOptions {
  /** Working folder; findings are relative to it. Default: the current one. */
  readonly cwd?: string;
  /** A configuration file; default: the nearest one, else none. */
  readonly config?: string;
  /** Files, folders or globs; default: the whole project. */
  readonly paths?: readonly string[];
}

export interface LintResult {
  readonly findings: readonly Finding[];
  readonly skipped: readonly SkippedPlace[];
  readonly coverage: CheckResult['coverage'];
  /** What was assumed about tenant column and root table. */
  readonly tenancy: CheckResult['tenancy'];
}

/**
 * Checks a project, as `tenantlint check` does.
 * @throws UsageError when the configuration or a path cannot be used; AggregateError when a rule fails
 */
export async function lint({ cwd = '.', config, paths = [] }: LintOptions = {}): Promise<LintResult> {
  const folder = resolve(cwd);
  const loaded = await loadProject({ cwd: folder, paths, ...(config === undefined ? {} : { configFile: config }) });
  const { findings, skipped, coverage, tenancy, crashes } = checkProject(loaded, folder, {});
  if (crashes.length > 0) throw new AggregateError(crashes.map(({ error }) => new Error(error)), `Rules failed: ${crashes.map(({ ruleId }) => ruleId).join(', ')}`);
  return { findings, skipped, coverage, tenancy };
}

export { defineConfig } from './config/define.js';
export { UsageError } from './errors.js';
export { defineRule } from './rule.js';
export type { SkippedPlace } from './check/types.js';
export type { Level, PresetName, Severity, UserConfig } from './config/types.js';
export type { Coverage, Tenancy, TenancyLevel } from './link/project.js';
export type { Category, Finding, Fix, Problem, Rule, RuleContext } from './rule.js';
