import type { CodeExpression } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import { providersOf } from './nest-providers.js';
import { stored } from '../../store.js';
import type { ClassValue, ExternalValue, FunctionValue, LibraryValue, Value } from '../../values.js';
import { unknownValue, undefinedValue } from '../../values.js';
import { classesOf, isDecoratedBy } from '../searched.js';
import { exportedPath, property } from '../sql-client.js';
import { NEST_MODULES, execution, executionOf, type Execution } from './nest-request.js';
import { FRAMEWORKS } from './name.js';
import { byGuards } from './put.js';

/** `SetMetadata(key, value)`, applied to a method or class. */
interface Metadata {
  readonly key: unknown;
  readonly value: Value;
}

/** What a decorator of a class or method means: guards that are asked first, and what is noted for them. */
type Meaning =
  | { readonly kind: 'guards'; readonly guards: readonly Value[] }
  | { readonly kind: 'metadata'; readonly metadata: Metadata };

function made(type: string, data: unknown): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type, data };
}

/** `UseGuards(A, B)`, `SetMetadata(key, value)`, `applyDecorators(...)`, `createParamDecorator(fn)`. */
export function nestCall(callee: ExternalValue, { arguments: { positional } }: Call, ctx: Context): Value | undefined {
  if (!NEST_MODULES.includes(callee.module)) return undefined;
  const [first, second = undefinedValue] = positional;
  switch (exportedPath(callee).join('.')) {
    case 'UseGuards': return made('decorators', [{ kind: 'guards', guards: positional }] satisfies Meaning[]);
    case 'SetMetadata': case 'CustomDecorator': return first && made('decorators', [{ kind: 'metadata', metadata: { key: keyOf(first, ctx), value: second } }] satisfies Meaning[]);
    case 'applyDecorators': return made('decorators', positional.flatMap((each) => meaningsOf(each, ctx)));
    case 'createParamDecorator': return first && made('parameterDecorator', first);
    default: return undefined;
  }
}

/** A decorator that `Reflector.createDecorator()` has made notes what it is given; one that `createParamDecorator(fn)` has made is used as a decorator. */
export function nestCalled(callee: LibraryValue, { arguments: { positional: [first = undefinedValue] } }: Call): Value | undefined {
  if (callee.type === 'noting') return made('decorators', [{ kind: 'metadata', metadata: { key: callee.data, value: first } }] satisfies Meaning[]);
  return callee.type === 'parameterDecorator' ? made('parameterDecoration', { fn: callee.data as Value, given: first }) : undefined;
}

/** `Reflector.createDecorator()`, `this.reflector.getAllAndOverride(KEY, [context.getHandler(), context.getClass()])`, `GqlExecutionContext.create(context)`. */
export function nestMethod({ module, path, instance }: ExternalValue, name: string, { arguments: { positional: [first, second] } }: Call, ctx: Context): Value | undefined {
  if (!NEST_MODULES.includes(module)) return undefined;
  if (/ExecutionContext$/.test(path.at(-1) ?? '') && name === 'create') return first;
  if (path.at(-1) !== 'Reflector') return undefined;
  if (name === 'createDecorator' && instance !== true) return made('noting', {});
  if (!/^get(?:All(?:AndOverride|AndMerge)?)?$/.test(name) || first === undefined || second === undefined) return undefined;
  const targets = ctx.read(second);
  return notedFor(keyOf(first, ctx), targets.kind === 'list' ? targets.items.map(({ value }) => ctx.read(value)) : [targets], ctx);
}

/** What decorators have noted under a key for the first of several things that has any. */
function notedFor(key: unknown, targets: readonly Value[], ctx: Context): Value {
  for (const target of targets) {
    if (target.kind !== 'library' || target.type !== 'decorated') return unknownValue('what was noted for a handler that is not known');
    const { decorators, scope } = target.data as Decorated;
    const found = decorators.flatMap((node) => meaningsOf(ctx.evaluate(node, scope), ctx)).find((each) => each.kind === 'metadata' && each.metadata.key === key);
    if (found?.kind === 'metadata') return found.metadata.value;
  }
  return undefinedValue;
}

