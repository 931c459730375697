import type { Location } from '../../../facts/location.js';
import type { Call, Context } from '../library.js';
import { fragmentPieces, fragmentValue, identifierPiece, plainPiece, textAlternatives } from '../sql-pieces.js';
import type { SqlPiece } from '../sql-pieces.js';
import { queriesOfText } from '../sql-text.js';
import type { SqlTextOptions } from '../sql-text.js';
import type { ListValue, Result, Value } from '../values.js';
import { undefinedValue } from '../values.js';

/** Template tags and what stands in their holes. */

/** A tagged text that was recorded as a query when it was made, and may turn out to be a part of another. */
interface Drafted {
  readonly pieces: Value;
  readonly draft: { withdrawn: boolean };
}

const drafts = new WeakMap<Result, Drafted>();

const STATEMENT = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/|\()*(?:select|insert|update|delete|with|merge|values|set|reset|create|alter|drop|truncate|begin|commit|rollback|savepoint|release|grant|revoke|call|do|lock|table|copy|refresh|explain|listen|notify|vacuum|analyze|comment)\b/i;

/**
 * The text of a tag as a fragment: it is sent by a call that is given it.
 * @param expand what values of the library itself stand for in a hole
 */
export function tagFragment(call: Call, ctx: Context, library: string, expand?: SqlTextOptions['expand']): Value {
  return fragmentOf(call.template ?? { kind: 'text', parts: [], location: call.location }, call.location, ctx, library, expand);
}

/**
 * The text of a tag that sends it when it is awaited. What begins as a statement is taken to be sent; when it then stands in a hole
 * of another text of the library it was a part of that.
 */
export function tagQuery(call: Call, ctx: Context, library: string, options: SqlTextOptions = {}): Value {
  const expand = (value: Value, location: Location): readonly SqlPiece[] | undefined => withdrawn(value, ctx) ?? options.expand?.(value, location) ?? listPieces(value, ctx, location);
  const fragment = fragmentOf(call.template ?? { kind: 'text', parts: [], location: call.location }, call.location, ctx, library, expand);
  if (!isStatement(fragment)) return fragment;
  const draft = { withdrawn: false };
  const textEnd = fragment.kind === 'union' && call.template ? { textEnd: call.template.location } : {};
  const result = queriesOfText(fragment, {}, ctx, call.location, library, { ...options, draft, ...textEnd });
  const rows = result.kind === 'union' ? result.options[0]!.value : result;
  if (rows.kind !== 'rowList') return result.kind === 'constant' ? fragment : result;
  drafts.set(rows.result, { pieces: fragment, draft });
  return result;
}

/** The pieces of a value that was taken for a query and is now a part of another. */
function withdrawn(value: Value, ctx: Context): readonly SqlPiece[] | undefined {
  const rows = value.kind === 'union' ? ctx.read(value.options[0]!.value) : value;
  const drafted = rows.kind === 'rowList' ? drafts.get(rows.result) : undefined;
  if (!drafted) return undefined;
  drafted.draft.withdrawn = true;
  return piecesOf(drafted.pieces);
}

function fragmentOf(text: Value, location: Location, ctx: Context, library: string, expand: SqlTextOptions['expand']): Value {
  const lists = textAlternatives(text, ctx, location, { tag: true, expand: expand ?? ((value, place) => listPieces(value, ctx, place)) });
  return choice(lists.map((pieces) => fragmentValue(library, pieces)));
}

/** One of several values. */
export function choice(values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : { kind: 'union', options: values.map((value) => ({ value, facts: [] })) };
}

/** The pieces of a fragment or of one of several, as a piece that is expanded later. */
function piecesOf(value: Value): readonly SqlPiece[] {
  const known = fragmentPieces(value);
  if (known) return known;
  return [{ kind: 'hole', value, written: 'a fragment', pasted: false, location: { file: '', start: 0, end: 0 } }];
}

function isStatement(fragment: Value): boolean {
  const first = fragment.kind === 'union' ? fragment.options[0]!.value : fragment;
  const [piece] = fragmentPieces(first) ?? [];
  return piece?.kind === 'text' && STATEMENT.test(piece.value);
}

