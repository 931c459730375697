/** A token of SQL text. `word` is an unquoted identifier or keyword; `identifier` a quoted one; `string` any string constant. */
export interface Token {
  readonly type: 'word' | 'identifier' | 'string' | 'dollarString' | 'number' | 'operator' | 'punctuation' | 'parameter';
  readonly start: number;
  readonly end: number;
}

/** A comment, with its delimiters. */
export interface Comment {
  readonly form: 'line' | 'block';
  readonly start: number;
  readonly end: number;
}

type Kind = Token['type'] | 'lineComment' | 'blockComment' | 'end';

const OPERATOR = '+-*/<>=~!@#%^&|`?';
const IDENTIFIER = /[A-Za-z0-9_$\u0080-\uffff]*/y;
const NUMBER = /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?)/y;
/** Holes are bounded so that unclosed ones cost no more than linear time. */
const TEMPLATE = /\{\{(?:[^}]|\}(?!\})){0,400}\}\}|\{%(?:[^%]|%(?!\})){0,400}%\}/y;
const INTERPOLATION = /\$\{[^}]{0,400}\}/y;
const BRACED = /\{[A-Za-z_][\w.]*\}/y;
const PSQL_VARIABLE = /:(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*|'[^'\n]*'|"[^"\n]*")/y;
const FORMAT = /%(?:s|\(\w+\)s)(?![A-Za-z0-9_])/y;
const AT_NAME = /@[A-Za-z_]\w*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/**
 * Reads tokens one after the other, in time linear in the text, by the lexical rules of the PostgreSQL manual, section 4.1
 * (standard_conforming_strings on). Never throws: what is not closed ends with the text, and `unterminated` says so.
 */
export class Scanner {
  kind: Kind = 'end';
  start = 0;
  end = 0;
  /** The token just read lacks its closing delimiter. */
  unterminated = false;
  /** Depth of square brackets: in them `:name` is a slice bound, not a psql variable. */
  private brackets = 0;

  /** Play's evolutions: lines that begin with a hash are comments, their marks among them. */
  private readonly hashes: boolean;

  /** @param host also read the placeholders of host languages (`%s`, `%(name)s`, `@name`) */
  constructor(readonly text: string, from = 0, private readonly host = false) {
    this.end = from;
    this.hashes = text.includes('!Ups');
  }

  /** Moves to the next token or comment; false at the end of the text. */
  next(): boolean {
    const { text } = this;
    let at = this.end;
    while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
    this.start = at;
    this.unterminated = false;
    if (at >= text.length) {
      this.kind = 'end';
      this.end = at;
      return false;
    }
    this.read(text[at]!, at);
    return true;
  }

  private read(first: string, at: number): void {
    const { text } = this;
    const second = text[at + 1] ?? '';
    if ((first === '-' && second === '-') || (this.hashes && first === '#' && (at === 0 || text[at - 1] === '\n'))) return this.line(at);
    if (first === '/' && second === '*') return this.block(at);
    if (isIdentifierStart(first)) return this.wordOrPrefixed(first, second, at);
    if (first === "'") return this.quoted(at + 1, "'", 'string', false);
    if (first === '"') return this.quoted(at + 1, '"', 'identifier', false);
    if (this.hole(first, second, at)) return;
    if (first === '$') return this.dollar(at);
    if (isDigit(first) || (first === '.' && isDigit(second))) return this.match(NUMBER, at, 'number');
    if (first === ':' && (second === ':' || second === '=')) return this.done('operator', at + 2);
    if (OPERATOR.includes(first)) return this.operator(at);
    if (first === '[') this.brackets += 1;
    else if (first === ']' || first === ';') this.brackets = 0;
    this.done('punctuation', at + 1);
  }

  /** Template holes and psql variables; PostgreSQL itself has no token that begins like these. */
  private hole(first: string, second: string, at: number): boolean {
    const pattern = first === '{' ? (second === '{' || second === '%' ? TEMPLATE : BRACED)
      : first === '$' && second === '{' ? INTERPOLATION
        : first === ':' && second !== ':' && second !== '=' && this.brackets === 0 ? PSQL_VARIABLE
          : this.host && first === '%' ? FORMAT
            : this.host && first === '@' ? AT_NAME : undefined;
    if (pattern === undefined) return false;
    pattern.lastIndex = at;
    if (!pattern.test(this.text)) return false;
    this.done('parameter', pattern.lastIndex);
    return true;
  }

