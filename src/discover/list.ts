import nodeFs from 'node:fs';
import { join } from 'node:path';
import glob from 'fast-glob';
import createIgnore from 'ignore';
import type { Notice } from '../facts/location.js';
import { gitFiles } from './git.js';
import { noticeAt, unreadable } from './read.js';

/** Folders that hold other people's code or what tools wrote. */
const SKIPPED = [
  'node_modules', 'bower_components', '.git', '.hg', '.svn', '.next', '.nuxt', '.svelte-kit', '.turbo', '.yarn', '.pnpm-store',
  '.venv', 'venv', '__pycache__', '.tox', '.terraform', '.cache', 'dist', 'coverage', 'vendor',
];
const SKIPPED_SET = new Set(SKIPPED);

export interface Listing {
  /** POSIX, relative to the folder, sorted. */
  readonly files: readonly string[];
  readonly notices: readonly Notice[];
}

/**
 * Every file below a folder that is neither ignored by git nor in a vendored folder.
 * Symbolic links to folders are not followed.
 */
export function listFiles(folder: string): Listing {
  const fromGit = gitFiles(folder);
  // An ignored folder inside of a repository is empty for git: the user named it, so it is read nevertheless.
  if (fromGit && fromGit.length > 0) return { files: fromGit.filter((path) => !isSkipped(path)).sort(), notices: [] };
  const { files, notices } = walk(folder);
  return { files: withoutIgnored(folder, files), notices };
}

/** Every file below a folder that the user named, ignored or not. */
export function walk(folder: string): Listing {
  const notices: Notice[] = [];
  const readdirSync = ((path: string, options: { withFileTypes: true }): nodeFs.Dirent[] => {
    try {
      return nodeFs.readdirSync(path, options);
    } catch (error) {
      notices.push(noticeAt(path.slice(folder.length).replace(/^[\\/]/, '').replaceAll('\\', '/') || '.', 0, `folder ${unreadable(error)}`));
      return [];
    }
  }) as unknown as typeof nodeFs.readdirSync;
  const files = glob.sync('**/*', {
    cwd: folder, dot: true, followSymbolicLinks: false, onlyFiles: true, ignore: SKIPPED.map((name) => `**/${name}/**`), fs: { ...nodeFs, readdirSync },
  });
  const links = (glob.sync('**/*.{sql,SQL,pgsql,psql,prisma}', {
    cwd: folder, dot: true, followSymbolicLinks: false, onlyFiles: false, ignore: SKIPPED.map((name) => `**/${name}/**`), suppressErrors: true, objectMode: true,
  })).filter((entry) => entry.dirent.isSymbolicLink()).map((entry) => entry.path);
  return { files: [...new Set([...files, ...links])].sort(), notices };
}

/** Whether a path lies in a folder of other people's code. */
export function isSkipped(path: string): boolean {
  return path.split('/').slice(0, -1).some((part) => SKIPPED_SET.has(part));
}

/** Applies every .gitignore to the files below it, as `git help gitignore` describes. */
function withoutIgnored(folder: string, files: readonly string[]): string[] {
  const ignores = files.filter((path) => path === '.gitignore' || path.endsWith('/.gitignore')).map((path) => {
    const rules = createIgnore().add(readQuietly(join(folder, path)));
    return { below: path.slice(0, -'.gitignore'.length), rules };
  });
  return files.filter((path) => {
    let ignored = false;
    for (const { below, rules } of ignores) {
      if (!path.startsWith(below)) continue;
      const answer = rules.test(path.slice(below.length));
      ignored = answer.ignored || (ignored && !answer.unignored);
    }
    return !ignored;
  });
}

function readQuietly(path: string): string {
  try {
    return nodeFs.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
