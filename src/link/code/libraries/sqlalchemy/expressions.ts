import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Query } from '../../../../facts/query.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { and, column, constant, hole, isNull, not, opaque, operator, or } from '../build.js';
import { conditionOf } from './conditions.js';
import { SQLALCHEMY } from './data.js';
import { isNone, itemsOf, libraryData, libraryValue, textOf } from './given.js';
import { entityTable } from './mapped.js';
import { existsExpression } from './queries.js';
import { comparedRelated, relatedData } from './related.js';
import { keyOf, queryData } from './statement.js';
import type { TableData } from './tables.js';
import { textExpression } from './text.js';
import { typeOf } from './types.js';

/** A column or any other SQL expression as a value. */
interface ExpressionData {
  readonly expression: Expression;
  /** The tables it names. */
  readonly tables: readonly TableData[];
  /** `label(...)`. */
  readonly label?: string;
}

/** An expression as a value; `from`: the values it was made of, whose tables it names too. */
export function expressionValue(expression: Expression, from: readonly (Value | undefined)[], ctx: Context, label?: string): LibraryValue {
  const tables = [...new Set(from.flatMap((value) => (value ? tablesOf(value, ctx) : [])))];
  return libraryValue(SQLALCHEMY, 'expression', { expression, tables, ...(label !== undefined && { label }) } satisfies ExpressionData);
}

/** The tables that an expression names, in order. */
export function tablesOf(value: Value, ctx: Context): readonly TableData[] {
  return libraryData<ExpressionData>(value, SQLALCHEMY, 'expression', ctx)?.tables ?? [];
}

/** The expression of a value that is one of this library's: columns, functions, conditions, text, scalar sub-selects. */
export function expressionData(value: Value, ctx: Context): Expression | undefined {
  const known = ctx.read(value);
  const own = libraryData<ExpressionData>(known, SQLALCHEMY, 'expression', ctx);
  if (own) return own.expression;
  const text = textExpression(known, ctx);
  if (text) return text;
  const query = queryData(known, ctx);
  if (query) return { kind: 'subquery', form: 'scalar', query, location: query.location };
  return existsExpression(known, ctx) ?? entityExpression(known, ctx);
}

/** An entity as an expression: its key (`func.count(User)`). */
function entityExpression(value: Value, ctx: Context): Expression | undefined {
  const data = libraryData<TableData>(value, SQLALCHEMY, 'entity', ctx) ?? (value.kind === 'classValue' ? entityTable(value, ctx) : undefined);
  return data && { kind: 'other', name: 'entity', parts: keyOf(data, ctx).map((name) => column(data.alias, name, { file: '', start: 0, end: 0 })), location: { file: '', start: 0, end: 0 } };
}

/** The label of an expression of a select list. */
export function labelOf(value: Value, ctx: Context): string | undefined {
  return libraryData<ExpressionData>(value, SQLALCHEMY, 'expression', ctx)?.label;
}

/** Any value as an expression: what is not the library's own is a parameter. */
export function expressionOf(value: Value, ctx: Context, location: Location): Expression {
  return expressionData(value, ctx) ?? ctx.expression(value, location);
}

/** A column of a table. */
export function columnValue(table: TableData, name: string, location: Location): LibraryValue {
  const expression = column(table.alias, table.columns?.get(name) ?? name, location);
  return libraryValue(SQLALCHEMY, 'expression', { expression, tables: [table] } satisfies ExpressionData);
}

/** A value that names a table, for the expressions that are about it. */
function columnOwner(table: TableData): LibraryValue {
  return columnValue(table, '', { file: '', start: 0, end: 0 });
}

const SIGNS: Readonly<Record<string, string>> = { '==': '=', '!=': '<>', '<': '<', '>': '>', '<=': '<=', '>=': '>=', '+': '+', '-': '-', '*': '*', '/': '/', '%': '%', '//': '/' };

/** `left == right` and the like, where one side is an expression. */
export function expressionOperator(sign: string, left: Value, right: Value | undefined, location: Location, ctx: Context): Value | undefined {
  const related = relatedData(left, ctx);
  if (related && right && (sign === '==' || sign === '!=')) return expressionValue(comparedRelated(related, right, sign === '!=', ctx, location), [columnOwner(related.table)], ctx);
  const known = expressionData(left, ctx) ?? (right && expressionData(right, ctx));
  if (!known) return undefined;
  const made = right === undefined ? prefixed(sign, known, location) : combined(sign, left, right, known, location, ctx);
  return made && expressionValue(made, [left, right], ctx);
}

/**
 * `User.a == x and User.b == y` asks the first comparison whether it is true: it is not, as its two sides are not one object, so that the second is lost.
 * @see SQLAlchemy manual, "Why does `and` not work with expressions": `BinaryExpression.__bool__` compares the operands by identity
 */
export function expressionTruth(value: LibraryValue, ctx: Context): boolean | undefined {
  const expression = expressionData(value, ctx);
  return expression?.kind === 'operator' && expression.operator === '=' ? false : undefined;
}

function prefixed(sign: string, operand: Expression, location: Location): Expression | undefined {
  if (sign === '~' || sign === 'not') return not(operand, location);
  return sign === '-' ? { kind: 'operator', operator: '-', right: operand, location } : undefined;
}

