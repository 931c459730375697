import type { Content } from '../discover/content.js';
import type { CodeModule } from '../facts/code.js';
import type { FileFacts, SourceFile } from '../facts/file.js';
import { lineStartsOf } from '../parse/lines.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { decode } from './decode.js';
import { encode } from './encode.js';

/** What is left when everything is taken from facts that the source and its text say as well, but for what would have the text read. */
type OwnFacts = Omit<FileFacts, 'file' | 'language' | 'role' | 'lineStarts' | 'code'> & { readonly code?: Omit<CodeModule, 'body'> };

/**
 * The facts of a file without what its source and its text say; the body of its code stands by itself.
 * @returns undefined when they are not to be kept: of a file that could not be read (what was missing may be there the next time), or no plain data
 */
export function encodeFacts(facts: FileFacts): Uint8Array | undefined {
  const { file, language: _language, role: _role, lineStarts: _lineStarts, code, ...others } = facts;
  if (others.unread === true) return undefined;
  const { body, ...module } = code ?? {};
  const own = { ...others, ...(code && { code: module as Omit<CodeModule, 'body'> }) } satisfies OwnFacts;
  try {
    const outline = encode(file, own);
    const whole = new ByteWriter();
    whole.integer(outline.length);
    whole.append(outline);
    if (body !== undefined) whole.append(encode(file, body));
    return whole.written();
  } catch {
    return undefined;
  }
}

/** The facts that `encodeFacts` made bytes of; the body of the code is read when it is asked for. @throws Error for other bytes */
export function decodeFacts({ path: file, language, role }: SourceFile, content: Content, bytes: Buffer): FileFacts {
  const reader = new ByteReader(bytes);
  const { code, ...own } = decode(file, reader.take(reader.integer())) as OwnFacts;
  let lineStarts: readonly number[] | undefined;
  return {
    file, language, role, get lineStarts() { return lineStarts ??= lineStartsOf(content.text); }, ...own,
    ...(code && { code: withBody(code, () => decode(file, reader.rest()) as CodeModule['body']) }),
  };
}

function withBody(module: Omit<CodeModule, 'body'>, read: () => CodeModule['body']): CodeModule {
  let body: CodeModule['body'] | undefined;
  return { ...module, get body() { return body ??= read(); } };
}
