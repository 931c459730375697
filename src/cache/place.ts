import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hashOf } from './pack.js';
import { userFolder } from './user-folder.js';

/** Where what is known of a project is kept, and by which program. */
export interface CachePlace {
  readonly path: string;
  /** Of the program, as `fingerprintOf` gives it: what another state of it has kept is not read. */
  readonly fingerprint: Buffer;
}

/**
 * Where tools of a project keep what they can make again: `node_modules/.cache` of the project or of what it is a part of, else the cache
 * folder of the user.
 * @returns undefined where there is no such place
 */
export function cacheFolder(root: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (isFolder(modules)) return join(modules, '.cache/tenantlint');
    if (folder === dirname(folder)) break;
  }
  return userFolder(env);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The files of a project in a cache folder, without their ending: others for each root, the same wherever a checkout of both lies. */
export function cachePlace(folder: string, root: string, fingerprint: Buffer): CachePlace {
  return { path: join(folder, hashOf(relative(folder, root)).toString('hex', 0, 8)), fingerprint };
}
