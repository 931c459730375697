import { checkedTogether } from './checked.js';
import type { Call } from './library.js';
import { expressionOf } from './lower.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

const CHECKS = /(?:check|verif|valid|role|owner|^has|^is|^can|^may)/i;
const LOOK_UPS = /^(?:m?get|hget|has|exists|fetch)/i;
/** What such functions are members of: `permissions.getDecision({ userId, projectId })`. */
const OF_GATES = /permission|authz|authori[sz]|policy|policies|rbac|\bacl\b|abilit|access/i;
/** Names of functions that let pass whoever may. */
export const GATES = /(?:assert|require|ensure|authori[sz]|permission|permit|member|access|belong|guard|allow|enforce|owns)/i;

/**
 * `await requireMember(orgId)`, `isOwner(user, orgId)`: a function that is not known has been asked about the caller's value, by its name or
 * together with another value; so has a cache of roles, by its key: cache.get(`roles:${userId}:${orgId}`).
 */
export function noteCheck(m: Machine, callee: Value, given: readonly Value[], { location }: Call): void {
  const parts = given.flatMap((each) => partsOf(m, each));
  if (!parts.some((each) => each.kind === 'input' && each.trust !== 'trusted')) return;
  const own = m.read(callee);
  const path = own.kind === 'input' ? own.name.replace(/\(\.\.\.\)$/, '').split('.') : own.kind === 'external' ? [own.module, ...own.path] : [];
  const [called = '', of = ''] = path.toReversed();
  const name = (LOOK_UPS.test(called) ? keyOf(m, given) : undefined) ?? called;
  if (!GATES.test(name) && !(parts.length > 1 && (CHECKS.test(name) || OF_GATES.test(of)))) return;
  const checker = { kind: 'parameter', name: `checked by ${name}`, location } as const;
  m.state.add({ kind: 'holds', expression: checkedTogether([checker, ...parts.filter(({ kind }) => kind !== 'library').map((each) => expressionOf(m, each, location))], location) });
}

/** The words of a key that is put together of values. */
function keyOf(m: Machine, given: readonly Value[]): string | undefined {
  const key = given.length === 1 ? m.read(given[0]!) : undefined;
  return key?.kind === 'text' ? key.parts.map((part) => (part.kind === 'text' ? part.value : '')).join('') : undefined;
}

/** The values a check is about: an argument, what an object that is given holds, or a key is put together of. */
function partsOf(m: Machine, value: Value, depth = 0): Value[] {
  const inner = m.read(value);
  if (inner.kind === 'object' && depth < 3) return inner.entries.flatMap((entry) => partsOf(m, entry.value, depth + 1));
  if (inner.kind === 'text') return inner.parts.flatMap((part) => (part.kind === 'hole' ? partsOf(m, part.value, depth + 1) : []));
  // `user.id` of a type that a package makes (`Selectable<Users>`) is a value like any other.
  return inner.kind === 'input' || inner.kind === 'field' || inner.kind === 'library' || (inner.kind === 'external' && inner.instance === true) ? [inner] : [];
}
