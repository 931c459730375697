import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare, describe, type Run } from './compare.js';
import { Judge } from './execute.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' }, count: { type: 'string', default: '2000' }, from: { type: 'string', default: '0' }, minimise: { type: 'string', default: '20' }, output: { type: 'string' }, all: { type: 'boolean', default: false }, deep: { type: 'boolean', default: false }, 'uses-every': { type: 'string', default: '1' },
  },
});

const judge = await Judge.start();
const started = Date.now();
const { tally, disagreements } = await compare(judge, {
  seed: Number(values.seed), count: Number(values.count), from: Number(values.from), minimise: Number(values.minimise), all: values.all, deep: values.deep, usesEvery: Number(values['uses-every']),
  onProgress: (run) => {
    write(run);
    const now = run.tally;
    process.stderr.write(`\r${now.queries} queries, ${now.leaks} leak, ${now.missed} missed; ${now.uses} uses, ${now.usesLeak} leak, ${now.usesMissed} missed, ${now.usesFlagged} flagged `);
  },
});
process.stderr.write('\n');
await judge.close();
if (values.output === undefined) process.stdout.write(textOf(disagreements));
process.stdout.write(`${JSON.stringify({ ...tally, seconds: Math.round((Date.now() - started) / 1000) }, null, 1)}\n`);
process.exitCode = tally.missed + tally.usesMissed + tally.crashes > 0 ? 1 : 0;

/** What has been found so far: a run that is stopped keeps it. */
function write({ tally, disagreements }: Run): void {
  if (values.output !== undefined) writeFileSync(values.output, `${textOf(disagreements)}\n${JSON.stringify(tally)}\n`);
}

function textOf(disagreements: Run['disagreements']): string {
  const order = (kind: string): number => (kind === 'missed' ? 0 : 1);
  return disagreements.toSorted((a, b) => order(a.kind) - order(b.kind)).map(describe).join('\n');
}
