import type { CaseExpression, CastExpression, ColumnExpression, Expression, OperatorExpression, SubqueryExpression } from '../../facts/expression.js';
import { decideAccumulator, decideEmptiness } from './accumulators.js';
import { asArray, callBuiltin } from './functions.js';
import { concatenate } from './text.js';
import { array, constant, isKnown, isNull, negate, numberOf, oid, oidTarget, parseArrayLiteral, textOf, truth } from './values.js';

/** What names and sub-queries stand for. */
export interface Scope {
  /** The value of a name; undefined when it is none the scope knows. */
  variable(column: ColumnExpression): Expression | undefined;
  /** A sub-query with what is known put in place, or its value. */
  subquery(subquery: SubqueryExpression): Expression;
  /** A call that needs the catalog or the session (to_regclass, current_schema, ...); undefined for all others. */
  environment(name: string, args: readonly Expression[], call: Expression): Expression | undefined;
  /** `'t'::regclass` and the like. */
  identifier(kind: string, text: string, at: Expression): Expression | undefined;
}

/**
 * Partial evaluation: puts known values in place and computes what depends on nothing else. Three-valued logic as in
 * PostgreSQL (manual, section 9.1). What is not known is left as an expression.
 */
export function evaluate(expression: Expression, scope: Scope): Expression {
  switch (expression.kind) {
    case 'column':
      return scope.variable(expression) ?? expression;
    case 'and': case 'or':
      return logical(expression.kind, expression.operands, scope, expression);
    case 'not':
      return not(evaluate(expression.operand, scope));
    case 'nullTest':
      return nullTest(evaluate(expression.operand, scope), expression.negated, expression);
    case 'booleanTest': {
      const operand = evaluate(expression.operand, scope);
      return isKnown(operand) ? constant(booleanTest(operand, expression.test), expression.location) : { ...expression, operand };
    }
    case 'operator': case 'distinct': case 'inList': case 'quantified':
      return comparison(expression, scope);
    case 'subquery':
      return scope.subquery(expression.left ? { ...expression, left: evaluate(expression.left, scope) } : expression);
    case 'case':
      return caseOf(expression, scope);
    case 'cast':
      return cast(expression, evaluate(expression.operand, scope), scope);
    case 'row': case 'array':
      return { ...expression, items: expression.items.map((item) => evaluate(item, scope)) };
    case 'call': {
      const args = expression.arguments.map((argument) => evaluate(argument, scope));
      const call = { ...expression, arguments: args };
      if (expression.over || expression.filter) return call;
      const name = expression.name.length === 1 || expression.name[0] === 'pg_catalog' ? expression.name.at(-1)! : expression.name.join('.');
      return callBuiltin(name, args, expression.location) ?? scope.environment(name, args, call) ?? call;
    }
    case 'indirection':
      return indirection(expression, scope);
    case 'other':
      return { ...expression, parts: expression.parts.map((item) => evaluate(item, scope)) };
    default:
      return expression;
  }
}

type Comparison = Extract<Expression, { kind: 'operator' | 'distinct' | 'inList' | 'quantified' }>;

function comparison(expression: Comparison, scope: Scope): Expression {
  switch (expression.kind) {
    case 'operator':
      return operator({ ...expression, ...(expression.left ? { left: evaluate(expression.left, scope) } : {}), right: evaluate(expression.right, scope) });
    case 'distinct': {
      const [left, right] = [evaluate(expression.left, scope), evaluate(expression.right, scope)];
      if (!isKnown(left) || !isKnown(right)) return { ...expression, left, right };
      const same = isNull(left) || isNull(right) ? isNull(left) && isNull(right) : compare('=', left, right);
      return same === undefined ? { ...expression, left, right } : constant(same === expression.negated, expression.location);
    }
    case 'inList':
      return inList(expression, evaluate(expression.operand, scope), expression.list.map((item) => evaluate(item, scope)));
    case 'quantified': {
      const [left, right] = [evaluate(expression.left, scope), evaluate(expression.right, scope)];
      const items = asArray(right);
      const plain = expression.operator === (expression.quantifier === 'any' ? '=' : '<>');
      if (!items || !plain) return { ...expression, left, right };
      return inList({ ...expression, left, right }, left, items, expression.quantifier === 'all');
    }
  }
}

const comparisons = new Set(['=', '<>', '!=', '<', '>', '<=', '>=']);

