import { isSameCheck } from './checked.js';
import type { Fact, FieldValue, LibraryValue, ListValue, ObjectEntryValue, ObjectValue, ReferenceValue, RowValue, UnionValue, Value } from './values.js';
import { Steps } from './steps.js';
import { undefinedValue, unknownValue } from './values.js';

/** What changed since a state was forked. */
export interface Snapshot {
  /** No slot of the heap is below it. */
  readonly least?: number;
  readonly heap: ReadonlyMap<number, Value>;
  /** The slots of `heap` that others may hold too: all that were not made on this path. Absent: any of them may be. */
  readonly touched?: ReadonlySet<number>;
  readonly facts: readonly Fact[];
  /** It is merged more than once: its heap must not be taken over. */
  readonly kept?: true;
}

/** Slots from here down hold what was set on values that are not on the heap: where there is none, nothing was. */
export const CHANGES = -1e9;
export const NOTHING_SET: ObjectValue = { kind: 'object', entries: [], location: { file: '', start: 0, end: 0 } };

/** Beyond all slots, as its negative is on the other side. */
const BEYOND = 2 ** 30;

const MOST_OPTIONS = 12;
const NONE: readonly Fact[] = [];
const NO_SLOTS: ReadonlyMap<number, Value> = new Map();
const UNTOUCHED: ReadonlySet<number> = new Set();

/** The path on which nothing changed. */
export const UNCHANGED: Snapshot = { heap: NO_SLOTS, touched: UNTOUCHED, facts: NONE };

/** The heap and what is known at one point of a path. A fork sees what its parent holds; what it changes is its own until it is merged. */
export class State {
  private heap: Map<number, Value> | undefined;
  /** The first slot of the heap, or one before it: most slots that are read were made before a state began, and are not looked for in it. */
  private least = BEYOND;
  /** The slots of the heap that were not made in this state. */
  private touched: Set<number> | undefined;
  private own: Fact[] | undefined;
  private last: Fact[] | undefined;
  /** How often what was there from the start of the program has become something else. */
  rewritten = 0;

  /** The nearest state behind this one that holds slots: those behind a state do not change while it is in use, save the first of all. */
  private readonly below: State | undefined;

  constructor(private readonly parent?: State) {
    this.below = parent === undefined || parent.heap !== undefined || parent.parent === undefined ? parent : parent.below;
  }

  fork(): State {
    return new State(this);
  }

  /** What a slot holds; any other value is itself. */
  read(value: Value): Value {
    return value.kind === 'reference' ? this.slot(value.slot) ?? unknownValue('a value that is not there yet') : value;
  }

