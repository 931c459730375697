import type { Span } from './grammar.js';
import { Edits, type Marks } from './marks.js';
import { CONTINUATION, FIRST_CASE, NO_SUBJECT, NUMBER, OPERATORS, PLAIN_DECORATOR, STATEMENT, STATEMENT_ALONE, SUBJECT, TYPE_PARAMETERS } from './scan-words.js';
import { isPrefix, newTried, scanString } from './string-scan.js';
import { lineEnd, skipSpace, wordAt } from './text.js';

/** How the text is read: a file, an expression inside brackets, or the pattern of a case. */
export type ScanMode = 'file' | 'expression' | 'pattern';

export interface Scanned {
  /** The same length as the text that was scanned. */
  readonly text: string;
  readonly comments: readonly Span[];
  /** Strings and brackets without an end. */
  readonly open: readonly Span[];
  /** Where the statements of the file begin that are in no other. */
  readonly statements: readonly number[];
  /** The first place that only a template has: `{% ... %}` outside of strings. */
  readonly template?: number;
}

/** The grammar's memory grows with the square of such a chain. One of this length is too deep for what follows. */
const MOST_NOTS = 1500;

/** A statement that begins with a keyword, up to its colon; a decorator up to the end of the line. */
interface Header {
  readonly kind: 'with' | 'for' | 'match' | 'case' | 'except' | 'decorator';
  readonly start: number;
  readonly wordEnd: number;
  /** After `in` of a for, before `if` of a case. */
  split?: number;
  /** Has an item with a star, or several exceptions without brackets, as the grammar does not know them. */
  unusual: boolean;
}

/**
 * Goes once over a text, finds its comments, and rewrites at equal length what the grammar does not know.
 * @param start where the part to read begins; offsets in `marks` are those of the whole text
 */
export function scan(text: string, start: number, end: number, mode: ScanMode, marks: Marks): Scanned {
  return new Scanner(text, start, end, mode, marks).run();
}

function nextLine(text: string, at: number): string {
  return text.slice(at + 1, Math.min(lineEnd(text, at + 1), at + 200));
}

class Scanner {
  private readonly edits = new Edits();
  private readonly tried = newTried();
  private readonly comments: Span[] = [];
  private readonly open: Span[] = [];
  private template: number | undefined;
  private readonly statements: number[] = [];
  /** Open brackets; `i` is that of an index, `t` that of type parameters. */
  private readonly brackets: string[] = [];
  /** Where the outermost open bracket stands. */
  private outermost = 0;
  private readonly lambdas: number[] = [];
  /** Depth of the comprehensions whose targets are read. */
  private readonly targets: number[] = [];
  /** Indentation of the cases of the match statements around. */
  private readonly matches: string[] = [];
  private header: Header | undefined;
  /** Where the default of a type parameter begins. */
  private typeDefault: number | undefined;
  /** The last character that is no blank, and the word it ends. */
  private last = -1;
  private lastWord = '';
  private nots = 0;

  constructor(
    private readonly text: string, private readonly start: number, private readonly end: number,
    private readonly mode: ScanMode, private readonly marks: Marks,
  ) {}

