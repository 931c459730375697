import { noteCheck } from './asked.js';
import { nameOfCall } from './call-names.js';
import { enterFunction } from './calls.js';
import { gated, permits } from './gates.js';
import type { Call } from './library.js';
import { keyOfValue, short } from './lower.js';
import type { Machine } from './machine.js';
import { useRows } from './members.js';
import { holdsSecret } from './present.js';
import { bindsClients, withHanded } from './presumed.js';
import { madeOf, raisesOnOther } from './secrets.js';
import { signaturesOf } from './signatures.js';
import { UNCHANGED } from './state.js';
import type { Trust, Value } from './values.js';
import { noteWrapper } from './wrappers.js';

/** A call of something that is not known: functions given to it may run, with values of its own choosing. */
export function unknownCall(m: Machine, callee: Value, call: Call): Value {
  const given = [...call.arguments.positional, ...call.arguments.named.values()];
  const enter = (): void => given.forEach((each) => {
    enterCallbacks(m, noteWrapper(m, each));
    useRows(m, each);
  });
  withHanded(m, bindsClients(m, call.name, given), enter);
  const key = `${call.location.file}:${call.location.start}(${short(given.map((each) => keyOfValue(m, each)).join())})`;
  const trust = trustOfCall(m, callee, given);
  noteCheck(m, callee, given, call);
  gated(m, undefined, call);
  const permitted = permits(m, call);
  if (permitted !== undefined) return permitted;
  const made = { ...madeOf(m, callee, given, call), ...signaturesOf(m, callee, given, call) };
  if (made.verifies !== undefined && raisesOnOther(m, callee)) holdsSecret(m, made.verifies);
  return { kind: 'input', key, name: nameOfCall(callee, given.map((each) => m.read(each))), trust, maybe: false, ...made };
}

/**
 * What a part of a request gives (`query.get('id')`) is of the request. What a function makes of one is not: a token is verified, a key is looked up.
 */
function trustOfCall(m: Machine, callee: Value, given: readonly Value[]): Trust {
  const own = m.read(callee);
  if (own.kind === 'input' && own.trust !== 'unknown') return own.trust;
  const inputs = given.map((each) => m.read(each)).filter((each) => each.kind === 'input');
  return inputs.length > 0 && inputs.every(({ trust }) => trust === 'trusted') ? 'trusted' : 'unknown';
}

/** Runs a function that was given away, as a path that may or may not be taken. */
function enterCallbacks(m: Machine, value: Value): void {
  const inner = m.read(value);
  // What a module's own code gives away (route handlers) is entered by itself later, when the database is known.
  if (m.isLoading && (inner.kind === 'function' || inner.kind === 'object' || inner.kind === 'list')) return;
  if (inner.kind === 'function') {
    if (m.frames.some((frame) => frame.function === inner.function)) return;
    const path = m.path(() => {
      enterFunction(m, inner);
      return true;
    });
    m.emitAll(path.effects);
    m.settle([path.snapshot, UNCHANGED]);
  } else if (inner.kind === 'object') {
    for (const entry of inner.entries) if (entry.kind === 'property' && m.read(entry.value).kind === 'function') enterCallbacks(m, entry.value);
  } else if (inner.kind === 'list') for (const item of inner.items) if (m.read(item.value).kind === 'function') enterCallbacks(m, item.value);
}
