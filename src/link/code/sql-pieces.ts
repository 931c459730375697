import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import { amongConstants } from './collections.js';
import { cannotCarrySql } from '../replay/safe-text.js';
import type { Context } from './library.js';
import type { LibraryValue, TextPart, TextSource, UnionValue, Value } from './values.js';

/** A part of SQL text that a program puts together. */
export type SqlPiece =
  /** Characters of the file; `source` says where they are written, else they stand at `location` as a whole. */
  | { readonly kind: 'text'; readonly value: string; readonly source?: TextSource; readonly location: Location }
  /** Sent apart from the text: a parameter. */
  | { readonly kind: 'value'; readonly value: Value; readonly location: Location }
  /** A library's own expression that stands in the text: a column, a condition. */
  | { readonly kind: 'expression'; readonly expression: Expression; readonly location: Location }
  /** A parameter whose SQL depends on what stands before it: `insert into t ${sql(row)}`. `before` is the text so far. */
  | { readonly kind: 'dependent'; readonly pieces: (before: string) => readonly SqlPiece[]; readonly location: Location }
  /** SQL that is not known. `pasted`: a value from outside that was put into the text unquoted. */
  | { readonly kind: 'hole'; readonly value?: Value; readonly written: string; readonly pasted: boolean; readonly location: Location };

const FRAGMENT = 'sqlFragment';

/** SQL text of a library that is no query by itself: sql`...` inside of another, identifiers, joined lists. Any library's text may hold one. */
export function fragmentValue(library: string, pieces: readonly SqlPiece[]): LibraryValue {
  return { kind: 'library', library, type: FRAGMENT, data: pieces };
}

/** The pieces of a fragment, if the value is one. */
export function fragmentPieces(value: Value): readonly SqlPiece[] | undefined {
  return value.kind === 'library' && value.type === FRAGMENT ? value.data as readonly SqlPiece[] : undefined;
}

