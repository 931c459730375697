#!/usr/bin/env node
import { existsSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadCompiled } from './cache/compiled.js';
import { userFolder } from './cache/user-folder.js';
import type * as Run from './commands/run.js';
import { ioOf, type Given, type Message, type Tell } from './commands/talk.js';
import { modules } from './import.js';
import { printable } from './report/text.js';
import { Watchdog } from './watch.js';

const MB = 1024 * 1024;
/** Reading code makes much that lives for a moment: with room for it, half of the time of the collector is saved; twice as much saves nothing more. Only a thread can be given it. */
const YOUNG_MB = 96;
const MAGLEV = ['--invocation-count-for-turbofan=50000', '--invocation-count-for-maglev=5000'];
/**
 * When V8 optimises a function, by the major version of Node: later than by itself, which is for programs that run for hours. This one is many functions over trees
 * of many shapes, and what is optimised soon is soon thrown away again: up to two fifths of a run. An option that is not known would be told to the user.
 */
const OPTIMISE_LATER = new Map([['20', ['--interrupt-budget=1000000']], ['22', ['--invocation-count-for-turbofan=50000']], ['24', MAGLEV], ['26', MAGLEV]]);
/** As that of the main thread. */
const STACK_MB = 8;
/** With more of them, something other than the files is wrong. */
const MOST_ENDLESS = 5;
const UNSTOPPABLE_MS = 2000;

/** Runs the command line in this thread. What V8 compiles of it is kept for the next run, in a folder that is the user's own. */
async function runHere(given: Given, tell: Tell): Promise<void> {
  const script = join(import.meta.dirname, 'run.cjs');
  // The source itself runs as it stands.
  if (!existsSync(script)) return (await import('./commands/run.js')).run(given, tell);
  const folder = given.argv.includes('--no-cache') ? undefined : userFolder(process.env);
  const { exports, keep } = loadCompiled(script, folder && join(folder, 'compiled'));
  return (exports as typeof Run).run(given, tell, { import: modules.import, keep });
}

/** What is wrong in the arguments is said before anything is loaded that a run needs. @returns whether there is nothing more to do */
async function isAnswered(given: Given): Promise<boolean> {
  const { answer, failureText } = await import('./commands/main.js');
  try {
    if (!answer(given.argv, ioOf(given, receive))) return false;
    exit(0);
  } catch (error) {
    receive({ error: failureText(error) });
    exit(2);
  }
  return true;
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Files that are removed when the run is ended from outside. */
const left = new Set<string>();
let isHeard = true;

function receive(message: Message): void {
  if ('out' in message) {
    if (isHeard) process.stdout.write(message.out);
  } else if ('error' in message) process.stderr.write(message.error);
  else if ('temporary' in message) left[message.exists ? 'add' : 'delete'](message.temporary);
  else if ('status' in message) exit(message.status);
}

/** Nobody reads on: the run ends with the status it would have had. Any other failure of the output is told, and nothing passes for clean. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') isHeard = false;
  else leave(2, `tenantlint: Cannot write the report: ${error.code ?? error.message}\n`);
}

function leave(status: number, words = ''): never {
  writeSync(2, words);
  removeLeft();
  quit(status);
}

/** Threads that were ended and go on: native code cannot be stopped, and the process would wait for it. */
let stuck = 0;

function quit(status: number): never {
  if (stuck > 0) {
    writeSync(2, `tenantlint: A parser in native code does not end: the process is killed instead of ending with status ${status}.\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  process.exit(status);
}

function removeLeft(): void {
  for (const file of left) rmSync(file, { force: true });
  left.clear();
}

/** Leaves once everything written has been taken, or its failure told: a report must not be cut where it is piped. */
function exit(status: number): void {
  if (isHeard) process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => quit(status))));
  else quit(status);
}

async function start(): Promise<void> {
  process.stdout.on('error', outputFailed);
  process.on('SIGINT', () => leave(130)).on('SIGTERM', () => leave(143)).on('SIGHUP', () => leave(129));
  const argv = process.argv.slice(2);
  const asked: Given = { argv, endless: [], terminals: { stdoutIsTerminal: process.stdout.isTTY, stderrIsTerminal: process.stderr.isTTY } };
  if (await isAnswered(asked)) return;
  const given: Given = { ...asked, ...(argv.includes('--stdin') && { input: await readInput() }) };
  // The source itself, which needs a loader, runs where the loader is.
  if (!import.meta.url.endsWith('.js')) return runHere(given, receive);
  startRun(given);
}

/** Runs in a thread of its own. One that does not come to the end of a file is left, and another begins anew without that file. */
function startRun(given: Given): void {
  for (const flag of OPTIMISE_LATER.get(process.versions.node.split('.')[0]!) ?? []) setFlagsFromString(flag);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: given, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: Math.floor(getHeapStatistics().heap_size_limit / MB), stackSizeMb: STACK_MB },
  });
  const watchdog = new Watchdog((file, seconds) => {
    worker.removeAllListeners('message').removeAllListeners('error').on('error', () => undefined);
    stuck += 1;
    const ended = worker.terminate().then(() => { stuck -= 1; });
    void Promise.race([ended, setTimeout(UNSTOPPABLE_MS)]).then(() => {
      removeLeft();
      const endless = [...given.endless, file];
      if (endless.length > MOST_ENDLESS) leave(2, `tenantlint: Work on ${endless.length} files did not end within ${seconds} s each, on ${printable(file)} last: exclude them, or give them longer by --file-timeout.\n`);
      startRun({ ...given, endless });
    });
  });
  worker.on('message', (message: Message) => {
    if ('patience' in message) watchdog.begin(message.patience);
    else if ('place' in message) watchdog.add(message.place);
    else receive(message);
  });
  worker.on('error', (error) => {
    process.stderr.write(`tenantlint failed, this is a bug: ${error.stack ?? String(error)}\n`);
    exit(2);
  });
}

await (isMainThread ? start() : runHere(workerData as Given, (message) => parentPort!.postMessage(message)));
