import type { TransactionMode } from '../../facts/file.js';
import type { Comment, Token } from './lexer.js';
import { Scanner } from './lexer.js';
import { readMarker } from './sections.js';

/** The text of one statement, without its semicolon. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly section: 'up' | 'down';
  /** Positions in the whole text. */
  readonly tokens: readonly Token[];
  /** Comments that stand inside the statement. */
  readonly comments: readonly Comment[];
  /** A quote or comment in it is not closed. */
  readonly unterminated: boolean;
}

/** A psql meta-command that pulls in or runs something that is not in this file. */
export interface MetaCommand {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits the text of a file into statements, as psql and the migration tools do: at semicolons outside quotes, dollar quotes,
 * parentheses and BEGIN ATOMIC bodies, and at the tools' markers. Psql meta-commands and COPY data are passed over.
 */
export class Splitter {
  readonly comments: Comment[] = [];
  readonly includes: MetaCommand[] = [];
  transaction: TransactionMode | undefined;
  section: 'up' | 'down' = 'up';
  sawDown = false;
  /** A comment that swallows the rest of the text. */
  unclosedComment: Comment | undefined;
  private scanner: Scanner;
  private tokens: Token[] = [];
  private inner: Comment[] = [];
  private depth = 0;
  private atomic = 0;
  private routine = false;
  private unterminated = false;

  constructor(private readonly text: string, private readonly host = false) {
    this.scanner = new Scanner(text, 0, host);
  }

  /** Goes on splitting from an earlier offset, after a statement that swallowed its followers. */
  resume(offset: number): void {
    this.scanner = new Scanner(this.text, offset, this.host);
    this.unclosedComment = undefined;
    while (this.comments.length > 0 && this.comments.at(-1)!.start >= offset) this.comments.pop();
    this.reset();
  }

  /** The next statement, or undefined at the end of the text. */
  next(): Piece | undefined {
    const { scanner } = this;
    while (scanner.next()) {
      const { kind, start, end } = scanner;
      if (scanner.unterminated) this.unterminated = true;
      if (kind === 'lineComment' || kind === 'blockComment') {
        const piece = this.comment({ form: kind === 'lineComment' ? 'line' : 'block', start, end });
        if (piece) return piece;
      } else if (kind === 'punctuation' && this.text[start] === '\\') {
        const piece = this.metaCommand(start);
        if (piece) return piece;
      } else if (kind === 'punctuation' && this.text[start] === ';' && this.depth <= 0 && this.atomic === 0) {
        const piece = this.take();
        if (piece) {
          this.skipCopyData(piece);
          return piece;
        }
      } else {
        this.track({ type: kind as Token['type'], start, end });
      }
    }
    return this.take();
  }

  private comment(comment: Comment): Piece | undefined {
    this.comments.push(comment);
    if (this.scanner.unterminated) this.unclosedComment = comment;
    const marker = comment.form === 'line' ? readMarker(this.text.slice(comment.start, comment.end)) : undefined;
    if (marker === undefined) {
      if (this.tokens.length > 0) this.inner.push(comment);
      return undefined;
    }
    const piece = this.take();
    if (marker.section !== undefined) {
      this.section = marker.section;
      if (marker.section === 'down') this.sawDown = true;
    }
    if (marker.transaction !== undefined && this.section === 'up' && this.transaction !== 'none') this.transaction = marker.transaction;
    return piece;
  }

  /** `\gexec` and the like end a statement; every other meta-command stands between or beside statements. */
  private metaCommand(start: number): Piece | undefined {
    let end = start;
    while (end < this.text.length && this.text[end] !== '\n' && this.text[end] !== '\r') end += 1;
    this.scanner.end = end;
    const command = this.text.slice(start, end);
    if (/^\\(?:i|ir|include|include_relative)\s/.test(command)) this.includes.push({ start, end: start + command.trimEnd().length });
    return /^\\g/.test(command) ? this.take() : undefined;
  }

  private track(token: Token): void {
    const { text } = this;
    this.tokens.push(token);
    if (token.type === 'punctuation') {
      if (text[token.start] === '(') this.depth += 1;
      else if (text[token.start] === ')') this.depth -= 1;
    } else if (token.type === 'word') {
      this.trackAtomic(token);
    }
  }

  /** The body of a SQL-standard routine: BEGIN ATOMIC ... END, with CASE ... END inside. */
  private trackAtomic(token: Token): void {
    const word = this.text.slice(token.start, token.end).toLowerCase();
    const count = this.tokens.length;
    if (count <= 4 && (word === 'function' || word === 'procedure') && this.word(0) === 'create') this.routine = true;
    if (!this.routine) return;
    if (word === 'atomic' && this.word(count - 2) === 'begin') this.atomic = 1;
    else if (this.atomic > 0 && word === 'case') this.atomic += 1;
    else if (this.atomic > 0 && word === 'end') this.atomic -= 1;
  }

  private word(index: number): string {
    const token = this.tokens[index];
    return token === undefined ? '' : this.text.slice(token.start, token.end).toLowerCase();
  }

  private take(): Piece | undefined {
    const { tokens, inner, section, unterminated } = this;
    const [first, last] = [tokens[0], tokens.at(-1)];
    this.reset();
    if (first === undefined || last === undefined) return undefined;
    return { start: first.start, end: last.end, section, tokens, comments: inner.filter(({ end }) => end <= last.end), unterminated };
  }

  private reset(): void {
    this.tokens = [];
    this.inner = [];
    this.depth = 0;
    this.atomic = 0;
    this.routine = false;
    this.unterminated = false;
  }

  private skipCopyData(piece: Piece): void {
    const [copy] = piece.tokens;
    if (copy === undefined || this.text.slice(copy.start, copy.end).toLowerCase() !== 'copy') return;
    if (!/\bfrom\s+stdin\b/i.test(this.text.slice(piece.start, piece.end))) return;
    const close = /^\\\.[ \t]*\r?$/gm;
    close.lastIndex = this.scanner.end;
    const found = close.exec(this.text);
    this.scanner.end = found === null ? this.text.length : close.lastIndex;
  }
}
