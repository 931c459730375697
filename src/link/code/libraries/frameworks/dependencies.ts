import type { Parameter } from '../../../../facts/code.js';
import type { Call, Context } from '../../library.js';
import type { ExternalValue, FunctionValue, LibraryValue, Value } from '../../values.js';
import { alternatives } from '../objects.js';
import { isChosen } from '../../chosen.js';
import { FRAMEWORKS } from './name.js';
import { routerBehind, type Router } from './python-routers.js';
import { isSelf, saidOf, sentParameter } from './sent.js';
import { nameOf } from './routes.js';

/** What `Depends(f)` says: `f` is asked before the handler; `Depends()` asks the type of the parameter. */
interface Dependency {
  readonly asked: Value | undefined;
}

const DEEPEST = 8;

/** `Depends(f)`, `Security(f, scopes=[...])`. */
export function dependency({ module, path }: ExternalValue, { arguments: { positional, named } }: Call): LibraryValue | undefined {
  if (!/^fastapi(?:\.|$)/.test(module) || !/^(?:Depends|Security)$/.test(path.at(-1) ?? '')) return undefined;
  return { kind: 'library', library: FRAMEWORKS, type: 'dependency', data: { asked: positional[0] ?? named.get('dependency') } satisfies Dependency };
}

/**
 * The dependencies of everything that a route is part of, outermost first: those of a router that is included in several places are asked in one of them only.
 * @param route the decorator as a value: `router.get`
 */
export function dependenciesOf(route: Value, call: Call | undefined, ctx: Context): readonly Value[] {
  const own = call?.arguments.named.get('dependencies');
  const router = routerBehind(route, ctx);
  return [...(router ? ofRouter(router, 0) : []), ...(own ? [own] : [])].flatMap((each) => itemsOf(each, ctx));
}

function ofRouter({ data }: LibraryValue, depth: number): readonly Value[] {
  const { dependencies, parents } = data as Router;
  const [only, ...others] = parents;
  return [...(only && others.length === 0 && depth < DEEPEST ? ofRouter(only, depth + 1) : []), ...dependencies];
}

function itemsOf(value: Value, ctx: Context): Value[] {
  const [only, ...others] = alternatives(value, ctx);
  return only?.kind === 'list' && others.length === 0 ? only.items.map((item) => item.value) : [value];
}

/**
 * What the dependencies of one handler give. Each is asked once for a request; what it checks holds for all that follows.
 * @see FastAPI documentation, "Dependencies"
 */
export class Asked {
  private readonly known = new Map<Value, Value>();
  private depth = 0;

  constructor(private readonly handler: FunctionValue, private readonly ctx: Context) {}

  /** Asks what a parameter, or the route, depends on. @returns undefined when nothing is known of it */
  ask(value: Value, parameter?: Parameter, fn?: FunctionValue): Value | undefined {
    const { ctx } = this;
    const known = ctx.read(value);
    if (known.kind !== 'library' || known.type !== 'dependency') return undefined;
    const { asked } = known.data as Dependency;
    const target = asked ?? (parameter?.type && fn ? classNamed(parameter.type, fn, ctx) : undefined);
    return target && this.call(target);
  }

  private call(target: Value): Value | undefined {
    const { ctx } = this;
    const read = ctx.read(target);
    const found = this.known.get(read);
    if (found !== undefined) return found;
    const callee = read.kind === 'instance' ? ctx.read(ctx.member(target, '__call__')) : read;
    const code = callee.kind === 'function' ? callee : callee.kind === 'classValue' ? ctx.read(ctx.member(callee, '__init__')) : undefined;
    if ((callee.kind !== 'function' && callee.kind !== 'classValue') || this.depth >= DEEPEST) return undefined;
    this.depth++;
    const named = code?.kind === 'function' ? this.given(code) : new Map<string, Value>();
    this.depth--;
    const { location } = this.handler.function;
    const made = ctx.call(callee, { arguments: { positional: [], named, open: code?.kind === 'function' && code.function.parameters.some(({ rest }) => rest !== undefined), locations: [] }, isNew: callee.kind === 'classValue', location, nameLocation: location, typeArguments: [] });
    const value = callee.kind === 'function' && callee.function.generator ? yielded(made, ctx) : made;
    this.known.set(read, value);
    return value;
  }

  /** The arguments of a dependency: what was sent, by the names of its parameters, and what it depends on itself. */
  private given(fn: FunctionValue): Map<string, Value> {
    return new Map(fn.function.parameters.flatMap((parameter) => {
      const value = isSelf(parameter) || parameter.rest !== undefined ? undefined : this.parameter(parameter, fn) ?? this.byType(parameter, fn);
      return value ? [[nameOf(parameter), value] as const] : [];
    }));
  }

  /** A parameter that nothing is known of is what its type says. */
  private byType(parameter: Parameter, fn: FunctionValue): Value | undefined {
    const type = parameter.type && { type: parameter.type, scope: fn.scope };
    return (type && this.ctx.typed(type)) ?? this.ctx.input(nameOf(parameter), 'unknown', { key: `${nameOf(parameter)}@${parameter.location.file}:${parameter.location.start}` });
  }

  /** What a parameter of a handler or of a dependency is given; undefined when that is not known. */
  parameter(parameter: Parameter, fn: FunctionValue): Value | undefined {
    const { ctx } = this;
    for (const { node, scope } of saidOf(parameter, fn, ctx)) {
      const said = ctx.read(ctx.evaluate(node, scope));
      if (said.kind !== 'library' || said.type !== 'dependency') continue;
      const value = this.ask(said, parameter, fn);
      return value && isTold(value, parameter, fn, ctx) ? value : undefined;
    }
    return sentParameter(parameter, fn, this.handler, ctx);
  }
}

function classNamed(type: NonNullable<Parameter['type']>, fn: FunctionValue, ctx: Context): Value | undefined {
  const value = ctx.typed({ type, scope: fn.scope });
  const known = value && ctx.read(value);
  return known?.kind === 'instance' ? known.class : undefined;
}

/** A dependency with `yield` gives what it yields first. */
function yielded(value: Value, ctx: Context): Value {
  const list = ctx.read(value);
  const [only, ...others] = list.kind === 'list' ? list.items : [];
  if (only === undefined) return ctx.input('what a dependency gives', 'unknown');
  return others.length === 0 ? only.value : { kind: 'union', options: [only, ...others].map((item) => ({ value: item.value, facts: [] })) };
}

/**
 * Whether what a dependency gives says more than the type of the parameter: not what is not known, and not who is signed in. A row that nothing of
 * the request's parts has chosen is found by who asks: it is as trusted as the session.
 */
function isTold(value: Value, { type }: Parameter, { scope }: FunctionValue, ctx: Context): boolean {
  const typed = type && ctx.typed({ type, scope });
  const isTyped = typed !== undefined && ctx.read(typed).kind !== 'input';
  return partsOf(value, ctx).every((each) => {
    if (each.kind === 'row' || each.kind === 'field') return isChosen(each, ctx);
    return !isTyped || (each.kind !== 'unknown' && (each.kind !== 'input' || each.trust !== 'unknown'));
  });
}

/** The values that a value may be; of an object, the rows that it holds as well. */
function partsOf(value: Value, ctx: Context): readonly Value[] {
  return alternatives(value, ctx).flatMap((each) => {
    const parts = each.kind === 'instance' ? [...each.fields.values()] : each.kind === 'object' ? each.entries.map((entry) => entry.value) : [];
    return [each, ...parts.flatMap((part) => alternatives(part, ctx).filter(({ kind }) => kind === 'row' || kind === 'field'))];
  });
}
