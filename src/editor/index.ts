import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rules } from '../../rules/index.js';
import { fingerprintOf as fingerprintOfCode } from '../cache/pack.js';
import { cacheFolder, cachePlace, type CachePlace } from '../cache/place.js';
import { docsOf } from '../check/index.js';
import { presetLevel } from '../check/levels.js';
import { DIRECTIVE_RULE } from '../check/suppress.js';
import { findConfigFile } from '../config/file.js';
import type { Level, PresetName } from '../config/types.js';
import { listFiles } from '../discover/list.js';
import { codePaths, packageFolder, packageVersion } from '../commands/package.js';
import { Session } from './session.js';

export { UsageError } from '../errors.js';
export { lineStartsOf } from '../check/position.js';
export { commentsOf, type TextComment } from './comments.js';
export { Session, type Selection } from './session.js';
export type { Finding, FoundFix } from '../rule.js';
export type { Level, PresetName } from '../config/types.js';

/** What a host needs to know of a rule. */
export interface RuleDescription {
  readonly id: string;
  readonly summary: string;
  readonly fixable: boolean;
  readonly suggests: boolean;
  readonly docs: string;
  readonly level: (preset: PresetName) => Level;
}

/** Every rule, and the one about suppression comments. */
export function ruleDescriptions(): RuleDescription[] {
  const own = rules.map((rule): RuleDescription => ({
    id: rule.id, summary: rule.summary, fixable: rule.fixable ?? false, suggests: rule.suggests ?? false, docs: docsUrl(rule.id),
    // A rule about row-level security is listed at the level it has once that is in use; until then the session keeps it silent.
    level: (preset) => presetLevel(rule, preset, true),
  }));
  return [...own, {
    id: DIRECTIVE_RULE, summary: 'A tenantlint-disable comment suppresses nothing, names an unknown rule or gives no reason.', fixable: false, suggests: false, docs: docsUrl(DIRECTIVE_RULE),
    level: () => 'warning',
  }];
}

/** A rule's page as it is installed: what it says fits the version that runs. */
function docsUrl(id: string): string {
  return pathToFileURL(join(packageFolder(), docsOf(id).replace(/#.*/, ''))).href;
}

/** The version of this package. */
export const version: string = packageVersion();

/** Projects are kept while their host lives; the ones not used for longest go first. */
const MOST_SESSIONS = 8;
const sessions = new Map<string, Session>();

/**
 * The session of the project that a file belongs to: that of the nearest configuration, else of the working folder.
 * @param file absolute
 * @param cwd absolute working folder of the host
 */
export function sessionFor(file: string, cwd: string): Session {
  return sessionAt(projectRoot(dirname(file), cwd));
}

function sessionAt(root: string): Session {
  const session = sessions.get(root) ?? new Session(root, placeOf(root));
  sessions.delete(root);
  sessions.set(root, session);
  for (const oldest of sessions.keys()) {
    if (sessions.size <= MOST_SESSIONS) break;
    sessions.delete(oldest);
  }
  return session;
}

let ownFingerprint: Buffer | undefined;

/** Where the command line keeps what it knows of a project; nothing outside of it is written to. */
function placeOf(root: string): CachePlace | undefined {
  const folder = cacheFolder(root, {});
  return folder === undefined ? undefined : cachePlace(folder, root, ownFingerprint ??= fingerprintOfCode(codePaths()));
}

const roots = new Map<string, { readonly root: string; readonly until: number }>();
const ROOT_MS = 1000;

/** Where the nearest configuration is; asked again every second, for it may come and go. */
function projectRoot(folder: string, cwd: string): string {
  const known = roots.get(folder);
  if (known !== undefined && performance.now() < known.until) return known.root;
  const config = existsSync(folder) ? findConfigFile(folder) : undefined;
  const root = config === undefined ? resolve(cwd) : dirname(config);
  roots.set(folder, { root, until: performance.now() + ROOT_MS });
  return root;
}

/**
 * Changes whenever a finding may change in any project at or below a folder, other than by an edit of the file the finding is in.
 * A project that cannot be read has a fingerprint as well: its message may be in a cache.
 */
export function fingerprintOf(cwd: string): string {
  const own = projectRoot(cwd, cwd);
  const below = listFiles(cwd).files.filter((path) => /(?:^|\/)tenantlint\.config\.\w+$/.test(path)).map((path) => dirname(join(cwd, path)));
  return [...new Set([own, ...below])].map((root) => {
    try {
      return sessionAt(root).fingerprint();
    } catch (error) {
      return String(error);
    }
  }).join('+');
}
