import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { identifierPiece, plainPiece, textAlternatives, type SqlPiece } from '../../sql-pieces.js';
import type { LibraryValue, ListValue, TextPart, Value } from '../../values.js';
import { isUndefined, undefinedValue } from '../../values.js';
import { alternatives } from '../objects.js';
import { columnName, dataOf, made, qualifierOf, sourceOf, type BuilderData, type ColumnData, type ExpressionData, type SqlData } from './data.js';
import { placeholderKey } from './expressions.js';
import { scalarQuery } from './subqueries.js';

/** sql`...`: what stands in its holes is a table, a column, another part, or a parameter (Drizzle manual, "Magic sql operator"). */
export function sqlTag(call: Call): LibraryValue {
  const text: Value = call.template ?? { kind: 'text', parts: [], location: call.location };
  return sqlValue(text, true, call.location);
}

/** The same, with a place for what `append` adds to it, wherever it stands by then. */
export function appendable(value: Value | undefined, ctx: Context): Value | undefined {
  const data = value && dataOf<SqlData>(value, 'sql');
  return data ? made('sql', { ...data, tail: ctx.allocate(undefinedValue) } satisfies SqlData) : value;
}

/** The text of a part with what was appended to it. */
export function inFull({ tail, ...start }: SqlData, ctx: Context): Pick<SqlData, 'text' | 'tag'> {
  return tail === undefined || isUndefined(ctx.read(tail)) ? start : { text: oneAfterTheOther([made('sql', start), tail], start.location), tag: true };
}

/** Where the text of a part is read as something of a query. */
export function placeOf(data: SqlData, ctx: Context) {
  const { text, tag } = inFull(data, ctx);
  return { text, bound: {}, location: data.location, options: { tag, expand: expand(ctx) } };
}

function oneAfterTheOther(values: readonly Value[], location: Location): Value {
  return { kind: 'text', parts: values.map((value) => ({ kind: 'hole', value, location, written: '' })), location };
}

/** SQL text of a template or of sql.raw(). */
export function sqlValue(text: Value, tag: boolean, location: Location, alias?: string): LibraryValue {
  return made('sql', { text, tag, location, ...(alias !== undefined && { alias }) } satisfies SqlData);
}

const DEPTH = 'drizzle:parts';
const MOST_NESTED = 40;

/** What values of this library stand for in a text. */
export function expand(ctx: Context): (value: Value, location: Location) => readonly SqlPiece[] | undefined {
  return (value, location) => pieces(value, location, ctx);
}

function pieces(value: Value, location: Location, ctx: Context): readonly SqlPiece[] | undefined {
  if (value.kind === 'list') return listPieces(value, location, ctx);
  const source = sourceOf(value);
  if (source?.kind === 'table') return [identifierPiece(source.alias !== undefined ? [source.alias] : [...(source.name.schema === undefined ? [] : [source.name.schema]), source.name.name], location)];
  if (source) return [identifierPiece([qualifierOf(source)], location)];
  const column = dataOf<ColumnData>(value, 'column');
  if (column) return [identifierPiece([column.qualifier, columnName(column.info, ctx)], location)];
  const sql = dataOf<SqlData>(value, 'sql');
  if (sql) return nested(sql, ctx);
  const expression = dataOf<ExpressionData>(value, 'expression');
  if (expression) return [{ kind: 'expression', expression: expression.lower(ctx), location }];
  const placeholder = dataOf<{ name: string }>(value, 'placeholder');
  if (placeholder) return [{ kind: 'value', value: ctx.input(placeholder.name, 'unknown', { key: placeholderKey(placeholder.name) }), location }];
  if (dataOf<BuilderData>(value, 'builder')) return [{ kind: 'expression', expression: scalarQuery(value as LibraryValue, location, ctx), location }];
  return isUndefined(value) ? [] : undefined;
}

/** What is left before its end leaves the depth as it was, too. */
function deeper<T>(ctx: Context, depth: number, work: () => T): T {
  ctx.store.set(DEPTH, depth + 1);
  try {
    return work();
  } finally {
    ctx.store.set(DEPTH, depth);
  }
}

