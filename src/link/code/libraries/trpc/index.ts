import { Registry } from '../../journal.js';
import { checkedParameters } from '../../checked.js';
import { stored, wrappedHandlers } from '../../store.js';
import type { CodeFunction } from '../../../../facts/code.js';
import type { Expression } from '../../../../facts/expression.js';
import { isWithin, type Location } from '../../../../facts/location.js';
import type { Call, Context, Library } from '../../library.js';
import type { Scope } from '../../scope.js';
import type { ExternalValue, FunctionValue, LibraryValue, ObjectEntryValue, TypeInScope, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { heldFor } from '../../missing.js';
import { parameterNames } from '../../../parameters.js';
import { signedIn } from '../frameworks/signed-in.js';
import { readBy } from '../frameworks/schemas.js';
import { exportedPath, property } from '../sql-client.js';

const NAME = 'trpc';

/** TanStack Start, whose server functions are built alike. */
const TANSTACK = ['@tanstack/react-start', '@tanstack/solid-start', '@tanstack/start'];

/** A middleware and how many schemas have read the input before it (tRPC, "Middlewares": what stands after `.input()` is given what it read). */
interface Middleware {
  readonly run: FunctionValue;
  readonly schemas: number;
}

/** `t.procedure` with what was added to it. */
interface Procedure {
  readonly context?: TypeInScope;
  readonly middlewares: readonly Middleware[];
  /** Functions that give the context by what they return, before the middlewares. */
  readonly contexts?: readonly FunctionValue[];
  /** What its handlers call the caller's input. */
  readonly inputName?: string;
  /** What reads the caller's input; several are merged. */
  readonly inputs?: readonly Value[];
}

/** tRPC, oRPC, next-safe-action, zsa and TanStack Start: a procedure's (or action's) handler is given the context that its router declares, as the middlewares before it have changed it, and the caller's input. */
export const trpcLibrary: Library = {
  name: NAME,
  modules: ['@trpc/server', '@orpc/server', '@orpc/openapi', 'next-safe-action', 'zsa', ...TANSTACK],
  leads: (name) => /^(?:initTRPC|os|createSafeActionClient|createServerAction|createServerActionProcedure|createServerFn|createMiddleware|default|\*)$/.test(name),
  external: (value) => (value.module === '@orpc/server' && exportedPath(value).join() === 'os' && !value.instance ? made('procedure', { middlewares: [] } satisfies Procedure) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'external' ? start(object, name, call) : method(object, name, call, ctx)),
  member: (object, name) => (object.kind === 'library' && object.type === 'root' ? rootMember(object.data as Procedure, name) : undefined),
  call: (callee, call, ctx) => (callee.kind === 'library' ? called(callee, call, ctx) : begun(callee, call, ctx)),
  typed: (type, typeArguments, ctx) => typed(type, typeArguments, ctx),
  parameters: (fn, _decorators, ctx) => parameters(fn, ctx),
};

/** `createSafeActionClient()`; zsa's `createServerAction()` and `createServerActionProcedure(parent)`; TanStack Start's `createServerFn()` and `createMiddleware()`. */
function begun({ module, path }: ExternalValue, { arguments: { positional: [first] } }: Call, ctx: Context): LibraryValue | undefined {
  const name = path.at(-1) ?? '';
  if (module === 'zsa' && name === 'createServerAction') return made('procedure', { middlewares: [] } satisfies Procedure);
  if (module === 'zsa' && name === 'createServerActionProcedure') {
    const parent = first && ctx.read(first);
    return made('contexts', parent?.kind === 'library' && parent.type === 'contexts' ? parent.data : { middlewares: [] } satisfies Procedure);
  }
  if (name === 'createSafeActionClient') return made('procedure', { middlewares: [], inputName: 'parsedInput' } satisfies Procedure);
  return TANSTACK.includes(module) && /^create(?:ServerFn|Middleware)$/.test(name) ? made('procedure', { middlewares: [], inputName: 'data' } satisfies Procedure) : undefined;
}

function made(type: string, data: unknown): LibraryValue {
  return { kind: 'library', library: NAME, type, data };
}

/** `initTRPC.context<Context>()`, `initTRPC.create()`. */
function start(object: ExternalValue, name: string, call: Call): Value | undefined {
  // `oo.spec(middleware, ...)` describes it.
  if (object.module === '@orpc/openapi') return name === 'spec' ? call.arguments.positional[0] : undefined;
  if (exportedPath(object).at(-1) !== 'initTRPC') return undefined;
  if (name === 'create') return made('root', { middlewares: [] } satisfies Procedure);
  const [context] = call.typeArguments;
  return made('init', { middlewares: [], ...(name === 'context' && context && { context }) } satisfies Procedure);
}

function rootMember(data: Procedure, name: string): Value {
  return name === 'procedure' ? made('procedure', data) : made('rootMethod', name);
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as Procedure;
  switch (object.type) {
    case 'init': {
      const [context] = call.typeArguments;
      return name === 'create' ? made('root', data) : made('init', name === 'context' && context ? { ...data, context } : data);
    }
    case 'root': return rootCall(name, call, ctx, data);
    case 'middleware': return name === 'unstable_pipe' ? made('middleware', [...functionsOf(object, ctx), ...call.arguments.positional.flatMap((each) => functionsOf(each, ctx))]) : undefined;
    case 'contexts': return contextsMethod(object, data, name, call, ctx);
    case 'procedure': return procedureMethod(object, data, name, call, ctx);
    default: return undefined;
  }
}

/** `t.router(routes)` is the routes; `t.middleware(fn)` is kept for `use`. */
function rootCall(name: string, call: Call, ctx: Context, data: Procedure = { middlewares: [] }): Value | undefined {
  const [first = undefinedValue] = call.arguments.positional;
  if (name === 'middleware') return made('middleware', middlewareOf(first, data, ctx));
  return name === 'router' || name === 'mergeRouters' ? first : undefined;
}

function called(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  if (callee.type === 'rootMethod') return rootCall(callee.data as string, call, ctx);
  if (callee.type === 'rawInput') return callee.data as Value;
  return callee.type === 'next' ? nextCalled(callee.data as Next, call, ctx) : undefined;
}

function functionsOf(value: Value, ctx: Context): readonly FunctionValue[] {
  const inner = ctx.read(value);
  if (inner.kind === 'function') return [inner];
  return inner.kind === 'library' && inner.library === NAME && inner.type === 'middleware' ? inner.data as readonly FunctionValue[] : [];
}

/** The functions of a middleware: each is given the context too where it is entered by itself. */
function middlewareOf(value: Value, procedure: Procedure, ctx: Context): readonly FunctionValue[] {
  const found = functionsOf(value, ctx);
  const known = handlers(ctx);
  for (const { function: code, scope } of found) if (!known.has(code)) known.set(code, [{ scope, procedure, isMiddleware: true }]);
  return found;
}

/** A procedure of zsa: what its handler returns is the context of those actions, and procedures, that are made of it. */
function contextsMethod(object: LibraryValue, data: Procedure, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue] = call.arguments.positional;
  if (name === 'handler') return made('contexts', { ...data, contexts: [...data.contexts ?? [], ...functionsOf(first, ctx)] } satisfies Procedure);
  return name === 'createServerAction' ? made('procedure', data) : object;
}

