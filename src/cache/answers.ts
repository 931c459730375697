import { checked, hashOf, readPack, withCheckSum, writePack, type Entries } from './pack.js';
import type { CachePlace } from './place.js';
import { decode } from './decode.js';
import { encode } from './encode.js';

/** Answers by all that they depend on, from one run to the next. */
export interface Answers {
  /** What was kept under a key; undefined when nothing was. */
  find(key: string): unknown;
  /** Keeps plain data; anything else is not kept. */
  keep(key: string, value: unknown): void;
}

/** So much is kept of what the last run did not ask for. */
const ALWAYS_KEPT = 4 * 1024 * 1024;

/** Answers in one file. What is damaged is as if it were not there. */
export class AnswerCache implements Answers {
  private readonly path: string;
  private readonly fingerprint: Buffer;
  private readonly before: Entries;
  private readonly used = new Map<string, Buffer>();
  private hasNew = false;

  constructor({ path, fingerprint }: CachePlace) {
    this.path = `${path}.answers`;
    this.fingerprint = fingerprint;
    this.before = readPack(this.path, this.fingerprint);
  }

  find(key: string): unknown {
    const hash = hashOf(key).toString('latin1');
    const bytes = this.before.get(hash);
    if (bytes === undefined) return undefined;
    try {
      const value = decode('', checked(bytes));
      this.used.set(hash, bytes);
      return value;
    } catch {
      return undefined;
    }
  }

  keep(key: string, value: unknown): void {
    try {
      this.used.set(hashOf(key).toString('latin1'), withCheckSum(encode('', value)));
      this.hasNew = true;
    } catch {
      // No plain data: it is found out again.
    }
  }

  /** Writes what was found or kept since, and of what was there before as much as there is room for. */
  save(): void {
    if (!this.hasNew) return;
    const sizeOf = (entries: Iterable<Buffer>) => [...entries].reduce((sum, { length }) => sum + length, 0);
    let room = Math.max(ALWAYS_KEPT, sizeOf(this.used.values()));
    const rest = [...this.before].filter(([key, { length }]) => !this.used.has(key) && (room -= length) >= 0);
    writePack(this.path, this.fingerprint, new Map([...this.used, ...rest]));
  }
}
