import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { neverReturns, rejects, undefinedValue } from '../../values.js';
import { client, exportedPath, property } from '../sql-client.js';
import { provide, serviceOf, tagBehind, tagOf } from './services.js';
import { EFFECT, isFailed, outcomeCall, rest, step, stepCall, type Step } from './steps.js';

/**
 * Effect: an effect stands for what it gives, and is run where it is made. It runs no queries by itself; what it is made of does.
 * @see Effect documentation, "Using Generators", "Building Pipelines", "Managing Services", "Error Management"
 */
export const effectLibrary: Library = {
  name: EFFECT,
  modules: ['effect'],
  incidental: true,
  leads: () => false,
  call: (callee, call, ctx) => (callee.kind === 'library' ? callValue(callee, call, ctx) : exported(callee, call, ctx)),
  method: (object, name, call, ctx) => {
    if (object.kind === 'external') return exported({ ...object, path: [...object.path, name] }, call, ctx);
    if (name === 'pipe') return piped(object, call, ctx);
    switch (object.type) {
      case 'runtime': return runs(name, call, ctx);
      case 'tag': return name === 'of' ? call.arguments.positional[0] : undefined;
      default: return undefined;
    }
  },
  unwrapped: (value, owner, ctx) => {
    if (value.type === 'tag') return serviceOf(value, owner, ctx);
    return value.type === 'error' ? neverReturns : undefined;
  },
  piped,
};

function callValue(callee: LibraryValue, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  switch (callee.type) {
    case 'step': return first && step(callee.data as Step, first, ctx);
    case 'flow': return first && (callee.data as readonly Value[]).reduce((value, each) => ctx.invoke(each, [value], call.location), first);
    case 'tag': return tagOf(call, ctx, callee);
    case 'error': return callee;
    case 'named': return functionIn(call, ctx);
    case 'adapter': return piped(first ?? undefinedValue, rest(call), ctx);
    default: return undefined;
  }
}

/** `value.pipe(f, g)`. */
function piped(value: Value, call: Call, ctx: Context): Value {
  return call.arguments.positional.reduce((subject, each) => {
    const tag = tagBehind(subject, ctx);
    return ctx.invoke(each, [tag === undefined ? subject : serviceOf(tag, subject, ctx)], call.location);
  }, value);
}

function functionIn(call: Call, ctx: Context): Value | undefined {
  return call.arguments.positional.find((each) => ctx.read(each).kind === 'function');
}

/** What a module of the package exports: `Effect.gen` of `effect`, `gen` of `effect/Effect`. */
function exported(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const [of, name] = [...callee.module.split('/').slice(1), ...exportedPath(callee)].slice(-2);
  const [first] = call.arguments.positional;
  if (name === undefined) {
    if (of === 'pipe') return first && piped(first, rest(call), ctx);
    return of === 'flow' ? client(EFFECT, 'flow', call.arguments.positional) : undefined;
  }
  switch (of) {
    case 'Effect': case 'Micro': return ofEffect(name, call, ctx);
    case 'Layer': return ofLayer(name, call, ctx);
    case 'Context': case 'ServiceMap': return /^(?:Tag|GenericTag|Service|Reference)$/.test(name) ? tagOf(call, ctx) : undefined;
    case 'Data': return /Error$/.test(name) ? client(EFFECT, 'error') : undefined;
    case 'Schema': return /Error(?:Class)?$/.test(name) ? client(EFFECT, 'error') : undefined;
    case 'Either': case 'Option': case 'Exit': case 'Result': return outcomeCall(name, call, ctx);
    case 'ManagedRuntime': return name === 'make' ? client(EFFECT, 'runtime') : undefined;
    default: return undefined;
  }
}

function ofEffect(name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  const run = (fn: Value | undefined): Value => (fn === undefined ? undefinedValue : ctx.invoke(fn, [], call.location));
  switch (name) {
    case 'gen': {
      const work = functionIn(call, ctx);
      return work && ctx.invoke(work, [client(EFFECT, 'adapter')], call.location);
    }
    case 'fn': case 'fnUntraced': return functionIn(call, ctx) ?? client(EFFECT, 'named');
    case 'succeed': return first ?? undefinedValue;
    case 'sync': case 'suspend': case 'promise': return run(first);
    case 'try': case 'tryPromise': return run(workOf(first, ctx));
    case 'fail': case 'failSync': case 'failCause': case 'die': case 'dieMessage': case 'interrupt': return rejects;
    case 'all': return first;
    case 'forEach': return first && second && ctx.callMethod(first, 'map', { ...call, arguments: { ...call.arguments, positional: [second], locations: call.arguments.locations.slice(1) } });
    case 'if': return ifElse(second, call, ctx);
    case 'acquireUseRelease': return second && ctx.callMethod(first!, 'then', { ...call, arguments: { ...call.arguments, positional: [second] } });
    case 'acquireRelease': return first;
    case 'service': case 'serviceOption': { const tag = tagBehind(first, ctx); return tag && serviceOf(tag, first, ctx); }
    case 'Service': case 'Tag': return tagOf(call, ctx);
    case 'provideService': provide(call.arguments.positional.at(-2), call.arguments.positional.at(-1), ctx); return call.arguments.positional.length > 2 ? first : client(EFFECT, 'step', { name, call } satisfies Step);
    default: return runs(name, call, ctx) ?? stepCall(name, call, ctx);
  }
}

/** `Effect.tryPromise(() => work())`, `Effect.tryPromise({ try: () => work(), catch: toError })`. */
function workOf(given: Value | undefined, ctx: Context): Value | undefined {
  const known = given && ctx.read(given);
  return known?.kind === 'object' ? property(known.entries, 'try') : given;
}

/** `Effect.runPromise(effect)`, `runtime.runPromise(effect)`: what the effect gives; the path ends where it fails. */
function runs(name: string, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  if (first === undefined || !/^run(?:Promise|Sync|Fork|Callback)(?:Exit)?$/.test(name)) return undefined;
  if (name.endsWith('Exit')) return step({ name: 'exit', call }, first, ctx);
  const inner = ctx.read(first);
  if (isFailed(inner, ctx)) return neverReturns;
  if (inner.kind !== 'union') return first;
  const options = inner.options.filter(({ value }) => !isFailed(value, ctx));
  if (options.length === 1) ctx.hold(options[0]!.facts);
  return options.length === 0 ? neverReturns : options.length === 1 ? options[0]!.value : { ...inner, options };
}

function ifElse(ways: Value | undefined, call: Call, ctx: Context): Value | undefined {
  const known = ways && ctx.read(ways);
  if (known?.kind !== 'object') return undefined;
  const works = ['onTrue', 'onFalse'].flatMap((key) => {
    const work = property(known.entries, key);
    return work === undefined ? [] : [() => ctx.invoke(work, [], call.location)];
  });
  const values = ctx.oneOf(works, call.location);
  return values.length === 1 ? values[0] : { kind: 'union', options: values.map((value) => ({ value, facts: [] })) };
}

/** Layers say what services are: `Layer.effect(Tag, effect)`. */
function ofLayer(name: string, call: Call, ctx: Context): Value {
  const [tag, made] = call.arguments.positional;
  if (name === 'succeed' || name === 'effect' || name === 'scoped') provide(tag, made, ctx);
  if (name === 'sync' && made !== undefined) provide(tag, ctx.invoke(made, [], call.location), ctx);
  return client(EFFECT, 'layer');
}
