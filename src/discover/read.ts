import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { dirname, join, relative, sep } from 'node:path';
import { entryOf } from '../entry.js';
import type { Notice } from '../facts/location.js';
import { codeLanguage } from './language.js';

/** Larger files are named instead of read: they would hold up the whole run. */
export const MAXIMUM_SIZE = 64 * 1024 * 1024;

export interface ReadResult {
  /** Absent when there is nothing to parse. A byte order mark is not part of it. */
  readonly text?: string;
  readonly notices: readonly Notice[];
}

/**
 * Reads a file as text. Never throws: what is wrong with a file is a notice.
 * UTF-8 and UTF-16 (by byte order mark, or by its NUL bytes) are read; bytes that are no UTF-8 become U+FFFD.
 * @param root absolute folder of the project
 * @param path relative to `root`
 */
export function readSource(root: string, path: string): ReadResult {
  const read = readBytes(root, path);
  return 'bytes' in read ? decode(path, read.bytes) : read;
}

/** The bytes of a file, or why there are none. */
export function readBytes(root: string, path: string): { readonly bytes: Buffer } | Omit<ReadResult, 'text'> {
  const nothing = (reason: string) => ({ notices: [noticeAt(path, 0, reason)] });
  try {
    const absolute = join(root, path);
    const own = lstatSync(absolute);
    const status = own.isSymbolicLink() ? statSync(absolute) : own;
    if (status !== own && leaves(root, absolute)) return nothing('is a symbolic link out of the project: not read');
    if (status.isDirectory()) return nothing('is a folder, not a file');
    if (!status.isFile()) return nothing('is not a regular file');
    if (status.size > MAXIMUM_SIZE) return nothing(`has ${Math.round(status.size / 1024 / 1024)} MB; files over ${MAXIMUM_SIZE / 1024 / 1024} MB are not read`);
    return { bytes: readFileSync(absolute) };
  } catch (error) {
    return nothing(unreadable(error));
  }
}

const boundaries = new Map<string, string>();

/** Whether a link leads out of the project, or out of the repository it is a part of: a report could show what is not the project's to show. */
function leaves(root: string, link: string): boolean {
  const boundary = boundaries.get(root) ?? boundaryOf(realpathSync(root));
  boundaries.set(root, boundary);
  const from = relative(boundary, realpathSync(link));
  return from === '..' || from.startsWith(`..${sep}`);
}

function boundaryOf(root: string): string {
  for (let at = root; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, '.git'))) return at;
  return root;
}

/** Why a file cannot be read, in words. */
export function unreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = { ENOENT: 'does not exist any more', EACCES: 'cannot be read: permission denied', ELOOP: 'is a symbolic link to itself' };
  return entryOf(words, code ?? '') ?? `cannot be read: ${code ?? String(error)}`;
}

/** A notice about a file or folder, at one offset of its text; `files`: how many unread files it stands for. */
export function noticeAt(file: string, offset: number, reason: string, files?: number): Notice {
  return { location: { file, start: offset, end: offset }, reason, ...(files !== undefined && { files }) };
}

const UTF8 = new TextDecoder('utf-8');

/** The text of a file's bytes, and what is wrong with them. */
export function decode(path: string, bytes: Buffer): ReadResult {
  const encoding = utf16(bytes);
  if (encoding) return { text: new TextDecoder(encoding).decode(bytes), notices: [] };
  const valid = isUtf8(bytes);
  const hasNul = bytes.includes(0);
  if (hasNul && !valid) return { notices: [noticeAt(path, 0, 'is a binary file')] };
  const text = UTF8.decode(bytes);
  if (!valid) return { text, notices: [noticeAt(path, Math.max(0, text.indexOf('\uFFFD')), 'not valid UTF-8: the bytes are read as U+FFFD')] };
  if (!hasNul || codeLanguage(path) !== undefined) return { text, notices: [] };
  // PostgreSQL's grammar would end the text at the first of them, in silence.
  return { text: text.replaceAll('\0', ' '), notices: [noticeAt(path, text.indexOf('\0'), 'holds NUL characters, which PostgreSQL rejects; read as spaces')] };
}

function utf16(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, 512);
  if (sample.length < 4 || !sample.includes(0)) return undefined;
  const nuls = [0, 0];
  sample.forEach((byte, index) => { if (byte === 0) nuls[index % 2]!++; });
  const enough = sample.length * 0.4;
  if (nuls[1]! >= enough && nuls[0] === 0) return 'utf-16le';
  if (nuls[0]! >= enough && nuls[1] === 0) return 'utf-16be';
  return undefined;
}
