import type { ESLint, Linter, Rule } from 'eslint';
import { fingerprintOf, ruleDescriptions, version, type PresetName } from 'tenantlint/editor';
import { textLanguage, type TextLanguage } from './language.js';
import { rules } from './rules.js';

/** The name under which the configurations below know the plugin. */
const NAMESPACE = 'tenantlint';

const FILES: readonly (readonly [language: 'sql' | 'prisma' | 'python', files: string[]])[] = [
  ['sql', ['**/*.sql', '**/*.pgsql', '**/*.psql']], ['prisma', ['**/*.prisma']], ['python', ['**/*.py']],
];

const meta = {
  name: 'eslint-plugin-tenantlint',
  namespace: NAMESPACE,
  /** ESLint's cache compares it: what is known of the schema and of other files belongs to every cached result. */
  get version(): string {
    return `${version}+${fingerprintOf(process.cwd())}`;
  },
};

/** The plugin as configurations see it. */
export interface TenantlintPlugin {
  readonly meta: { readonly name: string; readonly namespace: string; readonly version: string };
  readonly rules: Readonly<Record<string, Rule.RuleModule>>;
  readonly languages: Readonly<Record<string, TextLanguage>>;
  readonly configs: Record<PresetName, Linter.Config[]>;
}

const languages = Object.fromEntries(FILES.map(([name]) => [name, textLanguage(name)]));

const plugin: TenantlintPlugin = { meta, rules, languages, configs: {} as Record<PresetName, Linter.Config[]> };

/**
 * One entry for what ESLint lints anyway, and one for each language that it gains. Rules have their level from the preset; tenantlint's own
 * configuration says what the project is, gives options, and may switch a rule off.
 */
function preset(name: PresetName): Linter.Config[] {
  const levels = Object.fromEntries(ruleDescriptions().map(({ id, level }) => [`${NAMESPACE}/${id}`, level(name) === 'warning' ? 'warn' : level(name)])) as Linter.RulesRecord;
  const base = { plugins: { [NAMESPACE]: plugin as unknown as ESLint.Plugin }, settings: { [NAMESPACE]: { preset: name } } };
  return [
    { ...base, name: `${NAMESPACE}/${name}`, rules: levels },
    ...FILES.map(([language, files]): Linter.Config => ({ ...base, name: `${NAMESPACE}/${name}/${language}`, files, language: `${NAMESPACE}/${language}` })),
  ];
}

for (const name of ['recommended', 'strict', 'rls'] as const) plugin.configs[name] = preset(name);

export default plugin;
// What `require` gives in a CommonJS configuration.
export { plugin as 'module.exports' };
