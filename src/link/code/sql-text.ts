import { isWithin, type Location } from '../../facts/location.js';
import type { NotUnderstood, Operation, Statement } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { parseSqlText } from '../../parse/sql/index.js';
import { KeptTexts } from '../../parse/sql/kept.js';
import type { Context } from './library.js';
import { withoutOpenColumn } from './sql-open.js';
import { textAlternatives } from './sql-pieces.js';
import type { PieceOptions, SqlPiece } from './sql-pieces.js';
import { rowsOf } from './sql-result.js';
import { isSubselect, rewrite } from './sql-rewrite.js';
import type { Bound, PlaceholderStyle, RewrittenText } from './sql-rewrite.js';
import { stored } from './store.js';
import { undefinedValue } from './values.js';
import type { LibraryValue, Value } from './values.js';

export type { Bound } from './sql-rewrite.js';

export interface SqlTextOptions extends PieceOptions, PlaceholderStyle {
  readonly access?: LibraryValue['access'];
  /** It goes to another database than PostgreSQL. */
  readonly otherDatabase?: boolean;
  /** The text may turn out to be a part of another; see QueryEffect. */
  readonly draft?: { readonly withdrawn: boolean };
  /** Where a text that may be one of several ends, whichever it is: so that they are one query to whoever counts them. */
  readonly textEnd?: Location;
  /** The column that a property of a returned row stands for, where the library translates names. */
  readonly columnName?: (property: string) => string;
}

/** The values of a list, a tuple or an object that are bound to a text's placeholders. What is not known stays open. */
export function boundOf(given: Value | undefined, ctx: Context): Bound {
  const value = given && ctx.read(given);
  if (value?.kind === 'list') {
    const positional = knownItems(value.items);
    return { positional, ...(positional.length < value.items.length && { spaced: value.items.map((item) => item.value) }) };
  }
  if (value?.kind === 'object') {
    return { named: new Map(value.entries.flatMap((entry) => (entry.kind === 'property' ? [[entry.key, entry.value] as const] : []))) };
  }
  return {};
}

/** Behind an item that may be left out nothing is known of the positions. */
function knownItems(items: readonly { readonly value: Value; readonly maybe: boolean; readonly repeated: boolean }[]): Value[] {
  const end = items.findIndex(({ maybe, repeated }) => maybe || repeated);
  return items.slice(0, end < 0 ? items.length : end).map(({ value }) => value);
}

/** A statement of a text, with its parameters replaced by what they stand for. */
export interface TextStatement {
  readonly operations: readonly Operation[];
  readonly location: Location;
  /** Values that a one-row INSERT writes, by column. */
  readonly written: ReadonlyMap<string, Value>;
}

/** What a text was read as. */
export interface ParsedText {
  readonly statements: readonly TextStatement[];
  /** Why a part of it could not be read. */
  readonly unread: readonly { readonly reason: string; readonly location: Location }[];
  /** It could only be read with `?` for a placeholder. */
  readonly byQuestion: boolean;
}

/**
 * Reads SQL text that a program puts together and records its queries.
 * Statements that are no queries (SET, DO, DDL) are recorded as `operations`.
 * @param text a string, a text with holes, a fragment, or one of several
 * @param bound what its placeholders stand for
 * @param location the call that runs it, for text whose place is not known
 * @param library the library's name, for the coverage
 * @returns the rows of the last query; undefined when there is none
 */
export function queriesOfText(text: Value, bound: Bound, ctx: Context, location: Location, library: string, options: SqlTextOptions = {}): Value {
  const texts = textAlternatives(text, ctx, location, options);
  const known = ctx.read(text);
  const all = texts.length > 1 && known.kind === 'text' && !options.textEnd ? { ...options, textEnd: known.location } : options;
  const read = ofThisDatabase(texts.map((pieces) => parsePieces(pieces, bound, ctx, location, options)));
  const works = read.map((parsed) => (): Value => recordText(parsed, ctx, library, all, location));
  if (works.length === 1) return works[0]!();
  const results = ctx.oneOf(works, location);
  return { kind: 'union', options: results.map((value) => ({ value, facts: [] })) };
}

/**
 * Reads SQL text of a migration.
 * @returns the operations of all its statements; of a text that may be one of several, those of the first that PostgreSQL reads
 */
export function operationsOfText(text: Value, ctx: Context, location: Location, bound: Bound = {}, options: SqlTextOptions = {}): Operation[] {
  const [pieces = [], ...others] = textAlternatives(text, ctx, location, options);
  const first = parsePieces(pieces, bound, ctx, location, options);
  const read = first.unread.length === 0 ? undefined : others.map((each) => parsePieces(each, bound, ctx, location, options)).find(({ unread: own }) => own.length === 0);
  const { statements, unread } = read ?? first;
  return [
    ...statements.flatMap(({ operations }) => operations),
    ...unread.map(({ reason, location: place }): Operation => ({ kind: 'notUnderstood', reason, tables: [], location: place })),
  ];
}

