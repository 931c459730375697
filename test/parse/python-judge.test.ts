import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parsePython } from '../../src/parse/python/index.js';
import { differences, factsOf } from './python-facts.js';
import { generateProgram } from './python-generate.js';

const JUDGE = fileURLToPath(new URL('python-ast.py', import.meta.url));
const PAGE = new URL('../../fixtures/parse/python.md', import.meta.url);
const python = spawnSync('python3', ['-c', 'import sys, os; assert sys.version_info >= (3, 8); print(os.path.dirname(os.__file__))'], { encoding: 'utf8' });
const library = python.status === 0 ? python.stdout.trim() : undefined;
const folder = mkdtempSync(join(tmpdir(), 'python-judge-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** For each text: what CPython and this parser say differently; undefined where CPython rejects it. */
function judge(texts: readonly string[]): (string[] | undefined)[] {
  const paths = texts.map((text, index) => {
    const path = join(folder, `${index}.py`);
    writeFileSync(path, text);
    return path;
  });
  const { stdout, stderr } = spawnSync('python3', [JUDGE], { input: `${paths.join('\n')}\n`, encoding: 'utf8', maxBuffer: 2 ** 30 });
  const answers = stdout.trim().split('\n');
  if (answers.length !== texts.length) throw new Error(stderr);
  return texts.map((text, index) => {
    const answer = JSON.parse(answers[index]!) as { facts: string[] } | { error: string };
    if (!('facts' in answer)) return undefined;
    const { code, notices } = parsePython({ path: 'a.py', language: 'python', role: { type: 'source' } }, text);
    return [...notices.map(({ location, reason }) => `${reason}: ${text.slice(location.start - 20, location.end + 20)}`), ...differences(answer.facts, factsOf(code!, text))];
  });
}

describe.skipIf(library === undefined)('CPython\'s own parser says the same (skipped where python3 is not installed)', () => {
  test('of the programs of the page', () => {
    const cases = [...readFileSync(PAGE, 'utf8').matchAll(/^```py\n([^]*?)^```$/gm)].map(([, text]) => text!);
    // Names in \N{...} are kept as they are written.
    const results = judge(cases.map((text) => text.replace(/\\N\{\w+\}/g, '')));
    expect(results.filter((result) => result !== undefined && result.length > 0)).toEqual([]);
    expect(results.filter((result) => result !== undefined).length).toBeGreaterThan(6);
  });

  test('of generated programs', () => {
    const programs = Array.from({ length: 300 }, (_, seed) => generateProgram(seed + 1));
    const results = judge([...programs, ...programs.slice(0, 60).map((text) => text.replace(/\n/g, '\r\n'))]);
    const wrong = results.flatMap((result, index) => (result === undefined || result.length === 0 ? [] : [{ seed: index + 1, result }]));
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(results.filter((result) => result !== undefined).length).toBeGreaterThan(250);
  });

  test('of Python\'s standard library', () => {
    const files = readdirSync(library!).filter((name) => name.endsWith('.py')).sort().filter((_, index) => index % 12 === 0);
    const texts = files.map((name) => readFileSync(join(library!, name), 'utf8')).filter((text) => !text.includes('\\N{'));
    expect(judge(texts).flatMap((result, index) => (result === undefined || result.length === 0 ? [] : [{ file: files[index], result: result.slice(0, 5) }]))).toEqual([]);
  });
});