/** An identifier of one or several parts, quoted. */
export function identifierPiece(parts: readonly string[], location: Location): SqlPiece {
  return { kind: 'text', value: parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'), location };
}

/** Text without a place of its own. */
export function plainPiece(value: string, location: Location): SqlPiece {
  return { kind: 'text', value, location };
}

export interface PieceOptions {
  /** Holes of the text are parameters: it is the text of a template tag. */
  readonly tag?: boolean;
  /** What a value of the library itself stands for in the text (a table, a column, a condition); undefined: not known here. */
  readonly expand?: (value: Value, location: Location) => readonly SqlPiece[] | undefined;
}

/** More alternatives of one text are not told apart. */
const MOST_ALTERNATIVES = 16;

/**
 * The texts that a value may be.
 * @param written how the value is written in the file, where it is pasted into a larger text
 * @returns one list of pieces for each alternative
 */
export function textAlternatives(value: Value, ctx: Context, location: Location, options: PieceOptions = {}): readonly (readonly SqlPiece[])[] {
  return alternatives(value, { ctx, options, location, written: undefined, depth: 0 });
}

interface Place {
  readonly ctx: Context;
  readonly options: PieceOptions;
  readonly location: Location;
  /** Absent for the text itself. */
  readonly written: string | undefined;
  readonly depth: number;
}

function alternatives(given: Value, place: Place): readonly (readonly SqlPiece[])[] {
  const value = place.ctx.read(given);
  const { ctx, location, options, written } = place;
  if (place.depth > 12) return [[{ kind: 'hole', written: written ?? '...', pasted: false, location }]];
  const known = fragmentPieces(value) ?? options.expand?.(value, location);
  if (known) return expandNested(known, place);
  switch (value.kind) {
    case 'constant': return [constantPieces(value, place)];
    case 'text': return product(placeholders(value.parts, ctx).map((part) => (part.kind === 'text'
      ? [[{ kind: 'text', value: part.value, location: value.location, ...(part.source && { source: part.source }) } as const]]
      : hole(part.value, { ...place, location: part.location, written: part.written, depth: place.depth + 1 }))));
    case 'union': {
      const checked = new Set(value.options.flatMap((option) => (isAmongConstants(option) ? [option.value] : [])));
      return withoutMissing(value.options.map((option) => option.value), written !== undefined, ctx)
        .flatMap((option): readonly (readonly SqlPiece[])[] => (checked.has(option) ? [[{ kind: 'hole', value: option, written: nameOfHole(option, written, ctx), pasted: false, location }]] : alternatives(option, { ...place, depth: place.depth + 1 }))).slice(0, MOST_ALTERNATIVES);
    }
    default: return [[{ kind: 'hole', value, written: nameOfHole(value, written, ctx), pasted: !cannotHoldSql(value, ctx), location }]];
  }
}

/** `$${values.length}` where the number is not known: a parameter, though which of the values it is is not. */
function placeholders(parts: readonly TextPart[], ctx: Context): readonly TextPart[] {
  return parts.map((part, index) => {
    if (part.kind === 'text') {
      const next = parts[index + 1];
      return isNumbered(part, next, ctx) ? { ...part, value: part.value.slice(0, -1) } : part;
    }
    if (!isNumbered(parts[index - 1], part, ctx)) return part;
    const { location } = part;
    const value = ctx.input('a value of the list', 'unknown', { key: `placeholder ${location.file}:${location.start}` });
    return { ...part, value: fragmentValue('sql', [{ kind: 'value', value, location }]) };
  });
}

function isNumbered(text: TextPart | undefined, number: TextPart | undefined, ctx: Context): boolean {
  if (text?.kind !== 'text' || number?.kind !== 'hole' || !/(?:^|[^$\w])\$$/.test(text.value)) return false;
  return !['constant', 'text'].includes(ctx.read(number.value).kind);
}

/** The text of a value all of whose parts are known. */
export function knownText(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'constant') return typeof known.value === 'string' ? known.value : undefined;
  if (known?.kind !== 'text') return undefined;
  const parts = known.parts.map((part) => {
    if (part.kind === 'text') return part.value;
    const inner = ctx.read(part.value);
    return inner.kind === 'constant' && inner.value !== null && inner.value !== undefined ? String(inner.value) : knownText(inner, ctx);
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}

function nameOfHole(value: Value, written: string | undefined, ctx: Context): string {
  if (value.kind === 'external' && !written) return [value.module.replace('node:', ''), ...value.path].join('.');
  return (written === '' ? undefined : written) ?? (value.kind === 'input' ? value.name : value.kind === 'field' ? value.path.at(-1) : ctx.nameOf(value)) ?? '...';
}

/** What was found to be one of several constants on the path that gave it: `if (!['asc', 'desc'].includes(order)) order = 'asc'`. */
function isAmongConstants({ value, facts }: UnionValue['options'][number]): boolean {
  return value.kind === 'input' && facts.some((fact) => fact.kind === 'defined' && fact.key === amongConstants(value.key));
}

/** Nobody pastes "null" on purpose: where a value that may be missing is pasted, it was there. */
function withoutMissing(options: readonly Value[], pasted: boolean, ctx: Context): readonly Value[] {
  if (!pasted) return options;
  const there = options.filter((option) => {
    const known = ctx.read(option);
    return !(known.kind === 'constant' && (known.value === null || known.value === undefined || typeof known.value === 'boolean'));
  });
  return there.length > 0 ? there : options;
}

/** A value in a text: a parameter in a tag, else pasted. */
function hole(given: Value, place: Place): readonly (readonly SqlPiece[])[] {
  const { ctx, options, location } = place;
  if (!options.tag) return alternatives(given, place);
  const value = ctx.read(given);
  const known = fragmentPieces(value) ?? options.expand?.(value, location);
  if (known) return expandNested(known, place);
  if (value.kind === 'union' && value.options.some((option) => fragmentPieces(ctx.read(option.value)) ?? options.expand?.(ctx.read(option.value), location))) {
    return value.options.flatMap((option) => hole(option.value, { ...place, depth: place.depth + 1 })).slice(0, MOST_ALTERNATIVES);
  }
  return [[{ kind: 'value', value, location }]];
}

/** Values of a fragment that are choices themselves are left as they are; holes in it were expanded when it was made. */
function expandNested(pieces: readonly SqlPiece[], place: Place): readonly (readonly SqlPiece[])[] {
  return product(pieces.map((piece) => (piece.kind === 'hole' && piece.value?.kind === 'union' ? alternatives(piece.value, { ...place, location: piece.location, written: piece.written, depth: place.depth + 1 }) : [[piece]])));
}

function constantPieces(value: Extract<Value, { kind: 'constant' }>, { location, written }: Place): readonly SqlPiece[] {
  if (typeof value.value === 'string') return [{ kind: 'text', value: value.value, location, ...(value.source && { source: value.source }) }];
  if (value.value === undefined && written === undefined) return [{ kind: 'hole', written: '...', pasted: false, location }];
  return [{ kind: 'text', value: String(value.value), location }];
}

/** `process.env.X`, `os.environ["X"]`: set apart from the file, by whoever runs it. */
export function isEnvironment({ module, path }: Extract<Value, { kind: 'external' }>): boolean {
  return (path[0] === 'env' && /^(?:node:)?process$/.test(module)) || (path[0] === 'environ' && module === 'os');
}

/** Whether what is pasted is certain not to carry SQL: numbers, dates, truth values, what a package holds. */
function cannotHoldSql(value: Value, ctx: Context): boolean {
  if (value.kind === 'input' && ctx.state.isDefined(amongConstants(value.key))) return true;
  if (value.kind === 'condition') return true;
  if (value.kind === 'union') return value.options.every((option) => isAmongConstants(option) || cannotHoldSql(ctx.read(option.value), ctx));
  if (value.kind === 'constant') return true;
  if (value.kind === 'external') return !isEnvironment(value);
  if (value.kind === 'library' || value.kind === 'unknown' || value.kind === 'function') return true;
  if (value.kind === 'field' && value.result.rows !== undefined) return cannotCarrySql(ctx.expression(value, value.result.location), () => []);
  if (value.kind !== 'input') return false;
  const type = value.type?.type;
  const named = type?.kind === 'named' ? type.path.at(-1) : undefined;
  return value.environment === true || (named !== undefined && safeTypes.has(named)) || safeCalls.test(value.name);
}

const safeTypes = new Set(['number', 'bigint', 'boolean', 'Date', 'int', 'float', 'bool', 'datetime', 'date', 'Decimal', 'UUID']);

/** Calls whose result is a number or a date, and those that quote, by their names as written. */
const safeCalls = /^(?:await )?(?:\w+\.)*(?:Number|parseInt|parseFloat|BigInt|int|float|len|round|count|ident|identifier|literal|quote_?ident(?:ifier)?|quote_?literal|escape\w*|as_string|getTime|toISOString|isoformat)\(|\.(?:length|size|rowCount)$/i;

/** Every combination, up to a limit; beyond it the first and the last of each, and each choice once. */
function product(choices: readonly (readonly (readonly SqlPiece[])[])[]): readonly (readonly SqlPiece[])[] {
  const count = choices.reduce((total, options) => total * options.length, 1);
  if (count <= MOST_ALTERNATIVES) {
    return choices.reduce<readonly (readonly SqlPiece[])[]>((lists, options) => lists.flatMap((list) => options.map((option) => [...list, ...option])), [[]]);
  }
  const pick = (index: (options: readonly unknown[], at: number) => number): readonly SqlPiece[] => choices.flatMap((options, at) => options[index(options, at)] ?? []);
  const single = choices.flatMap((options, at) => options.slice(1).map((_, turn) => pick((_options, other) => (other === at ? turn + 1 : 0))));
  return [pick(() => 0), pick((options) => options.length - 1), ...single].slice(0, MOST_ALTERNATIVES);
}
