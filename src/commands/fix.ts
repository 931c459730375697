import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Finding } from '../rule.js';
import { writeWhole } from './write.js';

type Edit = NonNullable<Finding['fix']>['edits'][number];

/**
 * Writes the fixes of findings into their files; of two that overlap the first.
 * @param cwd absolute folder that the files of findings are relative to
 * @param text what was read of a file, by its path in findings: one that is not written in UTF-8, or has changed since, is left alone
 * @returns how many findings were fixed, and in which files
 */
export function applyFixes(findings: readonly Finding[], cwd: string, text: (file: string) => string | undefined): { fixed: number; files: string[] } {
  const byFile = new Map<string, (readonly Edit[])[]>();
  for (const { file, fix } of findings) if (fix !== null) byFile.set(file, [...(byFile.get(file) ?? []), fix.edits]);
  let fixed = 0;
  const files: string[] = [];
  for (const [file, fixes] of byFile) {
    const before = text(file);
    const path = resolve(cwd, file);
    const onDisk = readFileSync(path, 'utf8');
    const mark = onDisk.startsWith('\uFEFF') ? '\uFEFF' : '';
    if (before === undefined || mark + before !== onDisk) continue;
    const taken: Edit[] = [];
    for (const edits of fixes) {
      if (edits.some((edit) => taken.some((other) => edit.start < other.end && other.start < edit.end))) continue;
      taken.push(...edits);
      fixed++;
    }
    const after = taken.sort((a, b) => b.start - a.start).reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), before);
    writeWhole(path, mark + after);
    files.push(file);
  }
  return { fixed, files };
}
