import { isOfPackage, type Call, type Context, type Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { client, exportedPath } from '../sql-client.js';

const NAME = 'runners';

/** What is done with a function that such a package is given: `rest`: what follows it are its arguments, but for so many. */
interface Runner {
  readonly module: string;
  readonly names: RegExp;
  readonly rest?: number;
}

/** Functions and methods that run the function they are given, and give what it gives: spans, retries, limits, locks, threads. */
const RUNNERS: readonly Runner[] = [
  // `context.with(context, work, this, ...arguments)`.
  { module: '@opentelemetry/api', names: /^with$/, rest: 1 },
  { module: '@opentelemetry/api', names: /^startActiveSpan$/ },
  { module: '@sentry/', names: /^(?:startSpan|startSpanManual|startNewTrace|withScope|withIsolationScope|withActiveSpan|continueTrace|suppressTracing|withMonitor|withServerActionInstrumentation)$/ },
  { module: 'dd-trace', names: /^trace$/ },
  ...['p-retry', 'async-retry', 'promise-retry'].map((module) => ({ module, names: /^$/ })),
  { module: 'exponential-backoff', names: /^backOff$/ },
  ...['ts-retry-promise', '@lifeomic/attempt', 'radash'].map((module) => ({ module, names: /^retry$/ })),
  { module: 'cockatiel', names: /^execute$/ },
  { module: 'p-queue', names: /^add$/ },
  { module: 'bottleneck', names: /^schedule$/, rest: 0 },
  { module: 'async-mutex', names: /^runExclusive$/ },
  { module: 'async-lock', names: /^acquire$/ },
  { module: 'redlock', names: /^using$/ },
  { module: 'asyncio', names: /^(?:to_thread|run_in_executor)$/, rest: 0 },
  { module: 'anyio', names: /^run_sync$/, rest: 0 },
  ...['starlette.concurrency', 'fastapi.concurrency'].map((module) => ({ module, names: /^run_in_threadpool$/, rest: 0 })),
];

/** Functions that give back the function they are given, called less often, or otherwise. */
const WRAPPERS: readonly Runner[] = [
  ...['p-memoize', 'memoizee', 'moize', 'mem', 'p-throttle', 'p-debounce', 'express-async-handler'].map((module) => ({ module, names: /^\w*$/ })),
  ...['lodash', 'lodash-es', 'es-toolkit', 'radash'].map((module) => ({ module, names: /^(?:memoize|memo|once|throttle|debounce|)$/ })),
  { module: 'bottleneck', names: /^wrap$/ },
  { module: 'dd-trace', names: /^wrap$/ },
  { module: 'asgiref.sync', names: /^(?:sync_to_async|async_to_sync)$/ },
];

/** What is made once and asked for its methods later: `trace.getTracer(name)`, `asyncio.get_running_loop()`. */
const MAKES = /^(?:getTracer|get_running_loop|get_event_loop|new_event_loop|ThreadPoolExecutor|ProcessPoolExecutor)$/;

/**
 * Packages that run no queries, whose calls stand around those that do: what comes out is what the function inside gives.
 * @see OpenTelemetry, "Trace API", `startActiveSpan`; Python documentation, "Coroutines and Tasks"
 */
export const runnersLibrary: Library = {
  name: NAME,
  incidental: true,
  modules: [...new Set([...RUNNERS, ...WRAPPERS].map(({ module }) => module)), 'p-limit', 'p-map', 'p-timeout', 'concurrent.futures'],
  typed: ({ module, path }) => (module === '@opentelemetry/api' && path.at(-1) === 'Tracer' ? { kind: 'external', module, path: [], instance: true } : undefined),
  call: (callee, call, ctx) => (callee.kind === 'library' ? run(0, call, ctx) : called(callee, call, ctx)),
  method: (object, name, call, ctx) => (object.kind === 'external' ? called({ ...object, path: [...object.path, name] }, call, ctx) : ofFuture(object, name)),
};

function called(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (call.isNew) return undefined;
  if (MAKES.test(name)) return { ...callee, path: [], instance: true };
  const runner = named(RUNNERS, callee, name);
  if (runner !== undefined) return run(runner.rest, call, ctx);
  if (named(WRAPPERS, callee, name) !== undefined) return call.arguments.positional.find((each) => ctx.read(each).kind === 'function');
  return ofModule(callee.module, name, call, ctx);
}

function named(runners: readonly Runner[], { module }: ExternalValue, name: string): Runner | undefined {
  return runners.find((runner) => isOfPackage(module, runner.module) && runner.names.test(name));
}

function ofModule(module: string, name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  switch (`${module} ${name}`) {
    case 'p-limit ': return client(NAME, 'limit');
    case 'p-map ': return first && second && ctx.callMethod(first, 'map', { ...call, arguments: { ...call.arguments, positional: [second], locations: call.arguments.locations.slice(1) } });
    case 'p-timeout ': case 'asyncio wait_for': case 'asyncio shield': case 'asyncio create_task': case 'asyncio ensure_future': case 'asyncio run': case 'asyncio run_until_complete': return first;
    case 'asyncio gather': return call.arguments.open ? undefined : ctx.allocate({ kind: 'list', form: 'list', items: call.arguments.positional.map((value) => ({ value, maybe: false, repeated: false })), location: call.location });
    case 'concurrent.futures submit': return client(NAME, 'future', run(0, call, ctx));
    default: return undefined;
  }
}

/** Runs the function among the arguments, with what follows it or with values of the package's own. */
function run(rest: number | undefined, call: Call, ctx: Context): Value | undefined {
  const { positional } = call.arguments;
  const at = positional.findIndex((each) => ctx.read(each).kind === 'function');
  const work = positional[at];
  if (work === undefined) return undefined;
  const given = rest === undefined ? ownValues(work, call, ctx) : positional.slice(at + 1 + rest);
  return ctx.call(work, { ...call, arguments: { ...call.arguments, positional: given, locations: given.map(() => call.location) } });
}

/** The span, the attempt, the scope that a package tells the function of. */
function ownValues(work: Value, { location }: Call, ctx: Context): Value[] {
  const known = ctx.read(work);
  return known.kind === 'function' ? known.function.parameters.map((_, index) => ctx.input('what its caller tells it', 'unknown', { key: `${location.file}:${location.start} ${index}` })) : [];
}

/** `pool.submit(work).result()`. */
function ofFuture({ type, data }: LibraryValue, name: string): Value | undefined {
  return type === 'future' && name === 'result' ? data as Value : undefined;
}
