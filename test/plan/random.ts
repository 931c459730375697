import { randomFor } from '../oracle/generate.js';
import { plan, prove, type Planned } from './support.js';
import { randomSample, type Sample } from './random-schema.js';
import type { Database } from '../database.js';

export interface Tally {
  samples: number;
  tables: number;
  refused: number;
  problems: string[];
}

/** Plans made-up schemas and runs the plans on PostgreSQL: what was not refused must be clean, complete and right. */
export async function tryRandom(db: Database, { seed, count, from = 0 }: { seed: number; count: number; from?: number }): Promise<Tally> {
  const tally: Tally = { samples: 0, tables: 0, refused: 0, problems: [] };
  for (let number = from; number < from + count; number++) {
    const sample = randomSample(randomFor(seed, number));
    const planned = await plan(new Map([['migrations/0001_base.sql', sample.sql]]), 'migrations', sample.args);
    tally.samples++;
    tally.tables += Number(/(\d+) tables? in/.exec(planned.error)?.[1] ?? 0);
    tally.refused += planned.refused.length;
    for (const problem of await problemsOf(db, sample, planned)) tally.problems.push(`seed ${seed}, sample ${number} (${sample.args.join(' ')}): ${problem}\n${sample.sql}`);
  }
  return tally;
}

async function problemsOf(db: Database, { hasDefault }: Sample, planned: Planned): Promise<string[]> {
  const { status, error, refused, checked, written } = planned;
  if (status !== (refused.length > 0 ? 1 : 0)) return [`status ${String(status)}: ${error}`];
  const old = new Set(planned.before.project.migrations.map(({ file }) => file));
  // Unique keys are left as they are without --unique; refused tables stay what they were.
  const findings = checked.findings.filter(({ ruleId, tables, file }) => (!old.has(file) || !tables.every((table) => refused.includes(table))) && ruleId !== 'unique-includes-tenant' && ruleId !== 'no-unclassified-table');
  if (findings.length > 0) return findings.map(({ ruleId, file, line, message }) => `${file}:${line} ${ruleId} ${message}`);
  return written.size === 0 ? [] : prove(db, planned, { full: !hasDefault, mayBeEmpty: true });
}
