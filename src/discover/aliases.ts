import fs from 'node:fs';
import nodePath, { posix } from 'node:path';
import { jsonOf } from '../config/json.js';
import type { ModuleAliases } from './types.js';
import type { Tree } from './tree.js';

interface TsConfig {
  readonly extends?: string | string[];
  readonly compilerOptions?: { readonly baseUrl?: string; readonly paths?: Readonly<Record<string, readonly string[]>> };
}

interface PackageJson {
  readonly name?: string;
  readonly main?: string;
  readonly module?: string;
  readonly types?: string;
  readonly source?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/** What module names mean besides relative paths: `paths` of tsconfig.json, and the packages of the project's own workspaces. */
export function moduleAliases(tree: Tree): ModuleAliases {
  const configs = tree.files.filter((path) => /(^|\/)(?:tsconfig(?:\.[\w-]+)?|jsconfig)\.json$/.test(path));
  const packages = tree.files.filter((path) => /(^|\/)package\.json$/.test(path));
  const pythonPackage = packageAt(tree);
  return {
    ...(pythonPackage !== '' && { pythonPackage }),
    paths: [...configs.flatMap((path) => pathsOf(tree, path)), ...tree.files.flatMap(conventional)].sort((a, b) => b.dir.length - a.dir.length),
    packages: packages.flatMap((path) => {
      const json = jsonOf(tree.text(path)) as PackageJson | undefined;
      const dir = posix.dirname(path);
      if (typeof json?.name !== 'string') return [];
      return [{ name: json.name, dir, entries: entriesOf(json) }];
    }),
  };
}

/** The folders from the outermost that holds an `__init__.py` down to the root, which is then a package, or a part of one. */
function packageAt(tree: Tree): string {
  const names: string[] = [];
  if (!tree.has('__init__.py')) return '';
  for (let dir = nodePath.resolve(tree.root); fs.existsSync(nodePath.join(dir, '__init__.py')); dir = nodePath.dirname(dir)) names.unshift(nodePath.basename(dir));
  return names.join('/');
}

function pathsOf(tree: Tree, path: string): ModuleAliases['paths'] {
  const config = jsonOf(tree.text(path)) as TsConfig | undefined;
  const dir = posix.dirname(path);
  const options = config?.compilerOptions;
  if (options?.paths === undefined && options?.baseUrl === undefined) return [];
  const base = posix.join(dir, options.baseUrl ?? '.');
  const patterns = Object.entries(options.paths ?? {}).flatMap(([pattern, targets]) => (Array.isArray(targets) ? [{ pattern, targets: targets.filter((each) => typeof each === 'string').map((each) => posix.join(base, each)) }] : []));
  return [{ dir, patterns, ...(options.baseUrl !== undefined && { baseUrl: base }) }];
}

/**
 * Aliases that a framework writes into a tsconfig.json of its own, which is not kept.
 * @see SvelteKit documentation, "$lib"; Nuxt documentation, "alias"
 */
function conventional(path: string): ModuleAliases['paths'] {
  const dir = posix.dirname(path);
  const to = (alias: string, ...targets: string[]) => [{ pattern: alias, targets }, { pattern: `${alias}/*`, targets: targets.map((each) => `${each}/*`) }];
  switch (posix.basename(path).replace(/\.[cm]?[jt]s$/, '')) {
    case 'svelte.config': return [{ dir, patterns: to('$lib', posix.join(dir, 'src/lib')) }];
    case 'nuxt.config': {
      const sources = [posix.join(dir, 'app'), dir];
      return [{ dir, patterns: [...to('~', ...sources), ...to('@', ...sources), ...to('~~', dir), ...to('@@', dir), ...to('#shared', posix.join(dir, 'shared'))] }];
    }
    default: return [];
  }
}

/** Sub-path → files it may be, in the order to try; `.` is the package itself. */
function entriesOf(json: PackageJson): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  const add = (key: string, target: unknown): void => {
    if (typeof target === 'string') (found[key] ??= []).push(target);
    else if (Array.isArray(target)) target.forEach((each) => add(key, each));
    else if (typeof target === 'object' && target !== null) Object.values(target).forEach((each) => add(key, each));
  };
  const { exports } = json;
  if (typeof exports === 'object' && exports !== null && !Array.isArray(exports) && Object.keys(exports).some((key) => key.startsWith('.'))) {
    for (const [key, target] of Object.entries(exports)) add(key, target);
  } else add('.', exports);
  for (const target of [json.source, json.types, json.module, json.main]) add('.', target);
  return found;
}

