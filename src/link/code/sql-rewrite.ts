import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { Scanner } from '../../parse/sql/lexer.js';
import type { Context } from './library.js';
import { isEnvironment, knownText, type SqlPiece } from './sql-pieces.js';
import { TextMap } from './sql-map.js';
import type { TextPart, Value } from './values.js';

/** Values that are bound to the placeholders of a text. */
export interface Bound {
  readonly positional?: readonly Value[];
  /** All of a list of which some may be left out: a text with as many placeholders leaves out what belongs to them. */
  readonly spaced?: readonly Value[];
  readonly named?: ReadonlyMap<string, Value>;
}

/** How placeholders are written besides `$1`, `:name`, `%s`, `%(name)s` and `@name`, which are always known. */
export interface PlaceholderStyle {
  /** `?` is a placeholder, not an operator; `??` and `:name:` of Knex are identifiers. */
  readonly question?: 'values' | 'knex';
  /** `?` is a placeholder in a text that cannot be read otherwise: it is rewritten before it comes to the driver. */
  readonly orQuestion?: boolean;
  /** pg-promise: `$<name>`, `$(name)`, `${name}`, `$[name]`, `$/name/` besides `$1`, each with a filter (`:name`, `~`, `:raw`, `^`, `:csv`). */
  readonly dollarNames?: boolean;
}

/** What stands for a placeholder in the text that the grammar reads: `$n`. `at`: which of the placeholders it is that are counted. */
export type Slot =
  | { readonly kind: 'value'; readonly value: Value; readonly location: Location; readonly at?: number }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** Text for the grammar: every parameter is `$n`, every unknown part a template hole. */
export interface RewrittenText {
  readonly text: string;
  readonly locate: (start: number, end: number) => Location;
  /** The same for texts that are read alike, apart from what the slots stand for. */
  readonly key: string;
  /** `$n` → what it stands for. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** The template hole as it stands in the text → how it is written. */
  readonly holes: ReadonlyMap<string, string>;
  /** The text before that, with holes as they are written. */
  readonly written: string;
  /** Values that were pasted without quoting. */
  readonly pasted: readonly { readonly written: string; readonly location: Location }[];
}

