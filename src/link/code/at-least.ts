import { entryOf } from '../../entry.js';
import type { Value } from './values.js';

const TURNED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=' };

/**
 * Whether a number that is not known, except for what it is not less than, compares as is asked: `conditions.length > 0` of a list that was given one in any case.
 * @returns undefined when it may come out either way
 */
export function comparedAtLeast(sign: string, a: Value, b: Value): boolean | undefined {
  if (a.kind === 'constant' && b.kind === 'unknown') return comparedAtLeast(entryOf(TURNED, sign) ?? sign, b, a);
  if (a.kind !== 'unknown' || a.least === undefined || b.kind !== 'constant' || typeof b.value !== 'number') return undefined;
  switch (sign) {
    case '>': return a.least > b.value ? true : undefined;
    case '>=': return a.least >= b.value ? true : undefined;
    case '<': return a.least >= b.value ? false : undefined;
    case '<=': case '=': return a.least > b.value ? false : undefined;
    default: return undefined;
  }
}
