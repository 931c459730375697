import type { Context } from '../../library.js';
import type { InstanceValue, ObjectEntryValue, ObjectValue, Value } from '../../values.js';
import { input } from '../frameworks/request.js';
import { alternatives } from '../objects.js';
import { sourcesOf } from './serializer-fields.js';
import { closedNames, fieldNames } from './serializer-meta.js';
import { keyOf } from './serializer-state.js';

/**
 * What a serializer reads of its `data`: of a dict that is written out, the fields that it has and that are not read-only.
 * @see Django REST framework documentation, "Deserializing objects"
 */
export function sent(instance: InstanceValue, ctx: Context): Value {
  const data = instance.fields.get('#data');
  const known = data && ctx.read(data);
  return known?.kind === 'object' ? written(known, instance, ctx) : values(data, instance, ctx);
}

function values(data: Value | undefined, instance: InstanceValue, ctx: Context): Value {
  const given = data && ctx.read(data);
  // What was sent is the same under either name.
  if (given?.kind === 'input' && given.trust === 'untrusted') return { ...given, name: 'serializer.validated_data' };
  const isOwn = data && alternatives(data, ctx).every((each) => each.kind !== 'input' || each.trust !== 'untrusted');
  return input('serializer.validated_data', `${keyOf(instance)}.validated_data`, isOwn ? 'unknown' : 'untrusted');
}

function written(data: ObjectValue, instance: InstanceValue, ctx: Context): Value {
  const closed = new Set(closedNames(instance, ctx));
  const open = new Set(fieldNames(instance, ctx).filter((name) => !closed.has(name)));
  const sources = sourcesOf(instance, ctx);
  const entries = data.entries.flatMap((entry): ObjectEntryValue[] => {
    if (entry.kind === 'spread') return [{ ...entry, value: values(entry.value, instance, ctx) }];
    return open.has(entry.key) ? [{ ...entry, key: sources.get(entry.key) ?? entry.key }] : [];
  });
  return ctx.allocate({ ...data, entries });
}