/** A list of fragments in a hole stands for them one after the other. */
export function listPieces(value: Value, ctx: Context, location: Location, separator: readonly SqlPiece[] = []): readonly SqlPiece[] | undefined {
  if (value.kind !== 'list' || value.items.length === 0) return undefined;
  const isFragment = ({ value: item }: ListValue['items'][number]): boolean => isPart(ctx.read(item), ctx);
  if (!value.items.some(isFragment)) return undefined;
  return joinPieces(value.items, ctx, location, separator);
}

function isPart(value: Value, ctx: Context): boolean {
  if (fragmentPieces(value)) return true;
  if (value.kind === 'rowList') return drafts.has(value.result);
  return value.kind === 'union' && value.options.some((option) => isPart(ctx.read(option.value), ctx));
}

/** The most items that may be left out one by one. */
const MOST_OPTIONAL = 4;

/** Items of a list with a separator between them; an item that is there only on some paths gives a choice. */
export function joinPieces(items: ListValue['items'], ctx: Context, location: Location, separator: readonly SqlPiece[]): readonly SqlPiece[] {
  const optional = items.filter(({ maybe }) => maybe);
  const subsets = optional.length > MOST_OPTIONAL
    ? [items, items.filter(({ maybe }) => !maybe)]
    : Array.from({ length: 2 ** optional.length }, (_, bits) => items.filter((item) => !item.maybe || (bits & (1 << optional.indexOf(item))) !== 0));
  const options = subsets.map((subset) => subset.flatMap(({ value }, index) => [...(index > 0 ? separator : []), ...itemPieces(value, ctx, location)]));
  if (options.length === 1) return options[0]!;
  return piecesOf(choice(options.map((pieces) => fragmentValue('sql', pieces))));
}

function itemPieces(given: Value, ctx: Context, location: Location): readonly SqlPiece[] {
  const value = ctx.read(given);
  const known = fragmentPieces(value) ?? withdrawn(value, ctx);
  if (known) return known;
  if (value.kind === 'union' && isPart(value, ctx)) return piecesOf(choice(value.options.map((option) => fragmentValue('sql', itemPieces(option.value, ctx, location)))));
  return [{ kind: 'value', value, location }];
}

/** Identifiers that a helper is given: a name, `schema.name`, or a list of parts. */
export function identifierFragment(given: Value | undefined, ctx: Context, location: Location, library: string, split = false): Value {
  const value = given && ctx.read(given);
  if (value?.kind === 'constant' && typeof value.value === 'string') return fragmentValue(library, [identifierPiece(split ? value.value.split('.') : [value.value], location)]);
  if (value?.kind === 'list') {
    const parts = value.items.map((item) => ctx.read(item.value));
    if (parts.every((part) => part.kind === 'constant')) return fragmentValue(library, [identifierPiece(parts.map((part) => String(part.value)), location)]);
  }
  if (value?.kind === 'union') return choice(value.options.map((option) => identifierFragment(option.value, ctx, location, library, split)));
  return fragmentValue(library, [{ kind: 'hole', written: 'a name', pasted: false, location }]);
}

/** Text that a helper is told to paste as it is. */
export function rawFragment(given: Value | undefined, ctx: Context, location: Location, library: string): Value {
  const lists = textAlternatives(given ?? undefinedValue, ctx, location);
  return choice(lists.map((pieces) => fragmentValue(library, pieces)));
}

/** `join(list, separator)` of fragments and values. */
export function joinFragment(list: Value | undefined, separator: Value | undefined, ctx: Context, location: Location, library: string, between = ', '): Value {
  const items = list && ctx.read(list);
  const glue = separator && ctx.read(separator);
  const glued = glue && (fragmentPieces(glue) ?? (glue.kind === 'constant' && typeof glue.value === 'string' ? [plainPiece(glue.value, location)] : undefined));
  if (items?.kind !== 'list') {
    const text = (glued ?? []).map((piece) => (piece.kind === 'text' ? piece.value : '')).join('');
    if (items && text.trim() === ',' && !isPart(items, ctx)) return fragmentValue(library, [{ kind: 'value', value: items, location }]);
    return fragmentValue(library, [{ kind: 'hole', written: 'a joined list', pasted: false, location }]);
  }
  return fragmentValue(library, joinPieces(items.items, ctx, location, glued ?? [plainPiece(between, location)]));
}
