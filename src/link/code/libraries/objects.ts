import type { Location } from '../../../facts/location.js';
import type { Context } from '../library.js';
import type { ObjectValue, Value } from '../values.js';

/** Whether what is not known of an object comes from a request, or from anywhere. */
export type Openness = 'unknown' | 'untrusted';

/** A property of an object that a library is given: the last one of its name, as far as that is known. */
export interface Given {
  readonly key: string;
  readonly value: Value;
  readonly location: Location;
  /** Only on some paths. */
  readonly maybe: boolean;
  /** Something that is not known is spread behind it, and may hold the same key. */
  readonly overridden?: Openness;
}

export interface Fields {
  readonly given: readonly Given[];
  /** Something that is not known is spread into the object: it may hold any other key. */
  readonly open?: Openness;
}

/** The values that a value may be, one for each path. */
export function alternatives(value: Value, ctx: Context): readonly Value[] {
  const known = ctx.read(value);
  return known.kind === 'union' ? known.options.flatMap((option) => alternatives(option.value, ctx)) : [known];
}

/** What an object says of each of its keys. */
export function fieldsOf(object: ObjectValue, ctx: Context): Fields {
  const found = new Map<string, Given>();
  let open: Openness | undefined;
  for (const entry of object.entries) {
    if (entry.kind === 'property') {
      const before = entry.maybe ? found.get(entry.key) : undefined;
      found.set(entry.key, before ? both(before, entry) : { key: entry.key, value: entry.value, location: entry.location, maybe: entry.maybe });
      continue;
    }
    const trust = trustOf(entry.value, ctx);
    if (trust === undefined) continue;
    open = worse(open, trust);
    const spread = ctx.read(entry.value);
    const without = spread.kind === 'input' || spread.kind === 'row' ? spread.without : undefined;
    for (const [key, given] of found) if (without?.includes(key) !== true) found.set(key, { ...given, overridden: worse(given.overridden, trust)! });
  }
  return { given: [...found.values()], ...(open && { open }) };
}

function both(before: Given, after: { readonly value: Value; readonly location: Location }): Given {
  return { ...before, value: { kind: 'union', options: [{ value: before.value, facts: [] }, { value: after.value, facts: [] }] } };
}

function worse(a: Openness | undefined, b: Openness | undefined): Openness | undefined {
  return a === 'untrusted' || b === 'untrusted' ? 'untrusted' : a ?? b;
}

/** Whose value a value that is not known is; undefined for one that is known to hold no key (`...undefined`). */
export function trustOf(value: Value, ctx: Context): Openness | undefined {
  const known = ctx.read(value);
  switch (known.kind) {
    case 'constant': return typeof known.value === 'object' || known.value === undefined || typeof known.value === 'boolean' ? undefined : 'unknown';
    case 'input': return known.trust === 'untrusted' ? 'untrusted' : 'unknown';
    case 'union': return known.options.reduce<Openness | undefined>((worst, option) => worse(worst, trustOf(option.value, ctx)), undefined);
    default: return 'unknown';
  }
}
