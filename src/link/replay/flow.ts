import type { Expression } from '../../facts/expression.js';
import type { Answer, Location } from '../../facts/location.js';
import type { Block } from '../../facts/operation.js';
import { handlerFor, alwaysRaises } from './conditions.js';
import type { Frame } from './frame.js';
import type { Certainty } from './machine.js';

/** Leaving a loop, a turn of a loop, the function, or (after a swallowed error) a block. */
export type Jump =
  | { readonly kind: 'exit' | 'continue'; readonly label?: string }
  | { readonly kind: 'return' }
  | { readonly kind: 'handled'; readonly block: Block; readonly code: string };

/** How steps end. */
export interface Flow {
  /** Set when what follows does not run. */
  readonly end?: Jump | { readonly kind: 'raise'; readonly code: string };
  /** Jumps that happen or not: what follows runs when the guard is true. */
  readonly pending: readonly { readonly jump: Jump; readonly guard: Expression }[];
}

export const goesOn: Flow = { pending: [] };

/** Everything around a step. */
export interface Context extends Certainty {
  readonly frame: Frame;
  /** Blocks with exception handlers around the step, innermost last. */
  readonly catchers: readonly Block[];
  /** Calls of functions around the step. */
  readonly depth: number;
  /** The branch only reports: one event stands for all its messages. */
  readonly quiet?: boolean;
}

/** The context under one more condition. */
export function guarded(context: Context, guard: Expression): Context {
  return { ...context, runs: context.runs === 'no' ? 'no' : 'unknown' satisfies Answer, guards: [...context.guards, guard] };
}

/** The block whose handler receives an error, and whether the error is lost there. */
export function catcherOf(context: Context, code: string): { readonly block: Block; readonly swallows: boolean } | undefined {
  for (let index = context.catchers.length - 1; index >= 0; index -= 1) {
    const block = context.catchers[index]!;
    const handler = handlerFor(block, code);
    if (!handler) continue;
    if (!alwaysRaises(handler.body)) return { block, swallows: true };
    const outer = catcherOf({ ...context, catchers: context.catchers.slice(0, index) }, 'P0001');
    return { block, swallows: outer?.swallows ?? false };
  }
  return undefined;
}

/** Whether an error of this SQLSTATE is lost in a handler. */
export function swallows(context: Context, code: string): boolean {
  return catcherOf(context, code)?.swallows ?? false;
}

/** Whether a loop with this label is meant by an EXIT or CONTINUE. */
export function targets(jump: Jump, label: string | undefined): boolean {
  return (jump.kind === 'exit' || jump.kind === 'continue') && (jump.label === undefined || jump.label === label);
}

/** A place that stands for nothing in particular. */
export const nowhere: Location = { file: '', start: 0, end: 0 };
