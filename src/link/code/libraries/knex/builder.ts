import type { Location } from '../../../../facts/location.js';
import type { Call, Context, Trace } from '../../library.js';
import { addTo, stepsIn, stepSlot, type BuilderStep } from '../../steps.js';
import type { FunctionValue, LibraryValue, ReferenceValue, Value } from '../../values.js';

export const KNEX = 'knex';

/** One call on a builder, its callbacks already followed. */
export interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  /** Where each argument is written. */
  readonly places: readonly Location[];
  readonly location: Location;
  /** Of the first: how it came to be called. */
  readonly trace?: Trace;
}

/** A builder changes in place: what it is made of stands in a slot of the heap. */
export interface BuilderData {
  readonly state: ReferenceValue;
  /** `builder.or.where(...)`, `builder.not.whereIn(...)`: the word before the next call. */
  readonly prefix?: 'and' | 'or' | 'not';
}

/** A new builder; `steps` are what it begins with. */
export function newBuilder(ctx: Context, steps: readonly Step[] = [], from?: LibraryValue): LibraryValue {
  const state = stepSlot(KNEX, steps.map((step, index) => (index === 0 ? { ...step, trace: ctx.trace } : step)), ctx);
  return { kind: 'library', library: KNEX, type: 'builder', data: { state } satisfies BuilderData, ...(from?.access && { access: from.access }) };
}

/** What was called on a builder so far. */
export function stepsOf(builder: LibraryValue, ctx: Context): readonly BuilderStep<Step>[] | undefined {
  return stepsIn((builder.data as BuilderData).state, ctx);
}

/** Adds a call to a builder. */
export function addStep(builder: LibraryValue, step: Step, ctx: Context): void {
  addTo((builder.data as BuilderData).state, step, ctx);
}

/** A copy that changes by itself. */
export function cloneBuilder(builder: LibraryValue, ctx: Context): LibraryValue {
  const state = ctx.allocate(ctx.read((builder.data as BuilderData).state));
  return { ...builder, data: { state } satisfies BuilderData };
}

/** The step that a call is. Functions among its arguments are followed with a builder of their own, which then stands in their place. */
export function stepOf(method: string, call: Call, ctx: Context): Step {
  const args = call.arguments.positional.map((argument) => {
    const value = ctx.read(argument);
    return value.kind === 'function' ? followed(value, call.location, ctx) : argument;
  });
  return { method, args, places: call.arguments.locations, location: call.location };
}

/** Callbacks get the builder as their argument and as `this`. */
function followed(callback: FunctionValue, location: Location, ctx: Context): Value {
  const inner = newBuilder(ctx);
  ctx.invoke({ ...callback, self: callback.self ?? inner }, [inner, inner], location);
  return inner;
}

/** A builder of a query. */
export function isBuilder(value: Value): value is LibraryValue & { readonly type: 'builder' } {
  return value.kind === 'library' && value.library === KNEX && value.type === 'builder';
}

/** `knex.raw(text, bindings)`. */
export interface RawData {
  readonly text: Value;
  readonly bindings: Value | undefined;
  readonly location: Location;
  readonly alias?: string;
}

/** What `knex.raw` gives. */
export function isRaw(value: Value): value is LibraryValue & { readonly type: 'raw' } {
  return value.kind === 'library' && value.library === KNEX && value.type === 'raw';
}
