import type {
  CallExpression, CaseExpression, ConstantExpression, Expression, IndirectionExpression, OperatorExpression, SubqueryExpression,
} from '../../facts/expression.js';
import { checkCall } from './calls.js';
import { checkBoolean, checkCast, checkOperator, commonType, isComparison } from './checks.js';
import { isFunctionName, resolveColumn } from './columns.js';
import type { Context } from './context.js';
import { didYouMean, failure } from './failure.js';
import { builtinName, builtinResult } from './functions.js';
import { checkOverloads } from './overloads.js';
import { knownType } from './relation.js';
import type { Scope } from './scope.js';
import { lookupRelation } from './scope.js';
import { arrayOf, scalarType } from './typing.js';
import type { Output, Value } from './value.js';
import { combine, settle, unknownValue } from './value.js';

/** Resolves the names in an expression and gives what is known of its value. */
export function resolveValue(expression: Expression, scope: Scope, context: Context): Value {
  const known = context.values.get(expression);
  if (known) return known;
  const value = evaluate(expression, scope, context);
  context.values.set(expression, value);
  return value;
}

function evaluate(expression: Expression, scope: Scope, context: Context): Value {
  const value = (inner: Expression) => resolveValue(inner, scope, context);
  switch (expression.kind) {
    case 'column': return resolveColumn(expression, scope, context);
    case 'star': return unknownValue;
    case 'constant': return constantValue(expression);
    case 'parameter': return unknownValue;
    case 'hole': context.leaveOpen(); return unknownValue;
    case 'call': return callValue(expression, scope, context);
    case 'operator': return operatorValue(expression, scope, context);
    case 'and': case 'or': {
      const values = expression.operands.map(value);
      values.forEach((operand, index) => checkBoolean(operand, expression.kind.toUpperCase(), expression.operands[index]!.location, context));
      return { ...boolean, nullable: combine(values) };
    }
    case 'not': {
      const operand = value(expression.operand);
      checkBoolean(operand, 'NOT', expression.operand.location, context);
      return { ...boolean, nullable: operand.nullable };
    }
    case 'nullTest': value(expression.operand); return boolean;
    case 'booleanTest': value(expression.operand); return boolean;
    case 'distinct':
      checkOperator('=', value(expression.left), value(expression.right), expression.location, context);
      return boolean;
    case 'inList': {
      const operand = value(expression.operand);
      const items = expression.list.map(value);
      items.forEach((_, index) => compare('=', expression.operand, expression.list[index]!, expression.location, scope, context));
      return { ...boolean, nullable: combine([operand, ...items]) };
    }
    case 'quantified': {
      const left = value(expression.left);
      const right = value(expression.right);
      const group = context.group(right);
      if (group && group !== 'array') context.fail(failure('42809', 'op ANY/ALL (array) requires array on right side', expression.location));
      else if (group === 'array' && right.type!.dimensions === 1) {
        checkOperator(expression.operator, left, { type: { ...right.type!, dimensions: 0 }, nullable: 'unknown' }, expression.location, context);
      }
      return { ...boolean, nullable: 'unknown' };
    }
    case 'subquery': return subqueryValue(expression, scope, context);
    case 'case': return caseValue(expression, scope, context);
    case 'cast': {
      const operand = value(expression.operand);
      checkCast(operand, expression.type, expression.location, context);
      const type = knownType(expression.type);
      return { ...(type ? { type } : {}), nullable: operand.nullable };
    }
    case 'row': expression.items.forEach(value); return { nullable: 'no' };
    case 'array': {
      const type = commonType(expression.items.map(value), 'ARRAY', expression.items, context);
      return { ...(type && expression.items.length > 0 ? { type: arrayOf(type) } : {}), nullable: 'no' };
    }
    case 'indirection': return indirectionValue(expression, scope, context);
    case 'other': expression.parts.forEach(value); return unknownValue;
  }
}

const boolean: Value = { type: scalarType('bool'), nullable: 'no' };

function constantValue(constant: ConstantExpression): Value {
  const { value } = constant;
  if (value === null) return { literal: true, nullable: 'yes' };
  if (typeof value === 'string') return { literal: true, nullable: 'no' };
  if (typeof value === 'boolean') return boolean;
  const text = constant.text ?? String(value);
  const name = !/^[+-]?\d+$/.test(text) ? 'numeric' : Math.abs(value) <= 2147483647 ? 'int4' : Math.abs(value) <= 9e18 ? 'int8' : 'numeric';
  return { type: scalarType(name), nullable: 'no' };
}

