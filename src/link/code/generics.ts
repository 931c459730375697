import type { CodeType } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import type { Arguments } from './library.js';
import type { Machine } from './machine.js';
import type { FunctionValue, Value } from './values.js';

/**
 * What a helper gives that keeps what another function makes: `remember<T>(name: string, make: () => T): T`. By its types it gives what that
 * function gives, wherever it was kept in between. Only clients and the like are taken so: what rows are is told by their query.
 * @param result what its code gives, as far as that could be followed
 */
export function handedBack(m: Machine, fn: FunctionValue, given: Arguments, result: Value, location: Location): Value {
  const kind = m.read(result).kind;
  const { returns, parameters } = fn.function;
  if ((kind !== 'unknown' && kind !== 'input') || returns === undefined) return result;
  const name = variableOf(returns);
  const index = name === undefined ? -1 : parameters.findIndex(({ type }) => type?.kind === 'function' && type.parameters.length === 0 && type.returns !== undefined && variableOf(type.returns) === name);
  const made = index < 0 ? undefined : m.read(given.positional[index] ?? result);
  if (made?.kind !== 'function') return result;
  let kept: Value = result;
  m.collect(() => {
    const value = m.read(m.invoke(made, [], location));
    if (value.kind === 'library' || (value.kind === 'union' && value.options.some((option) => m.read(option.value).kind === 'library'))) kept = value;
  });
  return kept;
}

/** `T`, `Promise<T>`: the name. */
function variableOf(type: CodeType): string | undefined {
  if (type.kind !== 'named' || type.path.length > 1) return undefined;
  const [inner] = type.arguments;
  return inner === undefined ? type.path[0] : type.path[0] === 'Promise' ? variableOf(inner) : undefined;
}