  run(): Scanned {
    const { text, end } = this;
    let at = this.start;
    if (this.mode === 'file') at = this.lineStart(at);
    while (at < end) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 9) at += 1;
      else if (code === 10) at = this.newLine(at);
      else if (code === 35) {
        const stop = Math.min(lineEnd(text, at), end);
        this.comments.push({ start: at, end: stop });
        at = stop;
      } else if (code === 34 || code === 39) at = this.string(at);
      else if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127) at = this.word(at);
      else if (code >= 48 && code <= 57) at = this.number(at);
      else at = this.sign(at, text[at]!);
    }
    return { text: this.edits.apply(text, this.start, end), comments: this.comments, open: this.open, statements: this.statements, ...(this.template !== undefined && { template: this.template }) };
  }

  private newLine(at: number): number {
    if (this.mode !== 'file') return at + 1;
    if (this.brackets.length > 0) {
      if (!STATEMENT_ALONE.test(nextLine(this.text, at))) return at + 1;
      // The bracket was never closed: what stands behind it is lost, and nothing else.
      this.open.push({ start: this.outermost, end: this.outermost + 1 });
      this.edits.put(this.outermost, at, '');
      this.brackets.length = 0;
      this.typeDefault = undefined;
    }
    if (this.header?.kind === 'decorator') this.stand(this.header.wordEnd, this.header.wordEnd, at);
    this.header = undefined;
    this.lambdas.length = 0;
    return this.lineStart(at + 1);
  }

  /** The first word of a logical line. */
  private lineStart(line: number): number {
    const { text } = this;
    let at = line;
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    const char = text[at];
    if (char === undefined || char === '\n' || char === '#') return at;
    const indent = text.slice(line, at);
    if (indent === '' && !CONTINUATION.test(wordAt(text, at))) this.statements.push(at);
    while (this.matches.length > 0 && indent.length < this.matches.at(-1)!.length) this.matches.pop();
    this.last = -1;
    this.lastWord = '';
    if (char === '@') {
      this.marks.decorators.add(at);
      this.edits.put(at, at + 1, '+');
      PLAIN_DECORATOR.lastIndex = at;
      if (!PLAIN_DECORATOR.test(text)) this.header = { kind: 'decorator', start: at, wordEnd: at + 1, unusual: false };
      return at + 1;
    }
    TYPE_PARAMETERS.lastIndex = STATEMENT.lastIndex = at;
    const keyword = STATEMENT.exec(text);
    if (!keyword) return at;
    const wordEnd = at + keyword[0].length;
    const kind = keyword[1]!;
    if (kind === 'def' || kind === 'class' || kind === 'type') {
      const parameters = TYPE_PARAMETERS.exec(text);
      if (!parameters) return at;
      this.brackets.push('t');
      this.outermost = at + parameters[0].length - 1;
      return at + parameters[0].length;
    }
    if (kind === 'match' && !this.mayHaveSubject(wordEnd)) return at;
    if (kind === 'case' && this.matches.at(-1) !== indent) return at;
    this.header = { kind: kind as Header['kind'], start: at, wordEnd, unusual: false };
    this.last = wordEnd - 1;
    this.lastWord = kind;
    return wordEnd;
  }

  private mayHaveSubject(at: number): boolean {
    SUBJECT.lastIndex = NO_SUBJECT.lastIndex = at;
    return SUBJECT.test(this.text) && !NO_SUBJECT.test(this.text);
  }

  private string(start: number): number {
    const { text, marks, edits } = this;
    const found = scanString(text, start, this.end, this.tried);
    if (!found.closed) this.open.push({ start, end: found.end });
    if (found.format) {
      marks.strings.set(start, found);
      edits.put(start, found.end, found.closed ? this.blankString(start, found.end, found.contentStart, found.contentEnd) : '""');
    }
    this.last = Math.max(found.end - 1, start);
    this.lastWord = '';
    return Math.max(found.end, start + 1);
  }

  /** A string of the same length that the grammar reads as one token. */
  private blankString(start: number, end: number, contentStart: number, contentEnd: number): string {
    const long = end - contentEnd === 3;
    const prefixed = contentStart - (end - contentEnd) > start;
    const quotes = long ? '"""' : '"';
    const head = (prefixed ? 'u' : '') + quotes;
    return head + ' '.repeat(end - start - head.length - quotes.length) + quotes;
  }

  private word(at: number): number {
    const { text, edits, marks } = this;
    const word = wordAt(text, at);
    if (word === '') return at + 1;
    const end = at + word.length;
    if ((text[end] === '"' || text[end] === "'") && isPrefix(word)) return this.string(at);
    const depth = this.brackets.length;
    this.nots = word === 'not' && this.lastWord === 'not' ? this.nots + 1 : 0;
    if (this.nots > MOST_NOTS) edits.put(at, end, '');
    else if (word === 'print') edits.put(at, end, 'prinT');
    else if (word === 'lambda') this.lambdas.push(depth);
    else if (word === 'for' && (depth > 0 || this.mode !== 'file')) this.targets.push(depth);
    else if (word === 'in' && this.targets.at(-1) === depth) this.targets.pop();
    else if (word === 'as') {
      if (this.header?.kind === 'with') {
        marks.withTargets.add(at + 1);
        edits.put(at, end, ' ,');
      } else if (this.mode === 'pattern') {
        marks.patternNames.add(at);
        edits.put(at, end, 'is');
      }
    } else if (depth === 0 && this.header?.split === undefined) {
      if (word === 'in' && this.header?.kind === 'for') this.header.split = end;
      if (word === 'if' && this.header?.kind === 'case') this.header.split = at;
    }
    this.last = end - 1;
    this.lastWord = word;
    return end;
  }

  private number(at: number): number {
    NUMBER.lastIndex = at;
    const [all, bare] = NUMBER.exec(this.text) ?? [' '];
    // The grammar asks for a digit after the point: `2.`, `2.e5`.
    if (bare !== undefined) this.edits.put(at + bare.length - 1, at + bare.length, '0');
    const end = at + all.length;
    this.last = end - 1;
    this.lastWord = '';
    return end;
  }

  private sign(at: number, char: string): number {
    const { text, brackets, edits } = this;
    const next = text[at + 1] ?? '';
    if (char === '\\' && next === '\n') {
      edits.put(at, at + 2, '  ');
      return at + 2;
    }
    if (char === '.' && /[0-9]/.test(next)) return this.number(at);
    if (char === '/' && this.lambdas.at(-1) === brackets.length && text[this.last] === ',' && /[,:]/.test(text[skipSpace(text, at + 1)] ?? '')) {
      edits.put(this.last, at + 1, '');
      return at + 1;
    }
    const length = char === '*' && next === '*' ? 2 : 1;
    if (/[()[\]{}]/.test(char)) this.bracket(at, char);
    else if (char === '*' && length === 1) this.star(at);
    else if (char === ',') this.comma(at);
    else if (char === ':' && next !== '=') this.colon(at);
    else if (char === '=' && brackets.at(-1) === 't' && next !== '=') this.typeDefault ??= at;
    this.last = at + length - 1;
    this.lastWord = '';
    return at + length;
  }

  private bracket(at: number, char: string): void {
    const { brackets } = this;
    if (/[)\]}]/.test(char)) {
      if (brackets.pop() === 't') this.endDefault(at);
      return;
    }
    if (char === '{' && this.text[at + 1] === '%') this.template ??= at;
    if (brackets.length === 0) this.outermost = at;
    brackets.push(char === '[' && this.isIndex() ? 'i' : char);
  }

  private comma(at: number): void {
    if (this.brackets.at(-1) === 't') this.endDefault(at);
    if (this.brackets.length === 0 && this.header?.kind === 'except') this.header.unusual = true;
  }

  private isIndex(): boolean {
    if (this.last < 0) return false;
    if (this.lastWord !== '') return !OPERATORS.has(this.lastWord);
    return /[)\]}"'0-9]/.test(this.text[this.last]!);
  }

  private endDefault(at: number): void {
    if (this.typeDefault !== undefined) this.edits.put(this.typeDefault, at, '');
    this.typeDefault = undefined;
  }

  private star(at: number): void {
    const { brackets, header, text } = this;
    const isFirst = text[this.last] === ',' || this.last + 1 === header?.split;
    if (brackets.length === 0 && header?.kind === 'for' && header.split !== undefined && isFirst) header.unusual = true;
    const inTarget = this.targets.at(-1) === brackets.length;
    const isItem = inTarget ? text[this.last] === ',' || this.lastWord === 'for'
      : brackets.at(-1) === 'i' && this.lambdas.at(-1) !== brackets.length && (text[this.last] === ',' || text[this.last] === '[');
    if (!isItem && !(text[this.last] === ':' && brackets.at(-1) === '(')) return;
    this.marks.starred.add(skipSpace(text, at + 1));
    this.edits.put(at, at + 1, ' ');
  }

  private colon(at: number): void {
    const { text, edits, brackets, lambdas } = this;
    if (lambdas.at(-1) === brackets.length) {
      lambdas.pop();
      if (text[this.last] === ',') edits.put(this.last, at, '');
      return;
    }
    if (brackets.length === 0 && this.header && this.header.kind !== 'decorator') this.endHeader(this.header, at);
  }

  /** Puts a name in the place of an expression, which is read by itself. */
  private stand(name: number, start: number, end: number): void {
    this.marks.stands.set(name, { start, end });
    this.edits.put(name, end, '_');
  }

  private endHeader(header: Header, colon: number): void {
    const { text, edits, marks } = this;
    const { start, wordEnd } = header;
    this.header = undefined;
    const from = header.kind === 'for' ? header.split : header.kind === 'except' ? wordEnd : undefined;
    if (from !== undefined && header.unusual && text[from] !== '*') {
      edits.put(from, from + 1, ' ');
      this.stand(from + 1, from, colon);
    } else if (header.kind === 'match') {
      FIRST_CASE.lastIndex = colon;
      const first = FIRST_CASE.exec(text);
      if (!first) return;
      this.matches.push(first[1]!);
      marks.matches.set(start, { start: wordEnd, end: colon });
      edits.put(start, colon, 'while _');
    } else if (header.kind === 'case') {
      const pattern = { start: wordEnd, end: header.split ?? colon };
      marks.cases.set(start, { pattern, ...(header.split !== undefined && { guard: { start: header.split + 2, end: colon } }) });
      edits.put(start, colon, 'if _');
    }
  }
}
