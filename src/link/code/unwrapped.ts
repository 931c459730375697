import { libraryOfInstance } from './classes.js';
import { endsPath } from './ends.js';
import type { Machine } from './machine.js';
import { commonFacts, joined } from './state.js';
import { neverReturns, type Value } from './values.js';

/** What `yield* value` gives in a generator that a library runs step by step: what is in the value; the path ends where nothing is. */
export function unwrapped(m: Machine, value: Value): Value {
  const inner = m.read(value);
  if (inner.kind === 'union') {
    const live = inner.options.map((option) => ({ ...option, value: unwrapped(m, option.value) })).filter((option) => !endsPath(option.value, true));
    if (live.length === 0) return neverReturns;
    m.hold(commonFacts(live));
    return joined(live);
  }
  const held = inner.kind === 'classValue' || inner.kind === 'instance' ? libraryOfInstance(m, inner) : inner;
  const known = held && m.read(held);
  return (known?.kind === 'library' ? m.libraryNamed(known.library)?.unwrapped?.(known, value, m) : undefined) ?? value;
}