/** A constant is a key by its value, anything else by being itself. */
function keyOf(value: Value, ctx: Context): unknown {
  const inner = ctx.read(value);
  return inner.kind === 'constant' ? inner.value : inner.kind === 'library' ? inner.data : inner;
}

function meaningsOf(value: Value, ctx: Context): readonly Meaning[] {
  const inner = ctx.read(value);
  return inner.kind === 'library' && inner.library === FRAMEWORKS && inner.type === 'decorators' ? inner.data as readonly Meaning[] : [];
}

/** What a class or a method is decorated with. */
interface Decorated {
  readonly decorators: readonly CodeExpression[];
  readonly scope: FunctionValue['scope'];
}

/** `context.getHandler()`, `context.getClass()`. */
export function decoratedBy({ fn }: Execution, name: string): Value | undefined {
  if (name === 'getHandler') return fn ? made('decorated', { decorators: fn.function.decorators, scope: fn.scope } satisfies Decorated) : unknownValue('the handler');
  if (name !== 'getClass') return undefined;
  return fn?.owner ? made('decorated', { decorators: fn.owner.class.decorators, scope: fn.owner.scope } satisfies Decorated) : unknownValue('the class of the handler');
}

/**
 * What the guards of a handler of NestJS have answered before it is called: those of the whole application, of its class, its own.
 * @see NestJS documentation, "Guards"
 */
export function guardsOf(fn: FunctionValue, ctx: Context): readonly Value[] {
  const { owner, function: { decorators, location } } = fn;
  if (owner === undefined || decorators.length === 0 || owner.class.decorators.length === 0 || ctx.modules.get(fn.scope.file)?.language !== 'javascript') return [];
  const all = [...owner.class.decorators.map((node) => ctx.evaluate(node, owner.scope)), ...decorators.map((node) => ctx.evaluate(node, fn.scope))].map((value) => ctx.read(value));
  if (!isHandler([...owner.class.decorators, ...decorators], fn, ctx)) return [];
  const own = all.flatMap((value) => meaningsOf(value, ctx)).flatMap((each) => (each.kind === 'guards' ? each.guards : []));
  const call = executionOf(fn);
  return byGuards(call.key, ctx, () => [...globalGuards(ctx), ...own].flatMap((guard) => {
    const known = ctx.read(guard);
    const instance = known.kind === 'classValue' ? ctx.instanceOf(known) : guard;
    const check = ctx.read(instance).kind === 'instance' ? ctx.read(ctx.member(instance, 'canActivate')) : undefined;
    return check?.kind === 'function' ? [ctx.invoke(check, [execution(call)], location)] : [];
  }));
}

/** Whether a function is the answer of a guard. */
export function isGuard({ owner, function: { name } }: FunctionValue, ctx: Context): boolean {
  return name === 'canActivate' && owner !== undefined && ctx.language === 'javascript';
}

const ROUTES = /^(?:Get|Post|Put|Patch|Delete|All|Options|Head|Search|Sse|Query|Mutation|Subscription|ResolveField|ResolveReference|MessagePattern|EventPattern|SubscribeMessage)$/;

/** Whether a method answers requests. */
function isHandler(decorators: readonly CodeExpression[], { scope }: FunctionValue, ctx: Context): boolean {
  return isDecoratedBy(decorators, scope, (module, name) => NEST_MODULES.includes(module) && ROUTES.test(name), ctx);
}

/** `{ provide: APP_GUARD, useClass: TenantGuard }` among the providers of a module. */
function globalGuards(ctx: Context): readonly Value[] {
  return stored(ctx, 'global guards', () => classesOf(ctx.journal.filesWith(/APP_GUARD/), ctx).flatMap((owner) => guardsIn(owner, ctx)));
}

function guardsIn(owner: ClassValue, ctx: Context): readonly Value[] {
  return providersOf(owner, ctx).flatMap(({ token, entries }) => {
    const guard = property(entries, 'useClass') ?? property(entries, 'useExisting');
    return token.kind === 'external' && token.path.at(-1) === 'APP_GUARD' && guard ? [guard] : [];
  });
}
