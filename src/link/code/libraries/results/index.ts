import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, Value } from '../../values.js';
import { neverReturns, undefinedValue, unknownValue } from '../../values.js';
import { client, exportedPath } from '../sql-client.js';
import { errOf, okOf, okOrErr, outcomeOf, RESULTS, stepOf } from './outcome.js';

/**
 * neverthrow: what went well, or not, is a value. It runs no queries.
 * @see neverthrow, "API documentation": Result, ResultAsync, safeTry
 */
export const resultsLibrary: Library = {
  name: RESULTS,
  modules: ['neverthrow'],
  incidental: true,
  leads: () => false,
  call: (callee, call, ctx) => {
    if (callee.kind === 'library') return callee.type === 'throwable' ? okOrErr(ctx.call(callee.data as Value, call)) : undefined;
    return made(callee, call, ctx);
  },
  method: (object, name, call, ctx) => {
    if (object.kind === 'external') return made({ ...object, path: [...object.path, name] }, call, ctx);
    const outcome = outcomeOf(object, ctx);
    return outcome && stepOf(outcome, name, call, ctx);
  },
  member: (object, name, _location, ctx) => {
    const outcome = object.kind === 'library' ? outcomeOf(object, ctx) : undefined;
    if (outcome === undefined) return undefined;
    if (name === 'value' || name === 'right' || name === 'success') return outcome.type === 'ok' ? outcome.data : undefinedValue;
    if (name === 'error' || name === 'left' || name === 'cause' || name === 'failure') return outcome.type === 'err' ? outcome.data : undefinedValue;
    return undefined;
  },
  unwrapped: (value, _owner, ctx) => {
    const outcome = outcomeOf(value, ctx);
    return outcome?.type === 'err' ? neverReturns : outcome?.data;
  },
};

function made(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  const path = exportedPath(callee);
  switch (path.at(-1)) {
    case 'ok': case 'okAsync': return okOf(first ?? undefinedValue);
    case 'err': case 'errAsync': return errOf(first);
    case 'fromPromise': case 'fromSafePromise': return first && okOrErr(first);
    case 'fromThrowable': case 'fromAsyncThrowable': return first && client(RESULTS, 'throwable', first);
    case 'safeTry': return first && ctx.invoke(first, [], call.location);
    case 'ResultAsync': return call.isNew ? first : undefined;
    case 'combine': case 'combineWithAllErrors': return okOrErr(unknownValue('the values of several results'));
    default: return undefined;
  }
}
