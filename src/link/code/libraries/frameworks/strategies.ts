import type { CodeFunction } from '../../../../facts/code.js';
import { Registry } from '../../journal.js';
import type { Call, Context } from '../../library.js';
import { stored } from '../../store.js';
import type { ClassValue, ExternalValue, FunctionValue, Value } from '../../values.js';
import { input, placeKey, request } from './request.js';
import { nameOf } from './routes.js';

/** Packages of strategies, by what they give to the function that finds the user: what a signed token says, or what the caller sent to log in. */
const STRATEGIES: ReadonlyMap<string, 'token' | 'sent'> = new Map([
  ['passport-jwt', 'token'], ['passport-local', 'sent'], ['passport-http-bearer', 'sent'], ['passport-http', 'sent'], ['passport-headerapikey', 'sent'], ['passport-custom', 'sent'],
]);
export const strategyModules = [...STRATEGIES.keys()];

function strategies(ctx: Context): Map<CodeFunction, string> {
  return stored(ctx, 'strategies', () => new Registry<CodeFunction, string>(ctx.journal));
}

/** `new Strategy(options, verify)` of Passport: takes note of the function that is asked for the user. */
export function noteStrategy({ module }: ExternalValue, { isNew, arguments: { positional } }: Call, ctx: Context): void {
  if (!isNew || !STRATEGIES.has(module)) return;
  const verify = positional.map((each) => ctx.read(each)).findLast((each) => each.kind === 'function');
  if (verify?.kind === 'function') strategies(ctx).set(verify.function, module);
}

/** What a strategy gives to the function that finds the user: `validate(payload)` of a class in NestJS, or the function that it was made with. A request may come first. */
export function strategyParameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const { name, parameters } = fn.function;
  const module = strategies(ctx).get(fn.function) ?? (name === 'validate' && fn.owner ? strategyOf(fn.owner) : undefined);
  const gives = module === undefined ? undefined : STRATEGIES.get(module);
  if (gives === undefined) return undefined;
  const before = parameters.length > 1 && /^_?req(?:uest)?$/.test(nameOf(parameters[0]!)) ? 1 : 0;
  return parameters.map((parameter, index): Value | undefined => {
    const own = nameOf(parameter) || `argument ${index}`;
    if (index < before) return request('request', own, 'the request');
    if (/^_?(?:done|cb|callback|next)$/.test(own)) return undefined;
    if (gives === 'token') return input('the token', 'the token', 'trusted');
    return input(own, placeKey(own, parameter.location), 'untrusted');
  });
}

/** `class X extends PassportStrategy(Strategy)`: the package of the strategy. */
function strategyOf({ class: { bases: [base] }, scope }: ClassValue): string | undefined {
  if (base?.kind !== 'call' || base.callee.kind !== 'name') return undefined;
  const mixin = scope.find(base.callee.name);
  const [first] = base.arguments;
  const strategy = first?.value.kind === 'name' ? scope.find(first.value.name) : undefined;
  return typeof mixin === 'object' && mixin.module === '@nestjs/passport' && typeof strategy === 'object' ? strategy.module : undefined;
}
