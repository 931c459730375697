import type { Context } from '../../library.js';
import type { ObjectValue, Value } from '../../values.js';
import { isUndefined, undefinedValue } from '../../values.js';
import { alternatives, fieldsOf, worstFor } from '../objects.js';

/** A property of an object that is an argument; of several objects the first that has it. */
export function option(value: Value | undefined, name: string, ctx: Context): Value | undefined {
  for (const known of value === undefined ? [] : alternatives(value, ctx)) {
    const entry = known.kind === 'object' ? known.entries.findLast((each) => each.kind === 'property' && each.key === name) : undefined;
    if (entry?.kind === 'property') return entry.value;
    // What is spread into it may have it: `{ type: 'uuid', ...options }`.
    for (const each of known.kind === 'object' ? known.entries : []) {
      const inner = each.kind === 'spread' ? option(each.value, name, ctx) : undefined;
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** What a property of an object of options is, whichever path was taken: also undefined, where a path does not give it. Undefined: no path does. */
export function onAnyPath(value: Value | undefined, name: string, ctx: Context): Value | undefined {
  const found = value === undefined ? [] : alternatives(value, ctx).flatMap((known) => (known.kind === 'object' ? inEntries(known, name, ctx) : [undefinedValue]));
  const given = found.filter((each) => !isUndefined(each));
  if (given.length === 0) return undefined;
  const options = given.length === found.length ? given : [...given, undefinedValue];
  return options.length === 1 ? options[0] : { kind: 'union', options: options.map((each) => ({ value: each, facts: [] })) };
}

/** Later entries win over earlier ones. */
function inEntries(object: ObjectValue, name: string, ctx: Context): readonly Value[] {
  const found: Value[] = [];
  const over: Value[] = [];
  for (const entry of [...object.entries].reverse()) {
    if (entry.kind === 'property' && entry.key !== name) continue;
    // `{ where, ...req.query }`: what the caller sends is instead of it.
    if (entry.kind === 'spread' && worstFor(fieldsOf({ ...object, entries: [entry] }, ctx).sources, name) === 'untrusted') over.push(undefinedValue);
    const own = entry.kind === 'property' ? [entry.value] : alternatives(entry.value, ctx).flatMap((known) => (known.kind === 'object' ? inEntries(known, name, ctx) : [handedOver(known, name, ctx)]));
    // What is spread and does not have it leaves what stands before.
    const given = entry.kind === 'property' ? own : own.filter((each) => !isUndefined(each));
    found.push(...given);
    if (!entry.maybe && given.length > 0 && given.length === own.length) return [...found, ...over];
  }
  return found.length === 0 ? [undefinedValue] : [...found, ...over, undefinedValue];
}

/** What options that somebody hands over may say: nothing where their type is known and does not have it. */
function handedOver(value: Value, name: string, ctx: Context): Value {
  if (value.kind === 'external' || value.kind === 'unknown') return { kind: 'unknown', reason: 'options that are not known' };
  if (value.kind !== 'input' || value.trust === 'untrusted') return undefinedValue;
  const keys = ctx.keysOf(value);
  return keys === undefined || keys.length === 0 || keys.includes(name) ? ctx.member(value, name) : undefinedValue;
}

/** The text of a constant. */
export function textOf(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'constant' && typeof known.value === 'string') return known.value;
  return known?.kind === 'union' ? known.options.map((each) => textOf(each.value, ctx)).find((each) => each !== undefined) : undefined;
}

/** A truth value that is written out; undefined when it is not known. */
export function flagOf(value: Value | undefined, ctx: Context): boolean | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'constant' && typeof known.value === 'boolean' ? known.value : undefined;
}

/** The texts of a list of constants, or of one. */
export function textsOf(value: Value | undefined, ctx: Context): readonly string[] {
  const known = value && ctx.read(value);
  if (known?.kind === 'list') return known.items.flatMap((item) => textOf(item.value, ctx) ?? []);
  const single = textOf(known, ctx);
  return single === undefined ? [] : [single];
}

/** The items of a list, whatever they are. */
export function itemsOf(value: Value | undefined, ctx: Context): readonly Value[] {
  const known = value && ctx.read(value);
  return known?.kind === 'list' ? known.items.map((item) => item.value) : [];
}

/** Whether a value is given at all. */
export function isGiven(value: Value | undefined, ctx: Context): value is Value {
  return value !== undefined && alternatives(value, ctx).some((each) => each.kind !== 'constant' || each.value !== undefined);
}
