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
/** Where more than such a part of a value is another, it is written anew. */
const MOST_OF_WHOLE = 4;
/** Of the check sum that an entry begins with. */
const SUM_LENGTH = 20;

/** Answers in one file. What is damaged is as if it were not there. */
export class AnswerCache implements Answers {
  private readonly path: string;
  private readonly fingerprint: Buffer;
  private readonly before: Entries;
  private readonly used = new Map<string, Buffer>();
  private readonly lasts = new Map<string, { readonly pieces: readonly object[]; readonly sum: string }>();
  private hasNew = false;

  constructor({ path, fingerprint }: CachePlace) {
    this.path = `${path}.answers`;
    this.fingerprint = fingerprint;
    this.before = readPack(this.path, this.fingerprint);
  }

  find(key: string): unknown {
    return this.read(key, []);
  }

  keep(key: string, value: unknown): void {
    this.write(key, value, [], Infinity);
  }

  /**
   * What was kept last under a key by `keepLast`.
   * @param piecesOf parts of it, the same each time: what was not changed in them is not written again
   */
  findLast(key: string, piecesOf: (value: unknown) => readonly object[]): unknown {
    const whole = this.find(key);
    if (whole === undefined) return undefined;
    const pieces = piecesOf(whole);
    const sum = this.used.get(hashOf(key).toString('latin1'))!.subarray(0, SUM_LENGTH).toString('hex');
    this.lasts.set(key, { pieces, sum });
    return this.read(`${key}\n${sum}`, pieces) ?? whole;
  }

  /** Keeps what has become of a value that `findLast` gave, or another: of what is still the same in it, only that it is. */
  keepLast(key: string, value: unknown): void {
    const last = this.lasts.get(key);
    const whole = this.used.get(hashOf(key).toString('latin1'));
    if (last === undefined || whole === undefined || !this.write(`${key}\n${last.sum}`, value, last.pieces, whole.length / MOST_OF_WHOLE)) this.keep(key, value);
  }

  private read(key: string, given: readonly object[]): unknown {
    const hash = hashOf(key).toString('latin1');
    const bytes = this.before.get(hash);
    if (bytes === undefined) return undefined;
    try {
      const value = decode('', checked(bytes), given);
      this.used.set(hash, bytes);
      return value;
    } catch {
      return undefined;
    }
  }

  /** @returns whether it is kept: no plain data is not, nor what is too large */
  private write(key: string, value: unknown, given: readonly object[], most: number): boolean {
    try {
      const bytes = withCheckSum(encode('', value, given));
      if (bytes.length > most) return false;
      this.used.set(hashOf(key).toString('latin1'), bytes);
      this.hasNew = true;
      return true;
    } catch {
      return false;
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
