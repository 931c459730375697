import type { Call } from './library.js';
import { expressionOf } from './lower.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

const CHECKS = /(?:check|verif|valid|role|owner|^has|^is|^can|^may)/i;
const GATES = /(?:assert|require|ensure|authori[sz]|permission|permit|member|access|belong|guard|allow|enforce|owns)/i;

/** `await requireMember(orgId)`, `isOwner(user, orgId)`: a function that is not known has been asked about the caller's value, by its name or together with another value. */
export function noteCheck(m: Machine, callee: Value, given: readonly Value[], { location }: Call): void {
  const parts = given.flatMap((each) => partsOf(m, each));
  if (!parts.some((each) => each.kind === 'input' && each.trust === 'untrusted')) return;
  const own = m.read(callee);
  const name = own.kind === 'input' ? own.name.replace(/\(\.\.\.\)$/, '').split('.').at(-1)! : own.kind === 'external' ? own.path.at(-1) ?? own.module : '';
  if (!GATES.test(name) && !(parts.length > 1 && CHECKS.test(name))) return;
  const checker = { kind: 'parameter', name: `checked by ${name}`, location } as const;
  m.state.add({ kind: 'holds', expression: { kind: 'call', name: ['checked'], arguments: [checker, ...parts.filter(({ kind }) => kind !== 'library').map((each) => expressionOf(m, each, location))], location } });
}

/** The values a check is about: an argument, or what an object that is given holds. */
function partsOf(m: Machine, value: Value, depth = 0): Value[] {
  const inner = m.read(value);
  if (inner.kind === 'object' && depth < 3) return inner.entries.flatMap((entry) => partsOf(m, entry.value, depth + 1));
  return inner.kind === 'input' || inner.kind === 'field' || inner.kind === 'library' ? [inner] : [];
}
