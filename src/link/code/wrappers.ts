import { Registry } from './journal.js';
import type { CodeFunction } from '../../facts/code.js';
import type { Context } from './library.js';
import type { Machine } from './machine.js';
import { stored, wrappedHandlers } from './store.js';
import type { FunctionValue, Value } from './values.js';

/** The functions that others were made around, each with those. */
export function wrappedFunctions(ctx: Pick<Context, 'store' | 'journal'>): Map<CodeFunction, FunctionValue[]> {
  return stored(ctx, 'wrapped functions', () => new Registry<CodeFunction, FunctionValue[]>(ctx.journal));
}

const REQUESTS = /^_?(?:req|request|ctx|c|context|event)$/;

/**
 * Takes note of a handler of requests that a function of the project has made around another one, while modules are loaded: `withAuth(handler)`,
 * `asyncHandler(handler)`. It is followed with the file of what it was made around, which it alone may call.
 * @returns the value
 */
export function noteWrapper(m: Machine, value: Value): Value {
  const made = m.isLoading ? m.read(value) : undefined;
  if (made?.kind === 'function' && made.scope.parent !== undefined && made.self === undefined) noteWrapped(m, made);
  return value;
}

function noteWrapped(m: Machine, made: FunctionValue): void {
  if (!made.function.parameters.some(({ rest, target }) => rest !== undefined || (target.kind === 'name' && REQUESTS.test(target.name)))) return;
  const { functionScope } = made.scope;
  for (const name of functionScope.parent === undefined ? [] : functionScope.names()) {
    const slot = functionScope.own(name);
    const inner = typeof slot === 'number' ? m.read({ kind: 'reference', slot }) : undefined;
    if (inner?.kind === 'function' && inner.function !== made.function && inner.scope.functionScope !== functionScope) note(m, made, inner);
  }
}

function note(m: Machine, made: FunctionValue, inner: FunctionValue): void {
  const known = wrappedFunctions(m).get(inner.function) ?? [];
  if (known.some(({ scope }) => scope === made.scope)) return;
  wrappedFunctions(m).set(inner.function, [...known, made]);
  const { file } = inner.scope;
  wrappedHandlers(m).set(file, [...wrappedHandlers(m).get(file) ?? [], made]);
}
