import type { FileFacts, SourceFile } from '../facts/file.js';
import { lineStartsOf } from '../parse/lines.js';
import { decode } from './decode.js';
import { encode } from './encode.js';

/** What is left when everything is taken from facts that the source and its text say as well. */
type OwnFacts = Omit<FileFacts, 'file' | 'language' | 'role' | 'lineStarts' | 'length'>;

/**
 * The facts of a file without what its source and its text say.
 * @returns undefined when they are not to be kept: of a file that could not be read (what was missing may be there the next time), or no plain data
 */
export function encodeFacts(facts: FileFacts): Uint8Array | undefined {
  const { file, language: _language, role: _role, lineStarts: _lineStarts, length: _length, ...own } = facts;
  if (own.unread === true) return undefined;
  try {
    return encode(file, own satisfies OwnFacts);
  } catch {
    return undefined;
  }
}

/** The facts that `encodeFacts` made bytes of. @throws Error for other bytes */
export function decodeFacts({ path: file, language, role }: SourceFile, text: string, bytes: Buffer): FileFacts {
  return { file, language, role, lineStarts: lineStartsOf(text), length: text.length, ...decode(file, bytes) as OwnFacts };
}
