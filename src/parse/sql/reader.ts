import type { TransactionMode } from '../../facts/file.js';
import type { Location, Notice } from '../../facts/location.js';
import type { Operation, Statement } from '../../facts/operation.js';
import { createContext } from './context.js';
import type { Locate } from './context.js';
import { DialectEvidence } from './dialect.js';
import { parseTree } from './engine.js';
import type { TreeResult } from './engine.js';
import { HoleMask, isHoleName } from './holes.js';
import type { Masked } from './holes.js';
import { lex } from './lexer.js';
import type { Comment } from './lexer.js';
import { Splitter } from './splitter.js';
import { unnamedAdditions } from './unnamed.js';
import type { Piece } from './splitter.js';
import { lowerStatement } from './statement.js';

/** A longer statement is data, not a migration; the grammar would take seconds and hundreds of megabytes. */
const LONGEST_STATEMENT = 1024 * 1024;
/** How often, and over how much text, a file may be read anew after statements that swallowed their followers, or that hold what is no SQL. */
const MOST_RECOVERIES = 100;
const MOST_RECOVERED_TEXT = 16 * 1024 * 1024;
const MOST_REPAIRS = 40;

export interface ReadResult {
  readonly up: readonly Statement[];
  readonly down: readonly Statement[];
  readonly sawDown: boolean;
  readonly notices: readonly Notice[];
  readonly comments: readonly Comment[];
  readonly rejected: number;
  readonly transaction?: TransactionMode;
  /** Where another database's syntax was first seen, when the text is not PostgreSQL's. */
  readonly foreign?: { readonly start: number; readonly end: number };
}

/** Reads all statements of a text; see {@link readText}. */
class Reader {
  private readonly splitter: Splitter;
  private readonly dialect: DialectEvidence;
  private readonly up: Statement[] = [];
  private readonly down: Statement[] = [];
  private readonly notices: Notice[] = [];
  private rejected = 0;
  private foreignRejected = 0;
  private pieces = 0;
  private recoveries = 0;
  private recoveredText = 0;

  constructor(private readonly text: string, private readonly locate: Locate, host: boolean) {
    this.splitter = new Splitter(text, host);
    this.dialect = new DialectEvidence(text);
  }

  read(): ReadResult {
    for (let piece = this.splitter.next(); piece !== undefined; piece = this.splitter.next()) this.readPiece(piece);
    const { splitter, dialect } = this;
    for (const include of splitter.includes) {
      this.notice(include.start, include.end, 'A file included by a psql command is not followed');
    }
    const unclosed = splitter.unclosedComment;
    if (unclosed !== undefined) this.notice(unclosed.start, unclosed.start + 2, 'This comment is not closed: the rest of the file was not read');
    const nul = this.text.indexOf('\0');
    if (nul >= 0) this.notice(nul, nul + 1, 'NUL character: PostgreSQL rejects it; it was read as a space');
    const isForeign = dialect.foreign > 0 && (dialect.postgres === 0 || this.foreignRejected * 2 > this.pieces);
    return {
      up: this.up, down: this.down, sawDown: splitter.sawDown, notices: this.notices, comments: splitter.comments, rejected: this.rejected,
      ...(splitter.transaction && { transaction: splitter.transaction }),
      ...(isForeign && dialect.first && { foreign: dialect.first }),
    };
  }

  private notice(start: number, end: number, reason: string): void {
    this.notices.push({ location: this.locate(start, end), reason });
  }

  private readPiece(piece: Piece): void {
    this.pieces += 1;
    const foreign = this.dialect.weigh(piece.tokens);
    if (piece.end - piece.start > LONGEST_STATEMENT) {
      this.rejected += 1;
      if (piece.unterminated) this.recover(piece);
      return this.notice(piece.start, piece.end, `A statement of ${megabytes(piece.end - piece.start)} MB was not read: too long`);
    }
    const mask = new HoleMask(plainText(this.text, piece), shifted(piece));
    const { masked, tree, spaces, again } = parseMasked(mask, MOST_RECOVERED_TEXT - this.recoveredText);
    this.recoveredText += again;
    if (!tree.ok) return this.reject(piece, tree, foreign);
    if (spaces) this.notice(piece.start, piece.end, 'This statement holds a no-break space or the like, which PostgreSQL rejects; it was read as a space');
    this.lower(piece, masked, tree);
  }

  /** Counts a rejected statement; if an open quote or parenthesis swallowed later statements, splitting goes on inside it. */
  private reject(piece: Piece, tree: TreeResult & { ok: false }, foreign: boolean): void {
    this.rejected += 1;
    if (foreign) this.foreignRejected += 1;
    const at = Math.min(piece.start + tree.offset, piece.end);
    const token = piece.tokens.find(({ end }) => end > at) ?? piece.tokens.at(-1)!;
    const start = Math.min(Math.max(at, token.start), token.end - 1);
    this.notice(start, Math.min(token.end, start + 200), `PostgreSQL's grammar rejects this statement: ${oneLine(tree.message)}`);
    this.recover(piece);
  }

  /** Goes on splitting where the statement probably ended, if that is inside of what was taken for it. */
  private recover(piece: Piece): void {
    const cut = swallowedEnd(this.text, piece);
    this.recoveries += 1;
    this.recoveredText += piece.end - piece.start;
    if (cut === undefined || this.recoveries > MOST_RECOVERIES || this.recoveredText > MOST_RECOVERED_TEXT) return;
    this.splitter.resume(cut);
  }

