import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { Arguments, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { constant, hole, leftOut, or } from '../build.js';
import { expressionData, expressionOf, tablesOf } from './expressions.js';
import type { TableData } from './tables.js';

/** A value as a condition: of several that it may be, any; None and True leave the filter out. */
export function conditionOf(value: Value, ctx: Context, location: Location): Expression {
  const known = ctx.read(value);
  if (known.kind === 'constant') return isNothing(known.value) ? constant(true, location) : constant(known.value === false ? false : null, location);
  if (known.kind !== 'union') return expressionData(known, ctx) ?? unlike(known, ctx, location);
  const options = known.options.map((option) => ctx.read(option.value));
  const given = options.filter((option) => !(option.kind === 'constant' && isNothing(option.value))).map((option) => conditionOf(option, ctx, location));
  return or(given.length < options.length ? [...given, leftOut(`the filter at ${location.start}`, location)] : given, location);
}

function isNothing(value: unknown): boolean {
  return value === true || value === null || value === undefined;
}

/** A condition of the program (`a == b` of two plain values) is no condition of SQL. */
function unlike(value: Value, ctx: Context, location: Location): Expression {
  return value.kind === 'condition' || value.kind === 'input' || value.kind === 'field' ? hole('a condition that is not known', location) : expressionOf(value, ctx, location);
}

/** The conditions of a call: those given, and those of a list that was spread. */
export function conditionsOf({ positional, unplaced = [], locations, open }: Arguments, ctx: Context, location: Location): Expression[] {
  const given = positional.map((value, index) => conditionOf(value, ctx, locations[index] ?? location));
  if (!open) return given;
  if (unplaced.length === 0) return [...given, hole('conditions that are not known', location)];
  return [...given, ...unplaced.map(({ value, maybe }) => {
    const condition = conditionOf(value, ctx, location);
    return maybe ? or([condition, leftOut(`the filter at ${location.start}`, location)], location) : condition;
  })];
}

/** The tables that values name, of each that they may be. */
export function tablesIn(values: readonly Value[], ctx: Context): TableData[] {
  return values.flatMap((value): readonly TableData[] => {
    const known = ctx.read(value);
    return known.kind === 'union' ? tablesIn(known.options.map((option) => option.value), ctx) : tablesOf(known, ctx);
  });
}

/** What is given to a call, spread lists included. */
export function valuesGiven({ positional, unplaced = [] }: Arguments): readonly Value[] {
  return [...positional, ...unplaced.map(({ value }) => value)];
}
