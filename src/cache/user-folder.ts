import { join } from 'node:path';

/**
 * Where what can be made again is kept for the user (the XDG Base Directory Specification; `LOCALAPPDATA` on Windows).
 * @returns undefined where there is no such place
 */
export function userFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const user = env['XDG_CACHE_HOME'] || env['LOCALAPPDATA'] || (env['HOME'] && join(env['HOME'], '.cache'));
  return user ? join(user, 'tenantlint') : undefined;
}
