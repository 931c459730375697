import { parameterNames } from '../parameters.js';
import type { Context } from './library.js';
import type { FieldValue, RowValue } from './values.js';

/** Whether something that the caller sent has a part in which row it is. */
export function isChosen({ result: { rows } }: RowValue | FieldValue, ctx: Context): boolean {
  return [...parameterNames(rows)].some((name) => {
    const value = ctx.parameter(name);
    return value?.kind === 'input' && value.trust === 'untrusted';
  });
}