/** The one query of a text that is part of another query, if it is one. */
export function queryOfPieces(pieces: readonly SqlPiece[], bound: Bound, ctx: Context, location: Location, options: SqlTextOptions = {}): Query | undefined {
  const { statements } = parsePieces(pieces, bound, ctx, location, options);
  const [operation] = statements[0]?.operations ?? [];
  return statements.length === 1 && operation?.kind === 'query' ? operation.query : undefined;
}

/** Of several texts that may run, those that PostgreSQL reads where there are any, as they are if possible: the others are written for another database. */
function ofThisDatabase(texts: readonly ParsedText[]): readonly ParsedText[] {
  const read = texts.filter(({ statements }) => statements.length > 0);
  if (read.length === 0) return texts;
  const asWritten = read.some(({ byQuestion }) => !byQuestion);
  return texts.filter(({ statements, unread, byQuestion }) => (statements.length > 0 ? !(asWritten && byQuestion) : unread.length === 0));
}

/** So many texts are kept as they were read, and so many characters of what they are known by. */
const MOST_KEPT = 400;
const MOST_KEPT_TEXT = 800_000;

/** Reads pieces of SQL text; values that were pasted into it are recorded. */
export function parsePieces(pieces: readonly SqlPiece[], bound: Bound, ctx: Context, location: Location, options: SqlTextOptions = {}): ParsedText {
  const { rewritten, statements, notices, byQuestion } = readText(pieces, bound, ctx, location, options);
  if (rewritten.text.trim() === '') return { statements: [], unread: [], byQuestion: false };
  const whole = summary(rewritten);
  for (const { written, location: place } of rewritten.pasted) ctx.emit({ kind: 'interpolation', written, statement: whole, location: place });
  return {
    statements: statements.map((statement) => finish(statement, rewritten, ctx, options)),
    unread: notices.map(({ reason, location: place }) => ({ reason, location: place })), byQuestion,
  };
}

type ReadText = ReturnType<typeof parseSqlText>;

/** What many ways lead to is read once. It is left unchanged: what a parameter stands for is put into a copy. */
function readOnce({ text, key, locate }: RewrittenText, ctx: Context): ReadText {
  const kept = stored(ctx, 'sql:read', () => new KeptTexts<ReadText>(MOST_KEPT, MOST_KEPT_TEXT));
  let read = kept.get(key);
  if (read === undefined) kept.keep(key, read = parseSqlText(text, locate));
  return read;
}

function readText(pieces: readonly SqlPiece[], bound: Bound, ctx: Context, location: Location, options: SqlTextOptions): ReadText & Pick<ParsedText, 'byQuestion'> & { readonly rewritten: RewrittenText } {
  const rewritten = rewrite(pieces, bound, ctx, location, options);
  const read = readOnce(rewritten, ctx);
  if (!options.orQuestion || read.notices.length === 0 || !rewritten.text.includes('?')) return { ...read, rewritten, byQuestion: false };
  const other = readText(pieces, bound, ctx, location, { ...options, orQuestion: false, question: 'values' });
  return other.notices.length === 0 ? { ...other, byQuestion: true } : { ...read, rewritten, byQuestion: false };
}

function recordText({ statements, unread }: ParsedText, ctx: Context, library: string, options: SqlTextOptions, call: Location): Value {
  let result: Value = undefinedValue;
  const common = { library, ...(options.access && { access: options.access }), ...(options.otherDatabase === true && { otherDatabase: true }), ...(options.draft && { draft: options.draft }) };
  for (const { operations, written, location: place } of statements) {
    const others: Operation[] = [];
    for (const operation of operations) {
      if (operation.kind === 'notUnderstood' && operation.prepared && isKnown(operation.prepared, ctx)) {
        if (operation.prepared.query) ctx.query({ kind: 'query', query: operation.prepared.query, location: operation.location, ...common });
      } else if (operation.kind === 'query') {
        const where = stretched(operation.query.location, statements.at(-1)!.location === place ? options.textEnd : undefined);
        ctx.query({ kind: 'query', query: operation.query, location: where, ...common, ...(!isWithin(where, call) && { sender: call }) });
        result = rowsOf(operation.query, ctx, where, written, options.columnName);
      } else if (operation.kind === 'notUnderstood') {
        ctx.query({ kind: 'query', unknown: operation.reason, location: operation.location, ...common });
        result = { kind: 'unknown', reason: operation.reason };
      } else others.push(operation);
    }
    if (others.length > 0) ctx.emit({ kind: 'operations', operations: others, location: place, ...(options.access && { access: options.access }) });
  }
  for (const { reason, location: place } of statements.length === 0 ? unread : []) ctx.query({ kind: 'query', unknown: reason, location: place, ...common });
  return result;
}

