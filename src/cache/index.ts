import type { FileFacts, SourceFile } from '../facts/file.js';
import { lineStartsOf } from '../parse/lines.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { checked, fingerprintOf, hashOf, readPack, withCheckSum, writePack, type Entries } from './pack.js';
import type { CachePlace } from './place.js';

/** What is left when everything is taken from facts that the source and its text say as well. */
type OwnFacts = Omit<FileFacts, 'file' | 'language' | 'role' | 'lineStarts' | 'length'>;

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
  /** How many files it was asked about in vain. */
  misses = 0;

  /**
   * @param place it need not be there
   */
  constructor({ path, program }: CachePlace) {
    this.path = `${path}.facts`;
    this.fingerprint = fingerprintOf(program);
    this.before = readPack(this.path, this.fingerprint);
  }

  /** The facts of a file of this text; undefined when they are not known. */
  get(source: SourceFile, text: string): FileFacts | undefined {
    const key = keyOf(source, text);
    const bytes = this.used.get(key) ?? this.before.get(key);
    const own = bytes === undefined ? undefined : decodeFacts(source.path, bytes);
    if (bytes === undefined || own === undefined) {
      this.misses++;
      return undefined;
    }
    this.used.set(key, bytes);
    return { file: source.path, language: source.language, role: source.role, lineStarts: lineStartsOf(text), length: text.length, ...own };
  }

  /** Keeps the facts of a file, unless it could not be read: what was missing then may be there the next time. */
  add(source: SourceFile, text: string, facts: FileFacts): void {
    if (facts.unread === true) return;
    const bytes = encodeFacts(facts);
    if (bytes !== undefined) this.addEncoded(source, text, bytes);
  }

  /** The same for facts that are encoded already. */
  addEncoded(source: SourceFile, text: string, bytes: Uint8Array): void {
    this.used.set(keyOf(source, text), withCheckSum(bytes));
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

/** The facts of a file without what its source and its text say; undefined when they cannot be kept. */
export function encodeFacts(facts: FileFacts): Uint8Array | undefined {
  const { file, language: _language, role: _role, lineStarts: _lineStarts, length: _length, ...own } = facts;
  try {
    return encode(file, own satisfies OwnFacts);
  } catch {
    return undefined;
  }
}

function decodeFacts(file: string, bytes: Buffer): OwnFacts | undefined {
  try {
    return decode(file, checked(bytes)) as OwnFacts;
  } catch {
    return undefined;
  }
}

function keyOf(source: SourceFile, text: string): string {
  return hashOf(JSON.stringify(source), text).toString('latin1');
}
