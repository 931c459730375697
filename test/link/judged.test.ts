import { describe, expect, it } from 'vitest';
import { factsOf, readBackfill, textOf } from '../oracle/backfill-engine.js';
import { environmentOf } from '../oracle/engine.js';
import { BACKFILLS, QUERIES, readKept, usesOf, type KeptBackfill, type KeptQueries } from '../oracle/kept.js';

// Generated queries and migrations about which PostgreSQL was asked: see test/oracle/keep.ts, which also writes new answers where the words of the engine change.

for (const [index, { schema, queries }] of readKept<KeptQueries>(QUERIES).entries()) {
  describe(`queries on schema ${index}`, () => {
    let environment: ReturnType<typeof environmentOf> | undefined;
    it.each(queries.map(({ sql, uses }) => [sql, uses] as [string, string[]]))('%s', (sql, uses) => {
      environment ??= environmentOf(schema);
      expect(usesOf(sql, environment).map((said, position) => (mayBe(uses[position], said) ? uses[position] : said))).toEqual(uses);
    });
  });
}

describe('migrations', () => {
  it.each(readKept<KeptBackfill>(BACKFILLS).map(({ statements, facts }) => [textOf(statements), statements, facts] as [string, string[], string[]]))('%s', (_, statements, facts) => {
    expect(factsOf(readBackfill(statements))).toEqual(facts);
  });
});

/** `t: flagged?` allows for `t: scoped`. */
const mayBe = (expected: string | undefined, said: string): boolean => expected?.endsWith('?') === true && [expected.slice(0, -1), expected.replace('flagged?', 'scoped')].includes(said);
