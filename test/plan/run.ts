import { parseArgs } from 'node:util';
import { openDatabase } from '../database.js';
import { tryRandom } from './random.js';

// npx tsx test/plan/run.ts --seed N --count M [--database-url URL of a scratch database]: plans made-up schemas and runs the plans on PostgreSQL.
const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100' }, from: { type: 'string', default: '0' }, 'database-url': { type: 'string' } } });
const db = await openDatabase(values['database-url']);
const tally = await tryRandom(db, {
  seed: Number(values.seed), count: Number(values.count), from: Number(values.from),
  onSample: ({ samples, tables, refused, problems }) => process.stderr.write(`\r${samples} schemas, ${tables} tables planned, ${refused} refused, ${problems.length} problems `),
});
await db.close();
process.stdout.write(`\n${tally.problems.slice(0, 5).join('\n\n')}\n${JSON.stringify({ ...tally, problems: tally.problems.length })}\n`);
process.exitCode = tally.problems.length > 0 ? 1 : 0;
