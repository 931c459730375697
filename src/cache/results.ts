import { decode } from './decode.js';
import { encode } from './encode.js';
import { checked, hashOf, readPack, withCheckSum, writePack, type Entries } from './pack.js';
import type { CachePlace } from './place.js';

/** Text of a file; undefined where there is none. */
type TextOf = (file: string) => string | undefined;

interface Kept {
  /** What was asked for besides what the key is made of: each file with the hash of the text it had. */
  readonly asked: readonly (readonly [file: string, hash: string | null])[];
  readonly value: unknown;
}

/** So many are kept: of the states of a project between which people go to and fro. */
const MOST = 8;

/**
 * Results of whole runs by all that they were made from: who asks for one names everything it depends on in the key, but for files that are
 * found to be asked for on the way. Of these each is compared.
 */
export class ResultCache {
  private readonly path: string;
  private readonly fingerprint: Buffer;
  private readonly entries: Entries;

  constructor({ path, fingerprint }: CachePlace) {
    this.path = `${path}.results`;
    this.fingerprint = fingerprint;
    this.entries = readPack(this.path, this.fingerprint);
  }

  /** What was kept under a key, when the files that were asked for have the same texts; else undefined. */
  find(key: string, textOf: TextOf): unknown {
    const bytes = this.entries.get(key);
    if (bytes === undefined) return undefined;
    try {
      const { asked, value } = decode('', checked(bytes)) as Kept;
      return asked.every(([file, hash]) => textHash(textOf(file)) === hash) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a result, unless it is no plain data. @param asked the texts of files that were asked for on the way */
  keep(key: string, asked: ReadonlyMap<string, string | undefined>, value: unknown): void {
    const kept: Kept = { asked: [...asked].map(([file, text]) => [file, textHash(text)]), value };
    let bytes: Buffer;
    try {
      bytes = withCheckSum(encode('', kept));
    } catch {
      return;
    }
    const others = [...this.entries].filter(([each]) => each !== key).slice(0, MOST - 1);
    writePack(this.path, this.fingerprint, new Map([[key, bytes], ...others]));
  }
}

/**
 * A key of everything that a result depends on.
 * @param plain data; sets count as lists
 * @param texts of files
 */
export function resultKey(plain: unknown, texts: ReadonlyMap<string, string>): string {
  const hashes = [...texts].map(([file, text]) => [file, textHash(text)]);
  return hashOf(JSON.stringify([plain, hashes], (_, value: unknown) => (value instanceof Set ? [...value] : value))).toString('latin1');
}

function textHash(text: string | undefined): string | null {
  return text === undefined ? null : hashOf(text).toString('latin1');
}
