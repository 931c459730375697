import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parser as eslintParser } from 'typescript-eslint';
import type { FileFacts } from '../../src/facts/file.js';
import { lineStartsOf } from '../../src/parse/lines.js';
import { parseTypeScript } from '../../src/parse/typescript/index.js';
import { lowerProgram } from '../../src/parse/typescript/lower.js';
import { parseProgram } from '../../src/parse/typescript/oxc.js';
import { renderCode, wrongMaps } from './render-code.js';
import { renderFacts } from './render-facts.js';

const ROOT = new URL('../../', import.meta.url);
const PAGE = new URL('fixtures/parse/typescript.md', ROOT);
const CASE = /^## (.+)$[^]*?^```(\w+)\n([^]*?)^```\n```facts\n([^]*?)^```$/gm;

const parse = (text: string, path = 'a.ts'): FileFacts => parseTypeScript({ path, language: 'typescript', role: { type: 'source' } }, text);
const render = (text: string, extension: string): string => {
  const facts = parse(text, `a.${extension}`);
  const rest = renderFacts(facts, text);
  return renderCode(facts.code!, text) + (rest === '' ? '' : `${rest}\n`);
};

describe('typescript.md', () => {
  let page = readFileSync(PAGE, 'utf8');
  if (process.env['UPDATE_GOLDEN']) {
    writeFileSync(PAGE, page = page.replace(CASE, (whole, _title, extension: string, text: string, facts: string) => `${whole.slice(0, whole.length - facts.length - '```'.length)}${render(text, extension)}\`\`\``));
  }
  const cases = [...page.matchAll(CASE)];
  test('every heading has a program and a facts block', () => expect(cases).toHaveLength([...page.matchAll(/^## /gm)].length));
  test.each(cases.map(([, title, extension, text, facts]) => [title!, extension!, text!, facts!] as const))('%s', (_, extension, text, facts) => {
    expect(render(text, extension)).toBe(facts);
    expect(wrongMaps(parse(text, `a.${extension}`).code!, text)).toEqual([]);
  });
});

describe('who parsed does not matter', () => {
  const own = ['src', 'rules', 'test'].flatMap((folder) => readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`)).filter((_, index) => index % 5 === 0);
  const samples = [
    ...own.map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')] as const),
    ...[...readFileSync(PAGE, 'utf8').matchAll(CASE)].map(([, title, extension, text]) => [`${title}.${extension}`, text!] as const),
  ];
  test('oxc and the parser of typescript-eslint give the same module, with the same places', () => {
    // undefined is a value of literals, which JSON would leave out.
    const text = (module: unknown) => JSON.stringify(module, (_, value: unknown) => (value === undefined ? '(undefined)' : value));
    const different = samples.filter(([path, source]) => {
      const ours = parseProgram(source, path.split('.').at(-1)!);
      if (!ours.ok) return true;
      const theirs = estree(source, path);
      return theirs !== undefined && text(lowerProgram(ours.program, source, path)) !== text(lowerProgram(theirs, source, path));
    }).map(([path]) => path);
    expect(different).toEqual([]);
  });
  test('places inside of strings hold in this repository', () => {
    expect(samples.flatMap(([path, source]) => wrongMaps(parse(source, path).code!, source))).toEqual([]);
  });
});

/** Undefined for what that parser rejects, such as a return outside of a function. */
function estree(source: string, path: string): Parameters<typeof lowerProgram>[0] | undefined {
  try {
    const { parseForESLint } = eslintParser as unknown as { parseForESLint(text: string, options: object): { ast: unknown } };
    return parseForESLint(source, { range: true, ecmaFeatures: { jsx: /\.[jt]sx$/.test(path) }, suppressDeprecatedPropertyWarnings: true }).ast as Parameters<typeof lowerProgram>[0];
  } catch {
    return undefined;
  }
}

describe('what cannot be read is said', () => {
  const reasons = (text: string, path?: string) => parse(text, path).notices.map(({ location, reason }) => `${lineStartsOf(text).findLastIndex((start) => start <= location.start) + 1}: ${reason}`);
  test.each([
    ['a syntax error', 'const a = 1;\nconst b = ;\n', '2: syntax error: Unexpected token'],
    ['deep nesting', '[\n'.repeat(30_000), '1: is nested more than 250 levels deep: not read'],
    ['deep functions', '() => {\n'.repeat(3_000) + '}'.repeat(3_000), '1: is nested more than 250 levels deep: not read'],
    ['a chain of prefixes', `${'!\n'.repeat(30_000)}a`, '1: has a chain of operators too long for the parser: not read'],
    ['a chain of conditions', `${'a ? b :\n'.repeat(20_000)}c`, '1: has a chain of operators too long for the parser: not read'],
    ['a chain of branches', `if (a) {}${'\nelse if (a) {}'.repeat(20_000)}`, '1: has more than 1000 branches "else if": not read'],
    ['a long chain of calls', `a${'\n.b()'.repeat(30_000)}`, '1: is nested too deeply: not read'],
    ['a minified file', `a(${'"x",'.repeat(10_000)}1)`, '1: has lines of 40004 characters on average: taken for generated and not read'],
    ['a generated file', 'a(1);\n'.repeat(500_000), '1: has 2.9 MB: program files over 2 MB are taken for generated and not read'],
  ])('%s', (_, text, reason) => {
    expect(reasons(text)).toEqual([reason]);
    expect(parse(text)).toMatchObject({ unread: true, code: { body: [] } });
  });
  test.each([
    ['a chain of calls', `a${'\n.b()'.repeat(600)};`], ['what is added', `a(1${'\n+ 1'.repeat(1100)});`], ['indexed types', `type A = B${"['c']".repeat(1100)};`],
  ])('%s that is deeper than what follows goes down is left out, whatever the parser can', (_, text) => {
    expect(reasons(`before();\n${text}\nafter();\n`)).toEqual(['2: This statement is nested too deeply: it was not read']);
    expect(parse(`before();\n${text}\nafter();\n`).code!.body).toHaveLength(2);
  });
  test.each(['', '\n', '// only a comment', '#!/usr/bin/env node\n', 'return 1;', 'await a();', 'let a; let a;'])('nothing to complain about: %j', (text) => {
    expect(reasons(text)).toEqual([]);
  });
  test('pictures drawn with signs are decided at once', () => {
    const start = performance.now();
    for (const sign of [':', ':  ', '+ ', '- \t', '= ', '<', '? : ', 'class  ', '=> ', '[ ', 'if (', '`']) expect(parse(`/*\n${`${sign.repeat(120)}\n`.repeat(200)}*/\na();\n`).notices.length).toBeLessThan(2);
    expect(performance.now() - start).toBeLessThan(5000);
  });
  test('brackets in strings are no nesting', () => expect(reasons(`a("${'('.repeat(300)}");\n`)).toEqual([]));
  test('the prefixes of a program never throw', () => {
    const text = "import { a } from 'm';\n@D() class X<T> { #p = `a${b}c`; get q() { return <T>1 } }\nfor (const [x, y = 1] of z?.w!) { label: x['k'] ??= y }\n";
    for (let length = 0; length <= text.length; length += 1) expect(parse(text.slice(0, length)).notices.length).toBeLessThan(2);
  });
});

test('JavaScript may hold types or JSX, TypeScript old assertions', () => {
  for (const [path, text] of [['a.js', 'const a: string = 1;'], ['a.js', 'const a = <b/>;'], ['a.ts', 'const a = <T>b;'], ['a.cjs', 'const a = await_; return a;']] as const) expect(parse(text, path).notices).toEqual([]);
});

test.each([
  ['exports.config = { transaction: false };', 'none'], ['class A { transaction = false as const }', 'none'], ['class A { isTransactional(): boolean { return false; } }', 'none'], ['a({ transaction: true })', undefined],
])('a migration says whether it runs in a transaction: %s', (text, mode) => {
  expect(parseTypeScript({ path: 'a.ts', language: 'typescript', role: { type: 'migration', kind: 'knex', source: 0, direction: 'up' } }, text).transaction).toBe(mode);
});

describe('components', () => {
  test('a script without an end is said to be unread', () => {
    const { notices, unread, code } = parse('<script>f()</script>\n <script setup lang="ts">\ng()\n', 'a.vue');
    expect([notices.map(({ location, reason }) => [location.start, reason]), unread, code!.body.length]).toEqual([[[22, 'This <script> has no end: it was not read']], true, 1]);
  });

  test.each([
    ['a.vue', '<template>\n  <p>{{ é }}</p>\n</template>\n<!-- <script>no()</script> -->\n<script lang="ts">\nimport x from "x";\n</script>\n<script setup lang="ts">\nconst a: string = x(1);\n</script>\n<style>p { color: red }</style>\n', ['6:1', '9:7']],
    ['a.svelte', '<script context="module">let a = 1</script>\n<script lang="ts">let b: X = 2</script>\n{#if b}<p/>{/if}\n', ['1:30', '2:23']],
    ['a.astro', '---\nconst a = await f();\n---\n<p>{a}</p>\n<script>g()</script>\n', ['2:7', '5:9']],
    ['a.astro', '<p>---</p>\n<script type="application/ld+json">{"a": 1}</script>\n<script src="x.js"></script>\n', []],
    ['a.astro', '---\nconst a = "<script>";\n---\n<p>{a}</p>\n', ['2:7']],
    ['a.svelte', '<script>f()</script>\n<p>{@html "<script>" + b}</p>\n', ['1:9']],
  ])('%s keeps its places', (path, text, places) => {
    const facts = parse(text, path);
    expect(facts.notices).toEqual([]);
    expect(renderCode(facts.code!, text).split('\n').flatMap((line) => /^\d+:\d+/.exec(line) ?? [])).toEqual(places);
  });
});
