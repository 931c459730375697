import type { CodeExpression, CodeType } from '../../../../facts/code.js';
import { ancestry } from '../../classes.js';
import { evaluate } from '../../expressions.js';
import type { Context } from '../../library.js';
import type { Machine } from '../../machine.js';
import type { Scope } from '../../scope.js';
import type { ClassValue, ExternalValue, FunctionValue, LibraryValue, TypeInScope, Value } from '../../values.js';

/** Runs work as a module's own code runs: what it does has no effect on the path being followed. */
export function apart<T>(ctx: Context, work: () => T): T {
  const machine = ctx as Machine;
  let result: T | undefined;
  machine.unmetered(() => machine.atRoot(() => machine.collect(() => {
    result = work();
  })));
  return result!;
}

/** The value of an expression, in the scope it stands in. */
export function evaluateIn(ctx: Context, expression: CodeExpression, scope: Scope): Value {
  const machine = ctx as Machine;
  return machine.inFile(scope.file, () => evaluate(machine, expression, scope));
}

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
  const known = (ctx.store.get('entities:ancestry') ?? new Map()) as Map<object, readonly ClassValue[]>;
  ctx.store.set('entities:ancestry', known);
  let found = known.get(value.class);
  if (found === undefined) known.set(value.class, found = ancestryOf(value, ctx).filter((each): each is ClassValue => each.kind === 'classValue'));
  return found;
}

function ancestryOf(value: ClassValue, ctx: Context): readonly (ClassValue | ExternalValue | LibraryValue)[] {
  return apart(ctx, () => ancestry(ctx as Machine, value));
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
  const start = evaluateIn(ctx, { kind: 'name', name: first, location: { file: scope.file, start: 0, end: 0 } }, scope);
  const found = ctx.read(rest.reduce((value: Value, name) => ctx.member(value, name), start));
  return found.kind === 'classValue' ? found : undefined;
}

export type { ClassValue, FunctionValue };
