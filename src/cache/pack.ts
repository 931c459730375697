import { createHash, hash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './folder.js';
import { ByteReader, ByteWriter } from './bytes.js';

/** What every pack begins with; the number is that of the format. */
const MAGIC = Buffer.from('tenantlint facts 2\n');
const HASH_LENGTH = 20;
/** Packs, and such as are being written. */
const PACK = /\.(?:facts|results|answers)(?:\.|$)/;
/** A larger pack is not read, and all packs of a folder together are no larger, apart from the one written last. */
const LARGEST = 512 * 1024 * 1024;

/** Bytes by key, as one file: a header, the fingerprint of who wrote it, all keys, all bytes. Each entry has its own check sum. */
export type Entries = ReadonlyMap<string, Buffer>;

/** A check sum, and what a key is made of. */
export function hashOf(data: string | Uint8Array): Buffer {
  return hash('sha1', data, 'buffer');
}

/**
 * The entries of a pack, not yet checked.
 * @param fingerprint of who may read it: a pack that another has written is no pack
 * @returns nothing for a file that is not there, cannot be read or is no such pack
 */
export function readPack(path: string, fingerprint: Buffer): Entries {
  try {
    if (statSync(path).size > LARGEST) return new Map();
    const bytes = readFileSync(path);
    const reader = new ByteReader(bytes);
    if (!reader.take(MAGIC.length).equals(MAGIC) || !reader.take(HASH_LENGTH).equals(fingerprint)) return new Map();
    const index = new ByteReader(checked(reader.take(reader.integer())));
    const entries = new Map<string, Buffer>();
    for (let count = index.integer(); count > 0; count--) entries.set(index.take(HASH_LENGTH).toString('latin1'), reader.take(index.integer()));
    return entries;
  } catch {
    return new Map();
  }
}

/**
 * Writes a pack, whole or not at all: who reads it meanwhile has the one before. Who writes at the same time is overwritten or overwrites.
 * @param entries each with its check sum, as `withCheckSum` gives it
 * @returns whether it is there now: a full or read-only disk is no error
 */
export function writePack(path: string, fingerprint: Buffer, entries: Entries): boolean {
  const temporary = `${path}.${process.pid}.${Date.now().toString(36)}`;
  try {
    const index = new ByteWriter();
    index.integer(entries.size);
    for (const [key, bytes] of entries) {
      index.append(Buffer.from(key, 'latin1'));
      index.integer(bytes.length);
    }
    const sealed = withCheckSum(index.written());
    const size = new ByteWriter();
    size.integer(sealed.length);
    makeFolder(dirname(path));
    writeFileSync(temporary, Buffer.concat([MAGIC, fingerprint, size.written(), sealed, ...entries.values()]), { flag: 'wx' });
    renameSync(temporary, path);
    prune(dirname(path));
    return true;
  } catch {
    remove(temporary);
    return false;
  }
}

/**
 * What tells one state of a program from another: its code, and what runs it.
 * @param paths of the code: folders, or files
 */
export function fingerprintOf(paths: readonly string[]): Buffer {
  const sum = createHash('sha1').update(process.version);
  for (const folder of paths) {
    if (statSync(folder).isFile()) {
      sum.update(readFileSync(folder));
      continue;
    }
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.[jt]s$/.test(name));
    for (const name of names.sort()) sum.update(name).update(readFileSync(join(folder, name)));
  }
  return sum.digest();
}

/** Takes away the packs used least lately, and what writers left that were stopped, once a folder is too large. */
function prune(folder: string): void {
  const files = readdirSync(folder).filter((name) => PACK.test(name)).map((name) => join(folder, name)).map((path) => ({ path, ...sizeAndTime(path) }));
  let size = 0;
  for (const [index, each] of files.sort((a, b) => b.time - a.time).entries()) {
    size += each.size;
    if (index > 0 && size > LARGEST) remove(each.path);
  }
}

/** Removes a file, where that is possible. */
export function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is where nothing can be removed either.
  }
}

function sizeAndTime(path: string): { size: number; time: number } {
  const status = statSync(path, { throwIfNoEntry: false });
  return { size: status?.size ?? 0, time: status?.mtimeMs ?? 0 };
}

/** Bytes with their check sum in front. */
export function withCheckSum(bytes: Uint8Array): Buffer {
  return Buffer.concat([hashOf(bytes), bytes]);
}

/** Bytes that have their check sum in front, without it. @throws RangeError when it is not theirs */
export function checked(bytes: Buffer): Buffer {
  const inner = bytes.subarray(HASH_LENGTH);
  if (!hashOf(inner).equals(bytes.subarray(0, HASH_LENGTH))) throw new RangeError('the check sum is another');
  return inner;
}
