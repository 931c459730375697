import { execFileSync } from 'node:child_process';
import { UsageError } from '../errors.js';

function git(folder: string, args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', maxBuffer: 1 << 29, stdio: ['ignore', 'pipe', 'pipe'] });
}

function names(output: string): string[] {
  return output.split('\0').filter((name) => name !== '');
}

function requireRepository(folder: string, option: string): void {
  try {
    git(folder, ['rev-parse', '--is-inside-work-tree']);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(`${option}: ${missing ? 'git is not installed' : `${folder} is not in a git repository`}`);
  }
}

/**
 * The files of the git index that differ from the last commit, without deleted ones.
 * @returns paths relative to `folder`, of files below it
 * @throws UsageError outside of a repository
 */
export function stagedFiles(folder: string): string[] {
  requireRepository(folder, '--staged');
  return names(git(folder, ['diff', '--cached', '--name-only', '-z', '--diff-filter=ACMRT', '--relative']));
}

/**
 * The files that differ from the point where the current branch left `ref`, committed or not, and untracked ones; without deleted ones.
 * @returns paths relative to `folder`, of files below it
 * @throws UsageError outside of a repository, or when git does not know the revision
 */
export function changedSince(folder: string, ref: string): string[] {
  requireRepository(folder, '--changed-since');
  let commit: string;
  try {
    commit = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]).trim();
  } catch {
    throw new UsageError(`--changed-since: git does not know the revision "${ref}"`);
  }
  let base = commit;
  try {
    base = git(folder, ['merge-base', commit, 'HEAD']).trim();
  } catch {
    // Without a common ancestor the revision itself is compared.
  }
  const changed = names(git(folder, ['diff', '--name-only', '-z', '--diff-filter=ACMRT', '--relative', base]));
  const untracked = names(git(folder, ['ls-files', '-z', '--others', '--exclude-standard']));
  return [...new Set([...changed, ...untracked])].sort();
}

/** The files git would commit below a folder (tracked or not ignored), relative to it; undefined where git cannot say. */
export function gitFiles(folder: string): string[] | undefined {
  try {
    const deleted = new Set(names(git(folder, ['ls-files', '-z', '--deleted'])));
    const files = names(git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']));
    return [...new Set(files)].filter((name) => !deleted.has(name) && !name.endsWith('/'));
  } catch {
    return undefined;
  }
}
