import type { Location } from '../../facts/location.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { setIndex } from './members.js';
import { constantText } from './patterns.js';
import { isSameComputed, unionOf } from './state.js';
import type { ObjectEntryValue, ObjectValue, Value } from './values.js';
import { nullValue, unknownValue } from './values.js';

type ComputedEntry = Extract<ObjectEntryValue, { kind: 'spread' }>;

/** More values are not told apart: what is under a key is not known. */
const MOST_COMPUTED = 3;

/** A value under a key that is not known; what is set in a loop again and again is there once. */
export function withComputed(object: ObjectValue, key: Value, value: Value, location: Location): ObjectValue {
  const known = object.entries.flatMap((entry) => (entry.kind === 'spread' && entry.computed !== undefined ? [entry.computed] : []));
  if (known.some((each) => isSameComputed(each, { key, value }))) return object;
  const made = computedEntry(key, value, location);
  const { computed: _, ...unknown } = made;
  return { ...object, entries: [...object.entries, known.length < MOST_COMPUTED ? made : unknown] };
}

/** What stands in an object under a key that is not known. */
export function computedEntry(key: Value, value: Value, location: Location): ComputedEntry {
  return { kind: 'spread', value: unknownValue('a computed property'), maybe: true, location, computed: { key, value } };
}

/** The key of an entry of an object. */
export function keyOfEntry(entry: ObjectEntryValue): Value {
  return entry.kind === 'property' ? { kind: 'constant', value: entry.key } : entry.computed?.key ?? unknownValue('an unknown key');
}

/** The value of an entry of an object. */
export function valueOfEntry(entry: ObjectEntryValue): Value {
  return entry.kind === 'spread' ? entry.computed?.value ?? entry.value : entry.value;
}

/** `byId.get(id)`, `byKey.setdefault(key, [])`: one of what was set under keys that are not known, or what stands for it. */
export function atComputed(m: Machine, object: Value, { entries, location }: ObjectValue, name: string, { arguments: { positional: [key, otherwise = nullValue] } }: Call): Value {
  if (key === undefined || !entries.every((entry) => entry.kind === 'property' || entry.computed !== undefined)) return unknownValue('an unknown key');
  const values = entries.map(valueOfEntry);
  if (name !== 'setdefault') return unionOf([...values, otherwise].map((value) => ({ value, facts: [] })));
  if (values.length > 0) return unionOf(values.map((value) => ({ value, facts: [] })));
  setIndex(m, object, key, otherwise, location);
  return otherwise;
}

/** `defaultdict(list)[key]`: what is made for a key that has nothing yet; all keys that are not known are one. */
export function firstOfKey(m: Machine, value: Value, object: ObjectValue, index: Value): Value | undefined {
  const key = constantText(m, index);
  const isThere = object.entries.some((entry) => (entry.kind === 'property' ? entry.key === key : entry.computed === undefined || key === undefined));
  if (isThere || object.factory === undefined) return undefined;
  const made = m.invoke(object.factory, [], object.location);
  setIndex(m, value, index, made, object.location);
  return made;
}
