import type { Expression, SqlType } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { Context } from './context.js';
import { failure } from './failure.js';
import { castable, comparable, groupOf, sameCategory, scalarType, typeText } from './typing.js';
import type { Value } from './value.js';

const comparisons: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '>', '<=', '>=']);
const patterns: ReadonlySet<string> = new Set(['~~', '!~~', '~~*', '!~~*']);

/** Whether the operator compares two values and yields a boolean. */
export function isComparison(operator: string): boolean {
  return comparisons.has(operator) || patterns.has(operator);
}

/** 42883 for a comparison of two known types that no operator takes. */
export function checkOperator(operator: string, left: Value, right: Value, location: Location, context: Context): void {
  const leftGroup = context.group(left);
  const rightGroup = context.group(right);
  if (patterns.has(operator)) {
    const fits = leftGroup === undefined || leftGroup === 'string' || leftGroup === 'bytea';
    if (!fits) refuseOperator(operator, left, right, location, context, 'Cast the left side to text.');
    return;
  }
  if (arithmetic.has(operator) && leftGroup && rightGroup && cannotCalculate(left, leftGroup, right, rightGroup)) {
    refuseOperator(operator, left, right, location, context, 'Cast the operands to numbers, or use an interval with dates.');
    return;
  }
  if (!comparisons.has(operator)) return;
  if (leftGroup === 'json' && (rightGroup === 'json' || right.literal)) {
    refuseOperator(operator, left, right, location, context, 'The type json has no comparison operators: cast to jsonb or text.');
    return;
  }
  if (leftGroup && rightGroup && !comparable(leftGroup, rightGroup)) {
    refuseOperator(operator, left, right, location, context, 'No operator takes these types: cast one side.');
  }
}

// Not %: pg_trgm gives it to text.
const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/']);
const incalculable: ReadonlySet<string> = new Set(['string', 'uuid', 'boolean']);

/** Text, uuid and boolean take no part in arithmetic, and a number is not added to a moment (PostgreSQL manual, sections 9.3 and 9.9). */
function cannotCalculate(left: Value, leftGroup: string, right: Value, rightGroup: string): boolean {
  const isPlain = (group: string) => incalculable.has(group) || group === 'number';
  if (isPlain(leftGroup) && isPlain(rightGroup)) return incalculable.has(leftGroup) || incalculable.has(rightGroup);
  const isMoment = (value: Value) => value.type?.name === 'timestamp' || value.type?.name === 'timestamptz';
  return (isMoment(left) && rightGroup === 'number') || (leftGroup === 'number' && isMoment(right));
}

function refuseOperator(operator: string, left: Value, right: Value, location: Location, context: Context, suggestion: string): void {
  const rightText = right.literal ? 'unknown' : typeText(right.type);
  const name = operator === '!=' ? '<>' : operator;
  context.fail(failure('42883', `operator does not exist: ${typeText(left.type)} ${name} ${rightText}`, location, { suggestion }));
}

/** 42804 where a boolean is asked for and another known type stands. */
export function checkBoolean(value: Value, clause: string, location: Location, context: Context): void {
  const group = context.group(value);
  if (group && group !== 'boolean') {
    context.fail(failure('42804', `argument of ${clause} must be type boolean, not type ${typeText(value.type)}`, location));
  }
}

/** 42846 for a cast that does not exist. */
export function checkCast(value: Value, type: SqlType, location: Location, context: Context): void {
  const from = context.group(value);
  const to = groupOf(type, context.env.catalog, context.env.searchPath);
  if (from && to && from !== 'array' && to !== 'array' && value.type && !castable(from, to, value.type, type)) {
    context.fail(failure('42846', `cannot cast type ${typeText(value.type)} to ${typeText(type)}`, location));
  }
}

/**
 * The common type of the branches of COALESCE, CASE, UNION and VALUES (PostgreSQL manual, section 10.5).
 * @returns undefined when it is not known; reports 42804 when there certainly is none
 */
export function commonType(values: readonly Value[], construct: string, places: readonly Expression[] | Location, context: Context): SqlType | undefined {
  if (values.length > 0 && values.every((value) => value.literal)) return scalarType('text');
  const typed = values.map((value, index) => ({ value, index })).filter(({ value }) => !value.literal);
  const first = typed.find(({ value }) => context.group(value) !== undefined);
  for (const { value, index } of typed) {
    const group = context.group(value);
    const other = context.group(first?.value);
    if (group === undefined || other === undefined || sameCategory(group, other)) continue;
    const location = 'file' in places ? places : places[index]!.location;
    context.fail(failure('42804', `${construct} types ${typeText(first!.value.type)} and ${typeText(value.type)} cannot be matched`, location));
    return undefined;
  }
  return widest(typed.map(({ value }) => value.type));
}

const widening = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
const dates = ['date', 'timestamp', 'timestamptz'];
const strings = ['bpchar', 'varchar', 'text'];

function widest(types: readonly (SqlType | undefined)[]): SqlType | undefined {
  const [first, ...rest] = types;
  if (!first) return undefined;
  let result = first;
  for (const type of rest) {
    if (!type || type.dimensions !== result.dimensions || type.schema !== result.schema) return undefined;
    if (type.name === result.name) continue;
    const order = [widening, dates, strings].find((names) => names.includes(type.name) && names.includes(result.name));
    if (!order || type.dimensions > 0) return undefined;
    if (order !== strings && order.indexOf(type.name) > order.indexOf(result.name)) result = type;
  }
  return result;
}
