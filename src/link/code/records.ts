import type { ClassField } from '../../facts/code.js';
import { ancestry } from './classes.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import { memberOf } from './members.js';
import { constantText } from './patterns.js';
import { admitsUndefined } from './types.js';
import type { ClassValue, ObjectEntryValue, Value } from './values.js';

const DUMPS = /^(?:model_dump|dict)$/;
const PARTIAL = ['exclude_unset', 'exclude_none', 'exclude_defaults'];

/**
 * `body.model_dump()` of a model of pydantic, SQLModel or django-ninja: a dict of its fields, and of no others unless the model takes extra ones.
 * @returns undefined when the value is no such model
 * @see pydantic manual, "Serialization"
 */
export function dumpedRecord(m: Machine, object: Value, name: string, call: Call): Value | undefined {
  if (!DUMPS.test(name)) return undefined;
  const owner = recordOf(m, object);
  const fields = owner && fieldsOf(m, owner);
  if (!fields) return undefined;
  const { named } = call.arguments;
  const [only, without] = [keysIn(m, named.get('include')), keysIn(m, named.get('exclude'))];
  if (only === false || without === false) return undefined;
  const maybe = PARTIAL.some((each) => named.has(each));
  const { location } = call;
  const entries = [...fields.values()].filter((field) => only?.has(field.name) !== false && without?.has(field.name) !== true).map((field): ObjectEntryValue => {
    const value = memberOf(m, object, field.name);
    return { kind: 'property', key: field.name, value: value.kind === 'input' && admitsUndefined(field.type!) ? { ...value, maybe: true } : value, maybe, location };
  });
  return m.allocate({ kind: 'object', entries, location });
}

function recordOf(m: Machine, object: Value): ClassValue | undefined {
  const inner = m.read(object);
  const typed = inner.kind === 'input' && inner.type ? m.typed(inner.type) : object;
  const instance = typed && m.read(typed);
  return instance?.kind === 'instance' ? instance.class : undefined;
}

/** The annotated fields of a model, its bases' first; undefined for other classes and for models that keep whatever they are given. */
function fieldsOf(m: Machine, owner: ClassValue): ReadonlyMap<string, ClassField> | undefined {
  const chain = ancestry(m, owner);
  if (!chain.some((each) => each.kind === 'external' && /^(?:pydantic|sqlmodel|ninja)(?:\.|$)/.test(each.module) && /^(?:BaseModel|SQLModel|Schema)$/.test(each.path.at(-1) ?? ''))) return undefined;
  const classes = chain.flatMap((each) => (each.kind === 'classValue' ? [each.class] : [])).reverse();
  const all = classes.flatMap(({ fields }) => fields);
  if (all.some(({ name, value }) => name === 'model_config' && JSON.stringify(value)?.includes('"allow"'))) return undefined;
  return new Map(all.filter(({ name, type }) => type !== undefined && name !== 'model_config').map((field) => [field.name, field]));
}

/** The keys of `exclude={'a', 'b'}`; `false` when they are not known. */
function keysIn(m: Machine, value: Value | undefined): ReadonlySet<string> | false | undefined {
  if (value === undefined) return undefined;
  const inner = m.read(value);
  const keys = inner.kind === 'list' ? inner.items.map((item) => (item.maybe ? undefined : constantText(m, item.value)))
    : inner.kind === 'object' ? inner.entries.map((entry) => (entry.kind === 'property' ? entry.key : undefined)) : [undefined];
  return keys.every((key) => key !== undefined) && new Set(keys);
}
