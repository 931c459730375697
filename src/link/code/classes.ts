import { stored } from './store.js';
import type { ClassField, CodeClass, CodeExpression, CodeFunction } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { enterFunction, enterScope } from './calls.js';
import { evaluate } from './expressions.js';
import { outlives } from './later.js';
import { extender } from './implementers.js';
import type { Call } from './library.js';
import type { Machine } from './machine.js';
import type { Scope } from './scope.js';
import { joined } from './state.js';
import { asserted, isToldByType } from './told.js';
import { admitsUndefined, typedField } from './types.js';
import type { ClassValue, ExternalValue, FunctionValue, InstanceValue, LibraryValue, Value } from './values.js';
import { isNothing, isUndefined } from './values.js';

const DEEPEST_BASE = 10;

/** The classes a class is made from, nearest first, itself included; what the project does not hold is external. */
export function ancestry(m: Machine, value: ClassValue, depth = 0): (ClassValue | ExternalValue | LibraryValue)[] {
  // `class models(models.Model)`: what it is made from is asked while that is found out.
  if (depth > DEEPEST_BASE || m.openClasses.has(value.class)) return [value];
  m.openClasses.add(value.class);
  try {
    const bases = value.class.bases.flatMap((base) => basesOf(m, value, base, depth));
    return [value, ...bases, ...(bases.length === 0 ? decoratedBases(m, value) : [])];
  } finally {
    m.openClasses.delete(value.class);
  }
}

function basesOf(m: Machine, value: ClassValue, base: CodeExpression, depth: number): (ClassValue | ExternalValue | LibraryValue)[] {
  const found = m.read(m.inFile(value.scope.file, () => evaluate(m, base, value.scope)));
  if (found.kind === 'classValue') return found.class === value.class ? [] : ancestry(m, found, depth + 1);
  return found.kind === 'external' || found.kind === 'library' ? [found] : [];
}

/** A base that a decorator of a package gives. */
function decoratedBases(m: Machine, { class: { decorators }, scope }: ClassValue): ExternalValue[] {
  if (decorators.length === 0 || m.program.modules.get(scope.file)?.language !== 'python') return [];
  return m.inFile(scope.file, () => decorators.flatMap((each) => {
    const callee = m.read(evaluate(m, each.kind === 'call' ? each.callee : each, scope));
    return callee.kind === 'external' ? m.libraryOf(callee.module)?.decoratedBase?.(callee) ?? [] : [];
  }));
}

/** The constructor that a class itself declares. */
export function constructorOf({ methods }: CodeClass): CodeFunction | undefined {
  return methods.find(({ name }) => name === 'constructor' || name === '__init__');
}

/** A method, field or getter of an instance, or a static one of a class. */
export function classMember(m: Machine, value: Value, inner: InstanceValue | ClassValue, name: string, location?: Location): Value | undefined {
  const own = inner.kind === 'instance' ? fieldsOf(m, value, inner).get(name) : undefined;
  const set = own === undefined || m.language !== 'python' ? own : unlessUnset(own);
  const start = inner.kind === 'instance' ? inner.class : inner;
  if (own !== undefined && set === own) return asFieldSays(m, own, start, name);
  const shared = sharedMember(m, value, inner, start, name, location);
  return set === undefined ? shared : joined([{ value: set, facts: [] }, ...(shared === undefined ? [] : [{ value: shared, facts: [] }])]);
}

/** A field that was set to what is not known (`this.notes = deps.notes`) is what its type says. */
function asFieldSays(m: Machine, value: Value, start: ClassValue, name: string): Value {
  if (!isToldByType(m.read(value))) return value;
  for (const owner of ancestry(m, start)) {
    const field = owner.kind === 'classValue' ? owner.class.fields.find((each) => each.name === name) : undefined;
    if (owner.kind === 'classValue' && field?.type !== undefined) return asserted(m, value, field.type, owner.scope);
  }
  return value;
}

