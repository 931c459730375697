import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SourceFile } from '../facts/file.js';
import { watch, WorkPlace } from '../watch.js';

/** Threads that parse. */
export interface Threads {
  /** How many, with the one that asks. */
  readonly count: number;
  /** So many characters one parses before another is of help. */
  readonly worth: number;
  /** Of the script that the others run. */
  readonly script: URL;
  /** Of the stack of each, as of the one that asks: what is nested too deeply must be so for all. */
  readonly stackSizeMb: number;
}

/** What is shared: the files, and the first of them that nobody has taken. */
interface Taken {
  readonly files: readonly (readonly [SourceFile, string])[];
  readonly next: SharedArrayBuffer;
}

/** What a worker is given. */
export interface Work extends Taken {
  /** Where it says which file it works on. */
  readonly place: SharedArrayBuffer;
}

/** The facts of files by their number, encoded. */
export type Answer = readonly (readonly [index: number, bytes: Uint8Array])[];

const YOUNG_MB = 64;
const BATCH = 8;

/** Takes the next files. @returns the first of them and the one behind the last; empty when there is none left */
export function takeBatch({ files, next }: Taken): readonly [number, number] {
  const first = Math.min(Atomics.add(new Int32Array(next), 0, BATCH), files.length);
  return [first, Math.min(first + BATCH, files.length)];
}

/**
 * Parses files in several threads; each takes a few at a time, so that all end together. What a worker could not do is left for the caller.
 * @param own parses the file of a number here
 * @param theirs takes what a worker has made of one
 */
export async function parseTogether(files: Work['files'], { count, script, stackSizeMb }: Threads, own: (index: number) => void, theirs: (index: number, bytes: Uint8Array) => void): Promise<void> {
  const work: Taken = { files, next: new SharedArrayBuffer(4) };
  const ends = Array.from({ length: count - 1 }, () => new Promise<void>((resolve) => {
    const place = new WorkPlace().buffer;
    watch.add(place);
    const worker = new Worker(script, { workerData: { ...work, place } satisfies Work, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, stackSizeMb } });
    worker.on('message', (answer: Answer) => { for (const [index, bytes] of answer) theirs(index, bytes); });
    worker.on('error', () => resolve()).on('exit', () => resolve());
  }));
  for (let [first, end] = takeBatch(work); first < end; [first, end] = takeBatch(work)) {
    for (let index = first; index < end; index++) own(index);
    // Lets answers and signals through: parsing is synchronous.
    await setImmediate();
  }
  await Promise.all(ends);
}
