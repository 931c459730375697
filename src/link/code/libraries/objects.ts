import type { Location } from '../../../facts/location.js';
import type { OpenSource } from '../../../facts/query.js';
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
  /** Something that is not known is spread into the object: it may hold other keys. Whose the worst of it is. */
  readonly open?: Openness;
  /** All that is spread into it and is not known. */
  readonly sources: readonly OpenSource[];
}

/** The values that a value may be, one for each path: rows and inputs as they came. */
export function optionsOf(value: Value, ctx: Context): readonly Value[] {
  const known = ctx.read(value);
  return known.kind === 'union' ? known.options.flatMap((option) => optionsOf(option.value, ctx)) : [known];
}

/** The values that a value may be, one for each path: rows and inputs with what was set on them. */
export function alternatives(value: Value, ctx: Context): readonly Value[] {
  return optionsOf(value, ctx).map((known) => (known.kind === 'input' || known.kind === 'row' ? ctx.changed(known) : undefined) ?? known);
}

/** An object in which a row of an entity that is spread (`{ ...row, id }`) stands for the columns that it has. */
export function withRows(object: ObjectValue, ctx: Context): ObjectValue {
  if (!object.entries.some((entry) => entry.kind === 'spread')) return object;
  const entries = object.entries.flatMap((entry): ObjectValue['entries'] => {
    const row = entry.kind === 'spread' ? ctx.read(entry.value) : undefined;
    const fields = row?.kind === 'row' && row.path.length === 0 ? row.result.entity?.model.fields : undefined;
    if (row?.kind !== 'row' || fields === undefined) return [entry];
    return Object.keys(fields).filter((key) => row.without?.includes(key) !== true).map((key) => ({ kind: 'property', key, value: ctx.member(row, key), maybe: entry.maybe, location: entry.location }));
  });
  return { ...object, entries };
}

/** What an object says of each of its keys. */
export function fieldsOf(object: ObjectValue, ctx: Context): Fields {
  const found = new Map<string, Given>();
  let sources: readonly OpenSource[] = [];
  for (const entry of object.entries) {
    if (entry.kind === 'property') {
      const before = entry.maybe ? found.get(entry.key) : undefined;
      found.set(entry.key, before ? both(before, entry) : { key: entry.key, value: entry.value, location: entry.location, maybe: entry.maybe });
      // What stands behind a spread takes the place of what is in it.
      if (!entry.maybe) sources = sources.map((source) => ({ ...source, except: [...source.except ?? [], entry.key] }));
      continue;
    }
    const own = sourcesOf(entry.value, ctx);
    sources = [...sources, ...own];
    for (const [key, given] of found) {
      const trust = worstFor(own, key);
      if (trust !== undefined) found.set(key, { ...given, overridden: worse(given.overridden, trust)! });
    }
  }
  const open = sources.reduce<Openness | undefined>((worst, { trust }) => worse(worst, trust), undefined);
  return { given: [...found.values()], sources, ...(open && { open }) };
}

function both(before: Given, after: { readonly value: Value; readonly location: Location }): Given {
  return { ...before, value: { kind: 'union', options: [{ value: before.value, facts: [] }, { value: after.value, facts: [] }] } };
}

function worse(a: Openness | undefined, b: Openness | undefined): Openness | undefined {
  return a === 'untrusted' || b === 'untrusted' ? 'untrusted' : a ?? b;
}

/** Whose the value of a key (or column) may be that open sources give; undefined when none of them gives it. */
export function worstFor(sources: readonly OpenSource[], key: string): Openness | undefined {
  return sources.filter(({ only, except }) => only?.includes(key) !== false && except?.includes(key) !== true)
    .reduce<Openness | undefined>((worst, { trust }) => worse(worst, trust), undefined);
}

/** Whose a value that is not known is; undefined for one that is known to hold no key (`...undefined`). */
export function trustOf(value: Value, ctx: Context): Openness | undefined {
  return sourcesOf(value, ctx).reduce<Openness | undefined>((worst, { trust }) => worse(worst, trust), undefined);
}

/** What is known of the keys of a value that is no plain object: one source for each of the values it may be. */
export function sourcesOf(value: Value, ctx: Context): readonly OpenSource[] {
  const known = ctx.read(value);
  switch (known.kind) {
    case 'constant': return typeof known.value === 'object' || known.value === undefined || typeof known.value === 'boolean' ? [] : [{ trust: 'unknown' }];
    case 'union': return known.options.flatMap((option) => sourcesOf(option.value, ctx));
    case 'input': {
      const only = ctx.keysOf(known);
      return [{ trust: known.trust === 'untrusted' ? 'untrusted' : 'unknown', parameter: known.key, ...(only && { only }), ...(known.without && { except: known.without }) }];
    }
    case 'row': return [{ trust: 'unknown', ...(known.without && { except: known.without }) }];
    case 'instance': {
      const only = ctx.keysOf(known);
      return [{ trust: 'unknown', ...(only && { only }) }];
    }
    default: return [{ trust: 'unknown' }];
  }
}

/** Open sources of keys as sources of the columns that the keys name. */
export function openColumns(sources: readonly OpenSource[], columnOf: (key: string) => string | undefined): { readonly open?: readonly OpenSource[] } {
  if (sources.length === 0) return {};
  const named = (keys: readonly string[]) => keys.flatMap((key) => columnOf(key) ?? []);
  return { open: sources.map(({ only, except, ...rest }) => ({ ...rest, ...(only && { only: named(only) }), ...(except && { except: named(except) }) })) };
}

/** What several rows leave open: all that one of them does. */
export function openOf(rows: readonly { readonly open?: readonly OpenSource[] }[]): { readonly open?: readonly OpenSource[] } {
  const open = rows.flatMap((row) => row.open ?? []);
  return open.length === 0 ? {} : { open };
}

/** A string that is known. */
export function constantText(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'constant' && typeof known.value === 'string' ? known.value : undefined;
}
