import type { ClassField, CodeExpression, CodeType, Parameter } from '../../facts/code.js';
import { instanceFor } from './classes.js';
import { expectedParameter } from './expected.js';
import { evaluate } from './expressions.js';
import { implementer } from './implementers.js';
import { boundParameter, instanceOfGeneric } from './generics.js';
import { orSetLater } from './later.js';
import { isSource } from './library.js';
import type { Machine } from './machine.js';
import { joined } from './state.js';
import type { ClassValue, FunctionValue, TypeInScope, Value } from './values.js';
import { nullValue, unknownValue } from './values.js';

const WRAPPERS = new Set(['Promise', 'Readonly', 'NonNullable', 'Awaited', 'Partial', 'Required', 'Annotated', 'Final', 'ClassVar', 'Optional', 'Omit', 'Pick']);
const DEEPEST = 12;

/** The value that something of a type has, where the type says: a client of a library, an instance of a class of the project, an input of known members. */
export function typedValue(m: Machine, { type, scope }: TypeInScope, depth = 0): Value | undefined {
  if (depth > DEEPEST) return undefined;
  switch (type.kind) {
    case 'named': return namedValue(m, type, { type, scope }, depth);
    case 'union': case 'intersection': {
      const found = type.parts.map((part) => typedValue(m, { type: part, scope }, depth + 1)).filter((value) => value !== undefined);
      return found.find((value) => ['library', 'reference', 'external'].includes(value.kind)) ?? found[0];
    }
    case 'typeof': {
      const [first, ...rest] = type.path;
      return rest.reduce((value: Value, name) => m.member(value, name), evaluate(m, { kind: 'name', name: first!, location: type.location }, scope));
    }
    case 'object': return { kind: 'input', key: `${scope.file}:${type.location.start}`, name: 'a value', trust: 'unknown', maybe: false, type: { type, scope } };
    case 'indexed': {
      const client = clientOfTransaction(m, { type, scope }, depth);
      if (client !== undefined) return client;
      const object = typedValue(m, { type: type.object, scope }, depth + 1);
      return object !== undefined && type.key.kind === 'literal' && typeof type.key.value === 'string' ? m.member(object, type.key.value) : undefined;
    }
    default: return undefined;
  }
}

/** `Parameters<Parameters<typeof db.transaction>[0]>[0]`: what a transaction's callback is given is a client like the one it began with. */
function clientOfTransaction(m: Machine, { type, scope }: TypeInScope, depth: number): Value | undefined {
  if (depth > DEEPEST) return undefined;
  if (type.kind === 'typeof' && /^\$?transaction$/.test(type.path.at(-1)!)) return typedValue(m, { type: { ...type, path: type.path.slice(0, -1) }, scope }, depth + 1);
  if (type.kind === 'named') {
    const [inner] = type.arguments;
    if (type.path.join('.') === 'Parameters' && inner !== undefined) return clientOfTransaction(m, { type: inner, scope }, depth + 1);
    const declared = declaredType(m, type.path, { type, scope });
    return declared && clientOfTransaction(m, declared, depth + 1);
  }
  if (type.kind !== 'indexed' || type.key.kind !== 'literal') return undefined;
  return type.key.value === 'transaction' || type.key.value === '$transaction'
    ? typedValue(m, { type: type.object, scope }, depth + 1) : type.key.value === 0 ? clientOfTransaction(m, { type: type.object, scope }, depth + 1) : undefined;
}

function namedValue(m: Machine, type: Extract<CodeType, { kind: 'named' }>, from: TypeInScope, depth: number): Value | undefined {
  const { scope } = from;
  const name = type.path.at(-1)!;
  const [inner] = type.arguments;
  if (type.path.length === 1 && WRAPPERS.has(name) && inner !== undefined) return typedValue(m, { type: inner, scope }, depth + 1);
  if (/^(ReturnType|InstanceType)$/.test(name) && inner?.kind === 'typeof') {
    const value = typedValue(m, { type: inner, scope }, depth + 1);
    if (value === undefined) return undefined;
    return name === 'ReturnType' ? resultOf(m, value, type.location) : m.read(value).kind === 'classValue' ? m.allocate({ kind: 'instance', class: m.read(value) as ClassValue, fields: new Map(), given: true }) : undefined;
  }
  const declared = declaredType(m, type.path, from);
  if (declared !== undefined) return implementer(m, declared, name, type.location) ?? typedValue(m, declared, depth + 1);
  const [first, ...rest] = type.path;
  if (scope.find(first!) === undefined && m.program.resolver.starred(m, scope.file, first!) === undefined) return undefined;
  const found = m.read(rest.reduce((value: Value, member) => m.member(value, member), evaluate(m, { kind: 'name', name: first!, location: type.location }, scope)));
  if (found.kind === 'classValue') return instanceOfGeneric(m, found, { type, scope }) ?? instanceFor(m, found);
  if (found.kind !== 'external') return found.kind === 'library' ? m.libraryNamed(found.library)?.typed?.({ kind: 'external', module: found.library, path: [name] }, [], m) : undefined;
  const library = m.libraryOf(found.module);
  const made = library?.typed?.(found, type.arguments.map((each) => ({ type: each, scope })), m);
  // Of a package that nothing is known of (`z.infer<...>`), the value is as unknown as any other.
  return made ?? (library === undefined || library.incidental === true ? undefined : { ...found, instance: true });
}