function combined(sign: string, left: Value, right: Value, known: Expression, location: Location, ctx: Context): Expression | undefined {
  if ((sign === '==' || sign === '!=') && (isNone(left, ctx) || isNone(right, ctx))) return isNull(known, location, sign === '!=');
  const sides = [expressionOf(left, ctx, location), expressionOf(right, ctx, location)] as const;
  if (sign === '&' || sign === '|') return (sign === '&' ? and : or)([conditionOf(left, ctx, location), conditionOf(right, ctx, location)], location);
  if (sign === '[]') return opaque('index', sides, location);
  const name = entryOf(SIGNS, sign);
  const list = libraryData<{ readonly list: Value; readonly quantifier: 'any' | 'all' }>(right, SQLALCHEMY, 'quantified', ctx);
  if (list && name !== undefined) return { kind: 'quantified', operator: name, quantifier: list.quantifier, left: sides[0], right: expressionOf(list.list, ctx, location), location };
  return name === undefined ? undefined : operator(name, ...sides, location);
}

const LIKE: Readonly<Record<string, string>> = { like: '~~', ilike: '~~*', not_like: '!~~', notlike: '!~~', not_ilike: '!~~*', notilike: '!~~*' };

/** `expression.is_(None)`, `.in_([...])`, `.label('n')`, ... */
export function expressionMethod(object: Value, left: Expression, name: string, call: Call, ctx: Context): Value {
  const [first] = call.arguments.positional;
  if (name === 'op') return libraryValue(SQLALCHEMY, 'operator', { left: object, sign: (first && textOf(first, ctx)) ?? '?' });
  const label = name === 'label' ? first && textOf(first, ctx) : undefined;
  return expressionValue(methodExpression(left, name, call, ctx), [object, ...call.arguments.positional], ctx, label);
}

const SAME = new Set(['label', 'desc', 'asc', 'nulls_last', 'nulls_first', 'nullslast', 'nullsfirst', 'collate', 'self_group', 'distinct']);

function methodExpression(left: Expression, name: string, call: Call, ctx: Context): Expression {
  const { location } = call;
  const [first, second] = call.arguments.positional;
  const given = (): Expression => (first ? expressionOf(first, ctx, location) : hole(name, location));
  if (SAME.has(name)) return left;
  switch (name) {
    case 'is_': case 'is_not': case 'isnot': return identity(left, first, name !== 'is_', ctx, location);
    case 'is_distinct_from': case 'isnot_distinct_from': case 'is_not_distinct_from': return { kind: 'distinct', left, right: given(), negated: name !== 'is_distinct_from', location };
    case 'in_': case 'not_in': case 'notin_': return inList(left, first, name !== 'in_', ctx, location);
    case 'between': return { kind: 'operator', operator: 'between', left, right: { kind: 'row', items: [given(), second ? expressionOf(second, ctx, location) : given()], location }, location };
    case 'cast': return { kind: 'cast', operand: left, type: typeOf(first, ctx)?.type ?? { name: 'unknown', modifiers: [], dimensions: 0 }, location };
    case 'concat': return operator('||', left, given(), location);
    case 'filter': return left.kind === 'call' && first ? { ...left, filter: and(call.arguments.positional.map((value) => expressionOf(value, ctx, location)), location) } : opaque(name, [left], location);
    default: {
      const like = entryOf(LIKE, name);
      return like !== undefined ? operator(like, left, given(), location) : opaque(name, [left, ...call.arguments.positional.map((value) => expressionOf(value, ctx, location))], location);
    }
  }
}

/** `in_(select(...).scalar_subquery())`. */
function scalarQuery(value: Value, ctx: Context): Query | undefined {
  const expression = libraryData<ExpressionData>(value, SQLALCHEMY, 'expression', ctx)?.expression;
  return expression?.kind === 'subquery' && expression.form === 'scalar' ? expression.query : undefined;
}

/** `in_(subquery)`. */
function derivedQuery(value: Value, ctx: Context): Query | undefined {
  return libraryData<TableData>(value, SQLALCHEMY, 'table', ctx)?.derived?.query;
}

function identity(left: Expression, right: Value | undefined, negated: boolean, ctx: Context, location: Location): Expression {
  if (right === undefined || isNone(right, ctx)) return isNull(left, location, negated);
  const known = expressionOf(right, ctx, location);
  const value = known.kind === 'constant' ? known.value : undefined;
  if (value === null) return isNull(left, location, negated);
  if (typeof value === 'boolean') return { kind: 'booleanTest', operand: left, test: value ? (negated ? 'notTrue' : 'true') : (negated ? 'notFalse' : 'false'), location };
  return { kind: 'distinct', left, right: known, negated: !negated, location };
}

/** `tuple_(a, b).in_([(1, 2), (3, 4)])`: one of the pairs. */
function rowOf(value: Value, ctx: Context, location: Location): Expression {
  const items = itemsOf(value, ctx)?.map((item) => expressionOf(item, ctx, location));
  return items === undefined ? expressionOf(value, ctx, location) : { kind: 'row', items, location };
}

function inList(left: Expression, right: Value | undefined, negated: boolean, ctx: Context, location: Location): Expression {
  const known = right && ctx.read(right);
  // One of several lists, on several paths; an empty one has no rows.
  if (known?.kind === 'union' && !negated) return { kind: 'or', operands: known.options.map(({ value }) => inList(left, value, negated, ctx, location)), chosen: true, location };
  const query = right && (queryData(right, ctx) ?? scalarQuery(right, ctx) ?? derivedQuery(right, ctx));
  if (query) {
    const is: Expression = { kind: 'subquery', form: 'any', operator: '=', left, query, location };
    return negated ? not(is, location) : is;
  }
  const items = right && itemsOf(right, ctx);
  if (items) {
    if (items.length === 0) return constant(negated, location);
    const list = items.map((item) => (left.kind === 'row' ? rowOf(item, ctx, location) : expressionOf(item, ctx, location)));
    return { kind: 'inList', operand: left, list, negated, location };
  }
  const list = right ? expressionOf(right, ctx, location) : hole('a list', location);
  return { kind: 'quantified', operator: negated ? '<>' : '=', quantifier: negated ? 'all' : 'any', left, right: list, location };
}