  private done(kind: Kind, end: number): void {
    this.kind = kind;
    this.end = end;
  }

  private match(pattern: RegExp, at: number, kind: Kind): void {
    pattern.lastIndex = at;
    pattern.test(this.text);
    this.done(kind, Math.max(pattern.lastIndex, at + 1));
  }

  private line(at: number): void {
    const lineEnd = /[\r\n]|$/g;
    lineEnd.lastIndex = at;
    this.done('lineComment', lineEnd.exec(this.text)?.index ?? this.text.length);
  }

  private block(at: number): void {
    const delimiter = /\/\*|\*\//g;
    delimiter.lastIndex = at + 2;
    for (let depth = 1; ;) {
      const found = delimiter.exec(this.text);
      if (found === null) {
        this.unterminated = true;
        return this.done('blockComment', this.text.length);
      }
      depth += found[0] === '/*' ? 1 : -1;
      if (depth === 0) return this.done('blockComment', delimiter.lastIndex);
    }
  }

  /** `from` is the first character after the opening quote. */
  private quoted(from: number, quote: string, kind: Kind, escapes: boolean): void {
    const { text } = this;
    const delimiter = escapes ? /\\[^]?|'/g : quote === "'" ? /'/g : /"/g;
    delimiter.lastIndex = from;
    for (let found = delimiter.exec(text); found !== null; found = delimiter.exec(text)) {
      if (found[0] !== quote) continue;
      if (text[found.index + 1] !== quote) return this.done(kind, found.index + 1);
      delimiter.lastIndex += 1;
    }
    this.unterminated = true;
    this.done(kind, text.length);
  }

  private dollar(at: number): void {
    const { text } = this;
    if (isDigit(text[at + 1] ?? '')) return this.match(/\$\d+/y, at, 'parameter');
    DOLLAR_TAG.lastIndex = at;
    const tag = DOLLAR_TAG.exec(text)?.[0];
    if (tag === undefined) return this.done('punctuation', at + 1);
    const close = text.indexOf(tag, at + tag.length);
    this.unterminated = close < 0;
    this.done('dollarString', close < 0 ? text.length : close + tag.length);
  }

  private wordOrPrefixed(first: string, second: string, at: number): void {
    if (second === "'" && /[eE]/.test(first)) return this.quoted(at + 2, "'", 'string', true);
    if (second === "'" && /[bBxXnN]/.test(first)) return this.quoted(at + 2, "'", 'string', false);
    if (/[uU]/.test(first) && second === '&') {
      const quote = this.text[at + 2];
      if (quote === "'") return this.quoted(at + 3, "'", 'string', false);
      if (quote === '"') return this.quoted(at + 3, '"', 'identifier', false);
    }
    this.match(IDENTIFIER, at, 'word');
  }

  /** Operators end before a comment, and lose trailing + and - unless another character allows them (section 4.1.3). */
  private operator(at: number): void {
    const { text } = this;
    let end = at;
    while (end < text.length && OPERATOR.includes(text[end]!)) {
      const pair = text.slice(end, end + 2);
      if (end > at && (pair === '--' || pair === '/*')) break;
      end += 1;
    }
    if (!/[~!@#%^&|`?]/.test(text.slice(at, end))) {
      while (end > at + 1 && (text[end - 1] === '+' || text[end - 1] === '-')) end -= 1;
    }
    this.done('operator', end);
  }
}

/** White space of PostgreSQL's lexer; NUL and the byte order mark, which it rejects, separate tokens too. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0 || code === 0xfeff;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isIdentifierStart(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_' || char >= '\u0080';
}

export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

/**
 * Splits SQL text into tokens and comments.
 * @returns both in order of position; offsets are UTF-16 units of `text`. Never throws.
 */
export function lex(text: string): Lexed {
  const scanner = new Scanner(text);
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  while (scanner.next()) {
    const { kind, start, end } = scanner;
    if (kind === 'lineComment') comments.push({ form: 'line', start, end });
    else if (kind === 'blockComment') comments.push({ form: 'block', start, end });
    else tokens.push({ type: kind as Token['type'], start, end });
  }
  return { tokens, comments };
}