/** What a function gives to whoever calls it, with arguments of its parameters' types. */
function resultOf(m: Machine, value: Value, location: CodeType['location']): Value {
  const fn = m.read(value);
  return m.invoke(value, fn.kind === 'function' ? m.inFile(fn.scope.file, () => fn.function.parameters.map((parameter) => parameterValue(m, parameter, fn))) : [], location);
}

/** `type T = ...` and interfaces, here or imported. */
function declaredType(m: Machine, path: readonly string[], { scope }: TypeInScope): TypeInScope | undefined {
  return m.program.resolver.typeNamed(m, scope, path.join('.'));
}

/** The type of a member of a type, where it is declared. */
export function memberType(m: Machine, { type, scope }: TypeInScope, name: string, depth = 0): { readonly type: TypeInScope; readonly optional: boolean } | undefined {
  if (depth > DEEPEST) return undefined;
  switch (type.kind) {
    case 'object': {
      const found = type.members.find((member) => member.name === name);
      return found?.type && { type: { type: found.type, scope }, optional: found.optional || admitsUndefined(found.type) };
    }
    case 'union': case 'intersection':
      for (const part of type.parts) {
        const found = memberType(m, { type: part, scope }, name, depth + 1);
        if (found) return found;
      }
      return undefined;
    case 'named': {
      const [inner] = type.arguments;
      if (type.path.length === 1 && WRAPPERS.has(type.path[0]!) && inner !== undefined) {
        const found = memberType(m, { type: inner, scope }, name, depth + 1);
        return found && type.path[0] === 'Partial' ? { ...found, optional: true } : found;
      }
      const declared = declaredType(m, type.path, { type, scope });
      if (declared === undefined) return undefined;
      return memberType(m, declared, name, depth + 1);
    }
    default: return undefined;
  }
}

/** The first of what a type is made of that is of a kind: through names, unions, `Promise<T>` and the like. */
export function typeBehind(m: Machine, from: TypeInScope, isSought: (type: CodeType) => boolean, depth = 0): TypeInScope | undefined {
  const { type, scope } = from;
  if (isSought(type)) return from;
  if (depth > DEEPEST) return undefined;
  if (type.kind === 'union' || type.kind === 'intersection') {
    for (const part of type.parts) {
      const found = typeBehind(m, { type: part, scope }, isSought, depth + 1);
      if (found) return found;
    }
  }
  if (type.kind !== 'named') return undefined;
  const [inner] = type.arguments;
  if (type.path.length === 1 && WRAPPERS.has(type.path[0]!) && inner !== undefined) return typeBehind(m, { type: inner, scope }, isSought, depth + 1);
  const declared = declaredType(m, type.path, from);
  return declared && typeBehind(m, declared, isSought, depth + 1);
}

/** `string | undefined`, `Optional[str]`. */
export function admitsUndefined(type: CodeType): boolean {
  if (type.kind === 'union') return type.parts.some(admitsUndefined);
  if (type.kind === 'literal') return type.value === undefined || type.value === null;
  if (type.kind === 'named') return type.path.at(-1) === 'Optional' || (type.path.length === 1 && (type.path[0] === 'undefined' || type.path[0] === 'null' || type.path[0] === 'None'));
  return false;
}

/**
 * What a parameter holds when nothing of the project calls its function: what its type says, or the client or repository that it is by default,
 * which says more than a type does (`repository: Repository<Note> = dataSource.getRepository(NoteSchema)`).
 */
export function parameterValue(m: Machine, parameter: Parameter, fn: FunctionValue): Value {
  const bound = boundParameter(m, parameter, fn);
  if (bound !== undefined) return bound;
  const type: TypeInScope | undefined = parameter.type ? { type: parameter.type, scope: fn.scope } : expectedParameter(m, fn, fn.function.parameters.indexOf(parameter));
  const typed = type && m.typed(type);
  const known = typed !== undefined && m.read(typed).kind !== 'input' ? typed : undefined;
  if (known === undefined || (m.read(known).kind === 'library' && parameter.default?.kind === 'call')) {
    const made = clientByDefault(m, parameter, fn);
    if (made !== undefined) return made;
  }
  if (known !== undefined) return mayBeLeftOut(m, known, parameter);
  const name = parameter.target.kind === 'name' ? parameter.target.name : 'a parameter';
  if (parameter.rest !== undefined) return unknownValue('the rest of the arguments');
  return {
    kind: 'input', key: `${name}@${fn.function.location.file}:${parameter.location.start}`, name, trust: 'unknown',
    maybe: isNothingByDefault(parameter) || (type !== undefined && admitsUndefined(type.type) && parameter.default === undefined),
    ...(type && { type }),
  };
}

