import type { Location } from '../../../../facts/location.js';
import type { Context } from '../../library.js';
import { addTo, stepsIn, stepSlot, type BuilderStep } from '../../steps.js';
import type { LibraryValue, Value } from '../../values.js';
import { dataOf, DRIZZLE, made, type BuilderData, type ClientData, type Step } from './data.js';

/** A new query builder; `step` is the call that made it. */
export function newBuilder(step: Step, client: ClientData, from: LibraryValue | undefined, ctx: Context): LibraryValue {
  const state = stepSlot(DRIZZLE, [step], ctx);
  return made('builder', { state, client } satisfies BuilderData, from);
}

/** What was called on a builder so far. */
export function stepsOf(builder: Value, ctx: Context): readonly BuilderStep<Step>[] {
  const data = dataOf<BuilderData>(builder, 'builder');
  return (data && stepsIn(data.state, ctx)) ?? [];
}

/** Adds a call to a builder: it changes in place, as Drizzle's do. */
export function addStep(builder: LibraryValue, step: Step, ctx: Context): LibraryValue {
  addTo((builder.data as BuilderData).state, step, ctx);
  return builder;
}

/** The place of a query: its first token to the end of the last call that is written in one with it. */
export function locationOf(items: readonly BuilderStep<Step>[]): Location {
  const first = items[0]!.step.location;
  const end = items.reduce((last, { step: { location } }) => (location.file === first.file && location.start === first.start ? Math.max(last, location.end) : last), first.end);
  return { ...first, end };
}

/** The first argument of the last call of a name. */
export function argumentOf(items: readonly BuilderStep<Step>[], method: string): Value | undefined {
  return items.findLast(({ step }) => step.method === method)?.step.args[0];
}

/** The steps of a name, in order. */
export function named(items: readonly BuilderStep<Step>[], ...methods: string[]): readonly BuilderStep<Step>[] {
  return items.filter(({ step }) => methods.includes(step.method));
}

/** What a call that replaces what an earlier one gave was given: of `.where(a).where(b)` only b counts; one that is made on some paths leaves the earlier in force. */
export function lastGiven(items: readonly BuilderStep<Step>[], method: string): Value | undefined {
  let current: Value | undefined;
  for (const { step, maybe } of named(items, method)) {
    const given: Value = step.args[0] ?? { kind: 'constant', value: undefined };
    const before: Value = current ?? { kind: 'constant', value: undefined };
    current = maybe ? { kind: 'union', options: [before, given].map((value) => ({ value, facts: [] })) } : given;
  }
  return current;
}
