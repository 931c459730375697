import { join } from 'node:path';
import { count } from '../report/text.js';
import { BASELINE, baselineText } from './baseline-file.js';
import { checkProject } from './pipeline.js';
import { loadFor, PROJECT_OPTIONS } from './shared.js';
import type { Arguments, Command, Io } from './types.js';
import { writeWhole } from './write.js';

export const command: Command = {
  usage: 'baseline',
  summary: `Records today's findings in ${BASELINE}; "tenantlint check" then reports only new ones.`,
  options: PROJECT_OPTIONS,
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const loaded = await loadFor(args, io);
  const result = checkProject(loaded, io.cwd, {});
  for (const { ruleId, error } of result.crashes) io.error(`tenantlint: rule ${ruleId} failed: ${error}\n`);
  if (result.crashes.length > 0) return 2;
  writeWhole(join(loaded.config.root, BASELINE), baselineText(result.findings));
  io.out(`${BASELINE}: ${count(result.findings.length, 'finding')} recorded.\n`);
  return 0;
}
