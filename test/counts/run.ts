// What patterns find in real projects beside what the tool counts: `npx tsx test/counts/run.ts FOLDER...`. What it names is to be read: much of it is part of a query that stands elsewhere.
import { resolve } from 'node:path';
import { compareCounts } from './compare.js';

for (const folder of process.argv.slice(2)) {
  const { coverage, ...differences } = await compareCounts(resolve(folder));
  process.stdout.write(`${folder}: ${coverage.queries} queries, ${coverage.tablesClassified + coverage.tablesUnclassified} tables, ${coverage.migrations} migrations\n`);
  for (const [what, { found, missed, more }] of Object.entries(differences)) {
    process.stdout.write(`  ${what}: ${found} found by patterns, ${missed.length} of them not known, ${more.length} known where no pattern finds one\n`);
    for (const each of missed) process.stdout.write(`    - ${each.slice(0, 180)}\n`);
    for (const each of more) process.stdout.write(`    + ${each.slice(0, 180)}\n`);
  }
}
