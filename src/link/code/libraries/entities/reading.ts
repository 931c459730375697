import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Join, Target } from '../../../../facts/query.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { COUNT } from '../../lower.js';
import type { FieldValue, Result, RowListValue, RowValue, Value } from '../../values.js';
import { constant, join, Names, select, subquery, and } from '../build.js';
import { relationOf } from '../prisma/models.js';
import { columnAt, countTarget, plainReading, relationAt, type Reading } from '../prisma/reading.js';
import { related } from '../prisma/relation-filters.js';

export { countTarget };
export type { Reading };

/** A reading of a model's table. */
export function readingOf(model: ModelTable, location: Location, alias?: string, names = new Names()): Reading {
  return plainReading({ model, names, alias: names.fresh(alias ?? model.name.name) }, location);
}

/**
 * Reads the rows of a relation, too: joined where they are one, in a sub-select where they are many.
 * @param condition what the related rows have to satisfy, given their place
 * @returns the reading of the related rows; undefined when the relation is not known
 */
export function addRelation(
  root: Reading, from: Reading, name: string, type: Join['type'], location: Location, ctx: Context, condition?: (side: Reading) => Expression,
): Reading | undefined {
  const known = from.joined.get(name);
  if (known) return known;
  const relation = relationOf(from.place.model, name);
  const side = relation && related(relation, from.place, location, ctx);
  if (!relation || !side) return undefined;
  const inner: Reading = { place: side.place, from: side.from, targets: [], joined: new Map(), many: new Map() };
  const on = and([side.on, ...(condition ? [condition(inner)] : [])], location);
  root.from = join(type, root.from, side.from, on, location);
  from.joined.set(name, inner);
  return inner;
}

/** The related rows of a row as a sub-select of the select list. */
export function addMany(root: Reading, from: Reading, name: string, location: Location, ctx: Context, condition?: (side: Reading) => Expression): Reading | undefined {
  const relation = relationOf(from.place.model, name);
  const side = relation && related(relation, from.place, location, ctx);
  if (!relation || !side) return undefined;
  const inner: Reading = { place: side.place, from: side.from, targets: [], joined: new Map(), many: new Map() };
  const where = and([side.on, ...(condition ? [condition(inner)] : [])], location);
  const query = select({ targets: [], from: [inner.from], where, location });
  root.targets.push({ expression: subquery('array', query, location), alias: name });
  return inner;
}

/** The rows that a reading gives. */
export interface Rows {
  readonly reading: Reading;
  readonly where: Expression;
  readonly limited?: boolean;
  /** They were just written. */
  readonly isWritten?: true;
  readonly location: Location;
}

/** The SELECT of a reading; `targets` are its own columns unless given. */
export function selectOf({ reading, where, limited, location }: Rows, targets?: readonly Target[]): ReturnType<typeof select> {
  const own: Target = { expression: { kind: 'star', path: [reading.place.alias], location } };
  return select({ targets: targets ?? [own, ...reading.targets], from: [reading.from], where, ...(limited === true && { limit: constant(1, location) }), location });
}

/** What the rows are as a result: their properties are fields, also of relations. */
export function resultOf(rows: Rows, library: string, ctx: Context, written?: ReadonlyMap<string, Value>): Result {
  const { reading, where, limited, location } = rows;
  return ctx.result({
    rows: select({ from: [reading.from], where, ...(limited === true && { limit: constant(1, location) }), location }), ...(rows.isWritten && { isWritten: true }), ...(written && written.size > 0 && { written }),
    column: (path) => columnAt(reading, path, location, ctx) ?? foreignKey(reading, path, location, ctx),
    relation: (path) => relationAt(reading.place.model, path, ctx), entity: { model: reading.place.model, library }, location,
  });
}

/** A property that is not declared but has a column of its name. */
function foreignKey(reading: Reading, path: readonly string[], location: Location, ctx: Context): Expression | undefined {
  const [name] = path;
  if (path.length !== 1 || name === undefined || relationAt(reading.place.model, path, ctx) !== undefined) return undefined;
  const found = reading.place.model.columns.find((each) => each.name === name);
  return found && { kind: 'column', path: [reading.place.alias, found.name], location };
}

/** The row that a query finds. */
export function rowOf(result: Result, maybe: boolean, ctx: Context): RowValue {
  if (!maybe) ctx.present(result);
  return { kind: 'row', result, path: [], maybe };
}

/** The rows that a query finds. */
export function rowsOf(result: Result): RowListValue {
  return { kind: 'rowList', result, path: [] };
}

/** The number of rows. */
export function countOf(rows: Rows, ctx: Context): FieldValue {
  const { expression } = countTarget(rows.location);
  const result = ctx.result({ rows: select({ from: [rows.reading.from], where: rows.where, location: rows.location }), column: () => expression, location: rows.location });
  return { kind: 'field', result, path: [COUNT], many: false, maybe: false };
}
