// One process that tries mutants: `child.ts cover FILES` tells which tests reach which, `child.ts try FILES` takes [mutant, [[file, test], ...]] a line.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { collected, type Collected } from './shim.js';

let active = 0;
let reached = new Set<number>();
(globalThis as unknown as { __mutant: (id: number) => boolean }).__mutant = (id) => {
  reached.add(id);
  return id === active;
};

const say = (message: object): void => { process.stdout.write(`@${JSON.stringify(message)}\n`); };
const [what = 'cover', ...files] = process.argv.slice(2);
let turn = 0;

/** The tests of a file, whose module is made anew: what it keeps between its tests was made with the mutant that is on. */
async function testsOf(file: string): Promise<readonly Collected[]> {
  collected.length = 0;
  turn += 1;
  await import(`${pathToFileURL(file).href}?turn=${turn}`);
  return [...collected];
}

/** @returns why a test fails; undefined: it does not */
async function failure({ run }: Collected): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 200);
  }
}

async function cover(): Promise<void> {
  for (const file of files) {
    reached = new Set();
    const tests = await testsOf(file);
    const byAll = [...reached];
    for (const [index, test] of tests.entries()) {
      reached = new Set();
      const start = performance.now();
      const failed = await failure(test);
      say({ file, index, name: test.name, milliseconds: performance.now() - start, reached: [...new Set([...byAll, ...reached])], ...(failed !== undefined && { failed }) });
    }
  }
}

async function attempt(mutant: number, tests: readonly (readonly [file: string, index: number])[]): Promise<void> {
  active = mutant;
  const loaded = new Map<string, readonly Collected[]>();
  for (const [begun, [file, index]] of tests.entries()) {
    say({ begun });
    try {
      if (!loaded.has(file)) loaded.set(file, await testsOf(file));
    } catch (error) {
      return say({ mutant, killedBy: file, why: String(error).slice(0, 200) });
    }
    const test = loaded.get(file)![index];
    const why = test === undefined ? 'the test is gone' : await failure(test);
    if (why !== undefined) return say({ mutant, killedBy: test?.name ?? file, why });
  }
  say({ mutant });
}

if (what === 'cover') await cover();
else for await (const line of createInterface(process.stdin)) await attempt(...JSON.parse(line) as Parameters<typeof attempt>);
