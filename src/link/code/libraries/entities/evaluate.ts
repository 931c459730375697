import { stored } from '../../store.js';
import type { CodeType } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { Machine } from '../../machine.js';
import type { Scope } from '../../scope.js';
import type { ClassValue, FunctionValue, TypeInScope, Value } from '../../values.js';

/** What a function without arguments gives: `() => User`; any other value as it is. */
export function thunk(value: Value | undefined, ctx: Context): Value | undefined {
  const known = value && ctx.read(value);
  if (known?.kind !== 'function') return known;
  let result: Value | undefined;
  (ctx as Machine).collect(() => {
    result = ctx.invoke(known, [], known.function.location);
  });
  return result && ctx.read(result);
}

/** The classes of the project that a class is made from, nearest first, itself included. */
export function classesOf(value: ClassValue, ctx: Context): readonly ClassValue[] {
  const known = stored(ctx, 'entities:ancestry', () => new Map<object, readonly ClassValue[]>());
  let found = known.get(value.class);
  if (found === undefined) known.set(value.class, found = ctx.apart(() => ctx.ancestry(value)).filter((each): each is ClassValue => each.kind === 'classValue'));
  return found;
}

/** The class of the project that a type names: `User`, `User[]`, `Promise<User>`, `Collection<User>`. */
export function classOfType({ type, scope }: TypeInScope, ctx: Context): ClassValue | undefined {
  switch (type.kind) {
    case 'array': return classOfType({ type: type.element, scope }, ctx);
    case 'union': return type.parts.map((part) => classOfType({ type: part, scope }, ctx)).find((each) => each !== undefined);
    case 'named': return classNamed(type, scope, ctx) ?? (type.arguments.length > 0 ? classOfType({ type: type.arguments[0]!, scope }, ctx) : undefined);
    default: return undefined;
  }
}

function classNamed({ path }: Extract<CodeType, { kind: 'named' }>, scope: Scope, ctx: Context): ClassValue | undefined {
  const [first, ...rest] = path;
  if (first === undefined || scope.find(first) === undefined) return undefined;
  const start = ctx.evaluate({ kind: 'name', name: first, location: { file: scope.file, start: 0, end: 0 } }, scope);
  const found = ctx.read(rest.reduce((value: Value, name) => ctx.member(value, name), start));
  return found.kind === 'classValue' ? found : undefined;
}

export type { ClassValue, FunctionValue };
