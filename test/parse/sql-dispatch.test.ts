import { expect, test } from 'vitest';
import type { Language } from '../../src/facts/file.js';
import { parseFile } from '../../src/parse/index.js';
import { parseSqlText } from '../../src/parse/sql/index.js';

test.each<[Language, string, number]>([
  ['sql', 'SELECT 1; SELECT 2', 2], ['prisma', 'model A { id Int @id }', 0], ['json', '{', 0], ['typescript', 'const a = (', 0], ['python', 'def', 0],
])('%s files have facts', (language, text, count) => {
  const facts = parseFile({ path: 'a', language, role: { type: 'source' } }, text);
  expect(facts.statements).toHaveLength(count);
  expect(facts.length).toBe(text.length);
  expect(facts.lineStarts).toEqual([0]);
});

test('facts are plain data', () => {
  const text = "CREATE TABLE a (b int DEFAULT 1 CHECK (b > 0)); DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'a'); END $$; SELECT";
  const facts = parseFile({ path: 'a.sql', language: 'sql', role: { type: 'seed' } }, text);
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  expect(structuredClone(facts)).toEqual(facts);
  expect(parseFile({ path: 'a.sql', language: 'sql', role: { type: 'seed' } }, text)).toEqual(facts);
});

test('SQL inside another text has the places its writer gives', () => {
  const { statements, notices } = parseSqlText('DROP TABLE a; DROP TABEL b', (start, end) => ({ file: 'f', start: 100 + start, end: 100 + end }));
  expect(statements.map(({ location }) => location)).toEqual([{ file: 'f', start: 100, end: 112 }]);
  expect(notices.map(({ location }) => location.start)).toEqual([119]);
});