function logical(kind: 'and' | 'or', operands: readonly Expression[], scope: Scope, at: Expression): Expression {
  const decisive = kind === 'and' ? 'no' : 'yes';
  const open: Expression[] = [];
  let hasNull = false;
  for (const operand of operands) {
    const value = evaluate(operand, scope);
    if (isNull(value)) hasNull = true;
    else if (!isKnown(value)) open.push(value);
    else if (truth(value) === decisive) return constant(kind === 'or', at.location);
  }
  if (open.length > 0) {
    if (hasNull) open.push(constant(null, at.location));
    return open.length === 1 ? open[0]! : { kind, operands: open, location: at.location };
  }
  return constant(hasNull ? null : kind === 'and', at.location);
}

function not(operand: Expression): Expression {
  if (isNull(operand)) return operand;
  return isKnown(operand) ? constant(truth(operand) === 'no', operand.location) : negate(operand);
}

function nullTest(operand: Expression, negated: boolean, at: Expression & { kind: 'nullTest' }): Expression {
  if (operand.kind === 'row' && operand.items.every(isKnown)) return constant(operand.items.every((item) => isNull(item) !== negated), at.location);
  if (isKnown(operand)) return constant(isNull(operand) !== negated, at.location);
  return decideEmptiness(operand, negated) ?? { ...at, operand };
}

function booleanTest(operand: Expression, test: string): boolean {
  const value = isNull(operand) ? 'unknown' : truth(operand) === 'yes' ? 'true' : 'false';
  const wanted = test.replace(/^not/, '').toLowerCase();
  return (value === wanted) !== test.startsWith('not');
}

function operator(expression: OperatorExpression): Expression {
  const { left, right, location } = expression;
  if (expression.operator === '||' && left) return joinValues(expression, left, right);
  const decided = decideAccumulator(expression);
  if (decided) return decided;
  if (left?.kind === 'case' && isKnown(right) && comparisons.has(expression.operator)) return distribute(left, (branch) => operator({ ...expression, left: branch }));
  if (!isKnown(right) || (left && !isKnown(left))) return expression;
  if (isNull(right) || (left && isNull(left))) return constant(null, location);
  if (!left) {
    const number = numberOf(right);
    if (number === undefined || !['+', '-'].includes(expression.operator)) return expression;
    return constant(expression.operator === '-' ? -number : number, location);
  }
  const result = compute(expression.operator, left, right);
  return result === undefined ? expression : constant(result, location);
}

/** An operation on `CASE WHEN c THEN a ELSE b END` with known branches is decided branch by branch. */
function distribute(value: CaseExpression, apply: (branch: Expression) => Expression): Expression {
  const branches = value.branches.map(({ when, then }) => ({ when, then: apply(then) }));
  const otherwise = apply(value.otherwise ?? constant(null, value.location));
  const simple = branches[0];
  if (branches.length === 1 && simple && isKnown(otherwise) && isKnown(simple.then) && typeof constantValue(simple.then) === 'boolean') {
    const [yes, no] = [truth(simple.then), truth(otherwise)];
    if (yes === no) return otherwise;
    return yes === 'yes' ? simple.when : negate(simple.when);
  }
  if (branches.length === 1 && simple && isKnown(simple.then) && typeof constantValue(simple.then) === 'boolean') {
    if (truth(simple.then) === 'yes') return { kind: 'or', operands: [simple.when, otherwise], location: value.location };
    return { kind: 'and', operands: [negate(simple.when), otherwise], location: value.location };
  }
  return { ...value, branches, otherwise };
}

function constantValue(value: Expression): unknown {
  return value.kind === 'constant' ? value.value : undefined;
}

function joinValues(expression: OperatorExpression, left: Expression, right: Expression): Expression {
  if (left.kind === 'array' || right.kind === 'array') {
    const items = (side: Expression, other: Expression) => (side.kind === 'array' ? side.items : isKnown(side) && other.kind === 'array' ? asArray(side) ?? [side] : undefined);
    const [a, b] = [items(left, right), items(right, left)];
    return a && b ? array([...a, ...b], expression.location) : { ...expression, left, right };
  }
  return concatenate([left, right], expression.location);
}

function compute(name: string, left: Expression, right: Expression): string | number | boolean | undefined {
  switch (name) {
    case '=': case '<>': case '!=': case '<': case '>': case '<=': case '>=':
      return compare(name, left, right);
    case '~~': case '!~~': case '~~*': case '!~~*':
      return like(name, textOf(left), textOf(right));
    case '~': case '!~': case '~*': case '!~*':
      return matches(name, textOf(left), textOf(right));
    case 'between': case 'not between': {
      if (right.kind !== 'row') return undefined;
      const [low, high] = [compare('>=', left, right.items[0]!), compare('<=', left, right.items[1]!)];
      return low === undefined || high === undefined ? undefined : (low && high) === (name === 'between');
    }
    default:
      return arithmetic(name, left, right);
  }
}

