import { parseArgs } from 'node:util';
import { openDatabase } from '../database.js';
import { tryRandom, type Tally } from './random.js';

// npx tsx test/plan/run.ts --seed N --count M [--database-url URL of a scratch database]: plans made-up schemas and runs the plans on PostgreSQL.
const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100' }, from: { type: 'string', default: '0' }, 'database-url': { type: 'string' } } });
const [seed, first, count] = [Number(values.seed), Number(values.from), Number(values.count)];
// A server's session keeps a plan for every foreign key it ever checked, and looks through them at every change of the schema.
const chunk = values['database-url'] === undefined ? count : 10;
const tally: Tally = { samples: 0, tables: 0, refused: 0, problems: [] };
for (let from = first; from < first + count; from += chunk) {
  const db = await openDatabase(values['database-url']);
  const { samples, tables, refused, problems } = await tryRandom(db, { seed, from, count: Math.min(chunk, first + count - from) });
  await db.close();
  tally.samples += samples;
  tally.tables += tables;
  tally.refused += refused;
  tally.problems.push(...problems);
  process.stderr.write(`\r${tally.samples} schemas, ${tally.tables} tables planned, ${tally.refused} refused, ${tally.problems.length} problems `);
}
process.stdout.write(`\n${tally.problems.slice(0, 5).join('\n\n')}\n${JSON.stringify({ ...tally, problems: tally.problems.length })}\n`);
process.exitCode = tally.problems.length > 0 ? 1 : 0;
