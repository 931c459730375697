// Mutation testing: `npm run test:mutation -- --folder src/link/scope --count 300 --seed 1`. Changes a copy of the sources, never the sources.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { randomFor } from '../oracle/generate.js';
import { instrumentedCopy } from './copy.js';
import { lateness } from '../lateness.js';
import type { Mutant } from './mutants.js';

interface Test { readonly file: string; readonly index: number; readonly name: string; readonly milliseconds: number; readonly reached: readonly number[]; readonly failed?: string }
interface Outcome { readonly mutant: number; readonly killedBy?: string; readonly why?: string }

const { values } = parseArgs({ options: {
  folder: { type: 'string', multiple: true, default: ['src/link/scope', 'src/link/backfill'] }, count: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' },
  only: { type: 'string', multiple: true }, output: { type: 'string' },
  /** Files and folders of tests; those that are near to the mutants and quick are tried first. */
  tests: { type: 'string', multiple: true, default: ['test/link', 'test/rules.test.ts', 'test/projects.test.ts', 'test/link/code'] },
} });
const ROOT = join(import.meta.dirname, '../..');
/** These need a PostgreSQL, try the whole of the command line, or have tests that one after the other take what the one before has left. */
const SLOW = /catalog|resolve-differential|budget|parts/;
/** A mutant that works so much longer on a test than the test took does not end. */
const MOST_SECONDS = 20;

function testFiles(): string[] {
  const files = values.tests.flatMap((place) => (place.endsWith('.ts') ? [place] : readdirSync(join(ROOT, place)).filter((name) => name.endsWith('.test.ts') && !SLOW.test(name)).map((name) => `${place}/${name}`)));
  return files.map((file) => join(copy, file));
}

function start(what: 'cover' | 'try'): ChildProcess {
  return spawn(process.execPath, ['--max-old-space-size=3000', '--import', 'tsx', join(copy, 'test/mutation/child.ts'), what, ...testFiles()], { cwd: copy, stdio: ['pipe', 'pipe', 'inherit'] });
}

async function* messages<T>(child: ChildProcess): AsyncGenerator<T> {
  for await (const line of createInterface(child.stdout!)) if (line.startsWith('@')) yield JSON.parse(line.slice(1)) as T;
}

/** Tries mutants one after the other; a process that does not come to an end, or that dies, has noticed its mutant. */
class Trial {
  private child: ChildProcess | undefined;
  private answers: AsyncGenerator<Outcome | { readonly begun: number }> | undefined;

  async of(mutant: Mutant, tests: readonly Test[]): Promise<Outcome> {
    if (this.child === undefined) {
      this.child = start('try');
      this.answers = messages<Outcome | { readonly begun: number }>(this.child);
    }
    this.child.stdin!.write(`${JSON.stringify([mutant.id, tests.map(({ file, index }) => [file, index])])}\n`);
    for (let at: Test | undefined = tests[0]; ;) {
      const late = lateness(this.child.pid!, MOST_SECONDS + 5 * (at?.milliseconds ?? 0) / 1000);
      const answer = await Promise.race([this.answers!.next(), late.told]);
      late.stop();
      if (typeof answer === 'string' || answer.done === true) return this.without(mutant, typeof answer === 'string' ? 'no end' : 'the process died');
      if (!('begun' in answer.value)) return answer.value;
      at = tests[answer.value.begun];
    }
  }

  private without(mutant: Mutant, killedBy: string): Outcome {
    this.close();
    return { mutant: mutant.id, killedBy };
  }

  close(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}

function sample(mutants: readonly Mutant[], count: number): Mutant[] {
  const random = randomFor(Number(values.seed), 0);
  const open = [...mutants];
  return Array.from({ length: Math.min(count, open.length) }, () => open.splice(random.integer(0, open.length - 1), 1)[0]!);
}

const { copy, mutants } = instrumentedCopy(values.folder);
const chosen = values.only === undefined ? sample(mutants, Number(values.count)) : mutants.filter(({ file, line }) => values.only!.includes(`${file}:${line}`));
const tests: Test[] = [];
const covering = start('cover');
const end = new Promise<number | null>((resolve) => { covering.on('close', resolve); });
for await (const test of messages<Test>(covering)) {
  if (test.failed === undefined) tests.push(test);
  else process.stderr.write(`without any mutant this fails, and is left out: ${test.name}: ${test.failed}\n`);
}
if (await end !== 0) throw new Error('the tests came to no end: what they notice is not known');
process.stderr.write(`${mutants.length} mutants, ${tests.length} tests, ${Math.round(tests.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000)} s\n`);

const trial = new Trial();
const survivors: (Mutant & { tests: number })[] = [];
const folderOf = ({ file }: Mutant): string => file.slice(0, file.lastIndexOf('/'));
const tally = new Map<string, { tried: number; killed: number; unreached: number }>();
for (const mutant of chosen) {
  const own = tests.filter(({ reached }) => reached.includes(mutant.id)).sort((a, b) => a.milliseconds - b.milliseconds);
  const outcome: Outcome = own.length === 0 ? { mutant: mutant.id } : await trial.of(mutant, own);
  const counts = tally.get(folderOf(mutant)) ?? { tried: 0, killed: 0, unreached: 0 };
  const isKilled = outcome.killedBy !== undefined;
  tally.set(folderOf(mutant), { tried: counts.tried + 1, killed: counts.killed + Number(isKilled), unreached: counts.unreached + Number(own.length === 0) });
  if (!isKilled) survivors.push({ ...mutant, tests: own.length });
  process.stderr.write(`${isKilled ? '.' : `\nsurvived: ${mutant.file}:${mutant.line} ${mutant.kind}: ${mutant.original.replace(/\s+/g, ' ').slice(0, 100)} → ${mutant.replacement?.replace(/\s+/g, ' ').slice(0, 100) ?? 'nothing'} (${own.length} tests)\n`}`);
}
trial.close();
rmSync(copy, { recursive: true, force: true });
const text = JSON.stringify({ seed: Number(values.seed), mutants: mutants.length, tally: Object.fromEntries(tally), survivors }, null, 1);
if (values.output === undefined) process.stdout.write(`${text}\n`);
else writeFileSync(values.output, text);
for (const [folder, { tried, killed, unreached }] of tally) process.stdout.write(`${folder}: ${killed} of ${tried} noticed (${Math.round((1000 * killed) / tried) / 10} %), ${unreached} reached by no test\n`);
