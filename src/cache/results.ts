import { textId, type Content } from '../discover/content.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { checked, hashOf, readPack, withCheckSum, writePack, type Entries } from './pack.js';
import type { CachePlace } from './place.js';

/** Text of a file; undefined where there is none. */
type TextOf = (file: string) => string | undefined;

/** What a run is made from. */
export interface Ingredients {
  /** The hash of everything but the texts of its files. */
  readonly plain: string;
  /** What the content of each file is known by, by path. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** What became of a run. */
export interface Outcome {
  /** The texts of other files that were asked for on the way. */
  readonly asked: ReadonlyMap<string, string | undefined>;
  /** Files that nobody has looked into, each with what it says all the same. */
  readonly outlines: ReadonlyMap<string, string>;
  /** Plain data. */
  readonly value: unknown;
}

interface Kept {
  readonly plain: string;
  readonly asked: readonly (readonly [file: string, hash: string | null])[];
  readonly files: readonly (readonly [file: string, hash: string, outline: string | null])[];
  readonly value: unknown;
}

/** So many are kept: of the states of a project between which people go to and fro. */
const MOST = 8;
/** Where more has changed, everything is looked at again. */
const MOST_CHANGED = 100;

/**
 * Results of whole runs by all that they were made from: who asks for one names everything it depends on, but for files that are
 * found to be asked for on the way. Of these each is compared.
 */
export class ResultCache {
  private readonly path: string;
  private readonly fingerprint: Buffer;
  private entries: Entries;

  constructor({ path, fingerprint }: CachePlace) {
    this.path = `${path}.results`;
    this.fingerprint = fingerprint;
    this.entries = readPack(this.path, this.fingerprint);
  }

  /** What was kept of a run that was made from the same, when the files that were asked for have the same texts; else undefined. */
  find(from: Ingredients, textOf: TextOf): unknown {
    const kept = this.read(keyOf(from));
    return kept !== undefined && isAsked(kept, textOf) ? kept.value : undefined;
  }

  /**
   * What was kept of a run that differs only in files that nobody has looked into, and that say the same in other respects. It is kept for this
   * one as well.
   * @param outlineOf what a file says to who does not look into it, as it is now; undefined when that is not enough
   */
  findAlike(from: Ingredients, outlineOf: (file: string) => string | undefined, textOf: TextOf): unknown {
    for (const key of this.entries.keys()) {
      const kept = this.read(key);
      if (kept?.plain !== from.plain || kept.files.length !== from.hashes.size) continue;
      const changed = kept.files.filter(([file, hash]) => from.hashes.get(file) !== hash);
      if (changed.length > MOST_CHANGED || !changed.every(([file, , outline]) => outline !== null && from.hashes.has(file) && outlineHash(outlineOf(file)) === outline) || !isAsked(kept, textOf)) continue;
      this.write(from, { ...kept, files: kept.files.map(([file, , outline]) => [file, from.hashes.get(file)!, outline]) });
      return kept.value;
    }
    return undefined;
  }

  /** Keeps what became of a run, unless its value is no plain data. */
  keep(from: Ingredients, { asked, outlines, value }: Outcome): void {
    this.write(from, {
      plain: from.plain, value,
      asked: [...asked].map(([file, text]) => [file, textHash(text)]),
      files: [...from.hashes].map(([file, hash]) => [file, hash, outlineHash(outlines.get(file))]),
    });
  }

  private read(key: string): Kept | undefined {
    const bytes = this.entries.get(key);
    if (bytes === undefined) return undefined;
    try {
      return decode('', checked(bytes)) as Kept;
    } catch {
      return undefined;
    }
  }

  private write(from: Ingredients, kept: Kept): void {
    const key = keyOf(from);
    let bytes: Buffer;
    try {
      bytes = withCheckSum(encode('', kept));
    } catch {
      return;
    }
    this.entries = new Map([[key, bytes], ...[...this.entries].filter(([each]) => each !== key).slice(0, MOST - 1)]);
    writePack(this.path, this.fingerprint, this.entries);
  }
}

function isAsked({ asked }: Kept, textOf: TextOf): boolean {
  return asked.every(([file, hash]) => textHash(textOf(file)) === hash);
}

/**
 * What a run is made from.
 * @param plain everything that it depends on besides, as plain data; sets count as lists
 * @param contents of its files
 */
export function ingredients(plain: unknown, contents: ReadonlyMap<string, Content>): Ingredients {
  const text = JSON.stringify(plain, (_, value: unknown) => (value instanceof Set ? [...value] : value));
  return { plain: hashOf(text).toString('latin1'), hashes: new Map([...contents].map(([file, { id }]) => [file, id])) };
}

function keyOf({ plain, hashes }: Ingredients): string {
  return hashOf(JSON.stringify([plain, ...hashes])).toString('latin1');
}

/** What a text is known by; null: there is none. */
export function textHash(text: string | undefined): string | null {
  return text === undefined ? null : textId(text);
}

function outlineHash(outline: string | undefined): string | null {
  return outline === undefined ? null : hashOf(outline).toString('latin1');
}
