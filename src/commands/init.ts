import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { printable } from '../report/text.js';
import { choiceOption } from './arguments.js';
import { CI_NAMES, CONFIG_FORMATS } from './choices.js';
import { configText, detected } from './init-text.js';
import { ciIntegration, eslintIntegration, hookIntegration, integrate, type Integration } from './integrations.js';
import { loadFor } from './shared.js';
import type { Arguments, Io } from './types.js';
import { writeWhole } from './write.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const parts = integrationsOf(args, io.cwd);
  if (parts.length > 0) {
    for (const part of parts) io.out(integrate(io.cwd, part, args.flag('dry-run'), args.flag('force')));
    return 0;
  }
  const format = choiceOption(args, 'format', CONFIG_FORMATS) ?? 'json';
  const file = `tenantlint.config.${format}`;
  const path = join(io.cwd, file);
  if (existsSync(path) && !args.flag('force') && !args.flag('dry-run')) throw new UsageError(`${file} is there already; --force overwrites it`);
  const { project } = await loadFor(args, io, { schemaOnly: true });
  if (project.tables.length === 0) {
    io.error('tenantlint: no table found: nothing to propose.\n');
    return 2;
  }
  const text = configText(project, format);
  if (args.flag('dry-run')) io.out(text);
  else {
    writeWhole(path, text);
    io.out([...detected(project), project.tenancy.explanation, `${file} written: each guess stands there with its reason.`, ''].map(printable).join('\n'));
  }
  return 0;
}

/** The tools that were asked for; none: the configuration itself is written. */
function integrationsOf(args: Arguments, cwd: string): Integration[] {
  const ci = choiceOption(args, 'ci', CI_NAMES);
  return [
    ...(args.flag('hook') ? [hookIntegration(cwd)] : []),
    ...(ci === undefined ? [] : [ciIntegration(cwd, ci)]),
    ...(args.flag('eslint') ? [eslintIntegration(cwd)] : []),
  ];
}
