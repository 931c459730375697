import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import glob from 'fast-glob';
import { UsageError } from '../errors.js';
import { isGlob } from '../config/load.js';

/** A path of the command line, resolved. */
export interface Target {
  readonly given: string;
  /** Absolute; of a glob, the folder its fixed part names. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'glob';
}

/** @throws UsageError for a path that does not exist */
export function resolveTargets(cwd: string, paths: readonly string[]): Target[] {
  return paths.map((given) => {
    const path = resolve(cwd, given);
    if (existsSync(path)) {
      const status = statSync(path);
      if (!status.isDirectory() && !status.isFile()) throw new UsageError(`${given}: neither a file nor a folder`);
      return { given, path, type: status.isDirectory() ? 'folder' : 'file' };
    }
    if (!isGlob(given)) throw new UsageError(`${given}: no such file or folder`);
    return { given, path: resolve(cwd, fixedPart(given)), type: 'glob' };
  });
}

function fixedPart(pattern: string): string {
  const parts = pattern.split('/');
  return parts.slice(0, parts.findIndex(isGlob)).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

const PART = /^(?:\.|migrations?|migrate|prisma|supabase|drizzle|db|database|sql|schemas?|versions|seeds?|queries|meta|src|\d{3,}.*)$/i;
const MARKERS = ['.git', 'package.json', 'pyproject.toml', 'go.mod', 'Cargo.toml', 'tenantlint.config.json'];

/**
 * The folder to read when no config says it: the folder that was named, or the project it is a part of
 * (`prisma/migrations` is a part, `examples/shop` is a project), so that the whole history is known.
 */
export function projectRoot(cwd: string, targets: readonly Target[]): string {
  if (targets.length === 0) return cwd;
  const roots = targets.map((target) => (target.type === 'folder' ? folderRoot(cwd, target.path) : fileRoot(cwd, target.path)));
  const common = roots.reduce(commonFolder);
  if (common === dirname(common) && !roots.includes(common)) throw new UsageError('the paths belong to different projects: check them one at a time');
  return common;
}

function folderRoot(cwd: string, folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (isProject(at) || at === cwd) return at;
    if (!PART.test(basename(at)) || at === dirname(at)) return isInside(at, cwd) || isProject(at) ? at : folder;
  }
}

function fileRoot(cwd: string, path: string): string {
  if (isInside(path, cwd)) return cwd;
  const folder = existsSync(path) && statSync(path).isDirectory() ? path : dirname(path);
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (isProject(at)) return at;
  return folderRoot(cwd, folder);
}

function isProject(folder: string): boolean {
  return MARKERS.some((name) => existsSync(resolve(folder, name)));
}

/** Whether a path is a folder or below it. */
export function isInside(path: string, folder: string): boolean {
  const from = relative(folder, path);
  return from === '' || (!from.startsWith(`..${sep}`) && from !== '..' && !isAbsolute(from));
}

function commonFolder(a: string, b: string): string {
  let at = a;
  while (!isInside(b, at)) at = dirname(at);
  return at;
}

/** The files a glob names, absolute. */
export function expandGlob(cwd: string, pattern: string): string[] {
  return glob.sync(pattern, { cwd, absolute: true, onlyFiles: true, dot: true, ignore: ['**/node_modules/**', '**/.git/**'], suppressErrors: true });
}
