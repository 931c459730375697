import type { Content } from '../discover/content.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import { decodeFacts } from './facts.js';
import { checked, hashOf, readPack, withCheckSum, writePack, type Entries } from './pack.js';
import type { CachePlace } from './place.js';

/** Of files that are not there at the moment as much is kept as of those that are, and this much at least. */
const ALWAYS_KEPT = 4 * 1024 * 1024;

/**
 * The facts of files by content, kept from one run to the next in one file. What stands there under a key was made from the same text of the
 * same path by the same program, so that it does not matter to any result whether it was found. What is damaged is as if it were not there.
 */
export class FactsCache {
  private readonly path: string;
  private readonly fingerprint: Buffer;
  private readonly before: Entries;
  private readonly used = new Map<string, Buffer>();
  private added = 0;

  /**
   * @param place it need not be there
   */
  constructor({ path, fingerprint }: CachePlace) {
    this.path = `${path}.facts`;
    this.fingerprint = fingerprint;
    this.before = readPack(this.path, this.fingerprint);
  }

  /** The facts of a file of this text; undefined when they are not known. */
  get(source: SourceFile, content: Content): FileFacts | undefined {
    const key = keyOf(source, content);
    const bytes = this.used.get(key) ?? this.before.get(key);
    if (bytes === undefined) return undefined;
    try {
      const facts = decodeFacts(source, content, checked(bytes));
      this.used.set(key, bytes);
      return facts;
    } catch {
      return undefined;
    }
  }

  /** Whether facts of a file of this content are kept: then its text is that of the content's bytes, without a notice. */
  has(source: SourceFile, content: Content): boolean {
    return this.before.has(keyOf(source, content));
  }

  /** Keeps the encoded facts of a file. */
  add(source: SourceFile, content: Content, bytes: Uint8Array): void {
    this.used.set(keyOf(source, content), withCheckSum(bytes));
    this.added += 1;
  }

  /** Writes what has come to it. Of what was not used this time the newest is kept, as far as there is room. */
  save(): void {
    if (this.added === 0) return;
    const entries = new Map(this.used);
    const sizeOf = (all: Entries) => [...all.values()].reduce((sum, { length }) => sum + length, 0);
    let room = Math.max(sizeOf(entries), ALWAYS_KEPT);
    for (const [key, bytes] of this.before) {
      if (entries.has(key)) continue;
      room -= bytes.length;
      if (room < 0) break;
      entries.set(key, bytes);
    }
    if (writePack(this.path, this.fingerprint, entries)) this.added = 0;
  }
}

const keys = new WeakMap<Content, { readonly source: SourceFile; readonly key: string }>();

/** A content is asked for by the file that has it, again and again. */
function keyOf(source: SourceFile, content: Content): string {
  const known = keys.get(content);
  if (known?.source === source) return known.key;
  const key = hashOf(`${JSON.stringify(source)}\0${content.id}`).toString('latin1');
  keys.set(content, { source, key });
  return key;
}
