// A whole run beside others on the same files: `npm run build`, then `npx tsx test/bench/compare.ts FOLDER...`. Read the ratios of one run.
// `cold` keeps nothing; `one file` has one file changed since the run before; `again` has none. Named `SQL:1000`, it is a made-up folder of so many migrations,
// beside what there is of squawk and pgfence on the PATH.
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import glob from 'fast-glob';
import { costOf, costOfProgram, row, type Cost } from './measure.js';
import { migrationsProject } from './projects.js';

const require = createRequire(import.meta.url);
const CLI = join(import.meta.dirname, '../../dist/src/cli.js');
const given = process.argv.slice(2);
if (given.length === 0) {
  console.error('npx tsx test/bench/compare.ts FOLDER...: name the folders of the projects, or SQL:COUNT');
  process.exit(2);
}
const SOURCES = '**/*.{ts,tsx,mts,cts}';
const IGNORED = ['**/node_modules/**', '**/*.d.ts'];
const temporary = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));

/** Reads and parses the files once with the parser of the product: what any tool over it costs at least. */
const FLOOR = `
import { readFileSync } from 'node:fs';
import glob from ${JSON.stringify(pathToFileURL(require.resolve('fast-glob')).href)};
import { createRequire } from 'node:module';
const { parseSync } = createRequire(${JSON.stringify(pathToFileURL(require.resolve('oxc-parser')).href)})('oxc-parser');
for (const path of glob.sync('${SOURCES}', { ignore: ${JSON.stringify(IGNORED)} })) parseSync(path, readFileSync(path, 'utf8'), { astType: 'ts' }).program;
`;

/** ESLint with one rule that asks for no types. */
const ESLINT = `
import { parser } from ${JSON.stringify(pathToFileURL(require.resolve('typescript-eslint')).href)};
export default [{ files: ['${SOURCES}'], languageOptions: { parser }, rules: { eqeqeq: 'warn' } }];
`;

/** A run that keeps nothing, the first that keeps something, one with one file changed, one with nothing changed. */
function runs(folder: string, changed: string): Record<'cold' | 'first' | 'one file' | 'again', Cost> {
  const cache = mkdtempSync(join(temporary, 'cache-'));
  const run = (...more: string[]) => costOf([CLI, 'check', '--format', 'json', ...more], folder);
  const kept = () => run('--cache-dir', cache);
  const text = readFileSync(join(folder, changed));
  const [cold, first] = [run('--no-cache'), kept()];
  appendFileSync(join(folder, changed), '\n');
  const oneFile = kept();
  const again = kept();
  writeFileSync(join(folder, changed), text);
  return { cold, first, 'one file': oneFile, again };
}

function tell(name: string, own: ReturnType<typeof runs>, others: readonly (readonly [string, Partial<Cost> & Pick<Cost, 'cpuSeconds'> | undefined])[]): void {
  const costs: [string, Partial<Cost> & Pick<Cost, 'cpuSeconds'>][] = [...Object.entries(own), ...others.flatMap(([other, cost]) => (cost === undefined ? [] : [[other, cost] as [string, typeof cost]]))];
  console.log(row([name, ...costs.map(([label]) => label)]));
  console.log(row(['  CPU s', ...costs.map(([, { cpuSeconds }]) => cpuSeconds.toFixed(2))]));
  console.log(row(['  as a multiple of cold', ...costs.map(([, { cpuSeconds }]) => (cpuSeconds / own.cold.cpuSeconds).toFixed(2))]));
  console.log(row(['  peak MB', ...costs.map(([, { megabytes }]) => megabytes?.toFixed(0) ?? '')]));
}

function compareCode(folder: string): void {
  // A copy: one of its files is changed.
  const copy = join(temporary, 'copy');
  cpSync(folder, copy, { recursive: true, filter: (path) => !/[\\/](?:node_modules|\.git)$/.test(path) });
  const [changed] = glob.sync(SOURCES, { cwd: copy, ignore: IGNORED }).sort();
  const floor = join(temporary, 'floor.mjs');
  const config = join(temporary, 'eslint.config.mjs');
  writeFileSync(floor, FLOOR);
  writeFileSync(config, ESLINT);
  const eslint = [join(require.resolve('eslint/package.json'), '../bin/eslint.js'), '--no-config-lookup', '--no-inline-config', '--config', config, '--quiet', SOURCES];
  tell(folder.split('/').at(-1)!, runs(copy, changed!), [['parse once', costOf([floor], copy)], ['ESLint', costOf(eslint, copy)]]);
  rmSync(copy, { recursive: true });
}

function compareSql(count: number): void {
  const folder = join(temporary, 'sql');
  for (const [path, text] of migrationsProject(count)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const files = glob.sync('migrations/*.sql', { cwd: folder }).sort();
  tell(`${count} SQL migrations`, runs(folder, files.at(-1)!), [['squawk', costOfProgram('squawk', files, folder)], ['pgfence', costOfProgram('pgfence', ['analyze', ...files], folder)]]);
  rmSync(folder, { recursive: true });
}

try {
  for (const each of given) {
    const [, count] = /^SQL:(\d+)$/.exec(each) ?? [];
    if (count === undefined) compareCode(resolve(each));
    else compareSql(Number(count));
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
