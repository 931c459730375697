import type { CallExpression, Expression } from '../../facts/expression.js';
import type { Query, SelectQuery } from '../../facts/query.js';
import { aggregateCalls } from './aggregates.js';
import { alwaysRaises } from './conditions.js';
import type { ProgramScope } from './program-scope.js';
import { walkTree } from './tree.js';
import { conjunction, constant, negate, numberOf } from './values.js';

/**
 * The conditions on data under which a SELECT ends with an error by what it computes: a division by a CASE or a boolean that is zero,
 * or the call of a function of the history that raises whatever it is given.
 * @see PostgreSQL manual, section 9.3 (division by zero), section 43.9.1 (RAISE)
 */
export function abortingTests(query: Query, scope: ProgramScope): Expression[] {
  if (query.kind !== 'select') return [];
  const raises = (call: CallExpression) => scope.functions(call.name.join('.')).some(({ body }) => body !== undefined && alwaysRaises(body.body));
  const tests = query.targets.flatMap(({ expression }) => errorsOf(expression, raises));
  return tests.map((condition) => overRows(query, condition)).filter(readsTables);
}

/** The conditions on one row (or group) under which an expression fails. */
function errorsOf(expression: Expression, raises: (call: CallExpression) => boolean): Expression[] {
  const at = expression.location;
  switch (expression.kind) {
    case 'cast': return errorsOf(expression.operand, raises);
    case 'operator': return (expression.operator === '/' || expression.operator === '%') && Number(expression.left && numberOf(expression.left)) !== 0 ? zeroWhen(expression.right) : [];
    case 'call': return raises(expression) ? [constant(true, at)] : [];
    case 'case': {
      if (expression.operand) return [];
      const failing = expression.branches.filter(({ then }) => alwaysFails(then, raises)).map(({ when }) => when);
      const otherwise = expression.otherwise && alwaysFails(expression.otherwise, raises) && expression.branches.length === 1 ? [negate(expression.branches[0]!.when)] : [];
      return [...failing, ...otherwise];
    }
    default: return [];
  }
}

function alwaysFails(expression: Expression, raises: (call: CallExpression) => boolean): boolean {
  if (expression.kind === 'cast') return alwaysFails(expression.operand, raises);
  if (expression.kind === 'operator') return (expression.operator === '/' || expression.operator === '%') && numberOf(expression.right) === 0;
  return expression.kind === 'call' && raises(expression);
}

/** When a divisor is zero: the branch of a CASE that gives 0, or a boolean turned into a number. */
function zeroWhen(divisor: Expression): Expression[] {
  if (divisor.kind === 'subquery' && divisor.form === 'scalar' && divisor.query.kind === 'select' && divisor.query.targets.length === 1) {
    const { query } = divisor;
    return zeroWhen(query.targets[0]!.expression).map((condition) => overRows(query, condition));
  }
  if (divisor.kind === 'cast') {
    return ['and', 'or', 'not', 'nullTest', 'booleanTest', 'operator', 'subquery'].includes(divisor.operand.kind) && divisor.type.name.startsWith('int') ? [negate(divisor.operand)] : zeroWhen(divisor.operand);
  }
  if (divisor.kind !== 'case' || divisor.operand) return [];
  const [first, ...more] = divisor.branches;
  if (!first || more.length > 0) return [];
  if (numberOf(first.then) === 0) return [first.when];
  return divisor.otherwise && numberOf(divisor.otherwise) === 0 ? [negate(first.when)] : [];
}

/** A condition on the rows of a block, as one about the data. */
function overRows(query: SelectQuery, condition: Expression): Expression {
  const { location } = query;
  if (query.from.length === 0) return query.where ? withBoth(query.where, condition) : condition;
  if (query.having) return { kind: 'subquery', form: 'exists', query: { ...query, having: withBoth(query.having, condition) }, location };
  if (aggregateCalls(condition).length > 0) return { kind: 'subquery', form: 'scalar', query: { ...query, targets: [{ expression: condition }] }, location };
  const where = query.where ? withBoth(query.where, condition) : isTrue(condition) ? undefined : condition;
  return { kind: 'subquery', form: 'exists', query: { ...query, targets: [{ expression: constant(1, location) }], ...(where ? { where } : {}) }, location };
}

function withBoth(first: Expression, second: Expression): Expression {
  return isTrue(second) ? first : conjunction([first, second], second.location);
}

function isTrue(condition: Expression): boolean {
  return condition.kind === 'constant' && condition.value === true;
}

function readsTables(condition: Expression): boolean {
  let found = false;
  walkTree(condition, (node) => {
    found ||= node.kind === 'table';
    return !found;
  });
  return found;
}
