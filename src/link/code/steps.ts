import type { Arguments, Context } from './library.js';
import type { Snapshot } from './state.js';
import type { ReferenceValue } from './values.js';

/** One call on a builder. `maybe`: only on some paths. */
export interface BuilderStep<T> {
  readonly step: T;
  readonly maybe: boolean;
  /** Of which of several paths, of which one is taken: `if`/`else` that both go on with the builder. */
  readonly branch?: Branch;
}

interface Branch {
  readonly group: { readonly sides: number };
  readonly side: number;
  /** Whether it is always called on its path. */
  readonly certain: boolean;
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
    const common = this.items.slice(0, same).map((item, index) => both(item, other.items[index]!));
    return new Steps([...common, ...either(this.items.slice(same), other.items.slice(same))], this.root);
  }
}

function both<T>(one: BuilderStep<T>, other: BuilderStep<T>): BuilderStep<T> {
  if (one.branch !== undefined && one.branch.group === other.branch?.group) return one;
  return one.maybe || other.maybe ? { step: one.step, maybe: true } : one;
}

/** What one of two paths did: told apart where each did something. */
function either<T>(one: readonly BuilderStep<T>[], other: readonly BuilderStep<T>[]): BuilderStep<T>[] {
  const [mine, theirs] = [sidesOf(one), sidesOf(other)];
  if (one.length === 0 || other.length === 0 || mine === undefined || theirs === undefined) return [...one, ...other].map(({ step }) => ({ step, maybe: true }));
  const sides = [...mine, ...theirs];
  const group = { sides: sides.length };
  return sides.flatMap((items, side) => items.map(({ step, maybe, branch }) => ({ step, maybe: true, branch: { group, side, certain: branch?.certain ?? !maybe } })));
}

/** The paths that steps are of: those of one group, else all of one path; undefined when there is a choice among them. */
function sidesOf<T>(items: readonly BuilderStep<T>[]): readonly (readonly BuilderStep<T>[])[] | undefined {
  const [first] = items;
  if (items.every(({ branch }) => branch === undefined)) return [items];
  return items.every(({ branch }) => branch?.group === first?.branch?.group) ? completeGroup(items) : undefined;
}

/** Steps of one group by their path; undefined unless every path is there. */
export function completeGroup<T>(items: readonly BuilderStep<T>[]): readonly (readonly BuilderStep<T>[])[] | undefined {
  const sides = Array.from({ length: items[0]?.branch?.group.sides ?? 0 }, (_, side) => items.filter(({ branch }) => branch?.side === side));
  return sides.every((side) => side.length > 0) ? sides : undefined;
}

/** A slot of the heap for a builder that changes in place. */
export function stepSlot<T>(library: string, steps: readonly T[], ctx: Context): ReferenceValue {
  return ctx.allocate({ kind: 'library', library, type: 'state', data: new Steps(steps.map((step) => ({ step, maybe: false }))) });
}

/**
 * A builder that changes in place (what it is made of is in a slot of its own) has the call wherever it is the one that is used: the paths on which
 * another is used do not ask for it.
 */
export function keepBuilders({ state }: Context, paths: readonly { readonly snapshot: Snapshot }[]): void {
  for (const { snapshot } of paths) {
    for (const slot of snapshot.touched ?? []) {
      const own = snapshot.heap.get(slot);
      const isOfOne = paths.every((other) => other.snapshot === snapshot || other.snapshot.heap.get(slot) === undefined);
      if (own?.kind === 'library' && own.type === 'state' && isOfOne) state.set(slot, own);
    }
  }
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

/** Whether a call is given a builder, to which it may add. */
export function isGivenBuilder(ctx: Pick<Context, 'read'>, { positional, named }: Arguments): boolean {
  return [...positional, ...named.values()].some((value) => {
    const inner = ctx.read(value);
    return inner.kind === 'library' && inner.data instanceof Steps;
  });
}
