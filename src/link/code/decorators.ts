import { takesSelf } from './calls.js';
import { evaluate } from './expressions.js';
import type { Arguments } from './library.js';
import type { Machine } from './machine.js';
import type { FunctionValue, Value } from './values.js';

/** What Python's decorators of the project make of a function: itself where there are none; one of a package gives the function back. */
export function decorated(m: Machine, fn: FunctionValue): FunctionValue {
  if (m.language !== 'python' || fn.function.decorators.length === 0) return fn;
  const { self, ...plain } = fn;
  const made = [...fn.function.decorators].reverse().reduce((inner: FunctionValue, node): FunctionValue => {
    const decorator = m.read(evaluate(m, node, fn.scope));
    const result = decorator.kind === 'function' ? m.read(m.invoke(decorator, [inner], node.location)) : inner;
    return result.kind === 'function' ? result : inner;
  }, plain);
  return made === plain || made.function === fn.function ? fn : { ...made, ...(self !== undefined && takesSelf(m, fn) && { self }) };
}

/** The arguments a framework calls a wrapper with: what stands for the request in its place, everything else by the name that the function itself has for it. */
export function wrapperArguments(fn: FunctionValue, wrapper: FunctionValue, values: readonly Value[], parameters: FunctionValue['function']['parameters']): Arguments {
  const positional: Value[] = [];
  const named = new Map<string, Value>();
  parameters.forEach(({ target, rest }, index) => {
    const value = values[index];
    if (value === undefined || target.kind !== 'name' || rest !== undefined) return;
    if (index === 0 && /^(?:request|req|info|event)$/.test(target.name)) positional.push(value);
    else named.set(target.name, value);
  });
  // A wrapper may take more than the function has: a part of the path that it looks a row up by.
  const takesMore = wrapper.function.parameters.some(({ target, rest }) => rest === 'map' || (rest === undefined && target.kind === 'name' && !named.has(target.name)));
  return { positional, named, open: takesMore, ...(takesMore && { unplaced: [] }), locations: positional.map(() => fn.function.location) };
}
