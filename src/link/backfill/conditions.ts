import { entryOf } from '../../entry.js';
import type { CallExpression, Expression } from '../../facts/expression.js';
import { isKnownFunction, strictFunctions } from './functions.js';
import { isFalse, isNull, isTrue, nullTest } from './pieces.js';
import type { Atom, Literal, Truth } from './pieces.js';
import { nodes, withoutCasts } from './walk.js';

/** How conditions name the columns they read; undefined for a column that is not resolved. */
export interface ColumnKeys {
  keyOf(expression: Expression): string | undefined;
  /** Few values are possible (enum, boolean, CHECK): two conditions that both fail do not prove that a row is left. */
  fewValues(column: string): boolean;
  /** The expression behind a column that a plain sub-select passes on. */
  expand(expression: Expression): Expression;
}

/** Ways in which something can come about: any one list of literals, all of which hold. */
export type Ways = readonly (readonly Literal[])[];

const maximum = 24;

/** The ways in which a condition has one of the wanted truth values. Only TRUE, FALSE and their unions with NULL are asked for. */
export function ways(condition: Expression, wanted: Truth, keys: ColumnKeys): Ways {
  const expression = withoutCasts(keys.expand(condition));
  switch (expression.kind) {
    case 'and': return combine(expression.operands.map((operand) => ways(operand, wanted, keys)), (wanted & isTrue) !== 0);
    case 'or': return combine(expression.operands.map((operand) => ways(operand, wanted, keys)), (wanted & isTrue) === 0);
    case 'not': return ways(expression.operand, negate(wanted), keys);
    case 'constant': return constantTruth(expression.value) & wanted ? [[]] : [];
    case 'booleanTest': return ways(expression.operand, booleanTest(expression.test, wanted), keys);
    default: return literal(expression, wanted, keys);
  }
}

function combine(parts: readonly Ways[], all: boolean): Ways {
  if (!all) return parts.flat();
  return parts.reduce<Ways>((left, right) => left.flatMap((a) => right.map((b) => [...a, ...b])).slice(0, maximum), [[]]);
}

function negate(truth: Truth): Truth {
  return (truth & isTrue ? isFalse : 0) | (truth & isFalse ? isTrue : 0) | (truth & isNull);
}

function constantTruth(value: unknown): Truth {
  return value === true || value === 't' || value === 'true' ? isTrue : value === null ? isNull : isFalse;
}

function booleanTest(test: 'true' | 'notTrue' | 'false' | 'notFalse' | 'unknown' | 'notUnknown', wanted: Truth): Truth {
  const holds: Record<typeof test, Truth> = {
    true: isTrue, notTrue: isFalse | isNull, false: isFalse, notFalse: isTrue | isNull, unknown: isNull, notUnknown: isTrue | isFalse,
  };
  return (wanted & isTrue ? holds[test] : 0) | (wanted & isFalse ? 7 & ~holds[test] : 0);
}

const flipped: Record<string, string> = { '<=': '>', '>=': '<', '<>': '=', '!~~': '~~', '!~~*': '~~*', '!~': '~', '!~*': '~*' };

function literal(expression: Expression, wanted: Truth, keys: ColumnKeys): Ways {
  if (expression.kind === 'nullTest') {
    const column = keys.keyOf(expression.operand);
    const truth = (expression.negated ? negate(wanted) : wanted) & 3;
    if (column !== undefined) return truth === 3 ? [[]] : [[{ atom: nullTest(column), truth }]];
  }
  if (expression.kind === 'operator' && expression.operator === '>' && expression.left) {
    return literal({ ...expression, operator: '<', left: expression.right, right: expression.left }, wanted, keys);
  }
  if (expression.kind === 'operator' && entryOf(flipped, expression.operator)) {
    return ways({ ...expression, operator: entryOf(flipped, expression.operator)! }, negate(wanted), keys);
  }
  if (expression.kind === 'operator' && expression.operator === '=' && withoutCasts(expression.right).kind === 'constant') {
    const value = (withoutCasts(expression.right) as { value: unknown }).value;
    if (typeof value === 'boolean' && expression.left) return ways(expression.left, value ? wanted : negate(wanted), keys);
  }
  const told = inOtherWords(expression);
  if (told) return ways(told, wanted, keys);
  if (expression.kind === 'inList' && expression.negated) return literal({ ...expression, negated: false }, negate(wanted), keys);
  if (expression.kind === 'distinct') {
    const { left, right, negated, location } = expression;
    // IS NOT DISTINCT FROM a value that is not NULL: `=`, with false for NULL.
    if (isValue(left) || isValue(right)) return ways({ kind: 'booleanTest', test: negated ? 'true' : 'notTrue', operand: { kind: 'operator', operator: '=', left, right, location }, location }, wanted, keys);
    const truth = (negated ? wanted : negate(wanted)) & 3;
    const [one, other] = [keys.keyOf(left), keys.keyOf(right)];
    if (truth !== 3 && one !== undefined && other !== undefined) {
      const nulls = (first: Truth, second: Truth): Literal[] => [{ atom: nullTest(one), truth: first }, { atom: nullTest(other), truth: second }];
      return [...ways({ kind: 'operator', operator: '=', left, right, location }, truth, keys), ...(truth === isTrue ? [nulls(isTrue, isTrue)] : [nulls(isTrue, isFalse), nulls(isFalse, isTrue)])];
    }
    return truth === 3 ? [[]] : [[{ atom: atomOf({ ...expression, negated: true }, keys), truth }]];
  }
  return [[{ atom: atomOf(expression, keys), truth: wanted }]];
}

