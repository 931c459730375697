import type { CodeFunction } from '../../../../facts/code.js';
import { Registry } from '../../journal.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';
import type { Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { property } from '../sql-client.js';

/** A part of an object of options; what is no object stands for it. */
export function partOf(value: Value, name: string, ctx: Context): readonly Value[] {
  const inner = ctx.read(value);
  if (inner.kind !== 'object') return [value];
  const part = property(inner.entries, name);
  return part === undefined ? [] : [part];
}

/** The clock calls the functions later: each is entered by itself. */
export function byClock(values: readonly Value[], ctx: Context): Value {
  for (const each of values) {
    const inner = ctx.read(each);
    if (inner.kind === 'function') scheduled(ctx).set(inner.function, true);
  }
  return undefinedValue;
}

/** The functions that a clock calls. */
export function scheduled(ctx: Context): Map<CodeFunction, true> {
  return stored(ctx, 'scheduled', () => new Registry<CodeFunction, true>(ctx.journal));
}
