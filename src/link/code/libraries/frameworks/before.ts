import { parameterNames } from '../../../parameters.js';
import { checkedParameters } from '../../checked.js';
import type { Call, Context } from '../../library.js';
import type { Fact, FunctionValue, LibraryValue, Value } from '../../values.js';
import { isUndefined } from '../../values.js';
import { FRAMEWORKS } from './name.js';
import { byGuards } from './put.js';
import type { Request } from './request.js';
import { handlerParameters, routesOf, type Style } from './routes.js';

/** The `next` that middleware is given: what held where it was called. */
interface Next {
  readonly known: (readonly Fact[])[];
}

/** `next()`; with an error, the handler is not reached. */
export function nextCalled({ data }: LibraryValue, { arguments: { positional: [error] } }: Call, ctx: Context): Value {
  const given = error && ctx.read(error);
  if (given === undefined || isUndefined(given)) (data as Next).known.push(ctx.facts);
  return { kind: 'unknown', reason: 'what comes after the middleware' };
}

/**
 * What the middleware and hooks before a handler have found out, by the time they let the request pass.
 * @returns for each what holds, whichever way it took
 */
export function foundBefore(fn: FunctionValue, ctx: Context): readonly Value[] {
  const [route, ...others] = routesOf(fn, ctx);
  // A handler of several routes knows nothing of which ran before it.
  if (route === undefined || others.length > 0 || route.before.length === 0) return [];
  const request = requestOf(fn, ctx);
  return request === undefined ? [] : byGuards((request.data as Request).key, ctx, () => route.before.flatMap((each) => passed(each, route.style, request, fn, ctx)));
}

function requestOf(fn: FunctionValue, ctx: Context): LibraryValue | undefined {
  const [first] = fn.function.parameters;
  const known = handlerParameters(fn, ctx)?.[0] ?? (first?.type && ctx.typed({ type: first.type, scope: fn.scope }));
  const inner = known && ctx.read(known);
  return inner?.kind === 'library' && inner.library === FRAMEWORKS ? inner : undefined;
}

/** Middleware passes where it calls `next`, a hook of two parameters (of one: middy's) where it gives nothing. */
function passed(middleware: FunctionValue, style: Style, request: LibraryValue, fn: FunctionValue, ctx: Context): readonly Value[] {
  const { location, parameters } = middleware.function;
  const index = style === 'request' ? 2 : 1;
  if (parameters.length > index + 1) return [];
  const next: Next = { known: [] };
  const given: Value[] = [style === 'lambda' ? { ...request, type: 'middy' } : request, ...(style === 'request' ? [{ kind: 'unknown', reason: 'the response' } as const] : []), { kind: 'library', library: FRAMEWORKS, type: 'next', data: next }];
  const before = new Set(ctx.facts);
  const result = ctx.invoke(middleware, given, fn.function.location);
  const ways = parameters.length > index ? next.known : waysThrough(result, ctx);
  const fresh = ways.map((facts) => facts.filter((fact) => !before.has(fact)));
  if (fresh.length === 0 || location === fn.function.location) return [];
  if (fresh.length > 1) keepChecks(fresh.flat(), (request.data as Request).key, ctx);
  return [{ kind: 'union', options: fresh.map((facts) => ({ value: { kind: 'constant', value: true }, facts })) }];
}

/** Middleware that compares what was sent with something, and lets it pass on some of its ways, has checked it: the other ways are those of administrators. */
function keepChecks(facts: readonly Fact[], key: string, ctx: Context): void {
  for (const fact of facts) {
    if (fact.kind !== 'holds' || fact.given !== undefined) continue;
    const names = [...parameterNames(fact.expression)];
    if (names.length > 1 && names.some((name) => name.startsWith(key))) ctx.state.add({ kind: 'holds', expression: checkedParameters(names, fact.expression.location) });
  }
}

/** What holds where a hook gives nothing: what it gives otherwise is the response. */
function waysThrough(result: Value, ctx: Context): readonly (readonly Fact[])[] {
  const inner = ctx.read(result);
  return inner.kind === 'union' ? inner.options.flatMap(({ value, facts }) => (isUndefined(ctx.read(value)) ? [facts] : [])) : [];
}
