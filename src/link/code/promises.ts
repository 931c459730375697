import { nodes } from '../queries/nodes.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { joinedItems } from './members.js';
import { unknownCall } from './unknown-calls.js';
import { unknownValue, type Value } from './values.js';

const ONLY_REJECTED = 'a promise that is only rejected';

/** `new Promise((_, reject) => setTimeout(() => reject(new Error()), 1000))`: a time limit, which gives nothing. */
export function promiseMade(m: Machine, call: Call): Value | undefined {
  const [given] = call.arguments.positional;
  const executor = given && m.read(given);
  if (!call.isNew || executor?.kind !== 'function') return undefined;
  const { body, parameters } = executor.function;
  const [resolve, reject] = parameters.map(({ target }) => (target.kind === 'name' ? target.name : undefined));
  if (reject === undefined || nodes(body).some((node) => node.kind === 'name' && (node as { readonly name?: unknown }).name === resolve)) return undefined;
  unknownCall(m, m.input('Promise', 'unknown'), call);
  return unknownValue(ONLY_REJECTED);
}

/** What the first of several promises gives that is done. */
export function firstResolved(m: Machine, promises: Value): Value {
  const inner = m.read(promises);
  if (inner.kind !== 'list') return promises;
  const items = inner.items.filter(({ value }) => {
    const each = m.read(value);
    return each.kind !== 'unknown' || each.reason !== ONLY_REJECTED;
  });
  return joinedItems({ ...inner, items }) ?? unknownValue(ONLY_REJECTED);
}
