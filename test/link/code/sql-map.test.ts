import { expect, test } from 'vitest';
import type { Location } from '../../../src/facts/location.js';
import { fileOffset, TextMap } from '../../../src/link/code/sql-map.js';

const here: Location = { file: 'case.ts', start: 0, end: 1_000_000 };

/** How often places are looked at when a text of so many pieces is copied token by token and each token is located. */
function looksAt(pieces: number): number {
  let looks = 0;
  const raw = new TextMap();
  for (let index = 0; index < pieces; index++) {
    const location: Location = { get file() { looks++; return 'case.ts'; }, start: index * 10, end: index * 10 + 8 };
    raw.add('column_a', location, index % 2 === 0 ? { location, contentStart: index * 10 } : undefined);
  }
  const out = new TextMap();
  for (let at = 0; at < raw.text.length; at += 4) out.copy(raw, at, at + 4, here);
  for (let at = 0; at < out.text.length; at += 4) expect(out.locate(at, at + 4, here)).toEqual(raw.locate(at, at + 4, here));
  return looks;
}

test('the work of locating the tokens of a text grows with the text, not with its square', () => {
  expect(looksAt(800) / looksAt(400)).toBeLessThan(2.2);
});

test('the place of a unit is found without going through all escapes before it', () => {
  let looks = 0;
  const pairs = Array.from({ length: 1000 }, (_, index): readonly [number, number] => [index, 2 * index]);
  const map = new Proxy(pairs, { get: (target, key) => { looks++; return Reflect.get(target, key) as unknown; } });
  expect(fileOffset(700, 0, map)).toBe(1400);
  expect(looks).toBeLessThan(30);
});

test('a span of several stretches is located in the file where it begins', () => {
  const map = new TextMap();
  map.add('select ', here, { location: here, contentStart: 100 });
  map.add('"name"', { file: 'case.ts', start: 300, end: 304 });
  map.add(' from t', here, { location: here, contentStart: 400 });
  map.add(' limit 1', { file: 'other.ts', start: 5, end: 9 });
  const out = new TextMap();
  for (const [start, end] of [[0, 6], [6, 9], [9, 13], [13, 15], [15, map.text.length]] as const) out.copy(map, start, end, here);
  expect(out.text).toBe('select "name" from t limit 1');
  expect(out.locate(0, 6, here)).toEqual({ file: 'case.ts', start: 100, end: 106 });
  expect(out.locate(7, 13, here)).toEqual({ file: 'case.ts', start: 300, end: 304 });
  expect(out.locate(3, out.text.length, here)).toEqual({ file: 'case.ts', start: 103, end: 407 });
  expect(out.locate(out.text.length, out.text.length + 1, here)).toEqual({ file: 'other.ts', start: 5, end: 5 });
});
