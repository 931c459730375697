// Fuzzing: `npm run test:fuzz -- --seed N --minutes M`. Processes of its own try the inputs, so that one that dies or hangs is a finding and not the end.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { corpus } from './corpus.js';
import { Inputs, type Input } from './input.js';
import { minimise } from './minimise.js';
import type { Problem } from './properties.js';
import { Trial } from './trial.js';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '1' }, processes: { type: 'string', default: '1' }, from: { type: 'string', default: '0' }, output: { type: 'string' } } });
const TELL_EVERY = 500;
const MOST_WORDS = 4000;
const until = Date.now() + Number(values.minutes) * 60_000;
const parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tenantlint-fuzz-'));
const inputs = new Inputs(Number(values.seed), corpus());

interface Told extends Problem { readonly index: number; readonly seed: string; readonly kind: string; readonly changed: readonly (readonly [string, string])[]; count: number }
const problems = new Map<string, Told>();
let tried = 0;
let peak = 0;

function told({ index, seed, kind, changed }: Input, { key, words }: Problem): Told {
  const texts = [...changed].map(([path, text]): [string, string] => [path, (typeof text === 'string' ? text : text.toString('latin1')).slice(0, MOST_WORDS)]);
  return { index, key, words: words.slice(0, MOST_WORDS), seed: seed.name, kind, changed: texts, count: 1 };
}

async function note(trial: Trial, input: Input, problem: Problem): Promise<void> {
  const known = problems.get(problem.key);
  if (known !== undefined) return void (known.count += 1);
  process.stderr.write(`\ninput ${input.index}: ${problem.key}\n`);
  problems.set(problem.key, told(input, problem));
  if (!problem.key.startsWith('slow')) problems.set(problem.key, told(await minimise(trial, input, problem.key), problem));
}

async function lane(number: number): Promise<void> {
  const trial = new Trial(parent);
  for (let index = Number(values.from) + number; Date.now() < until; index += Number(values.processes)) {
    const input = inputs.at(index);
    for (const problem of await trial.problems(input)) await note(trial, input, problem);
    tried += 1;
    peak = Math.max(peak, trial.peak);
    if (tried % TELL_EVERY === 0) process.stderr.write(`\r${tried} inputs, ${problems.size} problems, at most ${Math.round(peak / 1024)} MB `);
  }
  trial.close();
}

await Promise.all(Array.from({ length: Number(values.processes) }, (_, number) => lane(number)));
rmSync(parent, { recursive: true, force: true });
const text = `${[...problems.values()].map((problem) => JSON.stringify(problem, null, 1)).join('\n')}\n`;
if (values.output === undefined) process.stdout.write(text);
else writeFileSync(values.output, text);
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), inputs: tried, throughTheWholeTool: Math.floor(tried / 4), problems: problems.size, peakMegabytes: Math.round(peak / 1024) })}\n`);
process.exitCode = problems.size > 0 ? 1 : 0;