function procedureMethod(object: LibraryValue, data: Procedure, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue] = call.arguments.positional;
  switch (name) {
    case 'use': return made('procedure', withMiddlewares(data, middlewareOf(first, data, ctx)));
    case 'unstable_concat': case 'concat': {
      const other = ctx.read(first);
      return other.kind === 'library' && other.type === 'procedure' ? made('procedure', concatenated(data, other.data as Procedure)) : object;
    }
    // oRPC's builder is a procedure from the start.
    case '$context': return made('procedure', { ...data, ...(call.typeArguments[0] && { context: call.typeArguments[0] }) } satisfies Procedure);
    case 'router': return first;
    case 'middleware': {
      const listed = ctx.read(first);
      if (listed.kind === 'list') return made('procedure', withMiddlewares(data, listed.items.flatMap(({ value }) => functionsOf(value, ctx))));
      return made('middleware', middlewareOf(first, data, ctx));
    }
    case 'server': return made('middleware', [...data.middlewares.map(({ run }) => run), ...middlewareOf(first, data, ctx)]);
    case 'input': case 'schema': case 'inputSchema': case 'validator': case 'inputValidator': return made('procedure', { ...data, inputs: [...data.inputs ?? [], first] } satisfies Procedure);
    case 'output': case 'outputSchema': case 'bindArgsSchemas': case 'metadata': case 'meta': case 'route': case 'errors': case 'prefix': case 'tag': case '$meta': case '$route': case '$config': case 'client': return object;
    case 'query': case 'mutation': case 'subscription': case 'handler': case 'action': case 'stateAction': {
      const handler = ctx.read(first);
      if (handler.kind === 'function') handled(handler, data, call, ctx);
      return made('route', undefined);
    }
    default: return undefined;
  }
}

