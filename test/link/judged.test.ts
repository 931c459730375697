import { describe, expect, it } from 'vitest';
import { factsOf, readBackfill, textOf } from '../oracle/backfill-engine.js';
import { environmentOf } from '../oracle/engine.js';
import { answerOf, BACKFILLS, isSameAnswer, QUERIES, readKept, type KeptBackfill, type KeptQueries } from '../oracle/kept.js';

// Generated queries and migrations about which PostgreSQL was asked: see test/oracle/keep.ts, which also writes new answers where the words of the engine change.

for (const [index, { schema, queries }] of readKept<KeptQueries>(QUERIES).entries()) {
  describe(`queries on schema ${index}`, () => {
    let environment: ReturnType<typeof environmentOf> | undefined;
    it.each(queries.map((query) => [query.sql, query] as const))('%s', (sql, { uses, words }) => {
      environment ??= environmentOf(schema);
      const said = answerOf(sql, environment);
      expect(isSameAnswer(said.uses, uses), `${said.uses.join()} is said, ${uses.join()} is right`).toBe(true);
      expect(said.words).toEqual(words);
    });
  });
}

describe('migrations', () => {
  it.each(readKept<KeptBackfill>(BACKFILLS).map(({ statements, facts }) => [textOf(statements), statements, facts] as [string, string[], string[]]))('%s', (_, statements, facts) => {
    expect(factsOf(readBackfill(statements))).toEqual(facts);
  });
});
