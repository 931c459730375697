import { describe, expect, test } from 'vitest';
import { lex } from '../../src/parse/sql/lexer.js';

function tokens(text: string): string[] {
  return lex(text).tokens.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

describe('lex', () => {
  test.each([
    [`a "b""c" 'd''e'`, ['word a', 'identifier "b""c"', `string 'd''e'`]],
    [`E'a\\'b' 'c\\' d`, [`string E'a\\'b'`, `string 'c\\'`, 'word d']],
    [`U&'x' u&"y" b'1' X'f' n'z'`, [`string U&'x'`, 'identifier u&"y"', `string b'1'`, `string X'f'`, `string n'z'`]],
    ['$$a;$b$$ $q$ $$ $q$ a$b$c', ['dollarString $$a;$b$$', 'dollarString $q$ $$ $q$', 'word a$b$c']],
    ['1 1.5 .5 1e-3 0xFF 1_000 1..2', ['number 1', 'number 1.5', 'number .5', 'number 1e-3', 'number 0xFF', 'number 1_000', 'number 1', 'punctuation .', 'number .2']],
    ['a->>b=-1 a::int x:=2 @>', ['word a', 'operator ->>', 'word b', 'operator =', 'operator -', 'number 1', 'word a', 'operator ::', 'word int', 'word x', 'operator :=', 'number 2', 'operator @>']],
    ['$1 :name a[1:n] :"x"', ['parameter $1', 'parameter :name', 'word a', 'punctuation [', 'number 1', 'punctuation :', 'word n', 'punctuation ]', 'parameter :"x"']],
    ['{{ a "b" }} ${x} {% if %}', ['parameter {{ a "b" }}', 'parameter ${x}', 'parameter {% if %}']],
    ['größe 表', ['word größe', 'word 表']],
  ])('reads %s', (text, expected) => {
    expect(tokens(text)).toEqual(expected);
  });

  test('keeps comments apart, nested ones whole', () => {
    const text = 'a -- b\r\n/* c /* d */ e */ f';
    const { comments } = lex(text);
    expect(comments.map(({ form, start, end }) => [form, text.slice(start, end)])).toEqual([['line', '-- b'], ['block', '/* c /* d */ e */']]);
    expect(tokens(text)).toEqual(['word a', 'word f']);
  });

  test('ends what is not closed with the text', () => {
    for (const text of [`'abc`, '"abc', '$$abc', '/* abc', `E'abc\\`]) {
      const { tokens: found, comments } = lex(text);
      expect([...found, ...comments].map(({ end }) => end)).toEqual([text.length]);
    }
  });

  test('reads long runs of openings: quadratic work would not end within the test', () => {
    expect(lex('/*'.repeat(200_000)).comments).toHaveLength(1);
    expect(lex('('.repeat(200_000)).tokens).toHaveLength(200_000);
    expect(lex("'' ".repeat(200_000)).tokens).toHaveLength(200_000);
    expect(lex('$a'.repeat(100_000)).tokens.length).toBeGreaterThan(0);
  });

  test('covers the text: between tokens and comments there is white space alone', () => {
    const text = `select 'é😀', "q" /* c */ from t where a[1:2] <> -1 -- end`;
    const { tokens: found, comments } = lex(text);
    const rest = [...found, ...comments].sort((a, b) => b.start - a.start)
      .reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
    expect(rest.trim()).toBe('');
  });
});