/** Python: a field that was set on some paths alone is that of the class on the others, and where that has none it cannot be read. */
function unlessUnset(value: Value): Value | undefined {
  if (value.kind !== 'union') return isUndefined(value) ? undefined : value;
  const options = value.options.filter((option) => !isUndefined(option.value));
  return options.length === value.options.length ? value : options.length === 0 ? undefined : joined(options);
}

/** What the class and its bases give under a name. */
function sharedMember(m: Machine, value: Value, inner: InstanceValue | ClassValue, start: ClassValue, name: string, location: Location | undefined): Value | undefined {
  const isStatic = inner.kind === 'classValue';
  const mapped = mappedMember(m, start, name, isStatic ? 'class' : inner.given === true ? 'given' : 'made', location);
  if (mapped !== undefined) return mapped;
  for (const each of ancestry(m, start)) {
    if (each.kind !== 'classValue') continue;
    m.traces.ask(each.scope.file);
    const python = m.program.modules.get(each.scope.file)?.language === 'python';
    const method = each.class.methods.find((candidate) => candidate.name === name && (python || candidate.isStatic === true === isStatic));
    if (method) return methodOf(m, value, each, method, python && isStatic);
    const field = each.class.fields.find((candidate) => candidate.name === name && (python || candidate.isStatic === isStatic));
    const instead = field && inner.kind === 'instance' && inner.given === true && isAbstract(field) ? extender(m, start, location) : undefined;
    if (instead !== undefined) return m.member(instead, name);
    if (field) return boundTo(m, m.inFile(each.scope.file, () => orGiven(m, typedField(m, field, each), field, each, inner)), value, start, name);
  }
  return undefined;
}

function isAbstract({ type, value, isStatic }: ClassField): boolean {
  return type?.kind === 'function' && value === undefined && !isStatic;
}

/** Python's `external_id: str | None = None`: what was handed over may have it. */
function orGiven(m: Machine, value: Value, { name, type }: ClassField, owner: ClassValue, self: InstanceValue | ClassValue): Value {
  const isOpen = m.language === 'python' && self.kind === 'instance' && self.given === true && type !== undefined && admitsUndefined(type) && isNothing(m.read(value));
  return isOpen ? m.typed({ type, scope: owner.scope }) ?? m.input(name, 'unknown', { key: `${owner.class.name ?? 'class'}.${name}`, maybe: true }) : value;
}

/** Python's descriptors: what a library's value is as an attribute of a class or of an instance. */
function boundTo(m: Machine, found: Value, self: Value, owner: ClassValue, name: string): Value {
  const inner = m.read(found);
  return inner.kind === 'library' ? m.libraryNamed(inner.library)?.bound?.(inner, self, owner, name, m) ?? found : found;
}