function callValue(call: CallExpression, scope: Scope, context: Context): Value {
  const { catalog, searchPath } = context.env;
  const inner = [...(call.filter ? [call.filter] : []), ...(call.orderBy ?? []), ...(call.over ? [...call.over.partitionBy, ...call.over.orderBy] : [])];
  const values = call.arguments.map((argument) => resolveValue(argument, scope, context));
  for (const expression of inner) resolveValue(expression, scope, context);
  if (call.filter) checkBoolean(resolveValue(call.filter, scope, context), 'FILTER', call.filter.location, context);
  const name = builtinName(call, catalog, searchPath);
  checkCall(call, name, values, scope, context);
  if (name !== undefined) {
    const constructs = ['coalesce', 'greatest', 'least'];
    const common = constructs.includes(name) ? commonType(values, name.toUpperCase(), call.arguments, context) : undefined;
    if (name === 'nullif' && values[0] && values[1]) checkOperator('=', values[0], values[1], call.location, context);
    return builtinResult(name, values, common);
  }
  const schemas = call.name.length > 1 ? [call.name[0]!] : searchPath;
  const entries = schemas.flatMap((schema) => catalog.functions.get(`${schema}.${call.name.at(-1)!}`) ?? []);
  checkOverloads(call, entries, values, context);
  const type = entries.length === 1 && !entries[0]!.parameters.some((parameter) => ['out', 'inout', 'table'].includes(parameter.mode)) ? entries[0]!.returns : undefined;
  return type && !polymorphic.test(type.name) ? { type, nullable: 'unknown' } : unknownValue;
}

const polymorphic = /^(any|trigger|void|record|internal|unknown|setof)/;

/** Operators whose result is NULL only for a NULL operand. */
const strict: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '||', '&', '|', '@>', '<@', '&&', '~', '~*', '!~', '!~*', '?', '?|', '?&', 'between', 'not between']);

function operatorValue(expression: OperatorExpression, scope: Scope, context: Context): Value {
  const { operator, left, right } = expression;
  if (!left) {
    const operand = resolveValue(right, scope, context);
    return operator === '-' || operator === '+' ? { ...(operand.type ? { type: operand.type } : {}), nullable: operand.nullable } : unknownValue;
  }
  const values = [resolveValue(left, scope, context), resolveValue(right, scope, context)];
  if (operator.includes('between') && right.kind === 'row') {
    for (const [index, bound] of right.items.entries()) compare(index === 0 ? '>=' : '<=', left, bound, expression.location, scope, context);
    return { ...boolean, nullable: combine([values[0]!, ...right.items.map((item) => resolveValue(item, scope, context))]) };
  }
  compare(operator, left, right, expression.location, scope, context);
  const nullable = strict.has(operator) || isComparison(operator) ? combine(values) : values.some((value) => value.nullable === 'yes') ? 'yes' : 'unknown';
  const type = operatorType(operator, values[0]!, values[1]!, context);
  return { ...(type ? { type } : {}), nullable };
}

/** Compares two expressions, rows item by item. */
function compare(operator: string, left: Expression, right: Expression, location: Expression['location'], scope: Scope, context: Context): void {
  if (left.kind === 'row' && right.kind === 'row' && isComparison(operator)) {
    if (left.items.length !== right.items.length) context.fail(failure('42601', 'unequal number of entries in row expressions', location));
    else left.items.forEach((item, index) => compare(operator, item, right.items[index]!, location, scope, context));
    return;
  }
  if (left.kind === 'row' || right.kind === 'row') return;
  checkOperator(operator, resolveValue(left, scope, context), resolveValue(right, scope, context), location, context);
}

function operatorType(operator: string, left: Value, right: Value, context: Context): Value['type'] {
  if (isComparison(operator) || ['~', '~*', '!~', '!~*', '@>', '<@', '&&', '?', '?|', '?&'].includes(operator)) return scalarType('bool');
  const groups = [context.group(left), context.group(right)];
  if (operator === '||' && groups.every((group, index) => group === 'string' || [left, right][index]!.literal) && groups.includes('string')) return scalarType('text');
  if (operator === '->>' || operator === '#>>') return groups[0] === 'json' || groups[0] === 'jsonb' ? scalarType('text') : undefined;
  if (['+', '-', '*'].includes(operator) && groups[0] === 'number' && left.type?.name === right.type?.name) return left.type;
  return undefined;
}

