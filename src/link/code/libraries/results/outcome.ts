import type { Call, Context } from '../../library.js';
import type { LibraryValue, UnionValue, Value } from '../../values.js';
import { neverReturns, undefinedValue, unknownValue } from '../../values.js';
import { client } from '../sql-client.js';

/** Values that say whether something went well: neverthrow's Result, Effect's Either, Option, Exit and Result. */
export const RESULTS = 'results';

export interface Outcome extends LibraryValue {
  readonly type: 'ok' | 'err';
  readonly data: Value;
}

/** What went well, and what it gave. */
export function okOf(value: Value): LibraryValue {
  return client(RESULTS, 'ok', value);
}

/** What did not, and why. */
export function errOf(error: Value = unknownValue('an error')): LibraryValue {
  return client(RESULTS, 'err', error);
}

/** What went well, or else did not: which of them is not known. */
export function okOrErr(value: Value): Value {
  return { kind: 'union', options: [{ value: okOf(value), facts: [] }, { value: errOf(), facts: [] }] };
}

/** A value as an outcome, where it is one. */
export function outcomeOf(value: Value, ctx: Context): Outcome | undefined {
  const inner = ctx.read(value);
  return inner.kind === 'library' && inner.library === RESULTS && (inner.type === 'ok' || inner.type === 'err') ? inner as Outcome : undefined;
}

/** What becomes of each of several values; what holds for one holds where work is done on it, and for what becomes of it. */
export function eachOption(value: Value, ctx: Context, work: (option: Value) => Value): Value {
  const inner = ctx.read(value);
  if (inner.kind !== 'union') return work(value);
  const options = inner.options.map((option): UnionValue['options'][number] => {
    const held = (): Value => {
      ctx.hold(option.facts);
      return work(option.value);
    };
    return { ...option, value: perhaps(held, ctx) };
  });
  return options.length === 1 ? options[0]!.value : { ...inner, options };
}

/** What work gives that is done on a path of its own: what it finds out need not hold behind it. */
export function perhaps(work: () => Value, ctx: Context): Value {
  let made: Value = neverReturns;
  ctx.oneOf([() => made = work(), () => undefinedValue], { file: ctx.file, start: 0, end: 0 });
  return made;
}

/** What is done with a value that is there, or with an error, by the names that neverthrow and Effect give it. */
export function stepOf(outcome: Outcome, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  const isOk = outcome.type === 'ok';
  const run = (fn: Value | undefined): Value => (fn === undefined ? unknownValue('what a step gives') : ctx.invoke(fn, [outcome.data], call.location));
  switch (name) {
    case 'isOk': case 'isErr': return { kind: 'constant', value: isOk === (name === 'isOk') };
    case 'map': case 'asyncMap': return isOk ? okOf(run(first)) : outcome;
    case 'mapErr': return isOk ? outcome : errOf(run(first));
    case 'andThen': case 'asyncAndThen': case 'flatMap': return isOk ? run(first) : outcome;
    case 'andTee': case 'andThrough': case 'asyncAndThrough': if (isOk) run(first); return outcome;
    case 'orTee': if (!isOk) run(first); return outcome;
    case 'orElse': return isOk ? outcome : run(first);
    case 'match': return run(isOk ? first : second);
    case 'unwrapOr': return isOk ? outcome.data : first ?? undefinedValue;
    case 'unwrapOrElse': return isOk ? outcome.data : run(first);
    case '_unsafeUnwrap': return isOk ? outcome.data : neverReturns;
    case '_unsafeUnwrapErr': return isOk ? neverReturns : outcome.data;
    default: return undefined;
  }
}
