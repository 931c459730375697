import type { CheckResult } from '../check/types.js';
import { lineStartsOf, reportPath } from '../check/position.js';
import type { Config } from '../config/types.js';
import { matchesGlob, matchesPath } from '../link/names.js';
import { printable } from '../report/text.js';
import type { BaselineEntry } from './baseline-file.js';
import { BASELINE } from './choices.js';
import type { LoadedProject } from './pipeline.js';
import { table } from './table.js';

/** One exception from the rules, wherever it is written. */
export interface Exemption {
  /** Where: `file:line`, a key of the configuration, or the baseline. */
  readonly where: string;
  readonly what: string;
  readonly reason: string | null;
  /** The day it ends, where it says so. */
  readonly until: string | null;
  readonly state: 'in use' | 'unused' | 'expired';
}

const TABLES = ['global', 'ignore', 'viaParent', 'hybrid'] as const;

/**
 * Every exception of a project: suppression comments, what the configuration exempts, what the baseline keeps quiet about.
 * @param gone entries of the baseline that are found no more
 */
export function exemptionsOf(result: CheckResult, loaded: LoadedProject, cwd: string, baseline: readonly BaselineEntry[], gone: ReadonlySet<BaselineEntry>): Exemption[] {
  const { config } = loaded;
  const comments = result.suppressions.map(({ directive, ruleId, until, expired, used }): Exemption => {
    const { file, start } = directive.location;
    const line = lineStartsOf(loaded.text(file) ?? '').findLastIndex((offset) => offset <= start) + 1;
    return { where: `${reportPath(config.root, cwd, file)}:${line}`, what: ruleId ?? 'every rule', reason: directive.reason ?? null, until: until ?? null, state: expired ? 'expired' : used ? 'in use' : 'unused' };
  });
  const known = baseline.map((entry): Exemption => ({ where: BASELINE, what: `${entry.ruleId} in ${entry.file}`, reason: null, until: null, state: gone.has(entry) ? 'unused' : 'in use' }));
  return [...comments, ...configured(config, result), ...known];
}

function configured(config: Config, result: CheckResult): Exemption[] {
  const project = result.project();
  const name = config.file ?? 'configuration';
  const entry = (key: string, what: string, used: boolean): Exemption => ({ where: `${name} ${key}`, what, reason: null, until: null, state: used ? 'in use' : 'unused' });
  const all = project.databases.flatMap(({ catalog }) => [...catalog.tables.values()]);
  const paths = [...project.files.keys()];
  return [
    ...TABLES.flatMap((key) => config.tables[key].map((glob) => entry(`tables.${key}`, glob, all.some((each) => matchesGlob(each, [glob]))))),
    ...config.queries.systemPaths.map((glob) => entry('queries.systemPaths', glob, paths.some((path) => matchesPath(path, [glob])))),
    ...config.source.exclude.map((glob) => entry('source.exclude', glob, true)),
    ...Object.entries(config.rules).filter(([, { level }]) => level === 'off').map(([id]) => entry(`rules.${id}`, 'off', true)),
  ];
}

/** The exceptions as a table for people. */
export function exemptionsReport(exemptions: readonly Exemption[]): string {
  if (exemptions.length === 0) return 'No exceptions.\n';
  const rows = exemptions.map(({ where, what, reason, until, state }) => [where, what, state, until ?? '', reason ?? ''].map(printable));
  return `${table(['where', 'exempts', 'state', 'until', 'reason'], rows).join('\n')}\n`;
}