function arithmetic(name: string, left: Expression, right: Expression): number | undefined {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) return undefined;
  switch (name) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b === 0 ? undefined : Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b;
    case '%': return b === 0 ? undefined : a % b;
    default: return undefined;
  }
}

/** Compares two known values; undefined when the order of texts, which depends on the collation, would decide. */
export function compare(name: string, left: Expression, right: Expression): boolean | undefined {
  if (left.kind === 'row' && right.kind === 'row' && left.items.length === right.items.length) {
    if (name !== '=' && name !== '<>') return undefined;
    const parts = left.items.map((item, index) => compare('=', item, right.items[index]!));
    if (parts.includes(undefined)) return parts.includes(false) ? name !== '=' : undefined;
    return parts.every(Boolean) === (name === '=');
  }
  const numeric = typeof constantValue(left) === 'number' || typeof constantValue(right) === 'number';
  const [a, b] = numeric ? [numberOf(left), numberOf(right)] : [textOf(left), textOf(right)];
  if (a === undefined || b === undefined) return undefined;
  if (typeof constantValue(left) === 'boolean' || typeof constantValue(right) === 'boolean') {
    return name === '=' ? truth(left) === truth(right) : name === '<>' || name === '!=' ? truth(left) !== truth(right) : undefined;
  }
  switch (name) {
    case '=': return sameIdentifier(left, right) ?? a === b;
    case '<>': case '!=': return !(sameIdentifier(left, right) ?? a === b);
    default: break;
  }
  if (!numeric) return a === b ? name.includes('=') : undefined;
  return name === '<' ? a < b : name === '>' ? a > b : name === '<=' ? a <= b : a >= b;
}

function sameIdentifier(left: Expression, right: Expression): boolean | undefined {
  const [a, b] = [oidTarget(left), oidTarget(right)];
  return a && b ? a.kind === b.kind && a.key === b.key : undefined;
}

function like(name: string, value: string | undefined, pattern: string | undefined): boolean | undefined {
  if (value === undefined || pattern === undefined) return undefined;
  const source = pattern.replace(/\\([\s\S])|([%_])|([.*+?^${}()|[\]\\])/g, (_, escaped?: string, wild?: string, special?: string) => (
    escaped !== undefined ? escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : wild === '%' ? '[\\s\\S]*' : wild === '_' ? '[\\s\\S]' : `\\${special!}`
  ));
  return new RegExp(`^${source}$`, name.endsWith('*') ? 'iu' : 'u').test(value) !== name.startsWith('!');
}

function matches(name: string, value: string | undefined, pattern: string | undefined): boolean | undefined {
  if (value === undefined || pattern === undefined || !/^[\w\s^$.|()[\]*+?:-]{0,200}$/.test(pattern) || /[)\]*+?][*+?]|\)[*+]/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, name.endsWith('*') ? 'i' : '').test(value) !== name.startsWith('!');
  } catch {
    return undefined;
  }
}

function inList(expression: Expression, operand: Expression, list: readonly Expression[], negated = expression.kind === 'inList' && expression.negated): Expression {
  const residual = expression.kind === 'inList' ? { ...expression, operand, list } : expression;
  if (isNull(operand)) return constant(list.length === 0 ? negated : null, expression.location);
  if (!isKnown(operand)) return list.length === 0 ? constant(negated, expression.location) : residual;
  let undecided = false;
  for (const item of list) {
    const same = isNull(item) ? undefined : isKnown(item) ? compare('=', operand, item) : undefined;
    if (same === true) return constant(!negated, expression.location);
    if (same === undefined) undecided = true;
  }
  if (!undecided) return constant(negated, expression.location);
  return list.every((item) => isKnown(item)) && list.some(isNull) ? constant(null, expression.location) : residual;
}

function caseOf(expression: CaseExpression, scope: Scope): Expression {
  const operand = expression.operand && evaluate(expression.operand, scope);
  const branches: { when: Expression; then: Expression }[] = [];
  let otherwise = expression.otherwise;
  for (const branch of expression.branches) {
    const test = operand
      ? operator({ kind: 'operator', operator: '=', left: operand, right: evaluate(branch.when, scope), location: branch.when.location })
      : evaluate(branch.when, scope);
    const taken = isKnown(test) ? truth(test) : 'unknown';
    if (taken === 'no') continue;
    if (taken === 'yes') {
      otherwise = branch.then;
      break;
    }
    branches.push({ when: test, then: evaluate(branch.then, scope) });
  }
  const rest = otherwise ? evaluate(otherwise, scope) : constant(null, expression.location);
  if (branches.length === 0) return rest;
  return { kind: 'case', branches, otherwise: rest, location: expression.location };
}

