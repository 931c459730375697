import type { CodeCall, CodeExpression } from '../../facts/code.js';
import { isInstanceOf } from './attributes.js';
import { guardedType } from './exhausted.js';
import { callMethod } from './calls.js';
import { evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import { memberOf } from './members.js';
import { isInstance } from './operators.js';
import { standsFor } from './places.js';
import type { Scope } from './scope.js';
import { unionOf } from './state.js';
import { isNothing, type Condition, type UnionValue, type Value } from './values.js';

/**
 * What a branch knows of the names that its condition tests: `if ids:`, `if row is not None:`, `if not found:`, `if a and b:`.
 * Where a name stands for one of several, those that the condition rules out are no longer among them. In JavaScript it is also
 * `if ('apiKeyId' in auth)`, `if (answer instanceof Response)`, `if (!answer.ok)`, `if (answer.kind === 'error')` and `if (answer.isErr())` that tell them apart.
 * @param outcome whether the condition holds in the branch
 */
export function narrowNames(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  if (test.kind === 'unary' && test.operator === 'not') return narrowNames(m, test.operand, !outcome, scope);
  if (test.kind === 'logical' && (test.operator === 'and') === outcome && test.operator !== 'nullish') {
    narrowNames(m, test.left, outcome, scope);
    return narrowNames(m, test.right, outcome, scope);
  }
  if (test.kind === 'name') return narrow(m, test.name, scope, (value) => ({ operator: 'truthy', value }), outcome);
  if (m.language !== 'python') {
    narrowByInstance(m, test, outcome, scope);
    narrowByMember(m, test, outcome, scope);
    narrowByOutcome(m, test, outcome, scope);
    return narrowByKey(m, test, outcome, scope);
  }
  if (test.kind === 'call') return narrowByCall(m, test, outcome, scope);
  if (test.kind !== 'binary' || test.left.kind !== 'name' || test.right.kind !== 'literal' || test.right.value !== null) return;
  if (test.operator === 'is' || test.operator === '==') narrow(m, test.left.name, scope, (value) => ({ operator: 'nullish', value }), outcome);
  if (test.operator === 'is not' || test.operator === '!=') narrow(m, test.left.name, scope, (value) => ({ operator: 'nullish', value }), !outcome);
}

function narrow(m: Machine, name: string, scope: Scope, condition: (value: Value) => Condition, outcome: boolean): void {
  keepOptions(m, name, scope, ({ options }) => options.filter(({ value }) => m.path(() => m.assume(condition(value), outcome)).live));
}

function keepOptions(m: Machine, name: string, scope: Scope, kept: (union: UnionValue) => UnionValue['options']): void {
  const slot = scope.find(name);
  const held = typeof slot === 'number' ? m.state.slot(slot) : undefined;
  if (held?.kind !== 'union') return;
  const options = kept(held);
  if (options.length > 0 && options.length < held.options.length) {
    const left = unionOf(options);
    standsFor(m, held, left);
    m.write({ kind: 'reference', slot: slot as number }, left);
  }
}

/** Python's `isinstance(caller, User)`, and `is_user(caller)` that gives `TypeGuard[User]`. */
function narrowByCall(m: Machine, { callee, arguments: [first, second], location }: CodeCall, outcome: boolean, scope: Scope): void {
  if (first?.value.kind !== 'name') return;
  const isBuiltin = callee.kind === 'name' && callee.name === 'isinstance';
  const of = isBuiltin ? second && evaluate(m, second.value, scope) : evaluate(m, callee, scope);
  if (of === undefined || (!isBuiltin && guardedType(m.read(of)) === undefined)) return;
  const answered = (value: Value): Value | undefined => {
    let answer: Value | undefined;
    m.path(() => { answer = isBuiltin ? isInstanceOf(m, value, of) : m.read(m.invoke(of, [value], location)); return true; });
    return answer;
  };
  keepOptions(m, first.value.name, scope, ({ options }) => options.filter(({ value }) => {
    const answer = answered(value);
    return answer?.kind !== 'constant' || Boolean(answer.value) === outcome;
  }));
  if (outcome) asGuarded(m, m.read(of), first.value.name, scope);
}

/** Whatever was given for a parameter is what the function says that has told its type. */
function asGuarded(m: Machine, guard: Value, name: string, scope: Scope): void {
  const slot = scope.find(name);
  const held = typeof slot === 'number' ? m.read(m.read({ kind: 'reference', slot })) : undefined;
  const told = guardedType(guard);
  const value = held?.kind === 'instance' && held.given === true && told ? m.typed(told) : undefined;
  const known = value && m.read(value);
  if (value && known?.kind === 'instance' && held?.kind === 'instance' && known.class.class === held.class.class) m.write({ kind: 'reference', slot: slot as number }, value);
}

/** `answer instanceof NextResponse`. */
function narrowByInstance(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  if (test.kind !== 'binary' || test.operator !== 'instanceof' || test.left.kind !== 'name') return;
  const of = m.read(evaluate(m, test.right, scope));
  keepOptions(m, test.left.name, scope, ({ options }) => options.filter(({ value }) => {
    const is = isInstance(m, m.read(value), of);
    return is?.kind !== 'constant' || is.value === outcome;
  }));
}

/** `answer.ok`, `answer.kind === 'error'`: of several objects those whose member says so. */
function narrowByMember(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  const asked = test.kind === 'binary' && /^[!=]==?$/.test(test.operator) && test.right.kind === 'literal' ? { member: test.left, is: test.right.value, outcome: outcome === test.operator.startsWith('=') } : { member: test, outcome };
  const { member: node } = asked;
  if (node.kind !== 'member' || node.object.kind !== 'name') return;
  keepOptions(m, node.object.name, scope, ({ options }) => options.filter(({ value }) => {
    const inner = m.read(value);
    const member = inner.kind === 'object' ? m.read(memberOf(m, value, node.property)) : undefined;
    return member?.kind !== 'constant' || ('is' in asked ? member.value === asked.is : Boolean(member.value)) === asked.outcome;
  }));
}

/** `answer.isErr()`, `Either.isRight(answer)`: of several outcomes of a library those of which it is so. */
function narrowByOutcome(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  if (test.kind !== 'call' || test.callee.kind !== 'member' || test.callee.object.kind !== 'name' || test.arguments.length > 1) return;
  const [given] = test.arguments;
  const name = given === undefined ? test.callee.object.name : given.value.kind === 'name' ? given.value.name : undefined;
  if (name === undefined) return;
  const call = { arguments: { positional: [], named: new Map(), open: false, locations: [] }, isNew: false, location: test.location, nameLocation: test.callee.propertyLocation, typeArguments: [] };
  const { object, property } = test.callee;
  keepOptions(m, name, scope, ({ options }) => options.filter(({ value }) => {
    const inner = m.read(value);
    if (inner.kind !== 'library') return true;
    const says = m.read(given === undefined ? callMethod(m, value, property, call) : callMethod(m, evaluate(m, object, scope), property, { ...call, arguments: { ...call.arguments, positional: [value] } }));
    return says.kind !== 'constant' || Boolean(says.value) === outcome;
  }));
}

/** `'apiKeyId' in auth`: of what an API key gives and what a session gives it is the one that has the key. */
function narrowByKey(m: Machine, test: CodeExpression, outcome: boolean, scope: Scope): void {
  if (test.kind !== 'binary' || test.operator !== 'in' || test.left.kind !== 'literal' || typeof test.left.value !== 'string' || test.right.kind !== 'name') return;
  const key = test.left.value;
  keepOptions(m, test.right.name, scope, ({ options }) => {
    const has = options.map(({ value }) => hasKey(m, value, key));
    // What is known to have it is what was asked for; what the caller sends may have any.
    const isMeant = outcome && has.includes(true);
    return options.filter(({ value }, index) => {
      const inner = m.read(value);
      return !isNothing(inner) && has[index] !== !outcome && !(isMeant && inner.kind === 'input' && inner.trust !== 'untrusted');
    });
  });
}

/** Whether an object has a key; undefined where that is not known. */
function hasKey(m: Machine, value: Value, key: string): boolean | undefined {
  const inner = m.read(value);
  if (inner.kind !== 'object') return undefined;
  const found = inner.entries.filter((entry) => entry.kind === 'spread' || entry.key === key);
  return found.length === 0 ? false : found.some((entry) => entry.kind === 'property' && !entry.maybe) || undefined;
}
