import type { Fact, FieldValue, ListValue, ObjectEntryValue, ObjectValue, ReferenceValue, RowValue, UnionValue, Value } from './values.js';
import { Steps } from './steps.js';
import { undefinedValue, unknownValue } from './values.js';

/** What changed since a state was forked. */
export interface Snapshot {
  readonly heap: ReadonlyMap<number, Value>;
  readonly facts: readonly Fact[];
}

const MOST_OPTIONS = 12;
const NONE: readonly Fact[] = [];

/** The heap and what is known at one point of a path. A fork sees what its parent holds; what it changes is its own until it is merged. */
export class State {
  private readonly heap = new Map<number, Value>();
  private readonly own: Fact[] = [];

  constructor(private readonly parent?: State) {}

  fork(): State {
    return new State(this);
  }

  /** What a slot holds; any other value is itself. */
  read(value: Value): Value {
    return value.kind === 'reference' ? this.slot(value.slot) ?? unknownValue('a value that is not there yet') : value;
  }

  slot(slot: number): Value | undefined {
    const own = this.heap.get(slot);
    if (own !== undefined) return own;
    for (let parent = this.parent; parent !== undefined; parent = parent.parent) {
      const value = parent.heap.get(slot);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Whether a slot is as the state at the start of all paths holds it. */
  isOfRoot(slot: number): boolean {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    let state: State = this;
    for (; state.parent !== undefined; state = state.parent) if (state.heap.has(slot)) return false;
    return state.heap.has(slot);
  }

  write(reference: ReferenceValue, value: Value): void {
    this.set(reference.slot, value);
  }

  set(slot: number, value: Value): void {
    this.heap.set(slot, value);
  }

  add(fact: Fact): void {
    if (!this.own.some((each) => sameFact(each, fact))) this.own.push(fact);
  }

  get facts(): readonly Fact[] {
    const layers = this.layers().map(({ own }) => own).filter((own) => own.length > 0);
    return layers.length === 0 ? NONE : layers.length === 1 ? layers[0]! : layers.reverse().flat();
  }

  isDefined(key: string): boolean {
    return this.own.some((fact) => fact.kind === 'defined' && fact.key === key) || this.parent?.isDefined(key) === true;
  }

  isPresent(result: number): boolean {
    return this.own.some((fact) => fact.kind === 'present' && fact.result === result) || this.parent?.isPresent(result) === true;
  }

  /** This state and those it was forked from, nearest first, up to (not with) one of them. */
  private layers(end?: State): State[] {
    const found: State[] = this === end ? [] : [this];
    for (let parent = this.parent; found.length > 0 && parent !== undefined && parent !== end; parent = parent.parent) found.push(parent);
    return found;
  }

  /** Everything that changed since `ancestor`, which this state was forked from, at any distance. This state must not change any more. */
  since(ancestor: State): Snapshot {
    if (this.parent === ancestor) return { heap: this.heap, facts: this.own };
    const layers = this.layers(ancestor);
    const heap = new Map<number, Value>();
    const facts: Fact[] = [];
    for (const layer of layers.reverse()) {
      for (const [slot, value] of layer.heap) heap.set(slot, value);
      facts.push(...layer.own);
    }
    return { heap, facts };
  }

  /** Goes on as any of several paths may have left things. */
  merge(paths: readonly Snapshot[]): void {
    const [first, ...rest] = paths;
    if (first === undefined) return;
    if (rest.length === 0) {
      for (const [slot, value] of first.heap) this.set(slot, value);
      first.facts.forEach((fact) => this.add(fact));
      return;
    }
    const common = first.facts.filter((fact) => rest.every((path) => path.facts.some((each) => sameFact(each, fact))));
    const slots = new Set(paths.flatMap((path) => [...path.heap.keys()]));
    for (const slot of slots) {
      const before = this.slot(slot);
      const options = paths.map((path) => ({ value: path.heap.get(slot) ?? before, facts: path.facts.filter((fact) => !common.includes(fact)) }));
      // A slot that only one path has made cannot be reached from the others.
      const known = options.filter((option): option is { value: Value; facts: Fact[] } => option.value !== undefined);
      this.set(slot, joined(known));
    }
    common.forEach((fact) => this.add(fact));
  }
}

function sameFact(a: Fact, b: Fact): boolean {
  if (a === b) return true;
  if (a.kind === 'defined' && b.kind === 'defined') return a.key === b.key;
  return a.kind === 'present' && b.kind === 'present' && a.result === b.result;
}

/** One value for what several paths hold: the same, an object or list of both with what is not certain marked, else a union. */
export function joined(options: readonly { readonly value: Value; readonly facts: readonly Fact[] }[]): Value {
  const [first, ...rest] = options;
  if (first === undefined) return undefinedValue;
  if (rest.every(({ value }) => sameValue(value, first.value))) return first.value;
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
    if (value.kind !== 'library' || value.library !== first.library || value.type !== first.type || value.access !== first.access || !(value.data instanceof Steps) || value.data.root !== first.data.root) return undefined;
    steps = steps.join(value.data);
  }
  return { ...first, data: steps };
}

/** A union without repetition or unions inside. */
export function unionOf(options: UnionValue['options']): Value {
  const flat: { value: Value; facts: readonly Fact[] }[] = [];
  for (const { value, facts } of options) {
    const inner = value.kind === 'union' ? value.options.map((each) => ({ value: each.value, facts: [...facts, ...each.facts] })) : [{ value, facts }];
    for (const each of inner) {
      const same = flat.find((other) => sameValue(other.value, each.value));
      if (same) same.facts = same.facts.filter((fact) => each.facts.some((other) => sameFact(other, fact)));
      else flat.push({ ...each });
    }
  }
  if (flat.length === 1) return flat[0]!.value;
  return flat.length > MOST_OPTIONS ? unknownValue('one of many values') : { kind: 'union', options: flat };
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
  return a.kind === 'library' && b.kind === 'library' && a.library === b.library && a.data === b.data && a.type === b.type;
}

function joinObjects(a: ObjectValue, b: ObjectValue): ObjectValue {
  const onlyA = a.entries.filter((entry) => !b.entries.includes(entry));
  const onlyB = b.entries.filter((entry) => !a.entries.includes(entry));
  const taken = new Set<ObjectEntryValue>();
  const one = (entry: ObjectEntryValue): ObjectEntryValue => {
    if (entry.kind === 'spread') return { ...entry, maybe: true };
    const twin = onlyB.find((other) => other.kind === 'property' && other.key === entry.key);
    if (twin?.kind !== 'property') return { ...entry, maybe: true };
    taken.add(twin);
    return { ...entry, value: joined([{ value: entry.value, facts: [] }, { value: twin.value, facts: [] }]), maybe: entry.maybe || twin.maybe };
  };
  const entries = a.entries.map((entry) => (onlyA.includes(entry) ? one(entry) : entry));
  return { ...a, entries: [...entries, ...onlyB.filter((entry) => !taken.has(entry)).map((entry) => ({ ...entry, maybe: true }))] };
}

function joinLists(a: ListValue, b: ListValue): ListValue {
  let same = 0;
  while (same < a.items.length && same < b.items.length && (a.items[same] === b.items[same] || sameValue(a.items[same]!.value, b.items[same]!.value))) same++;
  const maybe = (items: ListValue['items']) => items.slice(same).map((item) => ({ ...item, maybe: true }));
  return { ...a, items: [...a.items.slice(0, same), ...maybe(a.items), ...maybe(b.items)] };
}
