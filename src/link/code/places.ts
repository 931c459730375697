import type { CodeExpression, MemberExpression } from '../../facts/code.js';
import { narrowed } from './expressions.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { stored } from './store.js';
import type { Value } from './values.js';

/** What numbers values: a place is one as long as its name stands for the same value. */
interface Numbers {
  readonly known: WeakMap<Value, number>;
  newest: number;
}

/**
 * What `auth.tenantId` is, where it may be nothing: once it was asked for (`if (!auth.tenantId) throw ...`) it is there, as long as `auth` is the same.
 * An input or a row of its own is known by its key; one of several values is known by where it stands.
 */
export function placed(m: Machine, node: MemberExpression, scope: Scope, found: Value): Value {
  if (found.kind !== 'union' || !found.options.some(({ value }) => value.kind === 'constant' && !value.value)) return found;
  const place = placeOf(m, node, scope);
  if (place === undefined) return found;
  return m.state.isDefined(place) ? narrowed(m, found, true) : { ...found, place };
}

/** What is left of one of several values is the same value: its places were asked for already. */
export function standsFor(m: Machine, before: Value, after: Value): void {
  const { known } = numbersOf(m);
  const number = known.get(before);
  if (number !== undefined) known.set(after, number);
}

function numbersOf(m: Machine): Numbers {
  return stored(m, 'places', (): Numbers => ({ known: new WeakMap(), newest: 0 }));
}

function placeOf(m: Machine, node: MemberExpression, scope: Scope): string | undefined {
  const path: string[] = [];
  let root: CodeExpression = node;
  for (; root.kind === 'member'; root = root.object) path.unshift(root.property);
  const slot = root.kind === 'name' ? scope.find(root.name) : undefined;
  const held = typeof slot === 'number' ? m.state.slot(slot) : undefined;
  if (held === undefined) return undefined;
  const numbers = numbersOf(m);
  if (!numbers.known.has(held)) numbers.known.set(held, ++numbers.newest);
  return `place ${slot as number} ${numbers.known.get(held)}.${path.join('.')}`;
}
