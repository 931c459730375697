import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { resourceLimits } from 'node:worker_threads';
import { fingerprintOf } from '../cache/pack.js';
import { cacheFolder, cachePlace, type CachePlace } from '../cache/place.js';
import type { Threads } from '../cache/together.js';
import { UsageError } from '../errors.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../facts/version.js';
import { watch } from '../watch.js';
import { numberOption } from './arguments.js';
import { FILE_SECONDS, MOST_THREADS } from './choices.js';
import { codePaths, workerScript } from './package.js';
import type { Settings } from '../check/levels.js';
import type { CheckResult } from '../check/types.js';
import { checkedProject } from './kept.js';
import type { LoadedProject, ProjectRequest } from './pipeline.js';
import { loadProject } from './pipeline.js';
import type { Arguments, Io } from './types.js';

const WORTH_A_THREAD = 1_000_000;

const SILENT_MS = 1000;

/** Loads the project the arguments speak of, with progress on a terminal when it takes long. */
export async function loadFor(args: Arguments, io: Io, more: Partial<ProjectRequest> = {}): Promise<LoadedProject> {
  return withProgress(args, io, more, loadProject);
}

/** The same, and what the rules find in it. */
export async function checkFor(args: Arguments, io: Io, settings: Settings, more: Partial<ProjectRequest> = {}): Promise<{ loaded: LoadedProject; result: CheckResult }> {
  return withProgress(args, io, more, (request) => checkedProject(request, settings));
}

async function withProgress<T>(args: Arguments, io: Io, more: Partial<ProjectRequest>, work: (request: ProjectRequest) => Promise<T>): Promise<T> {
  const configFile = args.text('config');
  const pgVersion = versionOption(args);
  watch.begin(numberOption(args, 'file-timeout') ?? FILE_SECONDS);
  const bar = progressBar(io, (done, total) => `Reading ${done} of ${total} files`);
  try {
    return await work({
      cwd: io.cwd, paths: args.positionals, allowConfigCode: !args.flag('no-config-code'), progress: bar.show, endless: watch.endless, cache: (root) => cacheFor(args, io, root), threads: threadsFor(args), ...(configFile === undefined ? {} : { configFile }), ...(pgVersion === undefined ? {} : { pgVersion }), ...more,
    });
  } finally {
    bar.clear();
  }
}

/** The major version, of which people also know the minor one. @throws UsageError for a version that is not told apart */
function versionOption(args: Arguments): number | undefined {
  const text = args.text('pg-version');
  if (text === undefined) return undefined;
  const major = /^(\d{1,3})(?:\.\d+)*$/.exec(text)?.[1];
  if (major !== undefined && Number(major) >= OLDEST_VERSION && Number(major) <= NEWEST_VERSION) return Number(major);
  throw new UsageError(`--pg-version must be ${OLDEST_VERSION} to ${NEWEST_VERSION}, not "${text}"`);
}

/** The threads that parse. The source itself, which needs a loader, is run by one. */
function threadsFor(args: Arguments): Threads | undefined {
  const count = numberOption(args, 'jobs') ?? Math.min(availableParallelism(), MOST_THREADS);
  const script = workerScript();
  return script && { count, script, worth: WORTH_A_THREAD, stackSizeMb: resourceLimits.stackSizeMb ?? 4 };
}

let ownFingerprint: Buffer | undefined;

/** The cache of a project. @throws UsageError when --cache-dir names a file */
function cacheFor(args: Arguments, io: Io, root: string): CachePlace | undefined {
  const named = args.text('cache-dir');
  const given = named === undefined ? undefined : resolve(io.cwd, named);
  if (given !== undefined && existsSync(given) && !statSync(given).isDirectory()) throw new UsageError(`--cache-dir ${named}: is a file, not a folder`);
  const folder = args.flag('no-cache') ? undefined : given ?? cacheFolder(root, io.env);
  return folder === undefined ? undefined : cachePlace(folder, root, ownFingerprint ??= fingerprintOf(codePaths()));
}

/** Progress on a terminal, once the work lasts longer than a second. */
export function progressBar(io: Io, words: (done: number, total: number) => string): { show: (done: number, total: number) => void; clear: () => void } {
  const start = performance.now();
  let last = 0;
  return {
    show: (done, total) => {
      const now = performance.now();
      if (!io.stderrIsTerminal || now - start < SILENT_MS || now - last < 100) return;
      last = now;
      io.error(`\r${words(done, total)}\u001b[K`);
    },
    clear: () => {
      if (last > 0) io.error('\r\u001b[K');
    },
  };
}

/** `--color` and `--no-color` first, then NO_COLOR and FORCE_COLOR, then whether it is a terminal. */
export function wantsColor(args: Arguments, io: Io): boolean {
  if (args.flag('no-color')) return false;
  if (args.flag('color')) return true;
  if ((io.env['NO_COLOR'] ?? '') !== '') return false;
  if ((io.env['FORCE_COLOR'] ?? '') !== '') return io.env['FORCE_COLOR'] !== '0';
  return io.stdoutIsTerminal && io.env['TERM'] !== 'dumb';
}

/** The text of a file by its path in a report, which is relative to the working folder. */
export function reportText({ text, config }: LoadedProject, cwd: string): (file: string) => string | undefined {
  return (file) => text(relative(config.root, resolve(cwd, file)).replaceAll('\\', '/'));
}
