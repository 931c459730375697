import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { NEWEST_VERSION } from '../facts/version.js';
import { findConfigFile, readConfigFile, readConfigFileNow } from './file.js';
import type { RawConfig } from './file.js';
import type { Config, Level, TenantLevel, UserConfig, UserLevel, UserTenant } from './types.js';
import { validateConfig } from './validate.js';
import type { KeyPath, KnownRule, Place } from './validate.js';

export interface LoadOptions {
  /** Absolute working folder. */
  readonly cwd: string;
  /** The value of `--config`, relative to `cwd`. */
  readonly file?: string;
  /** What is to be checked, relative to `cwd`: the search starts at the first of them, so that a project elsewhere finds its own config. */
  readonly paths?: readonly string[];
  /** False: a config that is code is refused instead of run. */
  readonly allowCode?: boolean;
  /** The rules there are, to validate ids and options. */
  readonly rules?: readonly KnownRule[];
}

/**
 * Finds, reads and validates the config.
 * The nearest one upwards wins and its paths are relative to its folder; those of a file given by name are relative to the working folder.
 * @throws UsageError when the file cannot be read, a key is unknown or has a wrong type, or a path in it is not there
 */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const found = configFile(options);
  return found === undefined ? defaultConfig(options.cwd) : fromRaw(await readConfigFile(found.file, found.name, options.allowCode ?? true), found, options);
}

/** The same without waiting, as ESLint needs it. @throws UsageError as loadConfig does */
export function loadConfigNow(options: LoadOptions): Config {
  const found = configFile(options);
  return found === undefined ? defaultConfig(options.cwd) : fromRaw(readConfigFileNow(found.file, found.name, options.allowCode ?? true), found, options);
}

interface FoundConfig {
  readonly file: string;
  readonly name: string;
}

function configFile(options: LoadOptions): FoundConfig | undefined {
  const { cwd } = options;
  const file = options.file === undefined ? findConfigFile(startFolder(cwd, options.paths)) : resolve(cwd, options.file);
  if (file === undefined) return undefined;
  if (options.file !== undefined && !(existsSync(file) && statSync(file).isFile())) {
    throw new UsageError(`--config ${options.file}: ${existsSync(file) ? 'not a file' : 'no such file'}`);
  }
  return { file, name: toPosix(relative(cwd, file)) };
}

function fromRaw(raw: RawConfig, { file, name }: FoundConfig, options: LoadOptions): Config {
  if (raw.value === undefined && basename(file) === 'package.json') throw new UsageError(`${name}: has no key "tenantlint"`);
  const user = validateConfig(raw.value, raw.place, options.rules);
  const root = options.file === undefined ? dirname(file) : options.cwd;
  checkPaths(user, root, raw.place);
  return { ...resolveConfig(user, root), file: name };
}

/** The config of a run that has none: everything is inferred. */
export function defaultConfig(root: string): Config {
  return resolveConfig({}, root);
}

/** A level as users write it (`warn`) → as reports show it (`warning`). */
export function toLevel(level: UserLevel): Level {
  return level === 'warn' ? 'warning' : level;
}

function startFolder(cwd: string, paths: readonly string[] | undefined): string {
  for (let at = resolve(cwd, paths?.[0] ?? '.'); at !== dirname(at); at = dirname(at)) {
    if (existsSync(at)) return statSync(at).isDirectory() ? at : dirname(at);
  }
  return cwd;
}

function toPosix(path: string): string {
  return path.replaceAll('\\', '/');
}

/** Folders and files that the config names must be there, and inside of the project. */
function checkPaths(user: UserConfig, root: string, place: Place): void {
  const inside = (path: string, key: KeyPath, name: string): string => {
    const absolute = resolve(root, path);
    const from = relative(root, absolute);
    if (from === '..' || /^\.\.[\\/]/.test(from) || isAbsolute(from)) {
      throw new UsageError(`${place(key)}: "${name}" must be inside of the project, "${path}" is not`);
    }
    return absolute;
  };
  user.migrations?.forEach(({ dir }, index) => {
    const absolute = inside(dir, ['migrations', index, 'dir'], `migrations[${index}].dir`);
    if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
      throw new UsageError(`${place(['migrations', index, 'dir'])}: "migrations[${index}].dir": there is no folder "${dir}"`);
    }
  });
  user.schema?.forEach((path, index) => {
    const absolute = inside(path, ['schema', index], `schema[${index}]`);
    if (!isGlob(path) && !existsSync(absolute)) {
      throw new UsageError(`${place(['schema', index])}: "schema[${index}]": there is no file "${path}"`);
    }
  });
  for (const key of ['include', 'exclude'] as const) {
    user.source?.[key]?.forEach((path, index) => inside(path, ['source', key, index], `source.${key}[${index}]`));
  }
}

/** Whether a path has characters that only a pattern has. */
export function isGlob(path: string): boolean {
  return /[*?{}]|\[[^\]]+\]|[!@+]\(/.test(path);
}

function resolveConfig(user: UserConfig, root: string): Config {
  const { tables = {} } = user;
  const relativePath = (path: string) => toPosix(relative(root, resolve(root, path))) || '.';
  return {
    root,
    tenant: tenantLevels(user.tenant),
    tables: {
      global: tables.global ?? [], tenant: tables.tenant ?? [], ignore: tables.ignore ?? [],
      viaParent: tables.viaParent ?? [], hybrid: tables.hybrid ?? [], columns: tables.columns ?? {},
    },
    references: user.references ?? [],
    migrations: (user.migrations ?? []).map((source) => ({ ...source, dir: relativePath(source.dir) })),
    ...(user.schema && { schema: user.schema.map(relativePath) }),
    source: { include: (user.source?.include ?? []).map(relativePath), exclude: (user.source?.exclude ?? []).map(relativePath) },
    queries: resolveQueries(user.queries ?? {}),
    ...(user.rls && { rls: { ...(user.rls.setting !== undefined && { setting: user.rls.setting }), roles: user.rls.roles ?? [] } }),
    rules: Object.fromEntries(Object.entries(user.rules ?? {}).map(([id, setting]) => {
      const [level, options] = Array.isArray(setting) ? setting : [setting, undefined];
      return [id, { level: toLevel(level), ...(options && { options }) }];
    })),
    preset: user.preset ?? 'recommended',
    reportUnusedDisableDirectives: toLevel(user.reportUnusedDisableDirectives ?? 'warn'),
    pgVersion: user.pgVersion ?? NEWEST_VERSION,
    requireDisableReason: user.requireDisableReason ?? false,
  };
}

function resolveQueries(queries: NonNullable<UserConfig['queries']>): Config['queries'] {
  return {
    tenantValues: [], scopedClients: [], unscopedClients: [], parameters: {}, principalColumns: [], credentialColumns: [],
    systemPaths: [], scopedCallbacks: [], handlers: [], handlerWrappers: [], untrustedSources: [], ...queries,
  };
}

function tenantLevels(tenant: UserTenant | UserTenant[] | undefined): TenantLevel[] {
  const levels = tenant === undefined ? [] : Array.isArray(tenant) ? tenant : [tenant];
  return levels.map(({ column, root, proof }) => ({
    columns: column === undefined ? [] : Array.isArray(column) ? column : [column],
    ...(root !== undefined && { root }),
    ...(proof && { proof }),
  }));
}
