import { hash } from 'node:crypto';

/** The text of a file, and what it is known by. */
export interface Content {
  /** Of the same text the same. What git keeps has the id that git gives it, as far as its bytes are the text and nothing else. */
  readonly id: string;
  readonly text: string;
}

/** What a text is known by: the id that git gives to its bytes (`git help hash-object`), unless such bytes are read as another text. */
export function textId(text: string): string {
  const isRead = !text.startsWith('\uFEFF') && !text.includes('\0');
  return hash('sha1', `${isRead ? 'blob' : 'text'} ${Buffer.byteLength(text)}\0${text}`, 'hex');
}

/** Whether bytes are those that git has under an id. */
export function hasId(bytes: Uint8Array, id: string): boolean {
  const header = Buffer.from(`blob ${bytes.length}\0`);
  return hash(id.length === 40 ? 'sha1' : 'sha256', Buffer.concat([header, bytes]), 'hex') === id;
}

/** A text that is at hand. */
export class TextContent implements Content {
  private known: string | undefined;

  constructor(readonly text: string) {}

  get id(): string {
    return this.known ??= textId(this.text);
  }
}

/** A text that is read when it is asked for. */
export class LaterContent implements Content {
  private known: string | undefined;

  constructor(readonly id: string, private readonly read: () => string) {}

  get text(): string {
    return this.known ??= this.read();
  }
}
