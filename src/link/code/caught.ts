import type { CodeCall, MemberExpression } from '../../facts/code.js';
import { callMethod, callOf, callValue } from './calls.js';
import { endsPath } from './ends.js';
import { awaited, evaluate } from './expressions.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { joined } from './state.js';
import { neverReturns, undefinedValue, unknownValue, type Value } from './values.js';

/** `promise.catch(handler)`: either, as by `try` and `catch`. What was found out on the way to the promise need not hold where it was rejected. */
export function caught(m: Machine, node: CodeCall, { object, propertyLocation }: MemberExpression, scope: Scope): Value {
  const before = new Set(m.state.facts);
  let value: Value = undefinedValue;
  const tried = m.path(() => !endsPath(value = awaited(m, evaluate(m, object, scope), object.location), true), 'tried');
  const call = callOf(m, node, scope, propertyLocation);
  if (['external', 'library'].includes(m.read(value).kind)) {
    // No promise: a schema that falls back on a value.
    m.emitAll(tried.effects);
    m.settle([tried.snapshot]);
    return callMethod(m, value, 'catch', call);
  }
  const [handler] = call.arguments.positional;
  let other: Value = undefinedValue;
  const handled = m.path(() => {
    if (handler === undefined) return false;
    const given = { ...call, arguments: { ...call.arguments, positional: [unknownValue('an error')], locations: call.arguments.locations.slice(0, 1) } };
    return !endsPath(other = awaited(m, callValue(m, handler, given), node.location), true);
  });
  if (tried.effects.length + handled.effects.length > 0) m.emit({ kind: 'try', body: tried.effects, handlers: [handled.effects], location: node.location });
  const live = [{ value, ...tried }, { value: other, ...handled }].filter((each) => each.live);
  if (live.length === 0) return neverReturns;
  m.settle(live.map(({ snapshot }) => snapshot));
  return joined(live.map((each) => ({ value: each.value, facts: each.snapshot.facts.filter((fact) => !before.has(fact) && !m.state.facts.includes(fact)) })));
}
