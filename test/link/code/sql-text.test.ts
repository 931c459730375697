import { describe, expect, test } from 'vitest';
import type { Effect, QueryEffect } from '../../../src/link/code/library.js';
import { boundOf, queriesOfText } from '../../../src/link/code/sql-text.js';
import type { SqlTextOptions } from '../../../src/link/code/sql-text.js';
import { fragmentValue, identifierPiece } from '../../../src/link/code/sql-pieces.js';
import type { TextPart, Value } from '../../../src/link/code/values.js';
import { fakeContext } from './fake-context.js';

const here = { file: 'case.ts', start: 0, end: 1000 };
const input = (name: string): Value => ({ kind: 'input', key: name, name, trust: 'unknown', maybe: false });
const text = (value: string): Value => ({ kind: 'constant', value, source: { location: here, contentStart: 100 } });
const hole = (name: string, value: Value = input(name)): TextPart => ({ kind: 'hole', value, location: { file: 'case.ts', start: 500, end: 505 }, written: name });
const part = (value: string, contentStart = 100): TextPart => ({ kind: 'text', value, source: { location: here, contentStart } });
const parts = (...list: TextPart[]): Value => ({ kind: 'text', parts: list, location: here });

function run(value: Value, bound?: Value[] | Record<string, Value>, options?: SqlTextOptions): Effect[] {
  const { ctx, effects } = fakeContext();
  const given: Value | undefined = Array.isArray(bound) ? { kind: 'list', form: 'list', items: bound.map((item) => ({ value: item, maybe: false, repeated: false })), location: here }
    : bound && { kind: 'object', entries: Object.entries(bound).map(([key, item]) => ({ kind: 'property', key, value: item, maybe: false, location: here })), location: here };
  queriesOfText(value, boundOf(given, ctx), ctx, here, 'test', options);
  return effects;
}

function where(effects: readonly Effect[]): string {
  return effects.filter((effect) => effect.kind === 'query').map((effect) => {
    const { query, unknown } = effect as QueryEffect;
    if (!query) return `unknown: ${unknown}`;
    return 'where' in query && query.where ? shown(query.where) : '-';
  }).join(' | ');
}

function shown(node: unknown): string {
  return JSON.stringify(node, (key, value) => (key === 'location' ? undefined : value as unknown)).replace(/"/g, '');
}

describe('placeholders are replaced by what is bound to them', () => {
  const expected = '{kind:operator,operator:=,left:{kind:column,path:[org_id]},right:{kind:parameter,name:orgId}}';
  test.each([
    ['$1', [input('orgId')], {}],
    ['%s', [input('orgId')], {}],
    ['?', [input('orgId')], { question: 'values' }],
    [':org', { org: input('orgId') }, {}],
    ['%(org)s', { org: input('orgId') }, {}],
    ['@org', { org: input('orgId') }, {}],
  ] as const)('%s', (placeholder, bound, options) => {
    expect(where(run(text(`select * from t where org_id = ${placeholder}`), bound as unknown as Value[], options))).toBe(expected);
  });
  test('an operator that ends in ?', () => {
    expect(where(run(text('select * from t where org_id=?'), [input('orgId')], { question: 'values' }))).toBe(expected);
  });
  test('holes of a tag', () => {
    expect(where(run(parts(part('select * from t where org_id = '), hole('orgId')), undefined, { tag: true }))).toBe(expected);
  });
  test('IN takes a list', () => {
    const list: Value = { kind: 'list', form: 'list', items: [1, 2].map((value) => ({ value: { kind: 'constant', value }, maybe: false, repeated: false })), location: here };
    expect(where(run(text('select * from t where id in %s'), [list]))).toContain('kind:inList');
  });
});

describe('text with holes', () => {
  test('constants are part of the text', () => {
    expect(where(run(parts(part('select * from '), hole('TABLE', { kind: 'constant', value: 't' }), part(' where a = 1'))))).toContain('path:[a]');
  });
  test('a pasted value is unknown and an interpolation', () => {
    const effects = run(parts(part('select * from t where org_id = '), hole('orgId')));
    expect(where(effects)).toContain('{kind:hole,text:orgId}');
    expect(effects[0]).toMatchObject({ kind: 'interpolation', written: 'orgId', statement: 'select * from t where org_id = ${orgId}' });
  });
  test('a quoted pasted value is a parameter and an interpolation', () => {
    const effects = run(parts(part("select * from t where org_id = '"), hole('orgId'), part("'")));
    expect(where(effects)).toContain('right:{kind:parameter,name:orgId}');
    expect(effects[0]).toMatchObject({ kind: 'interpolation' });
  });
  test('an unknown table is no query that is understood', () => {
    expect(where(run(parts(part('select * from '), hole('table'))))).toBe('unknown: unknown SQL in the template hole ${table}');
    expect(where(run(parts(part('select * from "'), hole('table'), part('"'))))).toBe('unknown: unknown SQL in the template hole ${table}');
  });
  test('a fragment of a library', () => {
    const name = fragmentValue('x', [identifierPiece(['t'], here)]);
    expect(where(run(parts(part('select * from '), hole('name', name), part(' where b = '), hole('b')), undefined, { tag: true }))).toContain('path:[b]');
  });
  test('one of several texts', () => {
    const either: Value = { kind: 'union', options: [text(''), text(' and a = 1')].map((value) => ({ value, facts: [] })) };
    expect(where(run(parts(part('select * from t where b = 2'), hole('more', either))))).toMatch(/^\{kind:operator.*\| \{kind:and/);
  });
});

describe('places', () => {
  test('the query begins at its keyword inside of the string', () => {
    const [effect] = run(text('\n  select * from t where a = %s\n'), [input('a')]);
    expect((effect as QueryEffect).location).toEqual({ file: 'case.ts', start: 103, end: 131 });
  });
  test('through a hole to the end', () => {
    const [effect] = run(parts(part('select * from t where a = ', 100), hole('a'), part(' and b = 1', 600)), undefined, { tag: true });
    expect((effect as QueryEffect).location).toEqual({ file: 'case.ts', start: 100, end: 610 });
  });
});

describe('statements that are no queries', () => {
  test('SET with a value of the program', () => {
    expect(run(parts(part("SET LOCAL app.tenant = '"), hole('orgId'), part("'"))).at(-1)).toMatchObject({ kind: 'operations', operations: [{ kind: 'setSetting', name: 'app.tenant', local: true }] });
    expect(run(parts(part('SET app.tenant = '), hole('orgId'))).at(-1)).toMatchObject({ kind: 'operations', operations: [{ kind: 'setSetting', name: 'app.tenant', local: false }] });
  });
});
