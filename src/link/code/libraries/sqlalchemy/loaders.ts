import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { select, subquery } from '../build.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue } from './given.js';
import type { RelatedData } from './mapped.js';
import { relatedData, relationOfTable, sideOf, tableOfModel } from './related.js';
import type { TableData } from './tables.js';

/** Strategies that read related rows along with the statement's own; the others read them later, or not at all. */
const LOADS: ReadonlySet<string> = new Set(['joinedload', 'selectinload', 'subqueryload', 'immediateload']);

/** One relationship that is loaded, and what is loaded of the rows that it leads to. */
interface Loaded {
  readonly related: RelatedData;
  readonly inner: readonly Loaded[];
}

/** `selectinload(User.posts)`, `joinedload(User.posts, Post.tags)`. */
export function loaderCall(name: string, call: Call, ctx: Context): Value | undefined {
  if (!LOADS.has(name)) return undefined;
  const path = call.arguments.positional.map((value) => relatedData(value, ctx));
  return loaderValue(path.every((each) => each !== undefined) ? chained(path) : []);
}

function loaderValue(loaded: readonly Loaded[]): LibraryValue {
  return libraryValue(SQLALCHEMY, 'loader', loaded);
}

function chained([first, ...rest]: readonly RelatedData[]): readonly Loaded[] {
  return first ? [{ related: first, inner: chained(rest) }] : [];
}

/** `selectinload(User.posts).joinedload(Post.tags)`, `.options(...)`; `.load_only(...)` and the like change nothing. */
export function loaderMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const given = call.arguments.positional;
  const own = object.data as readonly Loaded[];
  if (name === 'options') return loaderValue(within(own, given.flatMap((value) => loadersIn(value, ctx))));
  const next = loaderCall(name, call, ctx);
  return next ? loaderValue(within(own, loadersIn(next, ctx))) : object;
}

function loadersIn(value: Value, ctx: Context): readonly Loaded[] {
  return libraryData<readonly Loaded[]>(value, SQLALCHEMY, 'loader', ctx) ?? [];
}

/** What follows in a chain is of the rows that its last relationship leads to. */
function within(loaded: readonly Loaded[], inner: readonly Loaded[]): readonly Loaded[] {
  return loaded.map((each) => ({ ...each, inner: each.inner.length > 0 ? within(each.inner, inner) : inner }));
}

/**
 * The related rows that an option of a statement loads, as sub-selects of each of its rows.
 * @see SQLAlchemy manual, "Relationship Loading Techniques"
 */
export function loadedRows(option: Value, tables: readonly TableData[], location: Location, ctx: Context): readonly Expression[] {
  return loadersIn(option, ctx).flatMap((each) => {
    const own = tables.find(({ alias }) => alias === each.related.table.alias);
    return own ? along(each, own, location, ctx) : [];
  });
}

function along({ related, inner }: Loaded, own: TableData, location: Location, ctx: Context): readonly Expression[] {
  const found = relationOfTable(own, related.name, ctx);
  const other = found && tableOfModel(found.other, ctx);
  // Conditions of `and_()` name the table itself; only of rows of its own table it needs another name.
  const target = other && (other.alias === own.alias ? { ...other, alias: `${own.alias}_${related.name}` } : other);
  const side = target && sideOf({ ...related, table: own, target }, location, ctx);
  if (!side) return [];
  const targets = inner.flatMap((each) => along(each, side.target, location, ctx)).map((expression) => ({ expression }));
  return [subquery('array', select({ targets, from: [side.from], where: side.on, location }), location)];
}
