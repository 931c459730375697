import { ESLint, type Linter } from 'eslint';
import plugin from 'eslint-plugin-tenantlint';
import tseslint from 'typescript-eslint';

/** What a user with TypeScript has in the configuration besides tenantlint. */
const CODE: Linter.Config = {
  files: ['**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts,vue,svelte,astro}'],
  languageOptions: { parser: tseslint.parser as Linter.Parser, parserOptions: { ecmaFeatures: { jsx: true } } },
};

/** ESLint in a folder, with the configurations given; no configuration file is looked for. */
export function eslintIn(cwd: string, configs: readonly Linter.Config[], options: ESLint.Options = {}): ESLint {
  return new ESLint({ cwd, overrideConfigFile: true, overrideConfig: [CODE, ...configs], ...options });
}

/** The configurations of the plugin with exactly these rules switched on. */
export function withRules(ids: Iterable<string>): Linter.Config[] {
  const [, ...languages] = plugin.configs.recommended;
  const rules = Object.fromEntries([...ids].map((id) => [`tenantlint/${id}`, 'error'] as const));
  return [{ plugins: languages[0]!.plugins!, rules }, ...languages.map(({ settings: _, ...rest }) => rest)];
}

/** A message as `line:column-line:column rule words`. */
export function shown({ ruleId, line, column, endLine, endColumn, message }: Linter.LintMessage): string {
  return `${line}:${column}-${endLine}:${endColumn} ${ruleId} ${message}`;
}
