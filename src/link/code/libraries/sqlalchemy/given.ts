import { flagOf } from '../entities/given.js';
import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { isNothing } from '../../values.js';

/** A positional argument that no name of the signature takes. */
export interface Rest {
  readonly value: Value;
  readonly location: Location;
}

/** The arguments of a Python call by the names of its signature, however they were passed. */
export class Given {
  constructor(private readonly call: Call, private readonly names: readonly string[], readonly ctx: Context) {}

  /** The value of an argument; undefined when it was not given. */
  value(name: string): Value | undefined {
    const named = this.call.arguments.named.get(name);
    if (named !== undefined) return named;
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.call.arguments.positional[index];
  }

  /** Where an argument is written; the call itself for keyword arguments. */
  location(name: string): Location {
    const index = this.names.indexOf(name);
    return this.call.arguments.named.has(name) ? this.call.location : this.call.arguments.locations[index] ?? this.call.location;
  }

  /** Positional arguments behind those of the signature. */
  get rest(): readonly Rest[] {
    const { positional, locations } = this.call.arguments;
    return positional.slice(this.names.length).map((value, index) => ({ value, location: locations[this.names.length + index] ?? this.call.location }));
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return value && textOf(value, this.ctx);
  }

  /** True or false; undefined when it was not given, is None or is not known. */
  flag(name: string): boolean | undefined {
    const value = this.value(name);
    return value && flagOf(value, this.ctx);
  }

  /** The strings of a list or tuple; undefined when one is not known. */
  texts(name: string): string[] | undefined {
    const value = this.value(name);
    return value && textsOf(value, this.ctx);
  }

  /** Whether an argument was given at all, and not as None. */
  has(name: string): boolean {
    const value = this.value(name);
    return value !== undefined && !isNone(value, this.ctx);
  }
}

/** The text of a value that is known: a string, or an f-string of known parts. */
export function textOf(value: Value, ctx: Context): string | undefined {
  const known = ctx.read(value);
  if (known.kind === 'constant') return typeof known.value === 'string' || typeof known.value === 'number' ? String(known.value) : undefined;
  if (known.kind === 'library' && known.type === 'quotedName') return known.data as string;
  if (known.kind !== 'text') return undefined;
  let text = '';
  for (const part of known.parts) {
    const piece = part.kind === 'text' ? part.value : textOf(part.value, ctx);
    if (piece === undefined) return undefined;
    text += piece;
  }
  return text;
}

/** Whether a name is one that no naming convention changes (`op.f('name')`). */
export function isFinalName(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return known.kind === 'library' && known.type === 'quotedName';
}

/** Whether a value is None. */
export function isNone(value: Value, ctx: Context): boolean {
  const known = ctx.read(value);
  return isNothing(known);
}

/** The items of a list or tuple that are certain. */
export function itemsOf(value: Value, ctx: Context): readonly Value[] | undefined {
  const known = ctx.read(value);
  return known.kind === 'list' && known.items.every(({ maybe, repeated }) => !maybe && !repeated) ? known.items.map((item) => item.value) : undefined;
}

/** The texts of a list; undefined when they are not all known. */
export function textsOf(value: Value, ctx: Context): string[] | undefined {
  const texts = itemsOf(value, ctx)?.map((item) => textOf(item, ctx));
  return texts?.every((text) => text !== undefined) ? texts : undefined;
}

/** The library value behind a reference, if it is one of this type. */
export function libraryData<T>(value: Value | undefined, library: string, type: string, ctx: Context): T | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'library' && known.library === library && known.type === type ? known.data as T : undefined;
}

/** A library value without access. */
export function libraryValue(library: string, type: string, data: unknown): LibraryValue {
  return { kind: 'library', library, type, data };
}