  private lower(piece: Piece, masked: Masked, tree: TreeResult & { ok: true }): void {
    const locate: Locate = (start, end) => this.locate(piece.start + start, piece.start + end);
    const ctx = createContext({ file: locate(0, 0).file, text: masked.text, locate, holes: masked.holes, placeholders: masked.placeholders });
    const span = { start: 0, end: masked.text.length };
    const unreadable = (where: Location, reason: string): void => {
      this.notices.push({ location: where, reason: `Part of this routine could not be read: ${oneLine(reason)}` });
    };
    const location = locate(0, span.end);
    try {
      const operations = tree.statements.flatMap(({ node }) => lowerStatement(node, ctx, span, unreadable));
      const known = masked.repaired.length === 0 ? operations : [withHoles(masked.repaired, operations, location)];
      (piece.section === 'up' ? this.up : this.down).push({ kind: 'statement', location, operations: known });
    } catch (error) {
      this.rejected += 1;
      const reason = error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : String(error);
      this.notice(piece.start, piece.end, `This statement could not be read: ${reason}`);
    }
  }
}

function withHoles(repaired: readonly string[], operations: readonly Operation[], location: Operation['location']): Operation {
  const tables = operations.flatMap((operation) => {
    if (!('table' in operation) || isHoleName(operation.table.name)) return [];
    return isHoleName(operation.table.schema) ? [{ name: operation.table.name }] : [operation.table];
  });
  const unnamed = unnamedAdditions(operations, ({ name }) => isHoleName(name));
  return { kind: 'notUnderstood', reason: `unknown SQL in the template hole ${repaired[0]}`, tables, ...(unnamed.length > 0 && { unnamed, whenever: true as const }), location };
}

/** The grammar quotes the text it stopped at, which may be the rest of the file. */
function oneLine(message: string): string {
  const [line = ''] = message.split(/[\r\n]/, 1);
  return line.length > 120 ? `${line.slice(0, 120)}...` : line;
}

function megabytes(units: number): string {
  return (units / 1024 / 1024).toFixed(1);
}

/** Tokens of a piece with positions in the piece's own text; only parameters are needed there. */
function shifted(piece: Piece) {
  return piece.tokens.filter(({ type }) => type === 'parameter')
    .map(({ type, start, end }) => ({ type, start: start - piece.start, end: end - piece.start }));
}

/**
 * A piece's text; NULs, byte order marks and comments are blanked: the grammar's lexer is quadratic on nested ones, and does not see
 * that `NOT /* ... *\/ IN` belongs together.
 */
function plainText(text: string, piece: Piece): string {
  const parts: string[] = [];
  let from = piece.start;
  for (const { start, end } of piece.comments) {
    parts.push(text.slice(from, start), text.slice(start, end).replace(/[^\r\n]/g, ' '));
    from = end;
  }
  const plain = parts.join('') + text.slice(from, piece.end);
  return plain.includes('\0') ? plain.replaceAll('\0', ' ') : plain;
}

interface Parsed {
  readonly masked: Masked;
  readonly tree: TreeResult;
  /** No-break spaces had to be read as spaces. */
  readonly spaces: boolean;
  /** How much text was read again. */
  readonly again: number;
}

/** @param most how much text may be read again */
function parseMasked(mask: HoleMask, most: number): Parsed {
  let masked = mask.apply();
  let tree = parseTree(masked.text);
  let again = 0;
  const first = { masked, tree };
  for (let turn = 0; !tree.ok && turn < MOST_REPAIRS && again < most && mask.repair(tree.offset); turn += 1) {
    masked = mask.apply();
    again += masked.text.length;
    tree = parseTree(masked.text);
  }
  if (tree.ok) return { masked, tree, spaces: false, again };
  const plain = withPlainSpaces(first.masked.text);
  if (plain !== first.masked.text) {
    const retried = parseTree(plain);
    if (retried.ok) return { masked: { ...first.masked, text: plain }, tree: retried, spaces: true, again };
  }
  return { ...first, spaces: false, again };
}

const ODD_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/g;

/** Replaces spaces PostgreSQL does not know, outside quotes. */
function withPlainSpaces(text: string): string {
  if (!ODD_SPACE.test(text)) return text;
  ODD_SPACE.lastIndex = 0;
  let result = '';
  let from = 0;
  for (const { type, start, end } of lex(text).tokens) {
    result += text.slice(from, start);
    const token = text.slice(start, end);
    result += type === 'word' || type === 'punctuation' ? token.replace(ODD_SPACE, ' ') : token;
    from = end;
  }
  return result + text.slice(from);
}

/** Where the statement probably ended: the first semicolon at a line's end inside a quote, comment or parenthesis of it. */
function swallowedEnd(text: string, piece: Piece): number | undefined {
  const lineEnd = /;[ \t]*(?:--[^\r\n]*)?(?:\r?\n|$)/g;
  lineEnd.lastIndex = piece.start;
  const spared = piece.tokens.filter(({ type, end }) => type === 'dollarString' && !(piece.unterminated && end === text.length));
  for (let found = lineEnd.exec(text); found !== null && found.index < piece.end; found = lineEnd.exec(text)) {
    const at = found.index;
    if (!spared.some(({ start, end }) => start <= at && at < end)) return at + 1;
  }
  return undefined;
}

/**
 * Reads every statement of a text.
 * @param locate maps UTF-16 spans of the text to the file
 * @param host the text is a query file of an application: placeholders of host languages are expected
 * @returns statements by section, notices with their places, comments; never throws
 */
export function readText(text: string, locate: Locate, host = false): ReadResult {
  return new Reader(text, locate, host).read();
}