function withMiddlewares(procedure: Procedure, added: readonly FunctionValue[]): Procedure {
  const schemas = procedure.inputs?.length ?? 0;
  return { ...procedure, middlewares: [...procedure.middlewares, ...added.map((run) => ({ run, schemas }))] };
}

function concatenated(first: Procedure, { middlewares, inputs = [] }: Procedure): Procedure {
  const before = first.inputs ?? [];
  return { ...first, inputs: [...before, ...inputs], middlewares: [...first.middlewares, ...middlewares.map(({ run, schemas }) => ({ run, schemas: schemas + before.length }))] };
}

/** The handler is entered later. */
function handled(handler: FunctionValue, data: Procedure, { location }: Call, ctx: Context): void {
  const known = handlers(ctx);
  known.set(handler.function, [...known.get(handler.function) ?? [], { scope: handler.scope, procedure: data }]);
  if (isWithin(handler.function.location, location)) return;
  const wrapped = wrappedHandlers(ctx);
  wrapped.set(location.file, [...wrapped.get(location.file) ?? [], handler]);
}

interface Handler {
  readonly scope: Scope;
  readonly procedure: Procedure;
  /** It stands before those of the procedure. */
  readonly isMiddleware?: true;
}

/** Procedures by their handler; one that a function of the project makes is another one each time it is made. */
function handlers(ctx: Context): Map<CodeFunction, readonly Handler[]> {
  return stored(ctx, 'trpc handlers', () => new Registry<CodeFunction, readonly Handler[]>(ctx.journal));
}

/** `inferAsyncReturnType<typeof createContext>`. */
function typed(type: ExternalValue, typeArguments: readonly TypeInScope[], ctx: Context): Value | undefined {
  const [first] = typeArguments;
  return exportedPath(type).at(-1) === 'inferAsyncReturnType' && first ? resultOf(first, ctx) : undefined;
}

/** What a function of a type gives. */
function resultOf({ type, scope }: TypeInScope, ctx: Context): Value | undefined {
  return ctx.typed({ type: { kind: 'named', path: ['ReturnType'], arguments: [type], location: type.location }, scope });
}

/** The `next` that a middleware is given: the contexts that it was called with. */
interface Next {
  readonly context: Value;
  readonly given: Value[];
  /** What was known of inputs where it was called. */
  readonly known: Expression[];
}

function nextCalled({ context, given, known }: Next, call: Call, ctx: Context): Value {
  const [first] = call.arguments.positional;
  const options = first && ctx.read(first);
  const changed = options?.kind === 'object' ? property(options.entries, 'ctx') ?? property(options.entries, 'context') : undefined;
  known.push(...heldFor(ctx.state.facts, undefined));
  given.push(changed ? merged(context, changed, call.location, ctx) : context);
  return made('result', undefined);
}

