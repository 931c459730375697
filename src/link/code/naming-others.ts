import { posix } from 'node:path';
import type { CodeModule } from '../../facts/code.js';

/** Where such a file is there, names of Python mean something else in files that do not name it. */
const MEANS_MORE = /(?:^|\/)(?:__init__|apps|env)\.py$/;

/** What is asked of the modules that are there now. */
interface Modules {
  readonly all: readonly CodeModule[];
  readonly inFolder: (folder: string) => readonly string[];
  /** Those that would import files that are not there. */
  readonly importersOf: (files: ReadonlySet<string>) => readonly string[];
  readonly text: ((file: string) => string | undefined) | undefined;
}

/**
 * The modules in which a name means another file, or none, where some have come and others have gone, apart from those that import a new one.
 * @returns undefined where it cannot be told
 */
export function namingOthers({ all, inFolder, importersOf, text }: Modules, added: ReadonlySet<string>, removed: ReadonlySet<string>): readonly string[] | undefined {
  const python = [...added, ...removed].filter((file) => file.endsWith('.py'));
  // What nothing else stands in is no package that others may name.
  const isFirst = (file: string) => inFolder(posix.dirname(file)).every((each) => added.has(each));
  if (python.some((file) => MEANS_MORE.test(file) || isFirst(file))) return undefined;
  const importing = removed.size === 0 ? [] : importersOf(removed);
  if (python.length === 0) return importing;
  // Python finds a module by way of others, too, but by no other name than its own.
  const says = new RegExp(`\\b(?:${python.map((file) => posix.basename(file, '.py').replace(/\W/g, '\\$&')).join('|')})\\b`);
  return [...importing, ...all.flatMap(({ file, language }) => (language === 'python' && says.test(text?.(file) ?? '') ? [file] : []))];
}