const integerTypes = new Set(['int2', 'int4', 'int8']);
const textTypes = new Set(['text', 'varchar', 'name', 'bpchar', 'citext', 'unknown']);
const identifierTypes = new Set(['regclass', 'regtype', 'regnamespace', 'regproc', 'regprocedure', 'regrole', 'oid']);

function cast(expression: CastExpression, operand: Expression, scope: Scope): Expression {
  const { type, location } = expression;
  if (isNull(operand)) return constant(null, location);
  if (type.dimensions > 0) {
    const items = asArray(operand);
    return items ? array(items.map((item) => (isKnown(item) ? convert(item, type.name) ?? item : item)), operand.location) : { ...expression, operand };
  }
  if (identifierTypes.has(type.name)) {
    const target = oidTarget(operand);
    if (target) return target.kind === 'function' && type.name === 'regproc' ? oid('function', target.key.replace(/\(.*$/s, ''), operand.location) : operand;
    const text = textOf(operand);
    return (text === undefined ? undefined : scope.identifier(type.name, text, expression)) ?? { ...expression, operand };
  }
  if (!isKnown(operand)) return textTypes.has(type.name) ? operand : { ...expression, operand };
  return convert(operand, type.name) ?? { ...expression, operand };
}

/** A known value in another type; undefined when that type's values are not computed here. */
export function convert(value: Expression, type: string): Expression | undefined {
  if (isNull(value)) return value;
  if (textTypes.has(type)) {
    if (value.kind === 'constant' && typeof value.value === 'string' && !oidTarget(value)) return value;
    const text = textOf(value);
    return text === undefined ? undefined : constant(text, value.location);
  }
  if (integerTypes.has(type)) {
    if (value.kind === 'constant' && typeof value.value === 'boolean') return constant(value.value ? 1 : 0, value.location);
    const number = numberOf(value);
    return number === undefined ? undefined : constant(Math.round(number), value.location);
  }
  if (type === 'numeric' || type === 'float8' || type === 'float4') {
    const number = numberOf(value);
    return number === undefined ? undefined : constant(number, value.location);
  }
  if (type === 'bool') {
    if (value.kind === 'constant' && typeof value.value === 'string' && !/^\s*(t|true|y|yes|on|1|f|false|n|no|off|0)\s*$/i.test(value.value)) return undefined;
    return constant(truth(value) === 'yes', value.location);
  }
  return type === 'uuid' ? value : undefined;
}

function indirection(expression: Extract<Expression, { kind: 'indirection' }>, scope: Scope): Expression {
  const operand = evaluate(expression.operand, scope);
  const subscripts = expression.subscripts.map((item) => evaluate(item, scope));
  const items = asArray(operand);
  const index = subscripts.length === 1 && expression.fields.length === 0 ? numberOf(subscripts[0]!) : undefined;
  if (items && index !== undefined) {
    const item = items[index - 1];
    if (item?.kind === 'array' || !item) return item && operand.kind === 'array' ? item : constant(null, expression.location);
    return item;
  }
  if (operand.kind === 'array' && subscripts.length > 1 && subscripts.every((item) => numberOf(item) !== undefined)) {
    let value: Expression | undefined = operand;
    for (const subscript of subscripts) value = value?.kind === 'array' ? value.items[numberOf(subscript)! - 1] : undefined;
    return value ?? constant(null, expression.location);
  }
  return { ...expression, operand, subscripts };
}

/** `'{a,b}'` given to a variable of an array type. */
export function coerce(value: Expression, declaredType: string): Expression {
  if (value.kind !== 'constant' || isNull(value)) return value;
  if (declaredType.endsWith('[]') && typeof value.value === 'string') {
    const items = parseArrayLiteral(value.value);
    return items ? array(items.map((item) => constant(item, value.location)), value.location) : value;
  }
  if (/^(text|varchar|name|character varying)\b/.test(declaredType) && oidTarget(value)) return convert(value, 'text') ?? value;
  if (/^(int|integer|bigint|smallint|numeric)/.test(declaredType) && typeof value.value === 'string') return convert(value, 'int8') ?? value;
  return value;
}
