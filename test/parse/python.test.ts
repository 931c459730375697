import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CodeExpression } from '../../src/facts/code.js';
import type { FileFacts } from '../../src/facts/file.js';
import { parsePython } from '../../src/parse/python/index.js';
import { renderCode, wrongMaps } from './render-code.js';
import { renderFacts } from './render-facts.js';

const PAGE = new URL('../../fixtures/parse/python.md', import.meta.url);
const CASE = /^## (.+)$[^]*?^```py\n([^]*?)^```\n```facts\n([^]*?)^```$/gm;

const parse = (text: string): FileFacts => parsePython({ path: 'a.py', language: 'python', role: { type: 'source' } }, text);
const render = (text: string): string => {
  const facts = parse(text);
  const rest = renderFacts(facts, text);
  return renderCode(facts.code!, text) + (rest === '' ? '' : `${rest}\n`);
};
const names = (facts: FileFacts) => facts.code!.body.map((statement) => (statement.kind === 'declare' && statement.target.kind === 'name' ? statement.target.name : statement.kind));
const value = (text: string): CodeExpression => {
  const [statement] = parse(text).code!.body;
  if (statement?.kind !== 'expression') throw new Error('not an expression');
  return statement.expression;
};

describe('python.md', () => {
  let page = readFileSync(PAGE, 'utf8');
  if (process.env['UPDATE_GOLDEN']) {
    writeFileSync(PAGE, page = page.replace(CASE, (whole, _title, text: string, facts: string) => `${whole.slice(0, whole.length - facts.length - '```'.length)}${render(text)}\`\`\``));
  }
  const cases = [...page.matchAll(CASE)];
  test('every heading has a program and a facts block', () => expect(cases).toHaveLength([...page.matchAll(/^## /gm)].length));
  test.each(cases.map(([, title, text, facts]) => [title!, text!, facts!] as const))('%s', (_, text, facts) => {
    expect(render(text)).toBe(facts);
    expect(wrongMaps(parse(text).code!, text)).toEqual([]);
    const windows = text.replace(/\n/g, '\r\n');
    expect(strip(parse(windows))).toEqual(strip(parse(text)));
  });
});

/** What is said, without where. */
function strip(facts: FileFacts): unknown {
  return JSON.parse(JSON.stringify(facts.code, (key, one: unknown) => (['location', 'propertyLocation', 'contentStart', 'map'].includes(key) ? undefined : one)));
}

describe('what is nested too deeply for what follows is named, however deep the parser goes', () => {
  test.each([
    ['calls', `class A(${'f('.repeat(600)}x${')'.repeat(600)}):\n    pass\n`], ['members', `x = a${'.b'.repeat(1100)}\n`],
    ['branches', `if a:\n    pass\n${'elif a:\n    pass\n'.repeat(1100)}`], ['what is subtracted', `x = a${' - a'.repeat(1100)}\n`],
    ['what is negated', `x = ${'not '.repeat(1100)}a\n`], ['what is negated as often as no memory would hold', `x = ${'not '.repeat(24_000)}a\n`],
  ])('%s', (_, text) => {
    const facts = parse(`before = 1\n${text}after = 2\n`);
    expect(facts.notices).toEqual([{ location: { file: 'a.py', start: 11, end: 11 + text.length - 1 }, reason: 'This statement is nested too deeply: it was not read' }]);
    expect(names(facts)).toEqual(['before', 'after']);
  });
  test('a text of many parts, many values, a deep folder of dictionaries are none of that', () => {
    expect(parse(`x = a${' + a'.repeat(5000)}\ny = [${'1, '.repeat(5000)}]\nz = ${"{'a': ".repeat(200)}1${'}'.repeat(200)}\n`).notices).toEqual([]);
  });
});

describe('places', () => {
  test('line ends of both kinds, a byte order mark and wide characters', () => {
    const text = '\uFEFF# 😀\r\nrun("""select 😀\r\nfrom t \\\r\nwhere x""", "a" \\\r\n "b")\r\n';
    const facts = parse(text);
    const [call] = facts.code!.body;
    expect(text.slice(call!.location.start, call!.location.end)).toBe(text.slice(text.indexOf('run'), text.lastIndexOf('\r\n')));
    const argument = call?.kind === 'expression' && call.expression.kind === 'call' ? call.expression.arguments[0]!.value : undefined;
    expect(argument).toMatchObject({ kind: 'literal', value: 'select 😀\nfrom t where x' });
    expect(facts.notices).toEqual([]);
  });

  test('a literal without escapes stands where its content starts; pieces and escapes have a map', () => {
    expect(value("'abc'")).toMatchObject({ value: 'abc', contentStart: 1 });
    expect(value("'abc'")).not.toHaveProperty('map');
    expect(value(`'a\\nb' "cd"`)).toMatchObject({ value: 'a\nbcd', contentStart: 1, map: [[0, 1], [2, 4], [3, 8]] });
    expect(value("'\\U0001F600!'")).toMatchObject({ value: '😀!', map: [[0, 1], [2, 11]] });
    expect(value("'a\\n'")).toMatchObject({ value: 'a\n', contentStart: 1, map: [[0, 1], [2, 4]] });
    expect(value("''")).toMatchObject({ value: '', contentStart: 1 });
  });

  test('text in front of a hole, and behind it', () => {
    const text = 'f"a{{b {x} c"';
    const template = value(text);
    if (template.kind !== 'template') throw new Error('no template');
    expect(template.parts.map((part) => text.slice(part.location.start, part.location.end))).toEqual(['a{{b ', '{x}', ' c']);
    expect(template.parts[0]).toMatchObject({ value: 'a{b ', contentStart: 2, map: [[0, 2], [2, 5]] });
    expect(template.parts[2]).toMatchObject({ value: ' c', contentStart: 10 });
  });
});

describe('bad input', () => {
  const after = '\ny = 1\n';
  test.each([
    ['parentheses', `x = ${'('.repeat(5000)}1${')'.repeat(5000)}`], ['calls', `x = ${'f('.repeat(3000)}1${')'.repeat(3000)}`],
    ['negations', `x = ${'not '.repeat(20_000)}b`], ['lambdas', `x = ${'lambda: '.repeat(3000)}1`], ['quoted types', `x: "${"List['".repeat(500)}"`],
    ['members', `x = a${'.b()'.repeat(5000)}`], ['sums', `x = a${' + b'.repeat(5000)}`], ['differences', `x = a${' - b'.repeat(5000)}`],
    ['alternatives', `if a: pass\n${'elif a: pass\n'.repeat(5000)}`], ['assignments', `${'a = '.repeat(5000)}1`],
    ['open f-strings', `x = ${'f"{f\'{'.repeat(100)}`], ['braces', `x = f"""${'{ '.repeat(2000)}"""`],
  ])('nesting without end: %s', (_, text) => {
    const facts = parse(text + after);
    expect(names(facts)).toContain('y');
    expect(() => JSON.stringify(facts)).not.toThrow();
    for (const { location } of facts.notices) expect(location.end).toBeLessThanOrEqual(facts.length);
  });

  test('a class, and a file, of many long members', () => {
    const comment = '    # why this member is as it is, in many words that make it long\n'.repeat(4);
    const members = Array.from({ length: 500 }, (_, index) => `${comment}    m${index}: Callable[["A", Any], Any]\n\n`).join('');
    const facts = parse(`class A:\n${members}\nx = 1\n${members.replace(/^ +/gm, '')}`);
    expect(facts.notices).toEqual([]);
    expect(facts.code!.body[0]).toMatchObject({ kind: 'class', class: { fields: { length: 500 } } });
    expect(facts.code!.body).toHaveLength(502);
  });

  test.each([
    ['an open bracket', 'b = f(\ndef g(): pass'], ['an open list in a function', 'def g():\n    x = [1\n    return x'], ['an open string', "b = 'text"],
    ['no value', 'b ='], ['two values', 'b = 1 2'], ['stray brackets', 'b = )]}'], ['a stray colon', 'if a b:\n    pass'], ['wrong indentation', 'if a:\nb = 1'],
    ['Python 2', "print 'x'\nexec 'y' in z"], ['a decorator of nothing', '@f(1)\nb = 1'], ['a merge conflict', '<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> x'],
  ])('the rest of the file is read after %s', (_, text) => {
    const facts = parse(`a = 1\n${text}${after}`);
    expect(names(facts)[0]).toBe('a');
    expect(names(facts).at(-1)).toBe('y');
  });

  test('the prefixes of a page never throw', () => {
    const text = [...readFileSync(PAGE, 'utf8').matchAll(CASE)].map(([, , code]) => code).join('');
    for (let length = 0; length < text.length; length += 29) {
      const facts = parse(text.slice(0, length));
      for (const { location } of facts.notices) expect(location.start).toBeLessThanOrEqual(location.end);
    }
  });

  test('templates of Python files are not read, and say so', () => {
    for (const text of ['{% if a %}\nimport x\n{% endif %}\n', 'class {{ cookiecutter.name }}:\n    pass\n', 'import {{ module }}\n']) {
      expect(parse(text)).toMatchObject({ unread: true, notices: [{ reason: 'This file is a template of a Python file: it was not read' }] });
    }
    for (const text of ['x = "{% if a %}"\n', 'x = {{1}, {2}}\n', 'x = f"{{ y }}"\n']) expect(parse(text)).not.toHaveProperty('unread');
  });

  test('a file that is data is not read', () => {
    expect(parse(`x = [${'1, '.repeat(3_000_000)}]`)).toMatchObject({ unread: true, statements: [] });
  });
});
