// Fuzzing: `npm run test:fuzz -- --seed N --minutes M`. Processes of its own try the inputs, so that one that dies or hangs is a finding and not the end.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '1' }, processes: { type: 'string', default: '1' }, from: { type: 'string', default: '0' }, output: { type: 'string' } } });
const LOOK_EVERY_MS = 30_000;
/** Of work on one input; where that cannot be asked (no Linux), of time. */
const MOST_SECONDS = 90;
/** What does not even work has stopped for good. */
const MOST_SILENT_SECONDS = 1800;
const until = Date.now() + Number(values.minutes) * 60_000;
const parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tenantlint-fuzz-'));

interface Found { readonly index: number; readonly key: string; readonly words?: string; readonly seed?: string; readonly kind?: string; readonly changed?: readonly (readonly [string, string])[] }
const problems = new Map<string, Found & { count: number }>();
let tried = 0;
let peak = 0;

function note(found: Found): void {
  const known = problems.get(found.key);
  problems.set(found.key, { ...found, ...known, count: (known?.count ?? 0) + 1 });
  if (known === undefined) process.stderr.write(`\ninput ${found.index}: ${found.key}\n`);
}

/** The processor time that a process has used: on a machine that is busy with other things, time says nothing. */
function workedSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/** One process from a number on. @returns the number at which it died or stood still; undefined when the time was up */
function child(lane: number, from: number): Promise<number | undefined> {
  const marker = join(parent, `at-${lane}`);
  writeFileSync(marker, String(from));
  return new Promise((resolve) => {
    const started = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=1500', '--import', 'tsx', join(import.meta.dirname, 'child.ts'), values.seed, String(from), values.processes, String(until), marker, parent], { stdio: ['ignore', 'pipe', 'pipe'] });
    let own = 0;
    let errors = '';
    let last = { at: '', since: 0, worked: 0 };
    const watch = setInterval(() => {
      const at = readFileSync(marker, 'utf8');
      const worked = workedSeconds(started.pid!) ?? Date.now() / 1000;
      if (at !== last.at) last = { at, since: Date.now(), worked };
      if (worked - last.worked < MOST_SECONDS && Date.now() - last.since < MOST_SILENT_SECONDS * 1000) return;
      note({ index: Number(at), key: `hang at input ${Number(at)}`, words: `no end after ${Math.round(worked - last.worked)} seconds of work` });
      started.kill('SIGKILL');
    }, LOOK_EVERY_MS);
    started.stderr.on('data', (chunk: Buffer) => { errors = (errors + chunk.toString()).slice(-3000); });
    createInterface(started.stdout).on('line', (line) => {
      const message = JSON.parse(line) as Found & { tried?: number; peak?: number };
      if (message.tried === undefined) return note(message);
      tried += message.tried - own;
      own = message.tried;
      peak = Math.max(peak, message.peak ?? 0);
      process.stderr.write(`\r${tried} inputs, ${problems.size} problems, at most ${Math.round(peak / 1024)} MB `);
    });
    started.on('close', (status, signal) => {
      clearInterval(watch);
      const at = Number(readFileSync(marker, 'utf8'));
      tried += Math.max(0, Math.round((at - from) / Number(values.processes)) - own);
      if (status !== 0 && signal !== 'SIGKILL') note({ index: at, key: `the process ended at input ${at}`, words: `status ${String(status)}, signal ${String(signal)}\n${errors}` });
      resolve(status === 0 ? undefined : at);
    });
  });
}

async function lane(number: number): Promise<void> {
  for (let from: number | undefined = Number(values.from) + number; from !== undefined && Date.now() < until;) {
    const at: number | undefined = await child(number, from);
    from = at === undefined ? undefined : at + Number(values.processes);
  }
}

await Promise.all(Array.from({ length: Number(values.processes) }, (_, number) => lane(number)));
rmSync(parent, { recursive: true, force: true });
const text = `${[...problems.values()].map((problem) => JSON.stringify(problem, null, 1)).join('\n')}\n`;
if (values.output === undefined) process.stdout.write(text);
else writeFileSync(values.output, text);
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), inputs: tried, throughTheWholeTool: Math.floor(tried / 4), problems: problems.size, peakMegabytes: Math.round(peak / 1024) })}\n`);
process.exitCode = problems.size > 0 ? 1 : 0;
