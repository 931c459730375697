import { parse, parseTree, type Node, type ParseError, type ParseOptions } from 'jsonc-parser';

/** What JSON with comments says, as far as it can be read; undefined where it is nested deeper than can be followed. */
export function jsonOf(text: string): unknown {
  return unlessTooDeep(() => parse(text) as unknown);
}

/**
 * The tree of JSON with comments.
 * @param errors is filled with what is wrong
 * @returns undefined where nothing is written, or where it is nested deeper than can be followed
 */
export function jsonTree(text: string, errors: ParseError[] = [], options?: ParseOptions): Node | undefined {
  return unlessTooDeep(() => parseTree(text, errors, options));
}

function unlessTooDeep<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