/** What a library that maps the class makes of an attribute. */
function mappedMember(m: Machine, owner: ClassValue, name: string, use: 'class' | 'made' | 'given', location: Location = { file: m.file, start: 0, end: 0 }): Value | undefined {
  for (const { mapped } of m.program.libraries) {
    const found = mapped?.(owner, name, use, location, m);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The constructor that makes an instance of a class: its own, or that of the nearest base that has one. @param chain the class and its bases, nearest first */
export function constructorFor(chain: ReturnType<typeof ancestry>, self: Value): FunctionValue | undefined {
  for (const owner of chain) {
    const code = owner.kind === 'classValue' ? constructorOf(owner.class) : undefined;
    if (owner.kind === 'classValue' && code !== undefined) return { kind: 'function', function: code, scope: owner.scope, self, owner };
  }
  return undefined;
}

/** The fields of an instance; one that was injected gets them by its constructor, with what the types of the parameters say. */
function fieldsOf(m: Machine, value: Value, instance: InstanceValue): InstanceValue['fields'] {
  if (value.kind !== 'reference' || instance.fields.size > 0 || m.constructed.has(value.slot)) return instance.fields;
  m.constructed.add(value.slot);
  const constructor = constructorFor(ancestry(m, instance.class), value);
  if (constructor === undefined) return instance.fields;
  m.apart(() => enterFunction(m, constructor));
  const made = m.read(value);
  return made.kind === 'instance' ? made.fields : instance.fields;
}

/** A method of a class for `self`; what a getter gives. */
export function methodOf(m: Machine, self: Value, owner: ClassValue, method: CodeFunction, unbound = false): Value {
  const fn: Value = { kind: 'function', function: method, scope: owner.scope, owner, ...(unbound && !hasDecorator(method, 'classmethod') ? {} : { self }) };
  m.unit.noteFunction(fn);
  const isGetter = method.form === 'getter' || hasDecorator(method, 'property') || hasDecorator(method, 'cached_property');
  return isGetter && !unbound ? m.invoke(fn, [], method.location) : fn;
}

/** Whether a function has a decorator of a plain name. */
export function hasDecorator(fn: CodeFunction, name: string): boolean {
  return fn.decorators.some((each) => (each.kind === 'name' && each.name === name) || (each.kind === 'member' && each.property === name));
}

/** What a library makes of an instance (or a class) of the project whose base is the library's, or that a decorator of it marks. */
export function libraryOfInstance(m: Machine, value: InstanceValue | ClassValue): Value | undefined {
  const start = value.kind === 'instance' ? value.class : value;
  for (const base of ancestry(m, start)) {
    if (base.kind === 'library') return base;
    if (base.kind !== 'external') continue;
    const library = m.libraryOf(base.module);
    const found = value.kind === 'instance' ? library?.instance?.(value, base, m) : library?.classValue?.(value, base, m);
    if (found !== undefined) return found;
  }
  return value.kind === 'classValue' ? libraryOfDecorators(m, value) : undefined;
}

function libraryOfDecorators(m: Machine, value: ClassValue): Value | undefined {
  return m.inFile(value.scope.file, () => {
    for (const decorator of value.class.decorators) {
      const callee = m.read(evaluate(m, decorator.kind === 'call' ? decorator.callee : decorator, value.scope));
      if (callee.kind === 'function') {
        const applied = appliedTo(m, value, decorator);
        if (applied !== undefined) return applied;
      }
      if (callee.kind !== 'external') continue;
      const found = m.libraryOf(callee.module)?.decoratedClass?.(value, callee, decorator.kind === 'call' ? decoratorCall(m, decorator, value.scope) : undefined, m);
      if (found !== undefined) return found;
    }
    return undefined;
  });
}

/** A decorator of the project that applies those of a library. */
function appliedTo(m: Machine, value: ClassValue, decorator: CodeClass['decorators'][number]): Value | undefined {
  const libraries = m.program.libraries.filter(({ decoratedBy }) => decoratedBy !== undefined);
  if (libraries.length === 0) return undefined;
  const applied = stored(m, 'applied decorators', () => new Set<unknown>());
  // Once: what a decorator of the project does with the class may ask for the class itself.
  if (!applied.has(decorator)) m.apart(() => {
    applied.add(decorator);
    const made = m.read(evaluate(m, decorator, value.scope));
    if (made.kind === 'function' || made.kind === 'union') m.invoke(made, [value], decorator.location);
  });
  return libraries.map(({ decoratedBy }) => decoratedBy!(value, m)).find((found) => found !== undefined);
}

/** A decorator's call with its arguments, for libraries. */
export function decoratorCall(m: Machine, call: Extract<CodeClass['decorators'][number], { kind: 'call' }>, scope: Scope): Call {
  const positional = call.arguments.filter(({ name, spread }) => name === undefined && spread === undefined).map(({ value }) => evaluate(m, value, scope));
  const named = new Map(call.arguments.flatMap(({ name, value }) => (name === undefined ? [] : [[name, evaluate(m, value, scope)] as const])));
  return { arguments: { positional, named, open: false, locations: call.arguments.map(({ value }) => value.location) }, isNew: false, location: call.location, nameLocation: call.callee.location, typeArguments: [] };
}

/** Whether a Python class takes its annotated fields as arguments: a dataclass, a NamedTuple, a model of pydantic. */
function isRecord(m: Machine, value: ClassValue, chain: readonly ClassValue[]): boolean {
  if (m.program.modules.get(value.scope.file)?.language !== 'python' || chain.some(({ class: code }) => code.methods.some(({ name }) => name === '__init__'))) return false;
  const isDataclass = ({ class: code }: ClassValue) => code.decorators.some((each) => /^(dataclass|define|frozen|attrs)$/.test(decoratorWord(each)));
  return chain.some(isDataclass) || ancestry(m, value).some((each) => each.kind === 'external' && (/^(NamedTuple|BaseModel)$/.test(each.path.at(-1) ?? '') || (each.module === 'ninja' && each.path.at(-1) === 'Schema')));
}

function decoratorWord(decorator: CodeClass['decorators'][number]): string {
  const callee = decorator.kind === 'call' ? decorator.callee : decorator;
  return callee.kind === 'name' ? callee.name : callee.kind === 'member' ? callee.property : '';
}

/** The arguments of a record's construction, by the order of its fields or by their names; else their defaults. */
function fillRecord(m: Machine, self: Extract<Value, { kind: 'reference' }>, chain: readonly ClassValue[], call: Call): void {
  const declared = [...chain].reverse().flatMap((owner) => owner.class.fields.filter(({ type }) => type !== undefined).map((field) => ({ field, owner })));
  const { positional, named } = call.arguments;
  const fields = new Map<string, Value>();
  for (const [index, { field, owner }] of declared.entries()) {
    const given = named.get(field.name) ?? positional[index] ?? (field.value && m.inFile(owner.scope.file, () => typedField(m, field, owner)));
    if (given !== undefined) fields.set(field.name, given);
  }
  const instance = m.read(self);
  if (instance.kind === 'instance') m.write(self, { ...instance, fields: new Map([...instance.fields, ...fields]) });
}

/** `new C(...)`: fields first, then the constructor. */
export function construct(m: Machine, value: ClassValue, call: Call): Value {
  const self = m.allocate({ kind: 'instance', class: value, fields: new Map() });
  m.constructed.add(self.slot);
  const chain = ancestry(m, value).filter((each): each is ClassValue => each.kind === 'classValue');
  for (const each of [...chain].reverse()) m.inFile(each.scope.file, () => initialize(m, self, each));
  if (isRecord(m, value, chain)) fillRecord(m, self, chain, call);
  const constructor = constructorFor(chain, self);
  if (constructor !== undefined) {
    m.unit.noteFunction(constructor);
    enterScope(m, constructor, call.arguments, call.location);
  }
  return self;
}

function initialize(m: Machine, self: Extract<Value, { kind: 'reference' }>, owner: ClassValue): void {
  for (const field of owner.class.fields) {
    if (field.isStatic || field.value === undefined || m.program.modules.get(owner.scope.file)?.language === 'python') continue;
    const made = typedField(m, field, owner, !outlives(m));
    const instance = m.read(self);
    if (instance.kind === 'instance') m.write(self, { ...instance, fields: new Map([...instance.fields, [field.name, made]]) });
  }
}

/** One instance of each class of the project stands for whatever is injected. */
export function instanceFor(m: Machine, value: ClassValue): Value {
  const instances = stored(m, 'instances', () => new Map<unknown, Value>());
  const known = instances.get(value.class);
  if (known !== undefined) return known;
  return m.atRoot(() => {
    const made = m.allocate({ kind: 'instance', class: value, fields: new Map(), given: true });
    instances.set(value.class, made);
    return made;
  });
}
