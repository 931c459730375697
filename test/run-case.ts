import { rules } from '../rules/index.js';
import type { CheckResult } from '../src/check/types.js';
import { checkProject, loadProject, type LoadedProject } from '../src/commands/pipeline.js';
import type { Level } from '../src/config/types.js';
import { withProject, type Case, type Marker, type Page } from './fixtures.js';

/** Runs a case through the whole pipeline, as the command line would. */
export async function runCase(page: Page, { files }: Case, pgVersion?: number): Promise<{ loaded: LoadedProject; result: CheckResult }> {
  return withProject(files, async (folder) => {
    const loaded = await loadProject({ cwd: folder, paths: [], ...(pgVersion === undefined ? {} : { pgVersion }) });
    return { loaded, result: checkProject(loaded, folder, { levels: levelsFor(page, loaded) }) };
  });
}

/** Levels for a page: its own rule is on, unless the case's config speaks of it. */
export function levelsFor({ ruleId, onlyOwnRule }: Page, { config }: LoadedProject): Map<string, Level> {
  const levels = new Map<string, Level>();
  for (const { id, level } of rules) {
    if (onlyOwnRule && id !== ruleId) levels.set(id, 'off');
    if (id === ruleId && level === 'off' && config.rules[id] === undefined) levels.set(id, 'error');
  }
  return levels;
}

/** What differs between markers and findings, in words; empty when all agree. */
export function differences({ expected, limits }: Case, result: CheckResult): string[] {
  const open = [...result.findings];
  const take = (marker: Marker): boolean => {
    const index = open.findIndex((finding) => finding.ruleId === marker.ruleId && finding.file === marker.file
      && finding.line === marker.line && finding.message.includes(marker.part));
    if (index >= 0) open.splice(index, 1);
    return index >= 0;
  };
  const missing = expected.filter((marker) => !take(marker))
    .map(({ ruleId, part, file, line }) => `missing: ${file}:${line} ${ruleId} "${part}"`);
  const working = limits.filter(take).map(({ ruleId, file, line }) => `a known limit works now, move the case: ${file}:${line} ${ruleId}`);
  const unexpected = open.map(({ ruleId, file, line, message }) => `unexpected: ${file}:${line} ${ruleId} "${message}"`);
  return [...missing, ...working, ...unexpected, ...result.crashes.map(({ ruleId, error }) => `crash: ${ruleId} ${error}`)];
}
