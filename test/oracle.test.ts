import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from './oracle/backfill-engine.js';
import { BackfillJudge, compareBackfill } from './oracle/backfill-judge.js';
import { generateBackfill } from './oracle/backfills.js';
import { comparePolicies } from './oracle/compare-policies.js';
import { compare, describe as words } from './oracle/compare.js';
import { Judge } from './oracle/execute.js';
import { generateQuery, randomFor } from './oracle/generate.js';
import { generateSchema } from './oracle/schema.js';
import { print } from './oracle/tree.js';

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.start();
});
afterAll(async () => {
  await judge.close();
});

describe('generated queries', () => {
  it('are the same for the same seed', () => {
    const texts = (): string[] => {
      const random = randomFor(5, 0);
      const schema = generateSchema(random);
      return Array.from({ length: 20 }, () => print(generateQuery(schema, random).tree));
    };
    expect(texts()).toEqual(texts());
  });

  it('that leak on PostgreSQL, as a whole or through one use of a table, are never called scoped', { timeout: 600_000 }, async () => {
    const { tally, disagreements } = await compare(judge, { seed: 3, count: 1500, usesEvery: 4, minimise: 2 });
    const missed = disagreements.filter((each) => each.kind === 'missed');
    expect(missed.map(words).join('\n')).toBe('');
    expect(tally.crashes).toBe(0);
    expect(tally.leaks).toBeGreaterThan(150);
    expect(tally.usesLeak).toBeGreaterThan(100);
    expect(tally.usesInvalid).toBe(0);
    // Right queries that are flagged, and uses of tables in them.
    expect(tally.falseAlarmsUnmutated).toBeLessThanOrEqual(tally.cleanUnmutated * 0.01);
    expect(tally.usesFlaggedUnmutated).toBeLessThanOrEqual(tally.usesScoped * 0.01);
  });
});

describe('generated backfills', () => {
  it('that leave NULLs, write what the order of rows decides, or let NULLs pass a test are not called right', { timeout: 240_000 }, async () => {
    const postgres = await BackfillJudge.start(randomFor(99, 0));
    const found = { invalid: 0, unshown: 0, missed: [] as string[] };
    for (let part = 0; part < 100; part += 1) {
      const statements = generateBackfill(randomFor(8, part));
      const { invalid, missed, unshown } = compareBackfill(statements, await postgres.courses(statements));
      if (invalid !== undefined) found.invalid += 1;
      if (unshown.some((each) => !each.includes('ambiguous'))) found.unshown += 1;
      found.missed.push(...missed.map((each) => `${textOf(statements)}${each}`));
    }
    await postgres.close();
    expect(found.missed).toEqual([]);
    expect(found.invalid).toBeLessThan(5);
    expect(found.unshown).toBeLessThan(15);
  });
});

describe('generated policies', () => {
  it('that let rows of another tenant through are not called strict', { timeout: 120_000 }, async () => {
    const { disagreements, lax } = await comparePolicies(judge.db, 3, 60);
    expect(lax).toBeGreaterThan(20);
    expect(disagreements.filter((each) => each.kind === 'missed').map(({ sql, reach, facts }) => `${sql}\n${reach}\n${facts}`)).toEqual([]);
  });
});
