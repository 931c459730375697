import type { CodeCall, CodeExpression, CodeModule, Parameter } from '../../../facts/code.js';
import { declaredClasses } from '../declared-classes.js';
import type { Context } from '../library.js';
import type { Scope } from '../scope.js';
import type { ClassValue, FunctionValue, Value } from '../values.js';
import { exportedPath } from './sql-client.js';

/** Short ways to search a project for functions that do something, and to see what that is. */

/** The functions of the files of a language whose text says something; of Python the methods, too, of others where they are asked for. */
export function functionsWhere(language: CodeModule['language'], says: RegExp, ctx: Context, withMethods = language === 'python'): readonly FunctionValue[] {
  return ctx.journal.filesWith(says).filter((file) => ctx.modules.get(file)?.language === language)
    .flatMap((file) => [...ctx.functionsOf(file), ...(withMethods ? classesOf([file], ctx).flatMap((owner) => methodsOf(owner, ctx)) : [])]);
}

/** The classes that files declare. */
export function classesOf(files: readonly string[], ctx: Context): readonly ClassValue[] {
  return files.flatMap((file) => declaredClasses(ctx).get(file) ?? []);
}

function methodsOf(owner: ClassValue, ctx: Context): FunctionValue[] {
  return owner.class.methods.map((method) => ({ kind: 'function', function: method, scope: owner.scope, owner, self: ctx.instanceOf(owner) }));
}

/**
 * Runs a function for what it does: its parameters that are named like one are requests. One that only makes another (`def middleware(get_response)`) is
 * followed by what it has made.
 */
export function runForRequest({ function: code, ...fn }: FunctionValue, requestOf: (parameter: Parameter, index: number) => Value | undefined, ctx: Context): void {
  const parameters = fn.self === undefined || ctx.language === 'javascript' ? code.parameters : code.parameters.slice(1);
  const given = parameters.filter(({ rest }) => rest === undefined).map((parameter, index) => requestOf(parameter, index) ?? ctx.input('what a framework gives', 'unknown', { key: `given@${parameter.location.file}:${parameter.location.start}` }));
  const made = ctx.read(ctx.invoke({ ...fn, function: code }, given, code.location));
  if (ctx.language === 'python' && made.kind === 'function' && made.function.location.start > code.location.start && made.function.location.end <= code.location.end) runForRequest(made, requestOf, ctx);
}

/** Whether one of the decorators is of a package: `@Cron('0 3 * * *')`, `@strawberry.type`. `is`: asked with its module and its last name. */
export function isDecoratedBy(decorators: readonly CodeExpression[], scope: Scope, is: (module: string, name: string) => boolean, ctx: Context): boolean {
  return decorators.some((node) => {
    const callee = ctx.read(ctx.evaluate(node.kind === 'call' ? node.callee : node, scope));
    return callee.kind === 'external' && is(callee.module, exportedPath(callee).at(-1) ?? '');
  });
}

/** Whether a part of a function sets something by its name: `cls.set('tenant', tenant)`. `on`: what it is set on. */
export function isSetByName(node: { readonly kind: string }, name: string, on: (object: CodeExpression) => boolean): boolean {
  if (node.kind !== 'call') return false;
  const { callee, arguments: [key] } = node as CodeCall;
  return callee.kind === 'member' && callee.property === 'set' && on(callee.object) && key?.value.kind === 'literal' && key.value.value === name;
}

/** A text as a part of a regular expression that means it. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What work adds under a key of a collection while it runs. */
export function collected<T>(collection: Map<string, T[]>, key: string, work: () => void): readonly T[] {
  const found: T[] = [];
  collection.set(key, found);
  work();
  collection.delete(key);
  return found;
}
