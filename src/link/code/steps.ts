/** One call on a builder. `maybe`: only on some paths. */
export interface BuilderStep<T> {
  readonly step: T;
  readonly maybe: boolean;
}

/**
 * The calls that made a builder what it is, in order. As the data of a library's value, two of them become one after a branch:
 * what both paths did is certain, the rest is marked.
 */
export class Steps<T = unknown> {
  constructor(readonly items: readonly BuilderStep<T>[] = []) {}

  with(step: T): Steps<T> {
    return new Steps([...this.items, { step, maybe: false }]);
  }

  join(other: Steps<T>): Steps<T> {
    let same = 0;
    while (same < this.items.length && same < other.items.length && this.items[same]!.step === other.items[same]!.step) same++;
    const maybe = (items: readonly BuilderStep<T>[]) => items.slice(same).map(({ step }) => ({ step, maybe: true }));
    const common = this.items.slice(0, same).map((item, index) => (item.maybe || other.items[index]!.maybe ? { ...item, maybe: true } : item));
    return new Steps([...common, ...maybe(this.items), ...maybe(other.items)]);
  }
}