  slot(slot: number): Value | undefined {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    for (let state: State | undefined = this; state !== undefined; state = state.below) {
      const value = slot < state.least ? undefined : state.heap?.get(slot);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Whether a slot is as the state at the start of all paths holds it. */
  isOfRoot(slot: number): boolean {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    let state: State = this;
    for (; state.below !== undefined; state = state.below) if (state.heap?.has(slot)) return false;
    return state.heap?.has(slot) ?? false;
  }

  write(reference: ReferenceValue, value: Value): void {
    this.set(reference.slot, value);
  }

  set(slot: number, value: Value): void {
    const isKnown = this.heap?.has(slot) === true;
    if (this.parent === undefined) this.rewritten += Number(isKnown);
    else if (!isKnown) (this.touched ??= new Set()).add(slot);
    this.make(slot, value);
  }

  /** Sets a slot that is new: no other path holds it. */
  make(slot: number, value: Value): void {
    (this.heap ??= new Map()).set(slot, value);
    if (slot < this.least) this.least = slot;
  }

  add(fact: Fact): void {
    const own = this.own ??= [];
    if (!own.some((each) => sameFact(each, fact))) own.push(fact);
  }

  /** Runs work of a program's start: whatever it finds out holds for all that follows, also where it is done in the midst of what is `forgetting`. */
  lasting<T>(work: () => T): T {
    const known = this.own?.length ?? 0;
    try {
      return work();
    } finally {
      this.last = [...this.last ?? NONE, ...this.own?.slice(known) ?? NONE];
    }
  }

  /** Runs work that changes things for all that follows, and finds out what holds for itself alone. */
  forgetting<T>(work: () => T): T {
    const before = [...this.own ?? NONE];
    const known = this.last?.length ?? 0;
    try {
      return work();
    } finally {
      this.own = [...before, ...this.last?.slice(known) ?? NONE];
    }
  }

  get facts(): readonly Fact[] {
    const layers = this.layers().flatMap(({ own }) => (own === undefined || own.length === 0 ? [] : [own]));
    return layers.length === 0 ? NONE : layers.length === 1 ? layers[0]! : layers.reverse().flat();
  }

  isDefined(key: string): boolean {
    return this.own?.some((fact) => fact.kind === 'defined' && fact.key === key) === true || this.parent?.isDefined(key) === true;
  }

  isPresent(result: number): boolean {
    return this.own?.some((fact) => fact.kind === 'present' && fact.result === result) === true || this.parent?.isPresent(result) === true;
  }

  /** This state and those it was forked from, nearest first, up to (not with) one of them. */
  private layers(end?: State): State[] {
    const found: State[] = this === end ? [] : [this];
    for (let parent = this.parent; found.length > 0 && parent !== undefined && parent !== end; parent = parent.parent) found.push(parent);
    return found;
  }

  /** Everything that changed since `ancestor`, which this state was forked from, at any distance. This state must not change any more. */
  since(ancestor: State): Snapshot {
    if (this.parent === ancestor) return { heap: this.heap ?? NO_SLOTS, least: this.least, touched: this.touched ?? UNTOUCHED, facts: this.own ?? NONE };
    const heap = new Map<number, Value>();
    const touched = new Set<number>();
    const facts: Fact[] = [];
    let least = BEYOND;
    for (const layer of this.layers(ancestor).reverse()) {
      least = Math.min(least, layer.least);
      layer.touched?.forEach((slot) => void (heap.has(slot) || touched.add(slot)));
      layer.heap?.forEach((value, slot) => void heap.set(slot, value));
      if (layer.own !== undefined) facts.push(...layer.own);
    }
    return { heap, least, touched, facts };
  }

  /** Goes on as any of several paths may have left things. The paths are used up, unless they are `kept`. `partedLate`: they went one way first, as the returns of a function do. @returns the facts of all of them */
  merge(paths: readonly Snapshot[], partedLate = false): readonly Fact[] {
    const [first, ...rest] = paths;
    if (first === undefined) return NONE;
    if (rest.length === 0) {
      const changed = touchedOf(first);
      const values = [...changed].map((slot) => [slot, first.heap.get(slot)!] as const);
      this.takeMade(first, changed);
      for (const [slot, value] of values) this.set(slot, value);
      first.facts.forEach((fact) => this.add(fact));
      return first.facts;
    }
    const common = first.facts.filter((fact) => rest.every((path) => path.facts.some((each) => sameFact(each, fact))));
    const apart = paths.map((path) => (path.facts.length === 0 ? NONE : path.facts.filter((fact) => !common.includes(fact))));
    const changed = changedIn(paths, partedLate);
    const after = new Map<number, Value>();
    for (const slot of changed) {
      const before = this.slot(slot);
      const options: { value: Value; facts: readonly Fact[] }[] = [];
      for (let index = 0; index < paths.length; index++) {
        const value = paths[index]!.heap.get(slot) ?? before ?? (slot <= CHANGES ? NOTHING_SET : undefined);
        // A slot that only one path has made cannot be reached from the others.
        if (value !== undefined) options.push({ value, facts: apart[index]! });
      }
      after.set(slot, joined(options));
    }
    for (const path of paths) this.takeMade(path, changed);
    after.forEach((value, slot) => this.set(slot, value));
    common.forEach((fact) => this.add(fact));
    return common;
  }

  /** Takes the slots that a path has made, all but those `changed`: no other path holds them. The smaller heap is copied into the larger one. */
  private takeMade({ heap, least = -BEYOND, kept }: Snapshot, changed: ReadonlySet<number>): void {
    if (heap.size === 0) return;
    this.least = Math.min(this.least, least);
    const own = this.heap;
    if (kept !== true && heap.size > (own?.size ?? 0)) {
      const taken = heap as Map<number, Value>;
      for (const slot of changed) taken.delete(slot);
      own?.forEach((value, slot) => void taken.set(slot, value));
      this.heap = taken;
    } else {
      const into = this.heap ??= new Map<number, Value>();
      heap.forEach((value, slot) => void (changed.has(slot) || into.set(slot, value)));
    }
  }
}

function touchedOf({ heap, touched }: Snapshot): ReadonlySet<number> {
  return touched ?? new Set(heap.keys());
}

/** `partedLate`: slots that were made before the paths parted are in each of them. */
function changedIn(paths: readonly Snapshot[], partedLate: boolean): ReadonlySet<number> {
  const changed = new Set<number>();
  for (const path of paths) for (const slot of touchedOf(path)) changed.add(slot);
  const seen = new Map<number, Value>();
  for (const { heap } of partedLate ? paths : []) {
    for (const [slot, value] of heap) {
      const other = seen.get(slot);
      if (other === undefined) seen.set(slot, value);
      else if (other !== value) changed.add(slot);
    }
  }
  return changed;
}

function sameFact(a: Fact, b: Fact): boolean {
  if (a === b) return true;
  if (a.kind === 'defined' && b.kind === 'defined') return a.key === b.key;
  if (a.kind === 'holds' && b.kind === 'holds') return a.about === undefined && b.about === undefined && isSameCheck(a.expression, b.expression);
  return a.kind === 'present' && b.kind === 'present' && a.result === b.result;
}

/** One value for what several paths hold: the same, an object or list of both with what is not certain marked, else a union. */
export function joined(options: UnionValue['options']): Value {
  const [first, ...rest] = options;
  if (first === undefined) return undefinedValue;
  if (rest.every(({ value }) => sameValue(value, first.value))) return rest.reduce((value, other) => onEither(value, other.value), first.value);
  const values = options.map(({ value }) => value);
  const builder = joinedBuilders(values);
  if (builder) return builder;
  if (values.every((value): value is ObjectValue => value.kind === 'object')) return values.reduce(joinObjects);
  if (values.every((value): value is ListValue => value.kind === 'list')) return values.reduce(joinLists);
  const instances = values.filter((value) => value.kind === 'instance');
  if (instances.length === values.length && instances.every((each) => each.class.class === instances[0]!.class.class)) {
    const keys = new Set(instances.flatMap(({ fields }) => [...fields.keys()]));
    const fields = [...keys].map((key) => [key, joined(instances.map(({ fields: own }) => ({ value: own.get(key) ?? undefinedValue, facts: [] })))] as const);
    return { ...instances[0]!, fields: new Map(fields) };
  }
  return unionOf(options);
}

/** Builders of one library that differ in their later calls only. */
function joinedBuilders(values: readonly Value[]): Value | undefined {
  const [first, ...rest] = values;
  if (first?.kind !== 'library' || !(first.data instanceof Steps)) return undefined;
  let steps: Steps = first.data;
  for (const value of rest) {
    if (value.kind !== 'library' || value.library !== first.library || value.type !== first.type || !isSameAccess(value, first) || !(value.data instanceof Steps) || value.data.root !== first.data.root) return undefined;
    steps = steps.join(value.data);
  }
  return { ...rest.reduce<Value>((value, other) => onEither(value, other), first) as LibraryValue, data: steps };
}

/** More ways to one answer are not told apart. */
const MOST_ANSWERS = 4;

/**
 * The option that another one is the same as. `return True` on two ways that have found out nothing in common stays two: what is known of the answer
 * is the one or the other.
 */
function sameOption<T extends UnionValue['options'][number]>(known: readonly T[], { value, facts }: T): T | undefined {
  const others = known.filter((each) => sameValue(each.value, value));
  if (others.length === 0 || value.kind !== 'constant' || value.value !== true || !facts.some(isHeld)) return others[0];
  const shares = others.find((each) => each.facts.some((fact) => isHeld(fact) && facts.includes(fact)));
  return shares ?? (others.length < MOST_ANSWERS && others.every((each) => each.facts.some(isHeld)) ? undefined : others[0]);
}

function isHeld({ kind }: Fact): boolean {
  return kind === 'holds';
}

/** What holds whichever of several values it is. */
export function commonFacts([first, ...rest]: UnionValue['options']): readonly Fact[] {
  return first?.facts.filter((fact) => rest.every(({ facts }) => facts.includes(fact))) ?? [];
}

/** A union without repetition or unions inside. */
export function unionOf(options: UnionValue['options']): Value {
  const flat: { value: Value; facts: readonly Fact[]; missing?: UnionValue['options'][number]['missing'] }[] = [];
  for (const { value, facts, missing } of options) {
    const inner = value.kind === 'union' ? value.options.map((each) => ({ ...each, facts: [...facts, ...each.facts] })) : [{ value, facts, ...(missing && { missing }) }];
    // Those of one union are apart already.
    const before = flat.slice();
    for (const each of inner) {
      const same = sameOption(before, each);
      if (same) {
        same.value = onEither(same.value, each.value);
        if (same.missing?.join() !== each.missing?.join()) delete same.missing;
        same.facts = same.facts.filter((fact) => each.facts.some((other) => sameFact(other, fact)));
      }
      else if (flat.push({ ...each }) > MOST_OPTIONS) return unknownValue('one of many values');
    }
  }
  return flat.length === 1 ? flat[0]!.value : { kind: 'union', options: flat };
}

/** Whether two values are certainly the same. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind === 'constant' && b.kind === 'constant') return a.value === b.value;
  if (a.kind === 'reference' && b.kind === 'reference') return a.slot === b.slot;
  if (a.kind === 'input' && b.kind === 'input') return a.key === b.key && a.maybe === b.maybe;
  if (a.kind === 'row' || a.kind === 'field') return sameOfResult(a, b);
  return sameCode(a, b) || (a.kind === 'unknown' && b.kind === 'unknown');
}

/** Whether both are the same row, or the same field of the same rows. */
function sameOfResult(a: RowValue | FieldValue, b: Value): boolean {
  if (b.kind !== a.kind || a.result !== b.result || a.path.join('.') !== b.path.join('.') || a.maybe !== b.maybe) return false;
  return a.kind === 'row' || (b.kind === 'field' && a.many === b.many);
}

function sameCode(a: Value, b: Value): boolean {
  if (a.kind === 'function' && b.kind === 'function') return a.function === b.function && a.scope === b.scope && a.self === b.self;
  if (a.kind === 'classValue' && b.kind === 'classValue') return a.class === b.class;
  if (a.kind === 'external' && b.kind === 'external') return a.module === b.module && a.path.join('.') === b.path.join('.') && a.instance === b.instance;
  return a.kind === 'library' && b.kind === 'library' && a.library === b.library && a.data === b.data && a.type === b.type && isSameAccess(a, b);
}

/** Whether two clients are alike but for the connection they are of. */
function isSameAccess(a: LibraryValue, b: LibraryValue): boolean {
  return a.access === b.access || (typeof a.access !== 'string' && typeof b.access !== 'string');
}

/** One of two values that are the same; a client that is of one connection or of another is of none that is known. */
function onEither(value: Value, other: Value): Value {
  if (value.kind !== 'library' || other.kind !== 'library' || value.access === other.access) return value;
  const { access: _, ...client } = value;
  return client;
}

function joinObjects(a: ObjectValue, b: ObjectValue): ObjectValue {
  const [inA, inB] = [new Set(a.entries), new Set(b.entries)];
  const onlyB = b.entries.filter((entry) => !inA.has(entry));
  const taken = new Set<ObjectEntryValue>();
  const one = (entry: ObjectEntryValue): ObjectEntryValue => {
    const twin = onlyB.find((other) => !taken.has(other) && isTwin(entry, other));
    if (twin === undefined) return unsure(entry);
    taken.add(twin);
    const maybe = entry.maybe || twin.maybe;
    if (entry.kind === 'spread') return entry.maybe === maybe ? entry : { ...entry, maybe };
    return { ...entry, value: joined([{ value: entry.value, facts: [] }, { value: twin.value, facts: [] }]), maybe };
  };
  const entries = a.entries.map((entry) => (inB.has(entry) ? entry : one(entry)));
  return { ...a, entries: withFewSpreads([...entries, ...onlyB.filter((entry) => !taken.has(entry)).map(unsure)]) };
}

const MOST_SPREADS = 32;

/** What is spread into an object again and again from another place each time, and is not known, tells no more than the first ones of its kind. */
function withFewSpreads(entries: readonly ObjectEntryValue[]): readonly ObjectEntryValue[] {
  if (entries.length <= MOST_SPREADS) return entries;
  const seen = new Map<string, number>();
  return entries.filter((entry) => {
    if (entry.kind !== 'spread' || entry.computed !== undefined || entry.value.kind !== 'input') return true;
    const count = (seen.get(entry.value.trust) ?? 0) + 1;
    seen.set(entry.value.trust, count);
    return count <= MOST_SPREADS;
  });
}

/** The same key, or the same object spread: objects that are joined again and again must not double. */
function isTwin(entry: ObjectEntryValue, other: ObjectEntryValue): boolean {
  return entry.kind === 'property' ? other.kind === 'property' && other.key === entry.key : other.kind === 'spread' && sameValue(other.value, entry.value) && isSameComputed(entry.computed, other.computed);
}

/** Whether the same stands under the same key, neither of which is known. */
export function isSameComputed(one: Computed, other: Computed): boolean {
  return one === other || (one !== undefined && other !== undefined && sameValue(one.key, other.key) && sameValue(one.value, other.value));
}

type Computed = Extract<ObjectEntryValue, { kind: 'spread' }>['computed'];

/** An entry or item that only some of the paths hold. */
function unsure<T extends { readonly maybe: boolean }>(part: T): T {
  return part.maybe ? part : { ...part, maybe: true };
}

function joinLists(a: ListValue, b: ListValue): ListValue {
  let same = 0;
  while (same < a.items.length && same < b.items.length && (a.items[same] === b.items[same] || sameValue(a.items[same]!.value, b.items[same]!.value))) same++;
  const others = b.items.slice(same);
  const own = a.items.slice(same);
  // What both hold behind the first difference is there once: lists that are joined again and again must not double.
  const held = new Map(own.map((item) => [item.value, item]));
  const added = others.filter(({ value, repeated }) => repeated && held.get(value)?.repeated === false || !held.has(value));
  const common = a.items.slice(0, same).map((item, index) => lessCertain(item, b.items[index]!));
  return { ...a, items: [...common, ...[...own, ...added].map(unsure)] };
}

/** An item that two paths hold, as far as both of them are sure of it. */
function lessCertain(item: ListValue['items'][number], { maybe, repeated }: ListValue['items'][number]): ListValue['items'][number] {
  return item.maybe === maybe && item.repeated === repeated ? item : { ...item, maybe: item.maybe || maybe, repeated: item.repeated || repeated };
}
