import { posix } from 'node:path';
import type { Sql } from '../sql.js';
import type { PlannedMigration, TablePlan } from '../types.js';
import { paragraphs } from './text.js';
import type { Past } from './types.js';

/** A string literal of TypeScript: with single quotes on one line, as a template on several. */
export function quoted(text: string): string {
  if (text.includes('\n')) return `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``;
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Whether the project writes its migrations in TypeScript, and by `export` rather than `module.exports`. */
export function scriptStyle({ migrations, text }: Past): { extension: string; typed: boolean; modules: boolean } {
  const file = migrations.at(-1)?.file;
  const extension = file === undefined ? '.ts' : posix.extname(file);
  const typed = /^\.[cm]?ts$/.test(extension);
  return { extension, typed, modules: typed || extension === '.mjs' || /^export\b/m.test(file === undefined ? '' : text(file) ?? '') };
}

/** The body of an `up`: each statement through `run`, verifications through `verify`. */
export function upLines(migration: PlannedMigration, sql: Sql, run: (statement: string) => string, verify: (plan: TablePlan) => string[]): string[] {
  const rest = (steps: PlannedMigration['steps']) => paragraphs({ ...migration, steps }, sql).flatMap(({ comment, statements }) => [...(comment === undefined ? [] : [`// ${comment}`]), ...statements.map(run)]);
  const at = migration.steps.findIndex(({ kind }) => kind === 'verify');
  const step = migration.steps[at];
  if (step?.kind !== 'verify') return rest(migration.steps);
  return [
    ...rest(migration.steps.slice(0, at)), '// Stop, and undo everything, while a row is left without a tenant.', ...step.plans.flatMap(verify), ...rest(migration.steps.slice(at + 1)),
  ];
}
