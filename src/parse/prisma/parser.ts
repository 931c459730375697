import type { Location, Notice } from '../../facts/location.js';
import type { PrismaArgument, PrismaAttribute, PrismaBlock, PrismaDatasource, PrismaField, PrismaFile, PrismaValue } from '../../facts/prisma.js';
import type { Comment, Token } from './lexer.js';
import { tokenize } from './lexer.js';

const BLOCKS: ReadonlySet<string> = new Set(['model', 'view', 'enum', 'type', 'datasource', 'generator']);

const MAXIMUM_DEPTH = 100;

/** A line that is not Prisma: the parser goes on with the next one. */
class SyntaxProblem extends Error {
  constructor(message: string, readonly token: Token) {
    super(message);
  }
}

export interface ParsedPrisma {
  readonly file: PrismaFile;
  readonly notices: readonly Notice[];
  readonly comments: readonly Comment[];
}

/** Parses one .prisma file. A line that cannot be read is a notice; the lines and blocks around it still count. */
export function parsePrisma(path: string, text: string): ParsedPrisma {
  return new Parser(path, text).run();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #comments: readonly Comment[];
  readonly #notices: Notice[] = [];
  #at = 0;
  #depth = 0;

  constructor(readonly path: string, readonly text: string) {
    const { tokens, comments } = tokenize(text);
    this.#tokens = tokens;
    this.#comments = comments;
  }

  run(): ParsedPrisma {
    const blocks: PrismaBlock[] = [];
    let datasource: PrismaDatasource | undefined;
    for (;;) {
      this.#skipNewlines();
      if (this.#peek().type === 'end') break;
      if (!this.#isBlockStart(this.#at)) {
        this.#report(new SyntaxProblem('expected a model, view, enum, type, datasource or generator', this.#peek()));
        this.#skipUnknown();
        continue;
      }
      const keyword = this.#peek();
      if (keyword.text === 'datasource' || keyword.text === 'generator') {
        const settings = this.#settings();
        if (keyword.text === 'datasource') datasource ??= settings;
      } else blocks.push(this.#block());
    }
    return { file: { ...(datasource && { datasource }), blocks }, notices: this.#notices, comments: this.#comments };
  }

  /** Passes over a line, and over the body it opens. */
  #skipUnknown(): void {
    const end = this.#lineEnd(this.#at);
    const opens = this.#tokens[end - 1]?.text === '{';
    this.#at = end;
    while (opens && this.#peek().type !== 'end') {
      this.#skipNewlines();
      if (this.#isBlockStart(this.#at)) return;
      const closes = this.#peek().text === '}';
      this.#nextLine(this.#at);
      if (closes) return;
    }
  }

  /** `keyword Name {`, which no line of a body can be. */
  #isBlockStart(at: number): boolean {
    const [keyword, name, brace] = [this.#tokens[at]!, this.#tokens[at + 1], this.#tokens[at + 2]];
    return keyword.type === 'word' && BLOCKS.has(keyword.text) && name?.type === 'word' && brace?.text === '{';
  }

  #block(): PrismaBlock {
    const [keyword, name] = [this.#take(), this.#take()];
    this.#take();
    const fields: PrismaField[] = [];
    const attributes: PrismaAttribute[] = [];
    this.#lines(() => {
      if (this.#peek().text === '@@') attributes.push(this.#attribute());
      else if (this.#peek().text === '@' && fields.length > 0) fields.push(this.#continue(fields.pop()!));
      else this.#field(keyword.text === 'enum', fields);
    });
    const comment = this.#commentAbove(keyword);
    return {
      kind: keyword.text as PrismaBlock['kind'], name: name.text, location: this.#location(keyword.start, name.end), fields, attributes,
      ...(comment !== undefined && { comment }),
    };
  }

  #settings(): PrismaDatasource {
    this.#at += 3;
    const settings = new Map<string, PrismaValue>();
    this.#lines(() => {
      const name = this.#expectWord('a setting');
      this.#expect('=');
      settings.set(name.text, this.#value());
    });
    const text = (name: string) => {
      const value = settings.get(name);
      const single = value?.kind === 'list' ? value.items[0] : value;
      return single?.kind === 'string' ? single.value : undefined;
    };
    const [provider, relationMode] = [text('provider'), text('relationMode') ?? text('referentialIntegrity')];
    return { ...(provider !== undefined && { provider }), ...(relationMode !== undefined && { relationMode }) };
  }

  /** Reads the lines of a body up to its closing brace; a missing one ends at the next block. */
  #lines(line: () => void): void {
    for (;;) {
      this.#skipNewlines();
      const token = this.#peek();
      if (token.text === '}' && token.type === 'symbol') {
        this.#at++;
        return;
      }
      if (token.type === 'end' || this.#isBlockStart(this.#at)) {
        this.#report(new SyntaxProblem('the block before this is not closed', token));
        return;
      }
      const start = this.#at;
      this.#depth = 0;
      try {
        line();
        const end = this.#peek();
        if (end.type !== 'newline' && end.type !== 'end' && end.text !== '}') throw new SyntaxProblem(`unexpected "${end.text}"`, end);
      } catch (error) {
        if (!(error instanceof SyntaxProblem)) throw error;
        this.#report(error);
        this.#nextLine(start);
      }
    }
  }

  /** Adds a field; what is known of a broken one is kept. */
  #field(isValue: boolean, fields: PrismaField[]): void {
    const start = this.#at;
    const name = this.#expectWord('a field');
    const attributes: PrismaAttribute[] = [];
    let shape: Pick<PrismaField, 'type' | 'unsupported' | 'optional' | 'list'> = { type: '', optional: false, list: false };
    if (!isValue) {
      if (this.#peek().text === ':') this.#at++;
      shape = this.#type();
    }
    const comment = this.#commentAbove(name);
    const add = () => fields.push({
      name: name.text, ...shape, attributes, location: this.#location(name.start, this.#tokens[this.#at - 1]!.end), ...(comment !== undefined && { comment }),
    });
    try {
      while (this.#peek().text === '@') attributes.push(this.#attribute());
    } catch (error) {
      this.#at = this.#lineEnd(start);
      add();
      throw error;
    }
    add();
  }

  #continue(field: PrismaField): PrismaField {
    const attributes = [...field.attributes];
    while (this.#peek().text === '@') attributes.push(this.#attribute());
    return { ...field, attributes, location: this.#location(field.location.start, this.#tokens[this.#at - 1]!.end) };
  }

  #type(): Pick<PrismaField, 'type' | 'unsupported' | 'optional' | 'list'> {
    const type = this.#expectWord('a type');
    let unsupported: string | undefined;
    if (type.text === 'Unsupported' && this.#peek().text === '(') {
      const value = this.#arguments()[0]?.value;
      if (value?.kind === 'string') unsupported = value.value;
    }
    let [optional, list] = [false, false];
    for (;;) {
      if (this.#peek().text === '?') optional = true;
      else if (this.#peek().text === '[' && this.#tokens[this.#at + 1]?.text === ']') {
        list = true;
        this.#at++;
      } else if (this.#peek().text !== '!') break;
      this.#at++;
    }
    return { type: type.text, ...(unsupported !== undefined && { unsupported }), optional, list };
  }

  #attribute(): PrismaAttribute {
    const sign = this.#take();
    let name = this.#expectWord('an attribute').text;
    while (this.#peek().text === '.') {
      this.#at++;
      name += `.${this.#expectWord('an attribute').text}`;
    }
    const values = this.#peek().text === '(' ? this.#arguments() : [];
    return { name, arguments: values, location: this.#location(sign.start, this.#tokens[this.#at - 1]!.end) };
  }

  /** `( ... )`, possibly over several lines. */
  #arguments(): PrismaArgument[] {
    this.#expect('(');
    return this.#sequence(')', () => this.#argument());
  }

  #argument(): PrismaArgument {
    const first = this.#peek();
    let name: string | undefined;
    if (first.type === 'word' && this.#tokens[this.#at + 1]?.text === ':') {
      name = first.text;
      this.#at += 2;
      this.#skipNewlines();
    }
    const value = this.#value();
    return { ...(name !== undefined && { name }), value, location: this.#location(first.start, value.location.end) };
  }

  #value(): PrismaValue {
    const token = this.#take();
    const location = () => this.#location(token.start, this.#tokens[this.#at - 1]!.end);
    if (token.type === 'string') return { kind: 'string', value: unescape(token.text), location: location() };
    if (token.type === 'number') return { kind: 'number', text: token.text, location: location() };
    if (token.text === '[') {
      const items = this.#sequence(']', () => this.#value());
      return { kind: 'list', items, location: location() };
    }
    if (token.text === '{') {
      const entries = this.#sequence('}', () => this.#argument());
      return { kind: 'object', entries, location: location() };
    }
    if (token.type !== 'word') throw new SyntaxProblem(`expected a value, found ${shown(token)}`, token);
    let name = token.text;
    while (this.#peek().text === '.') {
      this.#at++;
      name += `.${this.#expectWord('a name').text}`;
    }
    if (this.#peek().text !== '(') return { kind: 'name', name, location: location() };
    const values = this.#arguments();
    return { kind: 'call', name, arguments: values, location: location() };
  }

  #sequence<T>(close: string, item: () => T): T[] {
    if (++this.#depth > MAXIMUM_DEPTH) throw new SyntaxProblem('nested too deeply', this.#peek());
    const items: T[] = [];
    for (;;) {
      this.#skipNewlines();
      if (this.#peek().text === close) break;
      items.push(item());
      this.#skipNewlines();
      if (this.#peek().text === ',') this.#at++;
      else if (this.#peek().text !== close) throw new SyntaxProblem(`expected "," or "${close}", found ${shown(this.#peek())}`, this.#peek());
    }
    this.#at++;
    this.#depth--;
    return items;
  }

  /** The `///` lines right above a token's line. */
  #commentAbove(token: Token): string | undefined {
    const lines: string[] = [];
    let line = this.text.lastIndexOf('\n', token.start - 1);
    while (line > 0) {
      const start = this.text.lastIndexOf('\n', line - 1);
      const above = /^[ \t]*\/\/\/ ?(.*?)\r?$/.exec(this.text.slice(start + 1, line));
      if (!above) break;
      lines.unshift(above[1]!);
      line = start;
    }
    return lines.length > 0 ? lines.join('\n') : undefined;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.type !== 'end') this.#at++;
    return token;
  }

  #expect(text: string): Token {
    const token = this.#take();
    if (token.text !== text) throw new SyntaxProblem(`expected "${text}", found ${shown(token)}`, token);
    return token;
  }

  #expectWord(what: string): Token {
    const token = this.#take();
    if (token.type !== 'word') throw new SyntaxProblem(`expected ${what}, found ${shown(token)}`, token);
    return token;
  }

  #skipNewlines(): void {
    while (this.#peek().type === 'newline') this.#at++;
  }

  /** Index of the newline that ends the line of a token. */
  #lineEnd(at: number): number {
    while (this.#tokens[at]!.type !== 'newline' && this.#tokens[at]!.type !== 'end') at++;
    return at;
  }

  #nextLine(start: number): void {
    this.#at = this.#lineEnd(start);
  }

  #report(problem: SyntaxProblem): void {
    const { start, end } = problem.token;
    this.#notices.push({ location: this.#location(start, end), reason: `syntax error in the Prisma schema: ${problem.message}` });
  }

  #location(start: number, end: number): Location {
    return { file: this.path, start, end };
  }
}

function shown(token: Token): string {
  if (token.type === 'newline') return 'the end of the line';
  return token.type === 'end' ? 'the end of the file' : `"${token.text}"`;
}

function unescape(text: string): string {
  return text.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, character: string) =>
    (code ? String.fromCharCode(parseInt(code, 16)) : ({ n: '\n', r: '\r', t: '\t' }[character] ?? character)));
}
