import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import type { LibraryValue, ListValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { column, constant, hole, isTrue, leftOut, or } from '../build.js';
import { alternatives } from '../objects.js';
import { conditionOfText, expressionOfText } from '../../sql-part.js';
import { columnName, dataOf, sourceOf, type BuilderData, type ColumnData, type ExpressionData, type SqlData } from './data.js';
import { placeOf } from './sql.js';
import { scalarQuery } from './subqueries.js';

/** A value that Drizzle puts into SQL: columns, functions, sql`...`, sub-queries as what they say, anything else as a parameter. */
export function lowerValue(value: Value, location: Location, ctx: Context): Expression {
  const inner = ctx.read(value);
  if (inner.kind === 'library') return lowerLibrary(inner, location, ctx);
  if (inner.kind === 'union' && inner.options.some((option) => ctx.read(option.value).kind === 'library')) {
    return { kind: 'call', name: ['coalesce'], arguments: alternatives(inner, ctx).map((option) => lowerValue(option, location, ctx)), location };
  }
  if (inner.kind === 'list' && inner.items.some((item) => ctx.read(item.value).kind === 'library')) {
    return { kind: 'array', items: inner.items.map((item) => lowerValue(item.value, location, ctx)), location };
  }
  return ctx.expression(value, location);
}

function lowerLibrary(value: LibraryValue, location: Location, ctx: Context): Expression {
  const found = dataOf<ColumnData>(value, 'column');
  if (found) return column(found.qualifier, columnName(found.info, ctx), location);
  const expression = dataOf<ExpressionData>(value, 'expression');
  if (expression) return expression.lower(ctx);
  const sql = dataOf<SqlData>(value, 'sql');
  if (sql) return expressionOfText(placeOf(sql, ctx), ctx);
  const placeholder = dataOf<{ name: string }>(value, 'placeholder');
  if (placeholder) return ctx.expression(ctx.input(placeholder.name, 'unknown', { key: placeholderKey(placeholder.name) }), location);
  if (dataOf<BuilderData>(value, 'builder')) return scalarQuery(value, location, ctx);
  const source = sourceOf(value);
  if (source) return scalarQuery(source.kind === 'table' ? value : ctx.read(source.query), location, ctx);
  return hole('a value that is not known', location);
}

/** The key of the parameter that a `sql.placeholder(name)` stands for, until values are given. */
export function placeholderKey(name: string): string {
  return `placeholder:${name}`;
}

/** A condition, or nothing where it filters nothing: `where(undefined)`, `and()` of nothing (Drizzle manual, "Conditional filters in query"). */
export function lowerCondition(value: Value | undefined, location: Location, ctx: Context): Expression {
  if (value === undefined) return constant(true, location);
  const options = alternatives(value, ctx).map((option) => oneCondition(option, location, ctx));
  const filters = options.filter((option) => !isTrue(option));
  if (filters.length === 0) return constant(true, location);
  return or(filters.length < options.length ? [...filters, leftOut('where', location)] : filters, location);
}

function oneCondition(value: Value, location: Location, ctx: Context): Expression {
  if (value.kind === 'constant') return constant(value.value === undefined, location);
  const sql = dataOf<SqlData>(value, 'sql');
  if (sql) return conditionOfText(placeOf(sql, ctx), ctx);
  if (value.kind === 'library') return lowerLibrary(value, location, ctx);
  if (value.kind === 'condition') return constant(false, location);
  return hole('a condition that is not known', location);
}

/** One of the operands of `and(...)` and `or(...)`. */
export interface Operand {
  readonly value: Value;
  /** Only on some paths. */
  readonly maybe: boolean;
}

/** The items of a list as operands. */
export function operandsOf(items: ListValue['items']): Operand[] {
  return items.map(({ value, maybe, repeated }) => ({ value, maybe: maybe || repeated }));
}

/** `and(...)` and `or(...)`: what is undefined is left out; nothing is left of nothing. */
export function combined(kind: 'and' | 'or', operands: readonly Operand[], location: Location, ctx: Context): Expression {
  const terms = operands.map(({ value, maybe }) => {
    const options = alternatives(value, ctx);
    const isOptional = maybe || options.some(isUndefined);
    const present = options.filter((option) => !isUndefined(option)).map((option) => oneCondition(option, location, ctx)).filter((term) => !isTrue(term));
    return { filter: present.length === 0 ? undefined : or(present, location), isOptional };
  }).filter((term): term is { filter: Expression; isOptional: boolean } => term.filter !== undefined);
  if (terms.length === 0) return constant(true, location);
  if (kind === 'and') {
    const all = terms.map(({ filter, isOptional }) => (isOptional ? or([filter, leftOut('and', location)], location) : filter));
    return all.length === 1 ? all[0]! : { kind: 'and', operands: all, location };
  }
  const any = terms.map(({ filter }) => filter);
  return or(terms.every(({ isOptional }) => isOptional) ? [...any, leftOut('or', location)] : any, location);
}