/** sql`...` inside of another; one that may be several texts is expanded later. */
function nested(data: SqlData, ctx: Context): readonly SqlPiece[] {
  const { location } = data;
  const depth = ctx.store.get(DEPTH) as number | undefined ?? 0;
  // A part that was appended to itself.
  if (depth > MOST_NESTED) return [{ kind: 'hole', value: { kind: 'unknown', reason: 'a part that holds itself' }, written: 'a part of the query', pasted: false, location }];
  const { text, tag } = inFull(data, ctx);
  const lists = deeper(ctx, depth, () => textAlternatives(text, ctx, location, { tag, expand: expand(ctx) }));
  if (lists.length === 1) return lists[0]!;
  const options = lists.map((list) => ({ value: { kind: 'library' as const, library: 'drizzle', type: 'sqlFragment', data: list }, facts: [] }));
  return [{ kind: 'hole', value: { kind: 'union', options }, written: 'a part of the query', pasted: false, location }];
}

/** A list of parts stands for them in parentheses, one after the other; a list of values is one parameter. */
function listPieces(list: ListValue, location: Location, ctx: Context): readonly SqlPiece[] | undefined {
  if (!list.items.some((item) => ctx.read(item.value).kind === 'library')) return undefined;
  return [plainPiece('(', location), ...joined(list.items, plainPiece(', ', location), location, ctx), plainPiece(')', location)];
}

function joined(items: ListValue['items'], separator: SqlPiece, location: Location, ctx: Context): readonly SqlPiece[] {
  return items.flatMap(({ value }, index): readonly SqlPiece[] => {
    const inner = ctx.read(value);
    const own = pieces(inner, location, ctx) ?? [{ kind: 'value', value: inner, location } as const];
    return index === 0 ? own : [separator, ...own];
  });
}

/** `sql.raw`, `sql.join`, `sql.identifier`, ...; undefined for another name. */
export function sqlHelper(name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue, second] = call.arguments.positional;
  const { location } = call;
  switch (name) {
    case 'raw': return sqlValue(first, false, location);
    case 'empty': return sqlValue({ kind: 'constant', value: '' }, false, location);
    case 'identifier': {
      const given = ctx.read(first);
      return given.kind === 'constant' ? sqlValue({ kind: 'constant', value: `"${String(given.value).replaceAll('"', '""')}"` }, false, location) : sqlValue({ kind: 'unknown', reason: 'a name' }, false, location);
    }
    case 'param': return first;
    case 'placeholder': {
      const given = ctx.read(first);
      return made('placeholder', { name: given.kind === 'constant' ? String(given.value) : 'a placeholder' });
    }
    case 'join': return joinedSql(first, second, location, ctx);
    default: return undefined;
  }
}

function joinedSql(list: Value, separator: Value | undefined, location: Location, ctx: Context): Value {
  const items = ctx.read(list);
  // Whatever is no SQL is bound as a value.
  if (items.kind !== 'list') return sqlValue({ kind: 'text', parts: [{ kind: 'hole', value: items, location, written: '' }], location }, true, location);
  const parts = items.items.flatMap(({ value }, index): readonly TextPart[] => [
    ...(index > 0 && separator ? [{ kind: 'hole', value: separator, location, written: '' } as const] : []), { kind: 'hole', value, location, written: '' },
  ]);
  return sqlValue({ kind: 'text', parts, location }, true, location);
}

/** Methods of sql`...`. */
export function sqlMethod(data: SqlData, value: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (name) {
    case 'as': {
      const alias = call.arguments.positional[0] && alternatives(call.arguments.positional[0], ctx)[0];
      return alias?.kind === 'constant' ? made('sql', { ...data, alias: String(alias.value) } satisfies SqlData) : value;
    }
    case 'mapWith': case 'inlineParams': case 'getSQL': case 'if': return value;
    case 'append': {
      const [added = undefinedValue] = call.arguments.positional;
      if (data.tail?.kind !== 'reference') return sqlValue(oneAfterTheOther([value, added], data.location), true, data.location);
      const before = ctx.read(data.tail);
      ctx.write(data.tail, isUndefined(before) ? added : sqlValue(oneAfterTheOther([before, added], data.location), true, data.location));
      return value;
    }
    default: return undefined;
  }
}
