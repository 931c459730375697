import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query, SelectQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { hole } from '../build.js';
import { expressionOfText } from '../../sql-part.js';
import { stepsOf } from './builder.js';
import { dataOf, type BuilderData, type SqlData } from './data.js';
import { expand } from './sql.js';
import { lowerRead } from './select.js';
import type { Leaf } from './selection.js';
import { lowerWrite } from './write.js';

/** A builder's query as lowered, with what it selects. */
export interface Lowered {
  readonly query?: Query;
  readonly leaves: readonly Leaf[];
  /** Why there is none. */
  readonly unknown?: string;
}

/** The query that a builder makes. @param isPart it stands inside of another */
export function lowerBuilder(builder: Value, isPart: boolean, ctx: Context): Lowered {
  const items = stepsOf(builder, ctx);
  const first = items[0]?.step.method;
  if (first === undefined) return { leaves: [], unknown: 'A query builder that is not known' };
  return first === 'insert' || first === 'update' || first === 'delete' ? lowerWrite(items, isPart, ctx) : lowerRead(items, isPart, ctx);
}

/** What a builder selects. */
export function leavesOfQuery(query: Value, ctx: Context): readonly Leaf[] {
  const inner = ctx.read(query);
  return dataOf<BuilderData>(inner, 'builder') ? lowerBuilder(inner, true, ctx).leaves : [];
}

/** The query of a builder or of SQL text, as a part of another. */
export function queryOf(value: Value, ctx: Context): Query | undefined {
  const inner = ctx.read(value);
  if (dataOf<BuilderData>(inner, 'builder')) return lowerBuilder(inner, true, ctx).query;
  const sql = dataOf<SqlData>(inner, 'sql');
  if (!sql) return undefined;
  const lowered = expressionOfText({ text: { kind: 'text', parts: [{ kind: 'text', value: '(' }, { kind: 'hole', value: inner, location: sql.location, written: '' }, { kind: 'text', value: ')' }], location: sql.location }, bound: {}, location: sql.location, options: { tag: true, expand: expand(ctx) } }, ctx);
  return lowered.kind === 'subquery' ? lowered.query : undefined;
}

/** A query in the place of a value. */
export function scalarQuery(value: Value, location: Location, ctx: Context): Expression {
  const query = queryOf(value, ctx);
  return query ? { kind: 'subquery', form: 'scalar', query: query as SelectQuery, location } : hole('a sub-query that is not known', location);
}
