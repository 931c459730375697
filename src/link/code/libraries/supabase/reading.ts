import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, QualifiedName, Target } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { and, column, equal, hole, join, leftOut, or, select, subquery, table, type Names } from '../build.js';
import type { Filter } from './filters.js';
import type { SelectItem } from './select-text.js';
import { linkOf, tableNamed, type Found, type Link } from './tables.js';

/** A table that is read, with the tables that its select text embeds. */
export interface Reading {
  readonly alias: string;
  readonly found: Found | undefined;
  from: FromItem;
  readonly targets: Target[];
  /** Conditions of inner embeddings. */
  readonly needed: Expression[];
  /** Columns by the name they have in the result. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly embedded: ReadonlyMap<string, Embedded>;
}

/** An embedded table: joined, or as a sub-select of each row. */
interface Embedded {
  readonly item: SelectItem;
  readonly link: Link | undefined;
  /** Of one that is joined. */
  reading?: Reading;
}

/** A filter with whether it is there on some paths only. */
export interface GivenFilter extends Filter {
  readonly maybe: boolean;
  readonly name: string;
}

/** What select() reads, with its filters. */
export function readingOf(name: QualifiedName, items: readonly SelectItem[], filters: readonly GivenFilter[], names: Names, location: Location, ctx: Context): Reading {
  const alias = names.fresh(name.name);
  return embed(plain(table(name, alias, location), alias, tableNamed(name, ctx), items), filters, names, location, ctx);
}

function plain(from: FromItem, alias: string, found: Found | undefined, items: readonly SelectItem[]): Reading {
  const renamed = new Map(items.flatMap((item) => (item.alias !== undefined && !item.embedded ? [[item.alias, item.name] as const] : [])));
  const embedded = new Map(items.flatMap((item): [string, Embedded][] => (item.embedded ? [[item.alias ?? item.name, { item, link: found && linkOf(found, item.name, item.hints) }]] : [])));
  return { alias, found, from, targets: [], needed: [], renamed, embedded };
}

/** The conditions of filters on the table itself. */
export function ownConditions(filters: readonly GivenFilter[], alias: string, location: Location): Expression {
  return and(filters.filter(({ path }) => path.length === 0).map((filter) => conditionOf(filter, alias, location)), location);
}

function conditionOf({ condition, maybe, name }: GivenFilter, alias: string, location: Location): Expression {
  const term = condition(alias);
  return maybe ? or([term, leftOut(name, location)], location) : term;
}

/** The filters of an embedded table, as seen from there. */
function filtersUnder(filters: readonly GivenFilter[], key: string, { name }: SelectItem): readonly GivenFilter[] {
  return filters.filter(({ path }) => path[0] === key || path[0] === name).map((filter) => ({ ...filter, path: filter.path.slice(1) }));
}

function embed(reading: Reading, filters: readonly GivenFilter[], names: Names, location: Location, ctx: Context): Reading {
  for (const [key, embedded] of reading.embedded) {
    const inner = filtersUnder(filters, key, embedded.item);
    if (embedded.link && !embedded.link.many) joinOne(reading, embedded, embedded.link, inner, names, location, ctx);
    else addMany(reading, embedded, inner, names, location, ctx);
  }
  return reading;
}

/** A row of the other table at most: a join, LEFT unless `!inner` (PostgREST manual, "Top-level filtering"). */
function joinOne(reading: Reading, embedded: Embedded, link: Link, filters: readonly GivenFilter[], names: Names, location: Location, ctx: Context): void {
  const { item } = embedded;
  const name = nameOf(link);
  const alias = names.fresh(name.name);
  const items = item.embedded ?? [];
  const inner = embed(plain(table(name, alias, location), alias, tableNamed(name, ctx), items), filters, names, location, ctx);
  const on = and([pairs(alias, link.referencedColumns, reading.alias, link.columns, location), ownConditions(filters, alias, location), ...inner.needed], location);
  const isNeeded = item.isInner || link.columns.every((each) => reading.found?.table.columns.get(each)?.notNull === true && filters.length === 0);
  embedded.reading = inner;
  reading.from = join(isNeeded ? 'inner' : 'left', reading.from, inner.from, on, location);
  reading.targets.push(...inner.targets);
}

function addMany(reading: Reading, { item, link }: Embedded, filters: readonly GivenFilter[], names: Names, location: Location, ctx: Context): void {
  const query = manyQuery(reading, item, link, filters, names, location, ctx);
  reading.targets.push({ expression: subquery('array', query, location), alias: item.alias ?? item.name });
  if (item.isInner) reading.needed.push(subquery('exists', { ...query, targets: [] }, location));
}

function manyQuery(reading: Reading, item: SelectItem, link: Link | undefined, filters: readonly GivenFilter[], names: Names, location: Location, ctx: Context): ReturnType<typeof select> {
  const name = link ? nameOf(link) : { name: item.name };
  const alias = names.fresh(name.name);
  const items = item.embedded ?? [];
  const inner = embed(plain(table(name, alias, location), alias, tableNamed(name, ctx), items), filters, names, location, ctx);
  const middle = link?.through && names.fresh(link.through.table.name);
  const from = middle === undefined ? inner.from
    : join('inner', table(nameOf({ table: link!.through!.table }), middle, location), inner.from, pairs(alias, link!.referencedColumns, middle, link!.through!.referencedColumns, location), location);
  const on = !link ? hole(`no foreign key between the tables is known`, location)
    : middle === undefined ? pairs(alias, link.referencedColumns, reading.alias, link.columns, location) : pairs(middle, link.through!.columns, reading.alias, link.columns, location);
  return select({ targets: inner.targets, from: [from], where: and([on, ownConditions(filters, alias, location), ...inner.needed], location), location });
}

function nameOf({ table: { schema, name } }: Pick<Link, 'table'>): QualifiedName {
  return schema === 'public' ? { name } : { schema, name };
}

function pairs(left: string, leftColumns: readonly string[], right: string, rightColumns: readonly string[], location: Location): Expression {
  return and(leftColumns.map((name, index) => equal(column(left, name, location), column(right, rightColumns[index] ?? 'unknown', location), location)), location);
}

/** The column that a path of a result's row stands for; embedded tables are read by their foreign key where they are not joined. */
export function columnAt(reading: Reading, path: readonly string[], names: Names, location: Location, ctx: Context): Expression | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return undefined;
  if (rest.length === 0) return reading.embedded.has(key) ? undefined : column(reading.alias, reading.renamed.get(key) ?? key, location);
  const embedded = reading.embedded.get(key);
  if (embedded?.reading) return columnAt(embedded.reading, rest, names, location, ctx);
  if (!embedded?.link) return undefined;
  const query = manyQuery(reading, embedded.item, embedded.link, [], names, location, ctx);
  const inner = query.from[0]!;
  const alias = inner.kind === 'table' ? inner.alias ?? inner.name.name : undefined;
  return alias !== undefined && rest.length === 1 ? subquery('scalar', { ...query, targets: [{ expression: column(alias, rest[0]!, location) }] }, location) : undefined;
}

/** Whether a path names an embedded row, or rows. */
export function relationAt(reading: Reading, path: readonly string[]): 'one' | 'many' | undefined {
  const [key, ...rest] = path;
  const embedded = key === undefined ? undefined : reading.embedded.get(key);
  if (!embedded) return undefined;
  if (rest.length > 0) return embedded.reading && relationAt(embedded.reading, rest);
  return embedded.link?.many === false ? 'one' : 'many';
}
