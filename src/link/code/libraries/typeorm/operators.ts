import { entryOf } from '../../../../entry.js';
import type { Expression } from '../../../../facts/expression.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { conditionOfText } from '../../sql-part.js';
import { boundOf } from '../../sql-text.js';
import { and, equalsAny, isNull, opaque, operator, or } from '../build.js';
import { type At, type Dialect, fieldFilter, listFilter, negatedFilter } from '../entities/filter.js';
import { TYPEORM } from './members.js';

/** A condition that stands for a value: `In([...])`, `Not(IsNull())`. */
export interface FindOperator {
  readonly name: string;
  readonly args: readonly Value[];
}

const OPERATORS = new Set([
  'In', 'Not', 'IsNull', 'Equal', 'MoreThan', 'MoreThanOrEqual', 'LessThan', 'LessThanOrEqual', 'Like', 'ILike', 'Between', 'Any', 'Raw', 'Or', 'And', 'ArrayContains',
  'ArrayContainedBy', 'ArrayOverlap', 'JsonContains',
]);
const SIGNS: Readonly<Record<string, string>> = { MoreThan: '>', MoreThanOrEqual: '>=', LessThan: '<', LessThanOrEqual: '<=' };

/** Whether a name is a find operator. */
export function isOperatorName(name: string): boolean {
  return OPERATORS.has(name);
}

/** How TypeORM reads conditions: it leaves out those whose value is undefined or null (its manual, "Handling null and undefined values in where conditions"). */
export const dialect: Dialect = {
  undefined: 'leftOut',
  null: 'leftOut',
  value: (value, field, at) => (field !== undefined && value.library === TYPEORM && value.type === 'operator' ? lower(value.data as FindOperator, field, at) : undefined),
};

function lower({ name, args }: FindOperator, field: Expression, at: At): Expression {
  const { location, ctx } = at;
  const [first = undefinedValue, second = undefinedValue] = args;
  switch (name) {
    case 'In': return listFilter(field, first, at);
    case 'Not': return negated(field, first, at);
    case 'IsNull': return isNull(field, location);
    case 'Equal': return fieldFilter(field, first, { ...at, dialect: { ...dialect, undefined: 'null', null: 'null' } });
    case 'Any': return equalsAny(field, ctx.expression(first, location), location);
    case 'Between': return and([operator('>=', field, ctx.expression(first, location), location), operator('<=', field, ctx.expression(second, location), location)], location);
    case 'Or': return or(args.map((each) => fieldFilter(field, each, at)), location);
    case 'And': return and(args.map((each) => fieldFilter(field, each, at)), location);
    case 'Raw': return raw(field, first, second, at);
    default: {
      const sign = entryOf(SIGNS, name);
      return sign === undefined ? opaque(name, [field], location) : operator(sign, field, ctx.expression(first, location), location);
    }
  }
}

function negated(field: Expression, value: Value, at: At): Expression {
  return negatedFilter(field, value, { ...at, dialect: { ...dialect, undefined: 'null', null: 'null' } });
}

/** `Raw((alias) => \`${alias} > now()\`)`. */
function raw(field: Expression, given: Value, parameters: Value, { location, ctx }: At): Expression {
  const known = ctx.read(given);
  const path = field.kind === 'column' ? field.path.map((part) => `"${part}"`).join('.') : '?';
  if (known.kind !== 'function') return opaque('raw', [field], location);
  const text = ctx.invoke(known, [{ kind: 'constant', value: path }], location);
  return conditionOfText({ text, bound: boundOf(parameters, ctx), location, options: {} }, ctx);
}

/** The value of a find operator. */
export function operatorValue(name: string, args: readonly Value[]): LibraryValue {
  return { kind: 'library', library: TYPEORM, type: 'operator', data: { name, args } satisfies FindOperator };
}