/** What a middleware adds to the context replaces what was there. */
function merged(context: Value, changed: Value, location: Location, ctx: Context): Value {
  const entries = (value: Value): readonly ObjectEntryValue[] => {
    const inner = ctx.read(value);
    return inner.kind === 'object' ? inner.entries : [{ kind: 'spread', value, maybe: false, location }];
  };
  const added = entries(changed);
  const kept = entries(context).filter((entry) => entry.kind === 'spread' || !added.some((other) => other.kind === 'property' && other.key === entry.key && !other.maybe));
  return ctx.allocate({ kind: 'object', entries: [...kept, ...added], location });
}

/** The argument of a procedure's handler. */
function parameters(fn: FunctionValue, ctx: Context): readonly (Value | undefined)[] | undefined {
  const handler = handlers(ctx).get(fn.function)?.findLast(({ scope }) => scope === fn.scope);
  if (!handler) return undefined;
  const { procedure } = handler;
  const { location } = fn.function;
  const place = `${location.file}:${location.start}`;
  const input = ctx.input(procedure.inputName ?? 'input', 'untrusted', { key: `input@${place}` });
  let context = signedIn(contextOf(procedure, ctx) ?? ctx.input('ctx', 'unknown', { key: `ctx@${place}` }), location, ctx);
  for (const make of procedure.contexts ?? []) context = signedIn(ctx.invoke(make, [options(context, input, location, ctx)], location), location, ctx);
  const inputs = procedure.inputs ?? [];
  for (const { run, schemas } of procedure.middlewares) {
    const next: Next = { context, given: [], known: [] };
    const given = readByAll(inputs.slice(0, schemas), input, location, ctx);
    ctx.invoke(run, [options(context, given, location, ctx, next), given], location);
    keepChecks(next.known, `input@${place}`, location, ctx);
    if (next.given.length === 1) [context] = next.given as [Value];
    else if (next.given.length > 1) context = { kind: 'union', options: next.given.map((value) => ({ value, facts: [] })) };
    context = signedIn(context, location, ctx);
  }
  if (handler.isMiddleware) return [options(context, input, location, ctx, { context, given: [], known: [] }), input];
  return [options(context, readByAll(inputs, input, location, ctx), location, ctx)];
}

/** What the schemas of a procedure read together: `teamProcedure.input(z.object({ id: z.string() }))`. */
function readByAll(schemas: readonly Value[], input: Value, location: Location, ctx: Context): Value {
  const read = schemas.map((schema) => readBy(schema, input, location, ctx));
  const [first, ...others] = read;
  if (first === undefined || others.length === 0) return first ?? input;
  const objects = read.map((each) => ctx.read(each));
  return objects.every((each) => each.kind === 'object') ? ctx.allocate({ kind: 'object', entries: objects.flatMap(({ entries }) => entries), location }) : input;
}

/** `context<Context>()`, or the function that makes it: `context<typeof createContext>()`. */
function contextOf({ context }: Procedure, ctx: Context): Value | undefined {
  const value = context && ctx.typed(context);
  return value && ctx.read(value).kind === 'function' ? resultOf(context, ctx) : value;
}

/** A middleware that compares the input with something and lets it pass on some of its ways has checked it: the other ways are those of administrators. */
function keepChecks(known: readonly Expression[], input: string, location: Location, ctx: Context): void {
  for (const fact of known) {
    const names = [...parameterNames(fact)];
    if (names.length < 2 || !names.some((name) => name.startsWith(input))) continue;
    ctx.state.add({ kind: 'holds', expression: checkedParameters(names, location) });
  }
}

function options(context: Value, input: Value, location: Location, ctx: Context, next?: Next): Value {
  const entry = (key: string, value: Value): ObjectEntryValue => ({ kind: 'property', key, value, maybe: false, location });
  return ctx.allocate({ kind: 'object', location, entries: [
    entry('ctx', context), entry('context', context), entry('input', input), entry('data', input), entry('parsedInput', input), entry('clientInput', input), entry('rawInput', input), entry('getRawInput', made('rawInput', input)),
    entry('type', { kind: 'unknown', reason: 'the type of the call' }), entry('path', { kind: 'unknown', reason: 'the path of the call' }), entry('meta', { kind: 'unknown', reason: 'meta data' }),
    ...(next ? [entry('next', made('next', next))] : []),
  ] });
}
