// A process that tries inputs: it is given one a line of JSON, and answers with what it found and the memory it needs. One that does not answer is ended by who asks.
import { createInterface } from 'node:readline';
import { Bench } from './bench.js';
import type { Problem } from './properties.js';
import { inputOf } from './trial.js';

const bench = new Bench(process.argv[2]!);
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const GROWTH = 250 * 1024 * 1024;
const COLLECT_EVERY = 2000;
let rest: number | undefined;
let tried = 0;

for await (const line of createInterface(process.stdin)) {
  const problems = [...await bench.problems(inputOf(line)), ...memory()];
  process.stdout.write(`${JSON.stringify({ problems, peak: process.resourceUsage().maxRSS })}\n`);
}
bench.close();

function memory(): Problem[] {
  if (++tried % COLLECT_EVERY !== 0) return [];
  collect();
  const { heapUsed } = process.memoryUsage();
  rest ??= heapUsed;
  return heapUsed > rest + GROWTH ? [{ key: 'memory is kept', words: `${rest} bytes, then ${heapUsed}` }] : [];
}
