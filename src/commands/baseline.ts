import { join } from 'node:path';
import { count } from '../report/text.js';
import { baselineText } from './baseline-file.js';
import { BASELINE } from './choices.js';
import { checkProject } from './pipeline.js';
import { loadFor } from './shared.js';
import type { Arguments, Io } from './types.js';
import { writeWhole } from './write.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const loaded = await loadFor(args, io);
  const result = checkProject(loaded, io.cwd, {});
  for (const { ruleId, error } of result.crashes) io.error(`tenantlint: rule ${ruleId} failed: ${error}\n`);
  if (result.crashes.length > 0) return 2;
  writeWhole(join(loaded.config.root, BASELINE), baselineText(result.findings));
  io.out(`${BASELINE}: ${count(result.findings.length, 'finding')} recorded.\n`);
  return 0;
}
