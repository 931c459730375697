import { setImmediate } from 'node:timers/promises';
import type { Content } from '../discover/content.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import { parseFile } from '../parse/index.js';
import { during } from '../watch.js';
import { decodeFacts, encodeFacts } from './facts.js';
import type { FactsCache } from './index.js';
import { parseTogether, type Threads } from './together.js';

export interface ParseOptions {
  readonly cache?: FactsCache;
  /** Absent: this thread alone. */
  readonly threads?: Threads;
  /** Told after each file. */
  readonly progress?: (done: number, total: number) => void;
}

const BREATHE_EVERY_MS = 50;

/**
 * The facts of files, in their order: those that are kept, and those parsed now, by however many threads.
 * @param files with what they hold
 */
export async function parseAll(files: readonly (readonly [SourceFile, Content])[], { cache, threads, progress }: ParseOptions): Promise<Map<string, FileFacts>> {
  const known: (FileFacts | undefined)[] = files.map(([source, content]) => cache?.get(source, content));
  const open = [...files.keys()].filter((index) => known[index] === undefined);
  let done = files.length - open.length;
  const set = (index: number, facts: FileFacts): void => {
    known[index] = facts;
    progress?.(++done, files.length);
  };
  const parse = (index: number): void => set(index, parseKept(...files[index]!, cache));
  const length = open.reduce((sum, index) => sum + files[index]![1].text.length, 0);
  const count = threads === undefined ? 1 : Math.min(threads.count, 1 + Math.floor(length / threads.worth));
  if (threads !== undefined && count > 1) {
    await parseTogether(open.map((index) => [files[index]![0], files[index]![1].text]), { ...threads, count }, (at) => parse(open[at]!), (at, bytes) => {
      const [source, content] = files[open[at]!]!;
      set(open[at]!, decodeFacts(source, content, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
      cache?.add(source, content, bytes);
    });
  }
  let breath = performance.now();
  for (const index of open) {
    if (known[index] === undefined) parse(index);
    if (performance.now() - breath > BREATHE_EVERY_MS) {
      // Lets signals and other work through: parsing is synchronous.
      await setImmediate();
      breath = performance.now();
    }
  }
  cache?.save();
  return new Map(files.map(([{ path }], index) => [path, known[index]!]));
}

/** The facts of one file, from the cache or for it. */
export function factsOf(source: SourceFile, content: Content, cache: FactsCache | undefined): FileFacts {
  return cache?.get(source, content) ?? parseKept(source, content, cache);
}

function parseKept(source: SourceFile, content: Content, cache: FactsCache | undefined): FileFacts {
  const facts = during(source.path, () => parseFile(source, content.text));
  const bytes = cache && encodeFacts(facts);
  if (bytes !== undefined) cache!.add(source, content, bytes);
  return facts;
}
