import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { neverReturns, rejects, undefinedValue, unknownValue } from '../../values.js';
import { eachOption, errOf, okOf, okOrErr, outcomeOf, perhaps } from '../results/outcome.js';
import { client, property } from '../sql-client.js';

export const EFFECT = 'effect';

/** Whether an effect has failed, as a promise is rejected: whoever runs it goes no further. */
export function isFailed(value: Value, ctx: Context): boolean {
  const inner = ctx.read(value);
  return inner === rejects || inner === neverReturns;
}

/** A function that waits for what it is done to: `Effect.map(f)`. */
export interface Step {
  readonly name: string;
  readonly call: Call;
}

/** How many arguments a function has beside what it is done to. */
const SOME: Readonly<Record<string, number>> = {
  map: 1, flatMap: 1, andThen: 1, tap: 1, as: 1, zipRight: 1, zipLeft: 1, catch: 1, catchAll: 1, catchAllCause: 1, catchCause: 1, catchTag: 2, catchTags: 1, catchIf: 2, catchSome: 1,
  catchDefect: 1, catchAllDefect: 1, orElse: 1, orElseSucceed: 1, match: 1, matchEffect: 1, matchCause: 1, matchCauseEffect: 1, when: 1, unless: 1, filterOrFail: 2, filterOrDie: 2, filterOrElse: 2,
};
const NONE = /^(?:asVoid|ignore|ignoreLogged|either|option|exit|result|flatten|orDie|scoped|sandbox|merge|fork\w*|uninterruptible|interruptible|cached|once)$/;
/** Functions that give what the effect gives, or fail as it does. */
const SAME = /^(?:withSpan|withLogSpan|annotate(?:Logs|Spans)|retry|retryOrElse|repeat|timeout\w*|delay|provide|ensuring|on(?:Exit|Error|Interrupt)|tap(?:Error|ErrorTag|ErrorCause|Cause|Defect|Both)|mapError|mapErrorCause|mapBoth|orDieWith|orElseFail|with(?:Concurrency|RequestCaching|Tracer\w*)|locally|supervised|disconnect)$/;

/** A function over effects, called with the effect first or without it: `Effect.map(effect, f)`, `Effect.map(f)`. */
export function stepCall(name: string, call: Call, ctx: Context): Value | undefined {
  const { positional } = call.arguments;
  const arity = SOME[name] ?? (NONE.test(name) ? 0 : undefined);
  if (arity !== undefined) return positional.length > arity ? step({ name, call: rest(call) }, positional[0]!, ctx) : client(EFFECT, 'step', { name, call } satisfies Step);
  if (!SAME.test(name)) return undefined;
  const [first] = positional.map((each) => ctx.read(each));
  const isFirst = positional.length > 1 && first?.kind !== 'constant' && first?.kind !== 'text';
  return isFirst ? positional[0]! : client(EFFECT, 'step', { name, call } satisfies Step);
}

/** A call without its first argument. */
export function rest(call: Call): Call {
  return { ...call, arguments: { ...call.arguments, positional: call.arguments.positional.slice(1), locations: call.arguments.locations.slice(1) } };
}

/** What a step makes of an effect. What has failed goes past all that does not catch. */
export function step({ name, call }: Step, subject: Value, ctx: Context): Value {
  const [first, second] = call.arguments.positional;
  const given = (value: Value, fn: Value | undefined): Value => (fn === undefined ? value : ctx.callMethod(value, 'then', { ...call, arguments: { ...call.arguments, positional: [fn], locations: [call.location] } }));
  switch (name) {
    case 'map': case 'flatMap': return unlessFailed(subject, ctx, (value) => given(value, first));
    case 'andThen': case 'zipRight': return unlessFailed(subject, ctx, (value) => (first !== undefined && ctx.read(first).kind !== 'function' ? first : given(value, first)));
    case 'tap': return unlessFailed(subject, ctx, (value) => {
      if (first !== undefined && ctx.read(first).kind === 'function') given(value, first);
      return value;
    });
    case 'as': return unlessFailed(subject, ctx, () => first ?? undefinedValue);
    case 'asVoid': return unlessFailed(subject, ctx, () => undefinedValue);
    case 'catch': case 'catchAll': case 'catchAllCause': case 'catchCause': case 'catchSome': case 'catchDefect': case 'catchAllDefect': case 'orElse': return orIfFailed(subject, ctx, first, call);
    case 'catchTag': case 'catchIf': return orIfFailed(subject, ctx, second, call);
    case 'catchTags': return handlersOf(first, ctx).reduce<Value>((value, handler) => orIfFailed(value, ctx, handler, call, true), subject);
    case 'orElseSucceed': return orIfFailed(subject, ctx, first, call);
    case 'ignore': case 'ignoreLogged': return undefinedValue;
    case 'either': case 'result': case 'exit': case 'option': return unlessNothingFails(subject, ctx);
    case 'match': case 'matchEffect': case 'matchCause': case 'matchCauseEffect': return matched(first, subject, call, ctx);
    case 'when': case 'unless': return orElse(subject, undefinedValue);
    default: return subject;
  }
}

