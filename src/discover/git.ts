import { execFileSync } from 'node:child_process';
import { UsageError } from '../errors.js';

/** What a repository's own settings could make git run is switched off (`git help config`). */
const HARMLESS = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'diff.external='];

/** Runs git in a folder and gives what it prints, as bytes. @throws Error when git fails or is not there */
export function gitBytes(folder: string, args: readonly string[], input = ''): Buffer {
  return execFileSync('git', [...HARMLESS, '-C', folder, ...args], { input: Buffer.from(input), maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Where git looks for its hooks, by the repository's own settings: `rev-parse` runs none. @throws Error when git fails or is not there */
export function gitHooks(folder: string): string {
  return execFileSync('git', ['-C', folder, 'rev-parse', '--git-path', 'hooks'], { stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
}

/** The same as text. @throws Error when git fails or is not there */
export function git(folder: string, args: readonly string[]): string {
  return gitBytes(folder, args).toString();
}

/** The names in a list that git ends with NULs. */
export function names(output: string): string[] {
  return output.split('\0').filter((name) => name !== '');
}

/** What git prints in a repository. @throws UsageError outside of one */
function gitInside(folder: string, option: string, args: readonly string[]): string {
  try {
    return git(folder, args);
  } catch (error) {
    requireRepository(folder, option);
    throw error;
  }
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
  return names(gitInside(folder, '--staged', ['diff', '--cached', '--name-only', '-z', '--diff-filter=ACMRT', '--relative']));
}

/**
 * The commit where the current branch left a revision.
 * @throws UsageError outside of a repository, or when git does not know the revision
 */
export function baseOf(folder: string, ref: string, option: string): string {
  requireRepository(folder, option);
  try {
    return forkPoint(folder, git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]).trim());
  } catch {
    throw new UsageError(`${option}: git does not know the revision "${ref}"`);
  }
}

/** The last commit; undefined before the first one. */
export function headOf(folder: string): string | undefined {
  try {
    return git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).trim();
  } catch {
    return undefined;
  }
}

/** Where the current branch left a commit; without a common ancestor the commit itself. */
function forkPoint(folder: string, commit: string): string {
  try {
    return git(folder, ['merge-base', commit, 'HEAD']).trim();
  } catch {
    return commit;
  }
}

/**
 * The files that differ from a commit, committed or not, and untracked ones; without deleted ones.
 * @returns paths relative to `folder`, of files below it
 */
export function changedFrom(folder: string, commit: string): string[] {
  const changed = names(git(folder, ['diff', '--name-only', '-z', '--diff-filter=ACMRT', '--relative', commit]));
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
