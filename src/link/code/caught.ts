import type { CodeCall, CodeExpression, MemberExpression } from '../../facts/code.js';
import { callMethod, callOf, callValue } from './calls.js';
import { endsPath } from './ends.js';
import { awaited, evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { joined, UNCHANGED, unionOf } from './state.js';
import { neverReturns, rejects, undefinedValue, unknownValue, type Value } from './values.js';

/** Functions of Effect that make a value of a failure, or something else. */
const CATCHES = /^(?:catch\w*|orElse\w*|either|option|exit|result|ignore\w*|match\w*|runPromiseExit|runSyncExit)$/;

/** `effect.pipe(Effect.catchAll(...))`: what the effect found out need not hold behind it. */
export function catchesOn({ callee, arguments: given }: CodeCall): boolean {
  return callee.kind === 'member' && callee.property === 'pipe' && given.some(({ value }) => isCatching(value.kind === 'call' ? value.callee : value));
}

/** How the first argument of a call is evaluated, where what it finds out need not hold behind the call: `Effect.either(effect)`, `Promise.allSettled([...])`. */
export function firstArgument(node: CodeCall): typeof evaluate | undefined {
  return catchesFirst(node) ? tried : settles(node) ? settled : undefined;
}

function catchesFirst({ callee, arguments: given }: CodeCall): boolean {
  return given.length > 0 && given[0]!.value.kind !== 'functionValue' && callee.kind === 'member' && callee.object.kind === 'name' && /^(?:Effect|Micro)$/.test(callee.object.name) && isCatching(callee);
}

function isCatching(node: CodeExpression): boolean {
  return node.kind === 'member' && CATCHES.test(node.property);
}

/** What an expression gives, or that it fails. */
export function tried(m: Machine, node: CodeExpression, scope: Scope): Value {
  const before = new Set(m.state.facts);
  let value: Value = undefinedValue;
  const path = m.path(() => !endsPath(value = evaluate(m, node, scope), true), 'tried');
  if (path.effects.length > 0) m.emit({ kind: 'try', body: path.effects, handlers: [], location: node.location });
  if (!path.live) return rejects;
  m.settle([path.snapshot, UNCHANGED]);
  return unionOf([{ value, facts: path.snapshot.facts.filter((fact) => !before.has(fact)) }, { value: rejects, facts: [] }]);
}

/** `promise.catch(handler)`, `promise.then(use, handler)`: either, as by `try` and `catch`. What was found out on the way to the promise need not hold where it was rejected. */
export function caught(m: Machine, node: CodeCall, { object, property, propertyLocation }: MemberExpression, scope: Scope): Value {
  const before = new Set(m.state.facts);
  const call = callOf(m, node, scope, propertyLocation);
  const only = (...positional: Value[]) => ({ ...call, arguments: { ...call.arguments, positional, locations: call.arguments.locations.slice(0, 1) } });
  const [use, handler] = property === 'then' ? call.arguments.positional : [undefined, call.arguments.positional[0]];
  let value: Value = undefinedValue;
  const body = m.path(() => {
    value = evaluate(m, object, scope);
    if (use !== undefined && !endsPath(value, true)) value = callMethod(m, value, 'then', only(use));
    return !endsPath(value, true);
  }, 'certain');
  if (body.live && body.snapshot.facts.every((fact) => before.has(fact))) {
    m.emitAll(body.effects);
    m.settle([body.snapshot]);
    return callMethod(m, value, 'catch', only(...handler ? [handler] : []));
  }
  let other: Value = undefinedValue;
  const handled = m.path(() => handler !== undefined && !endsPath(other = awaited(m, callValue(m, handler, only(unknownValue('an error'))), node.location), true));
  if (body.effects.length + handled.effects.length > 0) m.emit({ kind: 'try', body: body.effects, handlers: [handled.effects], location: node.location });
  const live = [{ value, ...body }, { value: other, ...handled }].filter((each) => each.live);
  if (live.length === 0) return neverReturns;
  m.settle(live.map(({ snapshot }) => snapshot));
  return joined(live.map((each) => ({ value: each.value, facts: each.snapshot.facts.filter((fact) => !before.has(fact) && !m.state.facts.includes(fact)) })));
}

/** Whether a call catches what its promise may reject with. */
export function catchesPromise({ callee, arguments: given }: CodeCall): boolean {
  return callee.kind === 'member' && (callee.property === 'catch' || (callee.property === 'then' && given.length > 1));
}

/** What an expression gives, whatever becomes of it: `Promise.allSettled([f()])`, or `f();` that nobody waits for. What it finds out stops nothing. */
export function settled(m: Machine, node: CodeExpression, scope: Scope): Value {
  let value: Value = undefinedValue;
  const path = m.path(() => {
    value = evaluate(m, node, scope);
    return true;
  });
  m.emitAll(path.effects);
  m.settle([path.snapshot, UNCHANGED]);
  return value;
}

function settles({ callee }: CodeCall): boolean {
  return callee.kind === 'member' && callee.property === 'allSettled' && callee.object.kind === 'name' && callee.object.name === 'Promise';
}
