import { joined } from './state.js';
import { undefinedValue, type ObjectEntryValue, type Value } from './values.js';

/** `**kwargs`: given twice, Python refuses it, so that what is written out was not spread. */
export function nameSpread(entries: readonly ObjectEntryValue[], named: Map<string, Value>): void {
  for (const entry of entries) if (entry.kind === 'property' && !named.has(entry.key)) named.set(entry.key, perhaps(entry));
}

/** A value that may not be there. */
export function perhaps({ value, maybe }: { readonly value: Value; readonly maybe: boolean }): Value {
  return maybe ? joined([{ value, facts: [] }, { value: undefinedValue, facts: [] }]) : value;
}

/** `**kwargs` of which not all is known: what is gets its name. @returns the rest */
export function spreadNamed(inner: Value, given: Value, named: Map<string, Value>): readonly Value[] {
  if (inner.kind !== 'object') return [given];
  const last = inner.entries.findLastIndex((entry) => entry.kind === 'spread');
  // What stands before something that is not known may be overridden by it.
  nameSpread(inner.entries.slice(last + 1), named);
  return inner.entries.flatMap((entry) => (entry.kind === 'spread' ? [entry.value] : []));
}
