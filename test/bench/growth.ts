// How a whole run grows with the project: `npm run build`, then `npx tsx test/bench/growth.ts [largest]`. Read the growth per doubling, not the times.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { costOf, row } from './measure.js';
import { migrationsProject, sourcesProject, type TextFile } from './projects.js';

const CLI = join(import.meta.dirname, '../../dist/src/cli.js');
const largest = Number(process.argv[2] ?? 4000);
const sizes = [largest / 8, largest / 4, largest / 2, largest].map(Math.floor);

function inFolder<T>(files: Iterable<TextFile>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(row(['', ...sizes.map(String), 'growth per doubling']));
for (const [name, make] of Object.entries({ 'SQL migrations': migrationsProject, 'source files': sourcesProject })) {
  const costs = sizes.map((size) => inFolder(make(size), (folder) => costOf([CLI, 'check', '--format', 'json'], folder)));
  const growth = (of: (cost: typeof costs[number]) => number) => costs.slice(1).map((cost, index) => (of(cost) / of(costs[index]!)).toFixed(1)).join(' ');
  console.log(row([`${name} (CPU s)`, ...costs.map(({ cpuSeconds }) => cpuSeconds.toFixed(1)), growth(({ cpuSeconds }) => cpuSeconds)]));
  console.log(row([`${name} (peak MB)`, ...costs.map(({ megabytes }) => megabytes.toFixed(0)), growth(({ megabytes }) => megabytes)]));
}
