import type { Location } from '../../facts/location.js';
import { keyOfValue } from './lower.js';
import type { Machine } from './machine.js';
import { CHANGES, NOTHING_SET } from './state.js';
import { stored } from './store.js';
import type { InputValue, InstanceValue, ObjectEntryValue, ObjectValue, RowValue, Value } from './values.js';

/** What is not on the heap and yet can be changed: the row of a query, something of a request. */
type Changeable = RowValue | InputValue;

/** In the fields of an instance: what was put into it whole. */
const SPREAD = '#spread';

function slots(m: Machine): Map<string, number> {
  return stored(m, 'changes', () => new Map<string, number>());
}

/** What was set on a row or an input on the path reached, in the order it was; undefined when nothing was. */
export function changesOf(m: Machine, value: Changeable): ObjectValue | undefined {
  const all = slots(m);
  const slot = all.size === 0 ? undefined : all.get(keyOfValue(m, value));
  const known = slot === undefined ? undefined : m.state.slot(slot);
  return known?.kind === 'object' && known !== NOTHING_SET ? known : undefined;
}

/** Sets keys of a row or of an input. */
export function change(m: Machine, value: Changeable, entries: readonly ObjectEntryValue[], location: Location): void {
  const all = slots(m);
  const key = keyOfValue(m, value);
  const slot = all.get(key) ?? CHANGES - all.size;
  all.set(key, slot);
  m.state.set(slot, { kind: 'object', entries: added(changesOf(m, value)?.entries ?? [], entries), location });
}

/** Entries behind others: properties that are set again are gone from where they stood. */
export function added(before: readonly ObjectEntryValue[], entries: readonly ObjectEntryValue[]): ObjectEntryValue[] {
  const kept = before.filter((entry) => entry.kind === 'spread' || !entries.some((other) => other.kind === 'property' && other.key === entry.key && !other.maybe));
  return [...kept, ...entries];
}

/** A row or an input with what was set on it, as one object. */
export function withChanges(m: Machine, value: Changeable): ObjectValue | undefined {
  const changes = changesOf(m, value);
  return changes && { ...changes, entries: [{ kind: 'spread', value, maybe: false, location: changes.location }, ...changes.entries] };
}

/** What the fields of an instance hold, in the order they were set. */
export function entriesOf({ fields, class: owner }: InstanceValue): ObjectEntryValue[] {
  const { location } = owner.class;
  return [...fields].flatMap(([key, value]): ObjectEntryValue[] => {
    if (key.startsWith(SPREAD)) return [{ kind: 'spread', value, maybe: false, location }];
    return key.startsWith('#') ? [] : [{ kind: 'property', key, value, maybe: false, location }];
  });
}

/** An instance whose fields are set behind those it has. */
export function withFields(instance: InstanceValue, entries: readonly ObjectEntryValue[]): InstanceValue {
  const fields = new Map(instance.fields);
  for (const entry of entries) {
    const key = entry.kind === 'property' ? entry.key : `${SPREAD} ${fields.size}`;
    fields.delete(key);
    fields.set(key, entry.value);
  }
  return { ...instance, fields };
}

/** Puts keys into a value, as `Object.assign(value, ...)` does. */
export function assignAll(m: Machine, target: Value, entries: readonly ObjectEntryValue[], location: Location): void {
  const inner = m.read(target);
  if (inner.kind === 'union') inner.options.forEach((option) => assignAll(m, option.value, entries, location));
  else if (inner.kind === 'row' || inner.kind === 'input') change(m, inner, entries, location);
  else if (inner.kind === 'library') m.libraryNamed(inner.library)?.changed?.(inner, entries, location, m);
  else if (target.kind !== 'reference') return;
  else if (inner.kind === 'object') m.write(target, { ...inner, entries: added(inner.entries, entries) });
  else if (inner.kind === 'instance') m.write(target, withFields(inner, entries));
}
