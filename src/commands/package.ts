import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The folder of this package: the same code runs from `src` and from `dist/src`. */
export function packageFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new Error('The package.json of tenantlint is missing.');
}

/** The script of the threads that parse; undefined where the source runs that it is made of. */
export function workerScript(): URL | undefined {
  const path = join(packageFolder(), 'dist/src/cache/worker.js');
  return import.meta.dirname.startsWith(join(packageFolder(), 'dist')) && existsSync(path) ? pathToFileURL(path) : undefined;
}

/** The code that runs, files or folders: all that is built is in one of them. */
export function codePaths(): readonly string[] {
  const folder = packageFolder();
  return import.meta.dirname.startsWith(join(folder, 'dist')) ? [join(folder, 'dist/src/run.cjs')] : ['src', 'rules'].map((name) => join(folder, name));
}

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** A rule's page in Markdown, with its examples; undefined when there is none. */
export function rulePage(ruleId: string): string | undefined {
  const file = join(packageFolder(), 'fixtures', 'rules', `${ruleId}.md`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
