import type { Location } from '../../facts/location.js';

/** What lowering needs to know besides the tree. */
export interface LowerContext {
  readonly file: string;
  readonly text: string;
  /** Modules that expressions ask for by `require('m')`, with the place that asks first; an import of each is put before the program. */
  readonly required: Map<string, Location>;
  /** The code is that of a generator which a library runs as others run an async function: `Effect.gen(function* () { ... })`. */
  readonly inSteps?: boolean;
}

/** A node of any ESTree: oxc writes `start` and `end`, ESLint's parsers `range`. */
export interface Spanned {
  readonly start?: number;
  readonly end?: number;
  readonly range?: readonly [number, number];
}

/** Offset of the first character. */
export function startOf(node: Spanned): number {
  return node.range?.[0] ?? node.start ?? 0;
}

/** Offset behind the last character. */
export function endOf(node: Spanned): number {
  return node.range?.[1] ?? node.end ?? 0;
}

/** Where a node stands. */
export function locate(context: LowerContext, node: Spanned): Location {
  return { file: context.file, start: startOf(node), end: endOf(node) };
}
