// A whole run beside others on the same files: `npm run build`, then `npx tsx test/bench/compare.ts FOLDER...`. Read the ratios of one run.
// `cold` keeps nothing; `one file` has one file changed since the run before; `again` has none. Named `SQL:1000`, it is a made-up folder of so many migrations,
// beside what there is of squawk and pgfence on the PATH; `PRISMA:300` makes a Prisma schema of so many models, beside prisma-lint.
// Code stands beside oxlint and ast-grep, Python beside CPython's own parser, where they are; after `--typed` also beside ESLint with a rule that asks for types.
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import glob from 'fast-glob';
import { costOf, costOfProgram, row, type Cost } from './measure.js';
import { migrationsProject, schemaProject, type TextFile } from './projects.js';

const require = createRequire(import.meta.url);
const CLI = join(import.meta.dirname, '../../dist/src/cli.js');
const isTyped = process.argv.includes('--typed');
const given = process.argv.slice(2).filter((each) => each !== '--typed');
if (given.length === 0) {
  console.error('npx tsx test/bench/compare.ts [--typed] FOLDER...: name the folders of the projects, or SQL:COUNT, PRISMA:COUNT');
  process.exit(2);
}
const SOURCES = '**/*.{ts,tsx,mts,cts}';
const PYTHON = '**/*.py';
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

/** The same of CPython. */
const PYTHON_FLOOR = `
import ast, pathlib
for path in pathlib.Path('.').rglob('*.py'):
    try: ast.parse(path.read_bytes())
    except (SyntaxError, ValueError): pass
`;

/** ESLint with one rule: one that asks for types, or none. */
const eslintConfig = (typed: boolean): string => `
import { parser, plugin } from ${JSON.stringify(pathToFileURL(require.resolve('typescript-eslint')).href)};
export default [{
  files: ['${SOURCES}'], plugins: { '@typescript-eslint': plugin }, languageOptions: { parser${typed ? ', parserOptions: { projectService: true }' : ''} },
  rules: { '${typed ? '@typescript-eslint/await-thenable' : 'eqeqeq'}': 'warn' },
}];
`;

type Other = readonly [name: string, cost: (Partial<Cost> & Pick<Cost, 'cpuSeconds'>) | undefined];

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

function tell(name: string, own: ReturnType<typeof runs>, others: readonly Other[]): void {
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
  const filesOf = (pattern: string) => glob.sync(pattern, { cwd: copy, ignore: IGNORED }).sort();
  const [code, python] = [filesOf(SOURCES), filesOf(PYTHON)];
  const changed = code[0] ?? python[0] ?? filesOf('**/*.{js,mjs,cjs,sql,prisma}')[0];
  if (changed === undefined) throw new Error(`${folder} holds no file that is read: name a project with code, SQL or a Prisma schema`);
  tell(folder.split('/').at(-1)!, runs(copy, changed), [
    ...code.length === 0 ? [] : beside(copy),
    ...python.length === 0 ? [] : [['ast.parse', costOfProgram('python3', ['-c', PYTHON_FLOOR], copy)] as const],
  ]);
  rmSync(copy, { recursive: true });
}

/** What others cost on the TypeScript of a folder. */
function beside(folder: string): Other[] {
  const floor = join(temporary, 'floor.mjs');
  writeFileSync(floor, FLOOR);
  const eslint = (typed: boolean) => {
    const config = join(temporary, 'eslint.config.mjs');
    writeFileSync(config, eslintConfig(typed));
    return costOf(['--max-old-space-size=8000', join(require.resolve('eslint/package.json'), '../bin/eslint.js'), '--no-config-lookup', '--no-inline-config', '--config', config, '--quiet', SOURCES], folder);
  };
  return [
    ['parse once', costOf([floor], folder)], ['ESLint', eslint(false)], ...isTyped ? [['ESLint typed', eslint(true)] as const] : [],
    ['oxlint', costOfProgram('oxlint', ['-A', 'all', '-D', 'eqeqeq', '.'], folder)], ['ast-grep', costOfProgram('ast-grep', ['run', '--pattern', '$A == $B', '--lang', 'ts', '.'], folder)],
  ];
}

/** A made-up project. */
function compareMade(name: string, files: Iterable<TextFile>, pattern: string, others: (folder: string, files: readonly string[]) => Other[]): void {
  const folder = join(temporary, 'made');
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const found = glob.sync(pattern, { cwd: folder }).sort();
  tell(name, runs(folder, found.at(-1)!), others(folder, found));
  rmSync(folder, { recursive: true });
}

function compareSql(count: number): void {
  compareMade(`${count} SQL migrations`, migrationsProject(count), 'migrations/*.sql', (folder, files) => [
    ['squawk', costOfProgram('squawk', files, folder)], ['pgfence', costOfProgram('pgfence', ['analyze', ...files], folder)],
  ]);
}

function comparePrisma(count: number): void {
  compareMade(`${count} Prisma models`, schemaProject(count), '**/*.prisma', (folder, files) => {
    const config = join(temporary, 'prismalint.json');
    writeFileSync(config, JSON.stringify({ rules: { 'model-name-grammatical-number': ['error', { style: 'singular' }] } }));
    return [['prisma-lint', costOfProgram('prisma-lint', ['--config', config, ...files], folder)]];
  });
}

try {
  for (const each of given) {
    const [, kind, count] = /^(SQL|PRISMA):(\d+)$/.exec(each) ?? [];
    if (kind === undefined) compareCode(resolve(each));
    else if (kind === 'SQL') compareSql(Number(count));
    else comparePrisma(Number(count));
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
