import type { Project } from '../link/project.js';
import { count } from '../report/text.js';

/** One key of the proposed configuration, and why it says what it says. */
interface Guess {
  readonly key: string;
  readonly value: unknown;
  readonly why: readonly string[];
}

/** The text of a configuration for a project: each guess under a comment with its reason. */
export function configText(project: Project, format: 'json' | 'ts'): string {
  const guesses = guessesOf(project);
  const schema = format === 'json' ? ['  "$schema": "./node_modules/tenantlint/dist/config.schema.json"'] : [];
  const keys = guesses.map(({ key, value, why }) => [...why.map((line) => `  // ${line}`), `  ${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')}`].join('\n'));
  const body = `{\n${[...schema, ...keys].join(',\n')}\n}`;
  const seen = detected(project).map((line) => `// ${line}\n`).join('');
  return format === 'json' ? `${seen}${body}\n` : `import { defineConfig } from 'tenantlint';\n\n${seen}export default defineConfig(${body});\n`;
}

/** What was found, for the first lines: `Detected: prisma/migrations (prisma, 52 migrations).` */
export function detected({ migrations, models, tables }: Project): string[] {
  const folders = new Map<string, { kind: string; number: number }>();
  for (const { file, kind } of migrations) {
    const parts = file.split('/');
    const dir = parts.slice(0, /^(migration|up)\.sql$/.test(parts.at(-1)!) ? -2 : -1).join('/') || '.';
    folders.set(dir, { kind, number: (folders.get(dir)?.number ?? 0) + 1 });
  }
  const orms = new Map<string, number>();
  for (const { orm } of models) orms.set(orm, (orms.get(orm) ?? 0) + 1);
  return [
    ...[...folders].map(([dir, { kind, number }]) => `Detected: ${dir} (${kind}, ${count(number, 'migration')}).`), ...[...orms].map(([orm, number]) => `Detected: ${count(number, 'model')} (${orm}).`),
    `${count(tables.filter((table) => table.class !== 'view').length, 'table')} in all.`,
  ];
}

function guessesOf(project: Project): Guess[] {
  const { tables, tenancy, config } = project;
  const levels = tenancy.levels.map(({ columns, root }) => ({ column: columns.length === 1 ? columns[0] : columns, ...(root === undefined ? {} : { root }) }));
  const tenant = tables.filter((table) => table.class === 'tenant').length;
  const child = tables.filter((table) => table.class === 'child').length;
  const global = tables.filter(({ class: kind }) => kind === 'global' || kind === 'unclassified').map(({ name }) => name);
  const setting = sessionSetting(project);
  return [
    ...(levels.length === 0 ? [] : [{
      key: 'tenant', value: levels.length === 1 ? levels[0] : levels,
      why: [`${tenancy.explanation} ${count(tenant, 'table has', 'tables have')} the column, ${count(child, 'more belongs', 'more belong')} to a tenant through a foreign key.`, ...(levels.length > 1 ? ['Outermost level first: each root names a row of the one before it.'] : [])],
    }]),
    ...(global.length === 0 ? [] : [{
      key: 'tables', value: { global },
      why: ['No foreign key links these to the root table: shared by all tenants, as far as the schema tells.', 'Move those that hold data of one tenant to "tenant", and what no query of the product reads to "ignore".'],
    }]),
    ...(setting === undefined ? [] : [{ key: 'rls', value: { setting }, why: ["The policies compare with this setting: it holds the session's tenant."] }]),
    ...(config.migrations.length === 0 ? [] : [{ key: 'migrations', value: config.migrations, why: ['As configured.'] }]),
  ];
}

/** The setting that most policies of tenant tables read with current_setting. */
function sessionSetting({ policies, config }: Project): string | undefined {
  const names = policies.flatMap(({ policy }) => settingsIn([policy.using, policy.withCheck])).filter((name) => name.includes('.') && !name.startsWith('request.'));
  const [best] = [...new Set(names)].sort((a, b) => names.filter((name) => name === b).length - names.filter((name) => name === a).length);
  return config.rls?.setting ?? best;
}

function settingsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(settingsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { kind, name, arguments: args } = node as { kind?: string; name?: readonly string[]; arguments?: readonly { kind: string; value?: unknown }[] };
  const first = kind === 'call' && Array.isArray(name) && name.at(-1) === 'current_setting' ? args?.[0] : undefined;
  return [...(first?.kind === 'constant' && typeof first.value === 'string' ? [first.value] : []), ...Object.values(node).flatMap(settingsIn)];
}
