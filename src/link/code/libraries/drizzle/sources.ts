import type { Location } from '../../../../facts/location.js';
import type { CommonTableExpression, FromItem } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import { tablesOfText } from '../../sql-part.js';
import type { Value } from '../../values.js';
import { table } from '../build.js';
import { dataOf, sourceOf, type DerivedSource, type Source, type SqlData } from './data.js';
import { placeOf } from './sql.js';
import { queryOf } from './subqueries.js';

/** What stands in FROM, with its fields where they are known; undefined when it is not known. */
export function fromItem(value: Value | undefined, location: Location, isLateral: boolean, ctx: Context): { readonly item: FromItem; readonly source?: Source } | undefined {
  const inner = value && ctx.read(value);
  const source = sourceOf(inner);
  if (source?.kind === 'table') return { item: table(source.name, source.alias, location), source };
  if (source?.kind === 'cte') return { item: table({ name: source.name }, undefined, location), source };
  if (source) {
    const query = queryOf(source.query, ctx);
    return query && { item: { kind: 'derived', query, alias: source.name, columnAliases: [], lateral: isLateral, location }, source };
  }
  const sql = dataOf<SqlData>(inner, 'sql');
  const tables = sql && tablesOfText(placeOf(sql, ctx), ctx);
  return tables?.length === 1 ? { item: tables[0]! } : undefined;
}

/** The WITH list of the sub-queries given to `db.with(...)`. */
export function withList(ctes: readonly Value[], ctx: Context): CommonTableExpression[] {
  return ctes.flatMap((value): readonly CommonTableExpression[] => {
    const source = sourceOf(ctx.read(value));
    if (source?.kind !== 'cte') return [];
    const query = queryOf((source as DerivedSource).query, ctx);
    return query ? [{ name: source.name, columns: [], query, location: source.location }] : [];
  });
}
