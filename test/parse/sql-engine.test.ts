import { describe, expect, test } from 'vitest';
import { byteToUnit, parsePlpgsqlTree, parseTree } from '../../src/parse/sql/engine.js';
import { parseSqlText } from '../../src/parse/sql/index.js';

describe('parseTree', () => {
  test('gives statements with UTF-16 spans', () => {
    const sql = "select '😀é'; select 2";
    const result = parseTree(sql);
    if (!result.ok) throw new Error(result.message);
    expect(result.statements.map(({ start, end }) => sql.slice(start, end).trim())).toEqual(["select '😀é'", 'select 2']);
  });

  test('says where the syntax error is, in UTF-16 units', () => {
    const sql = 'select "😀é" from from x';
    expect(parseTree(sql)).toMatchObject({ ok: false, offset: sql.indexOf('from x'), message: 'syntax error at or near "from"' });
  });

  test.each([
    'create schema m create table n (id int) create view o as select 1',
    'with a as (select 1) insert into b select * from a on conflict (id) do update set x = excluded.x returning *',
  ])('a tree that is kept is left as it is by who reads it: %s', (sql) => {
    const before = JSON.stringify(parseTree(sql));
    const read = () => parseSqlText(sql, (start, end) => ({ file: 'a.sql', start, end }));
    expect(read()).toEqual(read());
    expect(JSON.stringify(parseTree(sql))).toBe(before);
  });

  test.each(['', '   ', '-- only a comment', '\0'])('reads %j as nothing', (sql) => {
    expect(parseTree(sql)).toEqual({ ok: true, statements: [] });
  });

  test('survives what breaks the grammar, again and again', () => {
    const deep = `select ${'('.repeat(10_000)}1${')'.repeat(10_000)}`;
    const chain = `select ${'1+'.repeat(20_000)}1`;
    for (let turn = 0; turn < 40; turn += 1) {
      expect(parseTree(deep)).toMatchObject({ ok: false, message: 'nested too deeply for the SQL grammar' });
      expect(parseTree(chain)).toMatchObject({ ok: false, message: 'nested too deeply for the SQL grammar' });
    }
    expect(parseTree('select 1').ok).toBe(true);
    expect(parsePlpgsqlTree('do $$ begin perform 1; end $$').ok).toBe(true);
  });
});

describe('parsePlpgsqlTree', () => {
  test('gives the functions of a DO block', () => {
    expect(parsePlpgsqlTree('do $$ begin perform 1; end $$')).toMatchObject({ ok: true, functions: [{ PLpgSQL_function: {} }] });
  });

  test('gives the message of an error', () => {
    expect(parsePlpgsqlTree('do $$ begin perfor 1; end $$')).toMatchObject({ ok: false, message: 'syntax error at or near "perfor"' });
  });
});

describe('byteToUnit', () => {
  test.each(['abc', 'é', '😀x', 'a\u00a0😀é€z'])('agrees with the UTF-8 encoding of %j', (text) => {
    const unit = byteToUnit(text);
    for (let at = 0; at <= text.length; at += 1) {
      if (/[\udc00-\udfff]/.test(text[at] ?? '')) continue;
      expect(unit(Buffer.byteLength(text.slice(0, at)))).toBe(at);
    }
    expect(unit(1000)).toBe(text.length);
  });
});
