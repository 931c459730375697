import type { CodeType } from '../../facts/code.js';
import { stored } from './store.js';
import type { Location } from '../../facts/location.js';
import type { Arguments } from './library.js';
import type { Machine } from './machine.js';
import type { ClassValue, FunctionValue, TypeInScope, Value } from './values.js';

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

/**
 * Whatever is given for Python's `AuthSubject[User]`, where `class AuthSubject(Generic[S])` has a field `subject: S`: that is a `User`.
 * @returns undefined where the arguments say nothing of its fields
 */
export function instanceOfGeneric(m: Machine, owner: ClassValue, { type, scope }: TypeInScope): Value | undefined {
  if (m.language !== 'python' || type.kind !== 'named' || type.arguments.length === 0) return undefined;
  const instances = stored(m, 'instances of generics', () => new WeakMap<CodeType, Value>());
  const known = instances.get(type);
  if (known !== undefined) return known;
  const variables = owner.class.typeVariables ?? [];
  const fields = owner.class.fields.flatMap((field): [string, Value][] => {
    const name = field.value === undefined && field.type ? variableOf(field.type) : undefined;
    const argument = name === undefined ? undefined : type.arguments[variables.indexOf(name)];
    const value = argument?.kind === 'named' ? m.typed({ type: argument, scope }) : undefined;
    return value !== undefined && m.read(value).kind === 'instance' ? [[field.name, value]] : [];
  });
  if (fields.length === 0) return undefined;
  const made = m.atRoot(() => m.allocate({ kind: 'instance', class: owner, fields: new Map(fields), given: true }));
  instances.set(type, made);
  return made;
}