const DOLLAR_NAME = /\$(?:(\d+)(:\w+|[~^#])?|[<({[/]\s*(\w+)[\w.]*\s*(:\w+|[~^#])?\s*[>)}\]/])/y;
const NUMBER_MARKER = /^\$\{tl_[vh]\d+\}/;
const MARKER = /\$\{tl_[vh]\d+\}/g;

/**
 * Joins pieces to one text and gives each placeholder its value.
 * @param location where the text as a whole is written, for parts without a place
 */
export function rewrite(pieces: readonly SqlPiece[], bound: Bound, ctx: Context, location: Location, style: PlaceholderStyle = {}): RewrittenText {
  return new Rewriter(bound, ctx, location, style).run(pieces);
}

class Rewriter {
  private readonly raw = new TextMap();
  private readonly out = new TextMap();
  private readonly marked = new Map<string, Exclude<SqlPiece, { kind: 'text' | 'dependent' }>>();
  private readonly slots = new Map<string, Slot>();
  private readonly holes = new Map<string, string>();
  private readonly pasted: { written: string; location: Location }[] = [];
  private readonly unbound = new Map<string, Value>();
  private position = 0;
  /** `$n` of the text itself keep clear of the numbers given here. */
  private number = 0;
  /** The statement being read sets a setting: the grammar takes constants only. */
  private setting = false;
  private atStart = true;
  private previous = '';

  constructor(private readonly bound: Bound, private readonly ctx: Context, private readonly location: Location, private readonly style: PlaceholderStyle) {}

  run(pieces: readonly SqlPiece[]): RewrittenText {
    this.append(pieces, 0);
    // A text that is handed over whole is not put together here.
    const isWhole = MARKER.test(this.raw.text) && this.raw.text.replace(MARKER, '').trim() === '';
    MARKER.lastIndex = 0;
    const scanner = new Scanner(this.raw.text, 0, true);
    let from = 0;
    while (scanner.next()) {
      const { kind, start, end } = scanner;
      if (kind === 'lineComment' || kind === 'blockComment') continue;
      const token = this.raw.text.slice(start, end);
      this.copy(from, start);
      from = this.token(kind, token, start, end);
      if (from > end) scanner.end = from;
      this.setting = this.atStart ? /^set$/i.test(token) : this.setting;
      this.atStart = token === ';';
      this.previous = token.toLowerCase();
    }
    this.copy(from, this.raw.text.length);
    this.fillSpaced();
    const { out, slots, holes, pasted } = this;
    return { text: out.text, written: this.written(), locate: (start, end) => out.locate(start, end, this.location), key: [this.location.file, ...holes.values(), out.key].join('\n'), slots, holes, pasted: isWhole ? [] : pasted };
  }

  private fillSpaced(): void {
    const { bound: { spaced }, slots } = this;
    if (spaced?.length !== this.position) return;
    for (const [name, slot] of slots) if (slot.kind === 'value' && slot.at !== undefined) slots.set(name, { ...slot, value: spaced[slot.at]! });
  }

  private written(): string {
    return this.raw.text.replace(MARKER, (marker) => {
      const piece = this.marked.get(marker);
      return `\${${piece?.kind === 'hole' ? piece.written : '...'}}`;
    });
  }

  private append(pieces: readonly SqlPiece[], depth: number): void {
    for (const piece of pieces) {
      if (piece.kind === 'text') this.raw.add(piece.value, piece.location, piece.source);
      else if (piece.kind === 'dependent') {
        if (depth < 8) this.append(piece.pieces(this.raw.text), depth + 1);
      } else {
        const marker = `\${tl_${piece.kind === 'hole' ? 'h' : 'v'}${this.marked.size}}`;
        this.marked.set(marker, piece);
        this.raw.add(marker, piece.location);
      }
    }
  }

  private copy(start: number, end: number): void {
    this.out.copy(this.raw, start, end, this.location);
  }

  private put(text: string, start: number, end: number): void {
    this.out.add(text, this.raw.locate(start, end, this.location));
  }

  /** Copies or replaces one token; @returns where reading goes on. */
  private token(kind: Scanner['kind'], token: string, start: number, end: number): number {
    if (this.style.dollarNames && token.startsWith('$') && !this.marked.has(token)) {
      const until = this.dollarName(start);
      if (until !== undefined) return until;
    }
    if (kind === 'parameter') return this.parameter(token, start, end);
    // `ARRAY[:ids]`: behind a bracket a colon may be that of a slice. Sequelize binds `$id` by its name.
    const name = token === ':' || token === '$' ? /^\w+/.exec(this.raw.text.slice(end))?.[0] : undefined;
    if (name !== undefined && this.bound.named?.has(name) === true) return this.parameter(`:${name}`, start, end + name.length);
    const numbered = token === '$' ? NUMBER_MARKER.exec(this.raw.text.slice(end)) : null;
    if (numbered) return this.unknownNumber(numbered[0], start, end);
    if (kind === 'string' && token.includes('${tl_')) this.quoted(token, start, end);
    else if (kind === 'identifier' && token.includes('${tl_')) this.quotedName(token, start, end);
    else if (kind === 'operator' && this.style.question && token.includes('?')) this.questions(token, start);
    else this.copy(start, end);
    return end;
  }

  /** `$${n}`: a parameter, whichever. */
  private unknownNumber(marker: string, start: number, end: number): number {
    const piece = this.marked.get(marker);
    const written = piece?.kind === 'hole' ? piece.written : marker;
    this.slot({ kind: 'value', value: this.missing(`$\${${written}}`), location: this.raw.locate(start, end, this.location) }, start, end);
    return end + marker.length;
  }

  private parameter(token: string, start: number, end: number): number {
    const piece = this.marked.get(token);
    if (piece) this.marker(piece, token, start, end);
    else if (token.startsWith('${') || token.startsWith('{')) this.hole(token, token, start, end);
    else if (this.style.question === 'knex' && token.startsWith(':') && this.raw.text[end] === ':' && this.raw.text[end + 1] !== ':') {
      this.name(this.bound.named?.get(token.slice(1)), token, start, end + 1);
      return end + 1;
    } else this.slot({ kind: 'value', value: this.boundValue(token), location: this.raw.locate(start, end, this.location), ...(token === '%s' && { at: this.position - 1 }) }, start, end);
    return end;
  }

  /** A variable of pg-promise with its filter. */
  private dollarName(start: number): number | undefined {
    DOLLAR_NAME.lastIndex = start;
    const found = DOLLAR_NAME.exec(this.raw.text);
    if (found === null) return undefined;
    const [written, index, indexFilter, name = '', nameFilter] = found;
    const end = start + written.length;
    const value = index === undefined ? this.bound.named?.get(name) : this.bound.positional?.[Number(index) - 1];
    const filter = indexFilter ?? nameFilter ?? '';
    if ([':name', ':alias', '~'].includes(filter)) this.name(value, written, start, end);
    else if ([':raw', ':value', '^', '#'].includes(filter)) this.hole(written, `\${tl_n${this.holes.size}}`, start, end);
    else this.slot({ kind: 'value', value: value ?? this.missing(written), location: this.raw.locate(start, end, this.location) }, start, end);
    return end;
  }

  private marker(piece: Exclude<SqlPiece, { kind: 'text' | 'dependent' }>, token: string, start: number, end: number): void {
    if (this.setting) return this.put(`'...'`, start, end);
    if (piece.kind === 'expression') return this.slot({ kind: 'expression', expression: piece.expression }, start, end);
    if (piece.kind === 'value') return this.slot({ kind: 'value', value: piece.value, location: piece.location }, start, end);
    if (piece.pasted && !this.isName(piece)) this.pasted.push({ written: piece.written, location: piece.location });
    this.hole(piece.written, token, start, end);
  }

  /** Where a table, a schema, a role or a key is named nothing can be bound: what no request brings is a name of the program. */
  private isName({ value }: Extract<SqlPiece, { kind: 'hole' }>): boolean {
    const fromProgram = (value?.kind === 'input' && value.trust !== 'untrusted') || (value?.kind === 'external' && isEnvironment(value));
    return fromProgram && /^(?:from|into|update|join|table|constraint|exists|index|column|schema|database|extension|role|user|to)$/.test(this.previous);
  }

  /** A hole keeps its glue to the names around it. */
  private hole(written: string, token: string, start: number, end: number): void {
    this.holes.set(token, written);
    this.put(token, start, end);
  }

  private slot(slot: Slot, start: number, end: number): void {
    if (this.setting) return this.put(`'...'`, start, end);
    const name = this.newSlot(slot);
    // A sub-select may stand where no value may: behind EXISTS, in FROM. The select around it is taken off again.
    if (slot.kind === 'expression' && isSubselect(slot.expression)) return this.put(`(SELECT ${name})`, start, end);
    // IN takes a list in parentheses; drivers and tags write them themselves.
    this.put(this.previous === 'in' ? `(${name})` : name, start, end);
  }

  private newSlot(slot: Slot): string {
    this.number += 1;
    const name = `$${this.number}`;
    this.slots.set(name, slot);
    return name;
  }

  /** `'${x}'`, `'%${x}%'`: a text made of parts. */
  private quoted(token: string, start: number, end: number): void {
    const pieces = [...token.matchAll(MARKER)].map(([marker]) => this.marked.get(marker)!);
    for (const piece of pieces) if (piece.kind === 'hole' && piece.pasted) this.pasted.push({ written: piece.written, location: piece.location });
    if (this.setting || /^(?:interval|date|time|timestamp|timestamptz|as|comment|is)$/.test(this.previous)) return this.put(token.replaceAll(MARKER, '1'), start, end);
    const whole = pieces.length === 1 && /^'\$\{tl_[vh]\d+\}'$/.test(token) ? valueOf(pieces[0]!) : undefined;
    const location = this.raw.locate(start, end, this.location);
    this.slot({ kind: 'value', value: whole ?? { kind: 'text', parts: this.parts(token, location), location }, location }, start, end);
  }

  private parts(token: string, location: Location): TextPart[] {
    const inner = token.slice(token.indexOf("'") + 1, -1);
    return inner.split(/(\$\{tl_[vh]\d+\})/).filter((part) => part !== '').map((part) => {
      const piece = this.marked.get(part);
      const written = piece?.kind === 'hole' ? piece.written : part;
      return piece
        ? { kind: 'hole' as const, value: valueOf(piece) ?? { kind: 'unknown' as const, reason: `${written} is not known` }, location, written }
        : { kind: 'text' as const, value: part };
    });
  }

  /** `"${table}"`: a name that is not known. */
  private quotedName(token: string, start: number, end: number): void {
    const marker = token.match(MARKER)![0];
    const piece = this.marked.get(marker)!;
    this.hole(piece.kind === 'hole' ? piece.written : marker, marker, start, end);
  }

  /** Operators that hold `?`, of a driver whose placeholders they are. */
  private questions(token: string, start: number): void {
    let at = 0;
    for (const [part] of token.matchAll(/\\\?|\?\??|[^?\\]+|\\/g)) {
      const [from, to] = [start + at, start + at + part.length];
      if (part === '\\?') this.put('?', from, to);
      else if (part === '??' && this.style.question === 'knex') this.name(this.nextPositional(part), part, from, to);
      else if (part.startsWith('?')) for (let each = from; each < to; each += 1) this.slot({ kind: 'value', value: this.nextPositional('?'), location: this.raw.locate(each, each + 1, this.location), at: this.position - 1 }, each, each + 1);
      else this.copy(from, to);
      at += part.length;
    }
  }

  /** An identifier that is bound. */
  private name(given: Value | undefined, token: string, start: number, end: number): void {
    const name = knownText(given, this.ctx);
    if (name === undefined) return this.hole(token, `\${tl_n${this.holes.size}}`, start, end);
    this.put(name.split('.').map((part) => (part === '*' ? part : `"${part.replaceAll('"', '""')}"`)).join('.'), start, end);
  }

  private boundValue(token: string): Value {
    if (/^\$\d+$/.test(token)) return this.bound.positional?.[Number(token.slice(1)) - 1] ?? this.missing(token);
    if (token === '%s') return this.nextPositional(token);
    const name = token.replace(/^%\((\w+)\)s$/, '$1').replace(/^[:@]['"]?|['"]$/g, '');
    return this.bound.named?.get(name) ?? this.missing(token);
  }

  private nextPositional(token: string): Value {
    const index = this.position;
    this.position += 1;
    return this.bound.positional?.[index] ?? this.missing(`${token} (${index + 1})`);
  }

  /** A parameter whose value is not known: one for each name and text. */
  private missing(token: string): Value {
    const known = this.unbound.get(token);
    if (known) return known;
    const { file, start } = this.location;
    const value = this.ctx.input(token, 'unknown', { key: `sql:${file}:${start}:${token}` });
    this.unbound.set(token, value);
    return value;
  }
}

/** Whether an expression is a sub-select in parentheses. */
export function isSubselect(expression: Expression): expression is Extract<Expression, { kind: 'subquery' }> {
  return expression.kind === 'subquery' && expression.form === 'scalar';
}

function valueOf(piece: Exclude<SqlPiece, { kind: 'text' | 'dependent' }>): Value | undefined {
  return piece.kind === 'expression' ? undefined : piece.value;
}
