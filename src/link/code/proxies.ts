import type { Location } from '../../facts/location.js';
import { memberOf } from './members.js';
import type { Machine } from './machine.js';
import { undefinedValue, type ExternalValue, type Value } from './values.js';

/** Whether a value is a Proxy of JavaScript. */
export function isProxy(value: Value): value is ExternalValue {
  return value.kind === 'external' && value.module === 'global:javascript' && value.instance === true && value.path.join('.') === 'Proxy';
}

/**
 * A member of `new Proxy(target, { get(target, name) { ... } })`: what `get` gives, else that of the target.
 * @see ECMAScript Language Specification, "Proxy Object Internal Methods and Internal Slots", [[Get]]
 */
export function proxyMember(m: Machine, proxy: ExternalValue, name: string, location: Location | undefined): Value | undefined {
  if (!isProxy(proxy)) return undefined;
  const [target = undefinedValue, handler] = proxy.arguments ?? [];
  const get = handler && m.read(memberOf(m, handler, 'get'));
  if (get?.kind === 'function') return m.invoke(get, [target, { kind: 'constant', value: name }, proxy], location ?? get.function.location);
  return memberOf(m, target, name, location);
}