/** `value?: T`, `value = null`, Python's `value=None`. */
function isNothingByDefault({ optional, default: given }: Parameter): boolean {
  return optional || (given?.kind === 'literal' && (given.value === null || given.value === undefined));
}

/** A row that a function of Python is given, or none: `invoice: Optional[Invoice] = None`. */
function mayBeLeftOut(m: Machine, known: Value, parameter: Parameter): Value {
  const inner = m.read(known);
  const isOptional = isNothingByDefault(parameter) || (parameter.type !== undefined && admitsUndefined(parameter.type));
  const isRow = inner.kind === 'instance' && inner.given === true && m.ancestry(inner.class).some((base) => base.kind === 'library' || (base.kind === 'external' && isSource(m.libraryOf(base.module))));
  return m.language === 'python' && isOptional && isRow ? joined([{ value: known, facts: [] }, { value: nullValue, facts: [] }]) : known;
}

/** What a parameter holds that is given `value`: where that is not known, and the parameter says of which class it is, such an object. */
export function declaredInstead(m: Machine, value: Value, parameter: Parameter, fn: FunctionValue): Value {
  if (parameter.type === undefined || parameter.default !== undefined || admitsUndefined(parameter.type)) return value;
  const given = m.read(value);
  const options = given.kind === 'union' ? given.options.map((option) => m.read(option.value)) : [given];
  // What a function of a package gives is known no better.
  const isOpen = (option: Value) => option.kind === 'unknown' || (option.kind === 'input' && option.trust === 'unknown' && option.type === undefined);
  if (!options.some(isOpen)) return value;
  const declared = parameterValue(m, parameter, fn);
  const { kind } = m.read(declared);
  if (kind !== 'instance' && kind !== 'library') return value;
  if (given.kind !== 'union') return declared;
  const known = given.options.filter((_, index) => !isOpen(options[index]!) && options[index]!.kind !== 'constant');
  return joined([...known, { value: declared, facts: [] }]);
}

/** A default of Python that is a call may be no value: FastAPI's `Depends(...)`. */
function clientByDefault(m: Machine, { default: given }: Parameter, fn: FunctionValue): Value | undefined {
  if (given === undefined || (given.kind !== 'name' && !(given.kind === 'call' && m.language === 'javascript'))) return undefined;
  const value = m.read(evaluate(m, given, fn.scope));
  const options = value.kind === 'union' ? value.options.map((option) => m.read(option.value)) : [value];
  return options.find(({ kind }) => kind === 'library' || kind === 'instance');
}

/** `name: str = Field(max_length=80)` of pydantic, dataclasses' `field(...)`: the call describes the field, the value is whatever an instance was made with. */
function isDescribed({ type, value }: ClassField): boolean {
  return type !== undefined && value?.kind === 'call' && value.callee.kind === 'name' && /^[Ff]ield$/.test(value.callee.name);
}

/**
 * The value of a field of a class: what it is given, else what its type says.
 * @param isNew of an instance that a function makes for itself: nothing has set it yet
 */
export function typedField(m: Machine, field: ClassField, owner: ClassValue, isNew = false): Value {
  if (field.value !== undefined && !isDescribed(field)) {
    const value = givenField(m, field, field.value, owner);
    // Attributes of Python's classes are defaults of records as well, of which there are many.
    return isNew || m.language === 'python' ? value : orSetLater(m, value, field.name, field.type, owner.scope);
  }
  if (field.type === undefined) return unknownValue(`the field "${field.name}"`);
  return m.typed({ type: field.type, scope: owner.scope })
    ?? m.input(field.name, 'unknown', { key: `${owner.class.name ?? 'class'}.${field.name}`, maybe: field.value !== undefined && admitsUndefined(field.type) });
}

/** What a field is made with; while that is found out, it has no value yet. */
function givenField(m: Machine, field: ClassField, value: CodeExpression, owner: ClassValue): Value {
  if (m.fieldsInMaking.has(field)) return unknownValue(`the field "${field.name}"`);
  m.fieldsInMaking.add(field);
  try {
    return evaluate(m, value, owner.scope);
  } finally {
    m.fieldsInMaking.delete(field);
  }
}
