import type { CodeCall, CodeExpression, CodeFunction } from '../../facts/code.js';
import { nodes } from '../queries/nodes.js';
import { dottedPath } from './call-names.js';
import type { Frame, Machine } from './machine.js';
import { unionOf } from './state.js';
import type { Value } from './values.js';
import { isNothing } from './values.js';

const GETS = /^(?:get|getItem)$/;
const SETS = /^(?:set|setex|psetex|setItem|put)$/i;

const known = new WeakMap<CodeFunction, readonly string[]>();

/** The beginnings of the keys of what a function reads from a cache that it fills itself under the same key: `cache.get(key)` and `cache.set(key, value)`. */
function cachedKeys(code: CodeFunction): readonly string[] {
  let found = known.get(code);
  if (found === undefined) known.set(code, found = readsOf(code));
  return found;
}

function readsOf({ body }: CodeFunction): string[] {
  const calls = nodes(body).filter((node) => node.kind === 'call').map((node) => node as unknown as CodeCall);
  const filled = new Set(calls.flatMap((call) => entryOf(call, SETS) ?? []));
  return filled.size === 0 ? [] : calls.flatMap((call) => {
    const entry = entryOf(call, GETS);
    return entry !== undefined && filled.has(entry) ? [`${call.location.file}:${call.location.start}(`] : [];
  });
}

/** The cache and the key that a call names, as written. */
function entryOf({ callee, arguments: [first] }: CodeCall, methods: RegExp): string | undefined {
  if (callee.kind !== 'member' || !methods.test(callee.property) || first === undefined) return undefined;
  const [cache, key] = [dottedPath(callee.object as CodeCall['callee']), written(first.value)];
  return cache === undefined || key === undefined ? undefined : `${cache} ${key}`;
}

function written(key: CodeExpression): string | undefined {
  return key.kind === 'literal' ? JSON.stringify(key.value) : key.kind === 'name' || key.kind === 'member' ? dottedPath(key) : undefined;
}

/**
 * The returns of a function without what it has found in a cache that it fills itself: that is what it has given before for the same key, and no other value.
 * Where it gives nothing else, all of them.
 */
export function withoutCached(m: Machine, code: CodeFunction, returns: Frame['returns']): Frame['returns'] {
  const keys = returns.length === 0 ? [] : cachedKeys(code);
  if (keys.length === 0) return returns;
  const isCached = (value: Value): boolean => {
    const inner = m.read(value);
    return inner.kind === 'input' && keys.some((key) => inner.key.startsWith(key));
  };
  const made = returns.flatMap((each) => {
    const inner = m.read(each.value);
    const options = inner.kind === 'union' ? inner.options.filter(({ value }) => !isCached(value)) : isCached(each.value) ? [] : undefined;
    return options === undefined ? [each] : options.length === 0 ? [] : [{ ...each, value: unionOf(options) }];
  });
  return made.every(({ value }) => isNothing(m.read(value))) ? returns : made;
}
