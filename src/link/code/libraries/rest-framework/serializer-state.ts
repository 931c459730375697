import type { Call, Context } from '../../library.js';
import type { ClassValue, InstanceValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';

/** The names of the methods that the project's classes have. */
export function methodsOf(owner: ClassValue, ctx: Context): readonly string[] {
  return ctx.ancestry(owner).flatMap((each) => (each.kind === 'classValue' ? each.class.methods.flatMap(({ name }) => name ?? []) : []));
}

/** What a serializer keeps under a name that changes while it is used. */
export function kept(instance: InstanceValue, name: '#fields' | '#validated', ctx: Context): Value | undefined {
  const slot = instance.fields.get(name);
  const known = slot && ctx.read(slot);
  return known === undefined || isUndefined(known) ? undefined : slot;
}

/** Sets what a serializer keeps. */
export function keep(instance: InstanceValue, name: '#fields' | '#validated', value: Value, ctx: Context): void {
  const slot = instance.fields.get(name);
  if (slot?.kind === 'reference') ctx.write(slot, ctx.read(value));
}

/** The serializer itself. */
export function selfOf(instance: InstanceValue, ctx: Context): Value {
  return instance.fields.get('#self') ?? ctx.allocate(instance);
}

/** What tells one use of a serializer from another. */
export function keyOf({ class: { class: code }, fields }: InstanceValue): string {
  const key = fields.get('#key');
  return key?.kind === 'constant' ? String(key.value) : `${code.location.file}:${code.location.start}`;
}

/** A call with other arguments. */
export function withArguments(call: Call, positional: readonly Value[], named = new Map<string, Value>()): Call {
  return { ...call, arguments: { positional, named, open: false, locations: positional.map(() => call.location) } };
}

