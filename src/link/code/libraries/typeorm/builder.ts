import type { Location } from '../../../../facts/location.js';
import type { Call, Context } from '../../library.js';
import { addTo, stepsIn, stepSlot, type BuilderStep } from '../../steps.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';
import { TYPEORM } from './members.js';

/** One call on a query builder. */
export interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  readonly location: Location;
}

export interface BuilderData {
  readonly state: ReferenceValue;
  /** The builder that a sub-query was made by: its aliases are in sight. */
  readonly outer?: LibraryValue;
}

/** A query builder; it changes in place. */
export function newBuilder(ctx: Context, steps: readonly Step[], from?: LibraryValue, outer?: LibraryValue): LibraryValue {
  const state = stepSlot(TYPEORM, steps, ctx);
  return { kind: 'library', library: TYPEORM, type: 'builder', data: { state, ...(outer && { outer }) } satisfies BuilderData, ...(from?.access && { access: from.access }) };
}

/** Whether a value is a query builder. */
export function isBuilder(value: Value): value is LibraryValue {
  return value.kind === 'library' && value.library === TYPEORM && value.type === 'builder';
}

/** The steps of a builder so far. */
export function stepsOf(builder: LibraryValue, ctx: Context): readonly BuilderStep<Step>[] {
  return stepsIn((builder.data as BuilderData).state, ctx) ?? [];
}

/** Adds a step to a builder, in place. */
export function addStep(builder: LibraryValue, step: Step, ctx: Context): LibraryValue {
  addTo((builder.data as BuilderData).state, step, ctx);
  return builder;
}

/** `clone()`: a builder of its own with the same steps. */
export function cloneBuilder(builder: LibraryValue, ctx: Context): LibraryValue {
  const data = builder.data as BuilderData;
  return { ...builder, data: { ...data, state: ctx.allocate(ctx.read(data.state)) } };
}

/** The step that a call is; callbacks for conditions and sub-queries are followed, and what they give stands in their place. */
export function stepOf(builder: LibraryValue, method: string, call: Call, ctx: Context): Step {
  const args = call.arguments.positional.map((each): Value => {
    const known = ctx.read(each);
    if (known.kind !== 'function') return each;
    if (/where|having/i.test(method)) return ctx.invoke(known, [builder], call.location);
    const inner = newBuilder(ctx, [], builder, builder);
    const given = ctx.read(ctx.invoke(known, [inner], call.location));
    return isBuilder(given) ? given : given.kind === 'constant' || given.kind === 'text' ? given : inner;
  });
  return { method, args, location: call.location };
}

/** `new Brackets((qb) => qb.where(...).orWhere(...))`: conditions of their own, around which brackets are put. */
export function brackets(call: Call, negated: boolean, ctx: Context): LibraryValue {
  const [callback] = call.arguments.positional;
  const inner = newBuilder(ctx, []);
  const known = callback && ctx.read(callback);
  if (known?.kind === 'function') ctx.invoke(known, [inner], call.location);
  return { kind: 'library', library: TYPEORM, type: 'brackets', data: { builder: inner, negated, known: known?.kind === 'function' } };
}
