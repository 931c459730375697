import type { Level, PresetName, Severity } from '../config/types.js';
import { entryOf } from '../entry.js';
import { UsageError } from '../errors.js';
import type { Project } from '../link/project.js';
import { didYouMean } from '../config/nearest.js';
import type { Rule } from '../rule.js';

/** What the command line adds to the configuration. */
export interface Settings {
  readonly preset?: PresetName;
  /** `--rule id:level`, in order; the last one of a rule counts. */
  readonly levels?: ReadonlyMap<string, Level>;
}

/** A rule that is switched on, with its options complete. */
export interface ActiveRule {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The rules that run, in the order given: the preset's level, overridden by the configuration, overridden by the command line.
 * @throws UsageError for a rule on the command line that does not exist
 */
export function activeRules(rules: readonly Rule[], project: Project, settings: Settings): ActiveRule[] {
  const { config } = project;
  rejectUnknownRules(rules, settings);
  const preset = settings.preset ?? config.preset;
  const rowSecurity = usesRowSecurity(project);
  return rules.flatMap((rule): ActiveRule[] => {
    const configured = entryOf(config.rules, rule.id);
    const level = settings.levels?.get(rule.id) ?? configured?.level ?? presetLevel(rule, preset, rowSecurity);
    const options = completeOptions(rule, configured?.options ?? {});
    return level === 'off' ? [] : [{ rule, severity: level, options }];
  });
}

/** The level a preset gives a rule. */
export function presetLevel(rule: Rule, preset: PresetName, rowSecurity: boolean): Level {
  const base = rule.rlsLevel !== undefined && (rowSecurity || preset !== 'recommended') ? rule.rlsLevel : rule.level;
  return base === 'off' && preset === 'strict' ? 'warning' : base;
}

function usesRowSecurity(project: Project): boolean {
  if (project.config.rls !== undefined) return true;
  return project.databases.some(({ catalog }) => [...catalog.tables.values()].some((table) => table.policies.length > 0));
}

/** The ids of the configuration were checked when it was loaded; those of the command line are checked here. */
function rejectUnknownRules(rules: readonly Rule[], settings: Settings): void {
  const ids = new Set(rules.map((rule) => rule.id));
  for (const id of settings.levels?.keys() ?? []) {
    if (!ids.has(id)) throw new UsageError(`Unknown rule "${id}"${didYouMean(id, ids)}`);
  }
}

function completeOptions(rule: Rule, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const defaults = Object.fromEntries(Object.entries(rule.options ?? {}).map(([name, schema]) => [name, schema.default]));
  return { ...defaults, ...given };
}
