import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderFacts } from './render-facts.js';
import { readSql } from './sql-file.js';

const FOLDER = new URL('../../fixtures/parse/', import.meta.url);
const CASE = /^## (.+)$[^]*?^```sql\n([^]*?)^```\n[^]*?^```facts\n([^]*?)^```$/gm;

for (const page of readdirSync(FOLDER).filter((name) => /^sql-.*\.md$/.test(name))) {
  describe(page, () => {
    const text = readFileSync(new URL(page, FOLDER), 'utf8');
    const cases = [...text.matchAll(CASE)];
    test('every heading has a sql block and a facts block', () => {
      expect(cases.length).toBe([...text.matchAll(/^## /gm)].length);
    });
    for (const [, title = '', sql = '', facts = ''] of cases) {
      test(title, () => {
        expect(`${renderFacts(readSql(sql), sql)}\n`).toBe(facts);
      });
    }
  });
}