function caseValue(expression: CaseExpression, scope: Scope, context: Context): Value {
  const operand = expression.operand && resolveValue(expression.operand, scope, context);
  for (const { when } of expression.branches) {
    const condition = resolveValue(when, scope, context);
    if (operand) checkOperator('=', operand, condition, when.location, context);
    else checkBoolean(condition, 'CASE/WHEN', when.location, context);
  }
  const results = [...(expression.otherwise ? [expression.otherwise] : []), ...expression.branches.map((branch) => branch.then)];
  const values = results.map((result) => resolveValue(result, scope, context));
  const type = commonType(values, 'CASE', results, context);
  const nullable = expression.otherwise ? combine(values) : 'yes';
  return type ? { type, nullable } : { nullable };
}

function subqueryValue(expression: SubqueryExpression, scope: Scope, context: Context): Value {
  if (expression.left) resolveValue(expression.left, scope, context);
  const outputs = context.within(undefined, () => context.resolveSubquery(expression.query, scope, context));
  const columns = outputs && settle(outputs);
  switch (expression.form) {
    case 'exists': return boolean;
    case 'scalar': case 'array': return scalarValue(expression, columns, context);
    default: {
      compareWithSubquery(expression, columns, scope, context);
      return { ...boolean, nullable: 'unknown' };
    }
  }
}

function scalarValue(expression: SubqueryExpression, columns: readonly Output[] | undefined, context: Context): Value {
  const column = columns?.[0];
  if (columns && columns.length !== 1) {
    context.fail(failure('42601', 'subquery must return only one column', expression.location));
    return unknownValue;
  }
  const type = column?.type;
  if (expression.form === 'array') return { ...(type ? { type: arrayOf(type) } : {}), nullable: 'no' };
  const nullable = column && alwaysOneRow(expression) ? column.nullable : 'yes';
  return { ...(type ? { type } : {}), nullable, ...(column?.source ? { source: column.source } : {}) };
}

/** A sub-select that returns exactly one row whatever the data: an ungrouped aggregate, or no FROM and no WHERE. */
function alwaysOneRow({ query }: SubqueryExpression): boolean {
  if (query.kind === 'values') return query.rows.length === 1 && !query.limit && !query.offset;
  if (query.kind !== 'select' || query.having || query.limit || query.offset || query.groupBy.length > 0) return false;
  const target = query.targets[0]?.expression;
  return (query.from.length === 0 && !query.where) || (target?.kind === 'call' && target.name.at(-1) === 'count' && !target.over);
}

function compareWithSubquery(expression: SubqueryExpression, columns: readonly Output[] | undefined, scope: Scope, context: Context): void {
  const { left } = expression;
  if (!left || !columns) return;
  const parts = left.kind === 'row' ? left.items : [left];
  if (columns.length !== parts.length) {
    const message = columns.length > parts.length ? 'subquery has too many columns' : 'subquery has too few columns';
    context.fail(failure('42601', message, expression.location));
    return;
  }
  parts.forEach((part, index) => {
    checkOperator(expression.operator ?? '=', resolveValue(part, scope, context), columns[index]!, expression.location, context);
  });
}

function indirectionValue(expression: IndirectionExpression, scope: Scope, context: Context): Value {
  const operand = resolveValue(expression.operand, scope, context);
  for (const subscript of expression.subscripts) resolveValue(subscript, scope, context);
  if (expression.fields.length === 0) {
    const dimensions = operand.type?.dimensions ?? 0;
    return dimensions === 1 ? { type: { ...operand.type!, dimensions: 0 }, nullable: 'yes' } : { nullable: 'yes' };
  }
  return fieldOfRow(expression, scope, context);
}

/** `(t).c`, where `t` is a relation in sight. */
function fieldOfRow({ operand, fields, location }: IndirectionExpression, scope: Scope, context: Context): Value {
  if (operand.kind !== 'column' || operand.path.length !== 1 || fields.length !== 1 || context.bindings.has(operand)) return unknownValue;
  const found = lookupRelation(scope, operand.path[0]!);
  if (found.kind !== 'found') return unknownValue;
  const { columns, table, open, item } = found.relation;
  const column = columns.find((candidate) => candidate.name === fields[0]);
  if (!column && table && !open && item.kind === 'table' && item.columnAliases.length === 0 && fields[0] !== '*' && !isFunctionName(fields[0]!, context)) {
    context.fail(failure('42703', `column ${operand.path[0]!}.${fields[0]!} does not exist`, location, { suggestion: didYouMean(fields[0]!, table.columns.keys()) }));
  }
  return column ? { ...(column.type ? { type: column.type } : {}), nullable: column.nullable, ...(column.source ? { source: column.source } : {}) } : unknownValue;
}
