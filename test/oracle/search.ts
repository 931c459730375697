import type { EngineUse } from './engine.js';
import { withoutTenant, type Judge, type Judgement } from './execute.js';
import type { OracleQuery } from './generate.js';
import { Isolation } from './isolate.js';
import type { Random } from './random.js';
import type { OracleSchema } from './schema.js';
import { valuesFor, type Value } from './states.js';

/** A flagged use of a table that has shown no leak so far. */
export interface Silent {
  readonly query: OracleQuery;
  readonly sql: string;
  readonly use: EngineUse;
}

/** So many times everything is made anew before a use counts as one that cannot leak. */
const ATTEMPTS = 16;

/**
 * Searches states and parameters in which flagged uses leak after all: rows that take their values from the queries' own constants,
 * with many NULLs and with none, with and without rows of one's own.
 * @returns those that never leaked
 */
export async function searchLeaks(judge: Judge, schema: OracleSchema, silent: readonly Silent[], random: Random): Promise<Silent[]> {
  let left = [...silent];
  const constants = [...new Set(silent.flatMap(({ sql }) => constantsOf(sql)))];
  for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt += 1) {
    const values = () => valuesFor(random.sample(constants, 4), random);
    const isolation = new Isolation(judge, schema, random, { name: 'deep', count: 3, variants: 5, rounds: 14, values });
    await isolation.load();
    const next: Silent[] = [];
    for (const each of left) {
      const given = isolation.assignments(each.query.hints);
      const judged = await isolation.verdict(each.sql, [each.use], given);
      // What is pinned only if a tenant is given is `optional` and shows when none is.
      if (!isLeak(judged) && !isLeak(await isolation.verdict(each.sql, [each.use], given.map(withoutTenant)))) next.push(each);
    }
    left = next;
  }
  return left;
}

const isLeak = ({ kind }: Judgement): boolean => kind === 'leak';

function constantsOf(sql: string): Value[] {
  const numbers = [...sql.matchAll(/(?<![\w$.])\d+\b/g)].map(([text]) => Number(text)).filter((value) => value < 1000);
  return [...numbers, ...[...sql.matchAll(/'(\w*)'/g)].map(([, text]) => text!)];
}
