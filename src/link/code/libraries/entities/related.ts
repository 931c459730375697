import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ModelRelation } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { RowValue } from '../../values.js';
import { and, column, equal, select, subquery, table } from '../build.js';
import type { Place } from '../prisma/models.js';

/**
 * The condition that rows are those a relation of a row leads to.
 * @param row it was read before
 * @param place where the related rows are read
 */
export function keysOfRelated(row: RowValue, { through, columns, referencedColumns }: ModelRelation, place: Place, location: Location, ctx: Context): Expression {
  const field = (name: string): Expression => ctx.expression({ kind: 'field', result: row.result, path: [...row.path, propertyOf(row, name)], many: false, maybe: false }, location);
  if (!through) return and(columns.map((name, index) => equal(column(place.alias, referencedColumns[index]!, location), field(name), location)), location);
  const middle = place.names.fresh(through.table.name);
  const query = select({
    targets: [{ expression: column(middle, through.referencedColumns[0]!, location) }], from: [table(through.table, middle, location)],
    where: equal(column(middle, through.columns[0]!, location), field(columns[0]!), location), location,
  });
  return { ...subquery('any', query, location), operator: '=', left: column(place.alias, referencedColumns[0]!, location) };
}

function propertyOf(row: RowValue, name: string): string {
  const fields = row.result.entity?.model.fields ?? {};
  return Object.keys(fields).find((each) => entryOf(fields, each) === name) ?? name;
}
