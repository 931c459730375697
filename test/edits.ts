import { checkProject, loadProject } from '../src/commands/pipeline.js';
import type { Level } from '../src/config/types.js';
import type { CheckResult } from '../src/check/types.js';
import type { Finding, FoundFix } from '../src/rule.js';
import { withProject } from './fixtures.js';

/** A text with the edits of a fix made. */
export function edited(text: string, { edits }: FoundFix): string {
  return [...edits].sort((a, b) => b.start - a.start || b.end - a.end).reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text);
}

/** Every fix and suggested fix of a finding. */
export function fixesOf({ fix, suggestedFixes = [] }: Finding): FoundFix[] {
  return [...(fix ? [fix] : []), ...suggestedFixes];
}

/** What is found in files. */
export function findingsIn(files: ReadonlyMap<string, string>, levels: ReadonlyMap<string, Level> = new Map()): Promise<CheckResult> {
  return withProject(files, async (folder) => checkProject(await loadProject({ cwd: folder, paths: [] }), folder, { levels }));
}

const saying = ({ ruleId, file, message, tables }: Finding): string => JSON.stringify([ruleId, file, tables, message.replace(/\d+/g, '')]);

/**
 * What is wrong with a fix, in words, once it is made and everything is judged anew: its finding must be gone, and no other may have come.
 * @param before what was found, the finding among it
 */
export async function faultsOf(fix: FoundFix, finding: Finding, before: readonly Finding[], files: ReadonlyMap<string, string>, levels?: ReadonlyMap<string, Level>): Promise<string[]> {
  const text = edited(files.get(finding.file)!, fix);
  const { findings, skipped } = await findingsIn(new Map(files).set(finding.file, text), levels);
  const left = before.map(saying);
  const came = findings.filter((each) => {
    const index = left.indexOf(saying(each));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return [
    ...(left.includes(saying(finding)) ? [] : [`still there: ${finding.message}\n${text}`]),
    ...came.map(({ ruleId, message }) => `has come: ${ruleId} ${message}\n${text}`),
    ...skipped.filter(({ file, reason }) => file === finding.file && !reason.includes('not read by this version')).map(({ reason }) => `not read any more: ${reason}\n${text}`),
  ];
}
