// One process of a fuzz run: tries inputs from a number on and tells what it found, a line of JSON each. The number at hand stands in a file, for when it dies.
import { openSync, writeSync } from 'node:fs';
import { Bench } from './bench.js';
import { corpus } from './corpus.js';
import { Inputs } from './input.js';
import { minimise } from './minimise.js';
import type { Problem } from './properties.js';

const [seed = '1', from = '0', step = '1', until = '0', marker = '', parent = ''] = process.argv.slice(2);
const say = (message: object): void => { process.stdout.write(`${JSON.stringify(message)}\n`); };
const file = openSync(marker, 'w');
const inputs = new Inputs(Number(seed), corpus());
const bench = new Bench(parent);
const known = new Set<string>();
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const GROWTH = 250 * 1024 * 1024;
let rest: number | undefined;
let tried = 0;

for (let index = Number(from); Date.now() < Number(until); index += Number(step)) {
  writeSync(file, String(index).padEnd(16), 0);
  const input = inputs.at(index);
  for (const problem of await bench.problems(input)) await tell(index, problem);
  tried += 1;
  if (tried % 2000 === 0) {
    collect();
    const { heapUsed } = process.memoryUsage();
    rest ??= heapUsed;
    if (heapUsed > rest + GROWTH) say({ index, key: 'memory is kept', words: `${rest} bytes, then ${heapUsed}` });
    say({ tried, heap: heapUsed, peak: process.resourceUsage().maxRSS });
  }
}
say({ tried, heap: process.memoryUsage().heapUsed, peak: process.resourceUsage().maxRSS });
bench.close();

async function tell(index: number, { key, words }: Problem): Promise<void> {
  if (known.has(key)) return say({ index, key });
  known.add(key);
  const { seed: { name }, changed, kind } = key.startsWith('slow') ? inputs.at(index) : await minimise(bench, inputs.at(index), key);
  say({ index, key, words: words.slice(0, 3000), seed: name, kind, changed: [...changed].map(([path, text]) => [path, typeof text === 'string' ? text.slice(0, 4000) : text.toString('latin1').slice(0, 4000)]) });
}
