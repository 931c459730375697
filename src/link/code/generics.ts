import type { CodeType, Parameter } from '../../facts/code.js';
import { stored } from './store.js';
import type { Location } from '../../facts/location.js';
import type { Arguments } from './library.js';
import type { Machine } from './machine.js';
import type { ClassValue, FunctionValue, TypeInScope, Value } from './values.js';

const DEEPEST = 8;

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

/**
 * What a parameter of a base class is given that the class of `self` has bound: `sql_model: type[Model]` of `Repository(Generic[Model])`, for `class Notes(Repository[Note])`.
 * @returns undefined where nothing is bound to it
 */
export function boundParameter(m: Machine, { type }: Parameter, { owner, self }: FunctionValue): Value | undefined {
  if (m.language !== 'python' || owner === undefined || self === undefined || type?.kind !== 'named' || !/^[Tt]ype$/.test(type.path.join('.'))) return undefined;
  const [inner] = type.arguments;
  const name = inner && variableOf(inner);
  const known = name === undefined ? undefined : m.read(self);
  const bound = known?.kind === 'instance' ? boundTo(m, known.class, owner, name!, 0) : undefined;
  const value = bound && m.typed(bound);
  const made = value && m.read(value);
  return made?.kind === 'instance' ? made.class : undefined;
}

/** What a variable of `owner` stands for in a class that is made from it. */
function boundTo(m: Machine, from: ClassValue, owner: ClassValue, name: string, depth: number): TypeInScope | undefined {
  if (from.class === owner.class || depth > DEEPEST) return undefined;
  const base = m.ancestry(from).slice(1).find((each): each is ClassValue => each.kind === 'classValue' && variablesOf(m, each).length > 0);
  if (base === undefined) return undefined;
  const deeper = base.class === owner.class ? undefined : boundTo(m, base, owner, name, depth + 1);
  const inner = base.class === owner.class ? name : deeper && variableOf(deeper.type);
  const variables = variablesOf(m, base);
  const index = inner === undefined ? -1 : variables.indexOf(inner);
  if (index < 0) return deeper;
  const argument = from.class.baseTypes.length === variables.length ? from.class.baseTypes[index] : undefined;
  return argument && { type: argument, scope: from.scope };
}

/** The variables of a class: those that it names, or else those that its base is given. */
function variablesOf(m: Machine, { class: { typeVariables, baseTypes }, scope }: ClassValue): readonly string[] {
  return typeVariables ?? baseTypes.flatMap((type) => {
    const name = variableOf(type);
    return name !== undefined && m.typed({ type, scope }) === undefined ? [name] : [];
  });
}
