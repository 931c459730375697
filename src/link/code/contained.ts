import { entryOf } from '../../entry.js';
import { classOfModel, modelOfRow } from './declared-classes.js';
import type { Machine } from './machine.js';
import type { Value } from './values.js';

/** Whether a value is in another one, where that can be told: an item of a list, a key of an object, a field of a row. */
export function isKnownIn(m: Machine, sought: Value, within: Value): boolean | undefined {
  return constantIn(m, sought, within) ?? columnIn(m, sought, within) ?? keyIn(m, sought, within);
}

/** Whether a constant is among the items of a list or the keys of a dict, where all of them are known. */
function constantIn(m: Machine, sought: Value, list: Value): boolean | undefined {
  if (sought.kind === 'constant' && list.kind === 'object' && m.language === 'python' && list.entries.every(({ kind, maybe }) => kind === 'property' && !maybe)) return list.entries.some((entry) => entry.kind === 'property' && entry.key === sought.value);
  if (sought.kind !== 'constant' || list.kind !== 'list') return undefined;
  const items = list.items.map(({ value }) => m.read(value));
  if (list.items.some(({ maybe, repeated }) => maybe || repeated) || items.some(({ kind }) => kind !== 'constant')) return undefined;
  return items.some((each) => each.kind === 'constant' && each.value === sought.value);
}

/** JavaScript's `'teamId' in row`, of a row whose model is a class: whether that declares such a field. */
function columnIn(m: Machine, key: Value, row: Value): boolean | undefined {
  if (m.language !== 'javascript' || key.kind !== 'constant' || row.kind !== 'row') return undefined;
  const model = modelOfRow(m, row);
  const code = classOfModel(m, model)?.class;
  const name = String(key.value);
  if (model === undefined || code === undefined) return undefined;
  return entryOf(model.fields, name) !== undefined || entryOf(model.relations ?? {}, name) !== undefined || [...code.fields, ...code.methods].some((each) => each.name === name);
}

/** JavaScript's `'error' in result`, of an object that the project has put together. */
function keyIn(m: Machine, key: Value, object: Value): boolean | undefined {
  if (m.language !== 'javascript' || key.kind !== 'constant' || object.kind !== 'object') return undefined;
  const own = object.entries.filter((entry) => entry.kind === 'property' && entry.key === key.value);
  if (own.length === 0) return object.entries.some((entry) => entry.kind === 'spread') ? undefined : false;
  return own.some((entry) => !entry.maybe) ? true : undefined;
}
