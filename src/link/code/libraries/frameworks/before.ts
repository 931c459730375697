import type { Expression } from '../../../../facts/expression.js';
import { ownNames, parameterNames } from '../../../parameters.js';
import { checkedParameters } from '../../checked.js';
import type { Call, Context } from '../../library.js';
import type { Fact, FunctionValue, LibraryValue, Value } from '../../values.js';
import { isNothing, isUndefined } from '../../values.js';
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

/** What a middleware has found out: one of several ways holds; what it has looked at at all. */
interface Passed {
  readonly ways: Value;
  readonly looked: readonly CheckedExpression[];
}

/**
 * What the middleware and hooks before a handler have found out, by the time they let the request pass.
 * @returns for each what holds, whichever way it took
 */
export function foundBefore(fn: FunctionValue, ctx: Context): readonly Value[] {
  const routes = routesOf(fn, ctx);
  // Of one route nothing ran before it.
  if (routes.length === 0 || routes.some(({ before }) => before.length === 0)) return [];
  const request = requestOf(fn, ctx);
  return request === undefined ? [] : byGuards((request.data as Request).key, ctx, () => onEach(routes.map(({ before, style }) => before.flatMap((each) => passed(each, style, request, fn, ctx))), ctx));
}

/** What is known on each of the routes that a handler has: of several, what the last middleware of each has found, and what all have looked at. */
function onEach(routes: readonly (readonly Passed[])[], ctx: Context): readonly Value[] {
  const [first, ...others] = routes;
  for (const { expression, names } of first!.flatMap(({ looked }) => looked)) {
    const common = names.filter((name) => others.every((passed) => passed.some(({ looked }) => looked.some((each) => each.names.includes(name)))));
    if (common.length > 0) ctx.state.add({ kind: 'holds', expression: checkedParameters(others.length === 0 ? common : [...common, 'what is asked before each of several routes'], expression.location) });
  }
  if (others.length === 0) return first!.map(({ ways }) => ways);
  const last = routes.map((passed) => passed.at(-1)?.ways);
  return last.every((ways) => ways?.kind === 'union') ? [{ kind: 'union', options: last.flatMap(({ options }) => options) }] : [];
}

function requestOf(fn: FunctionValue, ctx: Context): LibraryValue | undefined {
  const [first] = fn.function.parameters;
  const known = handlerParameters(fn, ctx)?.[0] ?? (first?.type && ctx.typed({ type: first.type, scope: fn.scope }));
  const inner = known && ctx.read(known);
  return inner?.kind === 'library' && inner.library === FRAMEWORKS ? inner : undefined;
}

/** Middleware passes where it calls `next`, a hook of two parameters (of one: middy's) where it gives nothing. */
function passed(middleware: FunctionValue, style: Style, request: LibraryValue, fn: FunctionValue, ctx: Context): readonly Passed[] {
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
  return [{ ways: { kind: 'union', options: fresh.map((facts) => ({ value: { kind: 'constant', value: true }, facts })) }, looked: lookedAt(fresh, (request.data as Request).key) }];
}

interface CheckedExpression {
  readonly expression: Expression;
  readonly names: readonly string[];
}

/**
 * Middleware that compares what was sent with something, and lets it pass on some of its ways, has checked it: the other ways are those of administrators.
 * So has one that compares one of several things that were sent (in the body, in a header).
 */
function lookedAt(ways: readonly (readonly Fact[])[], key: string): CheckedExpression[] {
  return ways.flat().flatMap((fact) => {
    if (fact.kind !== 'holds' || fact.given !== undefined || (ways.length === 1 && fact.expression.kind !== 'or')) return [];
    const names = [...ownNames(fact.expression)];
    return parameterNames(fact.expression).size > 1 && names.some((name) => name.startsWith(key)) ? [{ expression: fact.expression, names }] : [];
  });
}

/** What holds where a hook gives nothing: what it gives otherwise is the response. */
function waysThrough(result: Value, ctx: Context): readonly (readonly Fact[])[] {
  const inner = ctx.read(result);
  return inner.kind === 'union' ? inner.options.flatMap(({ value, facts }) => (isNothing(ctx.read(value)) ? [facts] : [])) : [];
}