/** A query is judged where it is prepared; what executes it by its name runs no other. */
function isKnown({ name, query }: NonNullable<NotUnderstood['prepared']>, ctx: Context): boolean {
  const names = stored(ctx, 'sql:prepared', () => new Set<string>());
  if (query) {
    ctx.journal.changes++;
    names.add(name);
  }
  return names.has(name);
}

/** To the end of the text, without its closing quote. */
function stretched(location: Location, text: Location | undefined): Location {
  return text && text.file === location.file && text.end - 1 > location.end ? { ...location, end: text.end - 1 } : location;
}

function finish({ operations, location }: Statement, rewritten: RewrittenText, ctx: Context, { columnName = (key) => key }: SqlTextOptions): TextStatement {
  const written = new Map<string, Value>();
  const [first] = operations;
  if (first?.kind === 'query') collectWritten(first.query, rewritten, written);
  return { operations: operations.map((operation) => replaceSlots(operation, rewritten, ctx, columnName)), location, written };
}

function collectWritten(query: Query, { slots }: RewrittenText, written: Map<string, Value>): void {
  if (query.kind !== 'insert' || query.source?.kind !== 'values' || query.source.rows.length !== 1) return;
  query.columns.forEach((column, index) => {
    let item = (query.source as Extract<Query, { kind: 'values' }>).rows[0]![index];
    while (item?.kind === 'cast') item = item.operand;
    const slot = item?.kind === 'parameter' ? slots.get(item.name) : undefined;
    if (slot?.kind === 'value') written.set(column, slot.value);
  });
}

/** The same facts, with each `$n` replaced by the expression of its value, and holes by how they are written. */
function replaceSlots<T>(node: T, rewritten: RewrittenText, ctx: Context, columnName: (key: string) => string): T {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (value === null || typeof value !== 'object') return value;
    const each = value as Record<string, unknown>;
    if (each['kind'] === 'parameter') return slotExpression(each as unknown as { name: string; location: Location }, rewritten, ctx) ?? value;
    if (each['kind'] === 'hole') return { ...each, text: rewritten.holes.get(String(each['text'])) ?? each['text'] };
    const inner = wrappedSubselect(each, rewritten);
    if (inner) return inner;
    const open = withoutOpenColumn(each as unknown as Query, (name) => valueOf(name, rewritten), ctx, columnName);
    if (open) return visit(open);
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(each)) copy[key] = key === 'location' ? each[key] : visit(each[key]);
    if (copy['kind'] === 'notUnderstood') copy['reason'] = readable(String(copy['reason']), rewritten);
    return copy['kind'] === 'inList' ? { ...copy, list: spreadArrays(copy['list'] as readonly Record<string, unknown>[]) } : copy;
  };
  return visit(node) as T;
}

function slotExpression({ name, location }: { readonly name: string; readonly location: Location }, { slots }: RewrittenText, ctx: Context): unknown {
  const slot = slots.get(name);
  if (!slot) return undefined;
  return slot.kind === 'expression' ? slot.expression : ctx.expression(slot.value, location);
}

function valueOf(name: string, { slots }: RewrittenText): Value | undefined {
  const slot = slots.get(name);
  return slot?.kind === 'value' ? slot.value : undefined;
}

/** `SELECT $1` that was put around a sub-select. */
function wrappedSubselect(node: Record<string, unknown>, { slots }: RewrittenText): Query | undefined {
  const query = node as unknown as Query;
  if (query.kind !== 'select' || query.targets.length !== 1 || query.from.length > 0) return undefined;
  const [target] = query.targets;
  const slot = target!.expression.kind === 'parameter' ? slots.get(target!.expression.name) : undefined;
  return slot?.kind === 'expression' && isSubselect(slot.expression) ? slot.expression.query : undefined;
}

/** `IN ($1)` of a known list. */
function spreadArrays(list: readonly Record<string, unknown>[]): readonly unknown[] {
  return list.flatMap((item) => (item['kind'] === 'array' ? item['items'] as readonly unknown[] : [item]));
}

function readable(reason: string, { holes }: RewrittenText): string {
  return reason.replace(/\$\{tl_\w+\}/g, (marker) => `\${${holes.get(marker) ?? '...'}}`);
}

function summary({ written }: RewrittenText): string {
  const whole = written.trim().replace(/\s+/g, ' ');
  return whole.length > 80 ? `${whole.slice(0, 77)}...` : whole;
}