/** What is said by IS DISTINCT FROM NULL, by COALESCE with a truth value at its end, by how many arguments are NULL. */
function inOtherWords(expression: Expression): Expression | undefined {
  const { location } = expression;
  if (expression.kind === 'distinct') {
    const { left, right, negated } = expression;
    const operand = isNullConstant(right) ? left : isNullConstant(left) ? right : undefined;
    return operand && { kind: 'nullTest', operand, negated: !negated, location };
  }
  if (expression.kind === 'call' && expression.name.at(-1) === 'coalesce' && expression.arguments.length === 2) {
    const [operand, otherwise] = expression.arguments as [Expression, Expression];
    const bare = withoutCasts(otherwise);
    return bare.kind === 'constant' && typeof bare.value === 'boolean' ? { kind: 'booleanTest', test: bare.value ? 'notFalse' : 'true', operand, location } : undefined;
  }
  if (expression.kind !== 'operator' || expression.operator !== '=' || expression.left?.kind !== 'call') return undefined;
  const { left: call, right } = expression;
  const name = call.name.at(-1);
  const number = right.kind === 'constant' ? right.value : undefined;
  if (call.arguments.length === 0 || !((name === 'num_nulls' && number === 0) || (name === 'num_nonnulls' && number === call.arguments.length))) return undefined;
  return { kind: 'and', operands: call.arguments.map((operand): Expression => ({ kind: 'nullTest', operand, negated: true, location })), location };
}

function isNullConstant(expression: Expression): boolean {
  const bare = withoutCasts(expression);
  return bare.kind === 'constant' && bare.value === null;
}

function isValue(expression: Expression): boolean {
  const bare = withoutCasts(expression);
  return bare.kind === 'constant' && bare.value !== null;
}

const strictOperators = new Set(['=', '<', '~~', '~~*', '~', '~*', '@>', '<@', '&&']);

function atomOf(expression: Expression, keys: ColumnKeys): Atom {
  const reads = columnsRead(expression, keys);
  const known = reads.every((column) => column !== undefined) ? (reads as string[]) : [];
  return {
    key: canonical(expression, keys),
    strictIn: isStrict(expression) && known.length === reads.length ? known : [],
    reads: reads.filter((column) => column !== undefined),
    vague: reads.length === 0 || known.length < reads.length || hasUnknownPart(expression) || known.some((column) => keys.fewValues(column)),
  };
}

function columnsRead(expression: Expression, keys: ColumnKeys): (string | undefined)[] {
  return [...nodes(expression)].filter((node) => node.kind === 'column').map((node) => keys.keyOf(node as Expression));
}

/** Sub-queries, variables, calls and holes may come out either way. */
function hasUnknownPart(expression: Expression): boolean {
  return [...nodes(expression)].some((node) => {
    if (node.kind === 'call') return !isKnownFunction((node as CallExpression).name.at(-1)!);
    return ['subquery', 'hole', 'parameter', 'other', 'indirection'].includes(node.kind);
  });
}

/** Whether the condition is NULL exactly when one of its columns is. */
function isStrict(expression: Expression): boolean {
  const plain = (part: Expression): boolean => {
    const bare = withoutCasts(part);
    return ['column', 'constant', 'parameter'].includes(bare.kind) || (bare.kind === 'call' && strictFunctions.has(bare.name.at(-1)!) && bare.arguments.every(plain));
  };
  switch (expression.kind) {
    case 'column': return true;
    case 'operator': return strictOperators.has(expression.operator) && plain(expression.right) && (!expression.left || plain(expression.left));
    case 'inList': return plain(expression.operand) && expression.list.every((item) => item.kind === 'constant' && item.value !== null);
    default: return false;
  }
}

/** A text that is the same for the same condition: names resolved, places and casts left out. */
export function canonical(expression: Expression, keys: ColumnKeys): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'location') return undefined;
    if (typeof value === 'object' && value !== null && 'kind' in value) {
      const node = withoutCasts(value as Expression);
      return node.kind === 'column' ? keys.keyOf(node) ?? node.path.join('.') : node;
    }
    return value;
  });
}