function unlessFailed(subject: Value, ctx: Context, work: (value: Value) => Value): Value {
  return eachOption(subject, ctx, (option) => (isFailed(option, ctx) ? option : work(option)));
}

/** What a handler gives where the effect fails; any effect may, but where it is not said to it is the other way. */
function orIfFailed(subject: Value, ctx: Context, handler: Value | undefined, call: Call, more = false): Value {
  const other = handler === undefined ? undefinedValue : perhaps(() => ctx.invoke(handler, [unknownValue('an error')], call.location), ctx);
  const kept = eachOption(subject, ctx, (option) => (isFailed(option, ctx) && !more ? other : option));
  return more ? orElse(kept, other) : kept;
}

function orElse(value: Value, other: Value): Value {
  return { kind: 'union', options: [{ value, facts: [] }, { value: other, facts: [] }] };
}

function handlersOf(value: Value | undefined, ctx: Context): Value[] {
  const known = value && ctx.read(value);
  return known?.kind === 'object' ? known.entries.flatMap((entry) => (entry.kind === 'property' ? [entry.value] : [])) : [];
}

/** `Effect.either(effect)`: the failure is a value. */
function unlessNothingFails(subject: Value, ctx: Context): Value {
  const isTold = ctx.read(subject).kind === 'union' || isFailed(subject, ctx);
  return isTold ? eachOption(subject, ctx, (option) => (isFailed(option, ctx) ? errOf() : okOf(option))) : okOrErr(subject);
}

function matched(handlers: Value | undefined, subject: Value, call: Call, ctx: Context): Value {
  const known = handlers && ctx.read(handlers);
  if (known?.kind !== 'object') return unknownValue('a match');
  const run = (name: string, value: Value): Value => {
    const handler = property(known.entries, name);
    return handler === undefined ? undefinedValue : ctx.invoke(handler, [value], call.location);
  };
  const [first = undefinedValue, ...others] = ctx.oneOf([() => run('onSuccess', subject), () => run('onFailure', unknownValue('an error'))], call.location);
  return others.reduce(orElse, first);
}

/** Either, Option, Exit and Result by their functions: `Either.isRight(value)`, `Option.getOrElse(value, f)`. */
export function outcomeCall(name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  const value = first ?? undefinedValue;
  const ok = (work: (held: Value) => Value, other: () => Value): Value => eachOption(value, ctx, (option) => {
    const outcome = outcomeOf(option, ctx);
    return outcome === undefined ? unknownValue('what an outcome holds') : outcome.type === 'ok' ? work(outcome.data) : other();
  });
  switch (name) {
    case 'some': case 'right': case 'succeed': return okOf(value);
    case 'none': case 'left': case 'fail': case 'die': return errOf(value);
    case 'fromNullable': case 'fromNullishOr': return okOrErr(value);
    case 'isSome': case 'isRight': case 'isSuccess': return went(value, 'ok', ctx);
    case 'isNone': case 'isLeft': case 'isFailure': return went(value, 'err', ctx);
    case 'getOrNull': case 'getOrUndefined': return ok((held) => held, () => (name === 'getOrNull' ? { kind: 'constant', value: null } : undefinedValue));
    case 'getOrElse': return second && ok((held) => held, () => ctx.invoke(second, [], call.location));
    case 'getOrThrow': return ok((held) => held, () => rejects);
    case 'match': return second && matched(second, value, call, ctx);
    default: return undefined;
  }
}

function went(value: Value, type: 'ok' | 'err', ctx: Context): Value {
  return eachOption(value, ctx, (option) => {
    const outcome = outcomeOf(option, ctx);
    return outcome === undefined ? unknownValue('whether it went well') : { kind: 'constant', value: outcome.type === type };
  });
}
