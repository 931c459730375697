import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing. Node's `recursive` asks without end where the system says of the
 * folder above, which is there, that it is not (/proc, homes that are mounted when they are asked for).
 * @returns the uppermost folder that was made; undefined when it was there
 * @throws the error of the system
 */
export function makeFolder(path: string): string | undefined {
  if (isFolder(path)) return undefined;
  const above = dirname(path) === path ? undefined : makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run was faster.
    if (!isFolder(path)) throw error;
  }
  return above ?? path;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
