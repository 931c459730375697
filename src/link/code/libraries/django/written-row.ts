import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { InsertQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { RowValue } from '../../values.js';
import { column, equal } from '../build.js';
import { writtenWhere, type Data } from '../entities/writing.js';
import { columnName } from '../prisma/models.js';
import { allOf, rowsOf } from './queryset.js';
import { remember, type QuerySet } from './queryset-data.js';

/** The row that an INSERT makes: it has what was written, and a key of its own. */
export function writtenRow(set: QuerySet, rows: readonly Data[], query: InsertQuery, ctx: Context): RowValue {
  const { location } = query;
  const own = allOf(set.model, location, { ...(set.owner && { owner: set.owner }) });
  const made = { ...own, where: [writtenWhere(query, own.place.alias), ...newKey(own, rows, location, ctx)] };
  const { result } = rowsWithout(made, ctx);
  const written = rows.length === 1 ? rows[0]!.written : undefined;
  const row = { ...result, isWritten: true, ...(written && { written }) } as const;
  remember(row, made, ctx);
  ctx.present(row);
  return { kind: 'row', result: row, path: [], maybe: false };
}

/** The key that the database has given a new row: it is no other row's. */
function newKey({ model, place }: QuerySet, rows: readonly Data[], location: Location, ctx: Context): readonly Expression[] {
  const key = columnName(model.table, 'pk') ?? 'id';
  if (rows.length !== 1 || rows[0]!.assigned.some((each) => each.column === key) || rows[0]!.open !== undefined) return [];
  const made = ctx.input(`the new ${model.table.name.name}`, 'trusted', { key: `new@${location.file}:${location.start}` });
  return [equal(column(place.alias, key, location), ctx.expression(made, location), location)];
}

/** Rows that are not read again. */
function rowsWithout(set: QuerySet, ctx: Context): ReturnType<typeof rowsOf> {
  return rowsOf({ ...set, empty: true }, ctx);
}
