import type { Config, Level, PresetName, Severity } from '../config/types.js';
import { UsageError } from '../errors.js';
import type { Project } from '../link/project.js';
import { didYouMean } from '../config/nearest.js';
import type { OptionSchema, Rule } from '../rule.js';

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
 * @throws UsageError for an unknown rule, an unknown option or an option of the wrong type
 */
export function activeRules(rules: readonly Rule[], project: Project, settings: Settings): ActiveRule[] {
  const { config } = project;
  rejectUnknownRules(rules, config, settings);
  const preset = settings.preset ?? config.preset;
  const rowSecurity = usesRowSecurity(project);
  return rules.flatMap((rule): ActiveRule[] => {
    const configured = config.rules[rule.id];
    const level = settings.levels?.get(rule.id) ?? configured?.level ?? presetLevel(rule, preset, rowSecurity);
    const options = completeOptions(rule, configured?.options ?? {}, config.file);
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

function rejectUnknownRules(rules: readonly Rule[], config: Config, settings: Settings): void {
  const ids = new Set(rules.map((rule) => rule.id));
  for (const id of settings.levels?.keys() ?? []) {
    if (!ids.has(id)) throw new UsageError(`Unknown rule "${id}"${didYouMean(id, ids)}`);
  }
  for (const id of Object.keys(config.rules)) {
    if (!ids.has(id)) throw new UsageError(`Unknown rule "${id}"${inFile(config.file)}${didYouMean(id, ids)}`);
  }
}

function completeOptions(rule: Rule, given: Readonly<Record<string, unknown>>, file: string | undefined): Record<string, unknown> {
  const schemas = rule.options ?? {};
  for (const [name, value] of Object.entries(given)) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema === undefined) {
      throw new UsageError(`Unknown option "${name}" of rule "${rule.id}"${inFile(file)}${didYouMean(name, Object.keys(schemas))}`);
    }
    if (!fits(value, schema)) {
      throw new UsageError(`Option "${name}" of rule "${rule.id}"${inFile(file)} must be ${describe(schema)}`);
    }
  }
  const defaults = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.default]));
  return { ...defaults, ...given };
}

function fits(value: unknown, schema: OptionSchema): boolean {
  if (schema.type !== 'array') return typeof value === schema.type;
  return Array.isArray(value) && value.every((item) => schema.items === undefined || typeof item === schema.items.type);
}

function describe(schema: OptionSchema): string {
  if (schema.type === 'array') return schema.items === undefined ? 'a list' : `a list of ${schema.items.type}s`;
  return `a ${schema.type}`;
}

function inFile(file: string | undefined): string {
  return file === undefined ? '' : ` in ${file}`;
}
