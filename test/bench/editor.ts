// How long an editor waits on a made-up project of 2,000 files: `npx tsx test/bench/editor.ts [files] [key strokes]`. Prints milliseconds of processor time.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachePlace } from '../../src/cache/place.js';
import { ruleDescriptions, Session } from '../../src/editor/index.js';
import { sourcesProject } from './projects.js';

const files = Number(process.argv[2] ?? 2000);
const strokes = Number(process.argv[3] ?? 40);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const folder = mkdtempSync(join(tmpdir(), 'tenantlint-bench-'));
try {
  for (const [path, text] of sourcesProject(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const ids = new Set(ruleDescriptions().filter(({ level }) => level('recommended') !== 'off').map(({ id }) => id));
  const timed = (work: () => unknown): number => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  const place = cachePlace(join(folder, 'node_modules/.cache/tenantlint'), folder, Buffer.alloc(20));
  let session = new Session(folder, place);
  const lint = (path: string, more = '') => timed(() => session.lint(join(folder, path), readFileSync(join(folder, path), 'utf8') + more, { ids, preset: 'recommended' }));
  console.log(`first lint, nothing kept: ${lint('src/routes/route4.ts').toFixed(0)}`);
  session = new Session(folder, place);
  console.log(`first lint, facts kept: ${lint('src/routes/route4.ts').toFixed(0)}`);
  for (const path of ['src/routes/route4.ts', 'src/services/service3.ts', 'src/components/component5.tsx', 'prisma/schema.prisma']) {
    const times = range(strokes).map((i) => lint(path, '\n'.repeat(i + 1))).sort((a, b) => a - b);
    console.log(`${path}: median ${times[strokes >> 1]!.toFixed(0)}, slowest ${times.at(-1)!.toFixed(0)}`);
  }
  console.log(`heap: ${(process.memoryUsage().heapUsed / 1024 / 1024).toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
