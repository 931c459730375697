import type { Context } from './library.js';
import type { ReferenceValue } from './values.js';

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
  /** @param root what was begun with: builders of different beginnings stay apart */
  constructor(readonly items: readonly BuilderStep<T>[] = [], readonly root?: unknown) {}

  with(step: T): Steps<T> {
    return new Steps([...this.items, { step, maybe: false }], this.root);
  }

  join(other: Steps<T>): Steps<T> {
    let same = 0;
    while (same < this.items.length && same < other.items.length && this.items[same]!.step === other.items[same]!.step) same++;
    const maybe = (items: readonly BuilderStep<T>[]) => items.slice(same).map(({ step }) => ({ step, maybe: true }));
    const common = this.items.slice(0, same).map((item, index) => (item.maybe || other.items[index]!.maybe ? { ...item, maybe: true } : item));
    return new Steps([...common, ...maybe(this.items), ...maybe(other.items)], this.root);
  }
}

/** A slot of the heap for a builder that changes in place. */
export function stepSlot<T>(library: string, steps: readonly T[], ctx: Context): ReferenceValue {
  return ctx.allocate({ kind: 'library', library, type: 'state', data: new Steps(steps.map((step) => ({ step, maybe: false }))) });
}

/** The steps in a slot; undefined when it holds none any more. */
export function stepsIn<T>(slot: ReferenceValue, ctx: Context): readonly BuilderStep<T>[] | undefined {
  const state = ctx.read(slot);
  return state.kind === 'library' && state.data instanceof Steps ? (state.data as Steps<T>).items : undefined;
}

/** Adds a step to those in a slot. */
export function addTo<T>(slot: ReferenceValue, step: T, ctx: Context): void {
  const before = ctx.read(slot);
  if (before.kind === 'library' && before.data instanceof Steps) ctx.write(slot, { ...before, data: (before.data as Steps<T>).with(step) });
}

/** Asks for the steps of a builder by the methods that were called. */
export class StepList<T extends { readonly method: string }> {
  constructor(readonly steps: readonly BuilderStep<T>[]) {}

  all(...methods: readonly string[]): readonly BuilderStep<T>[] {
    return this.steps.filter(({ step }) => methods.includes(step.method));
  }

  last(...methods: readonly string[]): T | undefined {
    return this.all(...methods).at(-1)?.step;
  }

  has(...methods: readonly string[]): boolean {
    return this.last(...methods) !== undefined;
  }
}
