// A whole cold run beside others on the same files: `npm run build`, then `npx tsx test/bench/compare.ts FOLDER...`. Read the ratios of one run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { costOf, row } from './measure.js';

const require = createRequire(import.meta.url);
const CLI = join(import.meta.dirname, '../../dist/src/cli.js');
const folders = process.argv.slice(2).map((folder) => resolve(folder));
if (folders.length === 0) {
  console.error('npx tsx test/bench/compare.ts FOLDER...: name the folders of the projects');
  process.exit(2);
}
const SOURCES = '**/*.{ts,tsx,mts,cts}';
const temporary = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));

/** Reads and parses the files once with the parser of the product: what any tool over it costs at least. */
const FLOOR = `
import { readFileSync } from 'node:fs';
import glob from ${JSON.stringify(pathToFileURL(require.resolve('fast-glob')).href)};
import { createRequire } from 'node:module';
const { parseSync } = createRequire(${JSON.stringify(pathToFileURL(require.resolve('oxc-parser')).href)})('oxc-parser');
for (const path of glob.sync('${SOURCES}', { ignore: ['**/node_modules/**', '**/*.d.ts'] })) parseSync(path, readFileSync(path, 'utf8'), { astType: 'ts' }).program;
`;

/** ESLint with one rule that asks for no types. */
const ESLINT = `
import { parser } from ${JSON.stringify(pathToFileURL(require.resolve('typescript-eslint')).href)};
export default [{ files: ['${SOURCES}'], languageOptions: { parser }, rules: { eqeqeq: 'warn' } }];
`;

try {
  const floor = join(temporary, 'floor.mjs');
  const config = join(temporary, 'eslint.config.mjs');
  writeFileSync(floor, FLOOR);
  writeFileSync(config, ESLINT);
  const eslint = [join(require.resolve('eslint/package.json'), '../bin/eslint.js'), '--no-config-lookup', '--no-inline-config', '--config', config, '--quiet', SOURCES];
  console.log(row(['CPU s', 'check', 'parse once', 'ESLint', 'check/parse', 'ESLint/check', 'peak MB']));
  for (const folder of folders) {
    const [own, parsed, other] = [[CLI, 'check', '--format', 'json'], [floor], eslint].map((args) => costOf(args, folder));
    console.log(row([
      folder.split('/').at(-1)!, ...[own, parsed, other].map((cost) => cost!.cpuSeconds.toFixed(1)),
      ...[own!.cpuSeconds / parsed!.cpuSeconds, other!.cpuSeconds / own!.cpuSeconds].map((ratio) => ratio.toFixed(1)), own!.megabytes.toFixed(0),
    ]));
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
