import type { Location } from '../../facts/location.js';
import { builtinMember } from './builtins.js';
import { assignAll, changesOf, withFields } from './changes.js';
import { isUntrustedSource } from './calls.js';
import { classMember, libraryOfInstance } from './classes.js';
import { firstOfKey, withComputed } from './computed.js';
import { COUNT } from './lower.js';
import { isSuper, superLibrary, superMember } from './inheritance.js';
import type { Library } from './library.js';
import { Registry } from './journal.js';
import { keysOf } from './keys.js';
import type { Machine } from './machine.js';
import { constantText } from './patterns.js';
import { proxyMember } from './proxies.js';
import { signsOfMember } from './signatures.js';
import { joined, unionOf } from './state.js';
import { stored } from './store.js';
import { memberType } from './types.js';
import type { ExternalValue, InputValue, ListValue, ObjectValue, Result, RowValue, Value } from './values.js';
import { isUndefined, isNothing, undefinedValue, unknownValue } from './values.js';

/** A property of a value, as `value.name` evaluates in the module's language. */
export function memberOf(m: Machine, value: Value, name: string, location?: Location): Value {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'object': return gotten(m, value, objectMember(m, inner, name)) ?? builtinMember(m, value, name) ?? undefinedValue;
    case 'instance': return classMember(m, value, inner, name, location) ?? fromLibrary(m, libraryOfInstance(m, inner), name, location) ?? unknownValue(`a member "${name}" that is not declared`);
    case 'classValue':
      if ((name === '__name__' || name === '__qualname__') && inner.class.name !== undefined) return { kind: 'constant', value: inner.class.name };
      return classMember(m, value, inner, name, location) ?? fromLibrary(m, libraryOfInstance(m, inner), name, location) ?? unknownValue(`a member "${name}" that is not declared`);
    case 'namespace': return m.program.resolver.exported(m, inner.file, name) ?? m.program.resolver.pythonFolder(inner.file, name) ?? unknownValue(`"${name}" is not exported by ${inner.file}`);
    case 'external': return proxyMember(m, inner, name, location) ?? libraryMember(m, inner, name, location);
    case 'library': return libraryMember(m, inner, name, location);
    case 'input': return changedMember(m, inner, name) ?? inputMember(m, inner, name);
    case 'row': return changedMember(m, inner, name) ?? entityLibrary(m, inner)?.rowMember?.(inner, name, m) ?? rowMember(m, inner, name);
    case 'rowList': return name === 'length' || name === 'size' ? { kind: 'field', result: inner.result, path: [...inner.path, COUNT], many: false, maybe: false } : builtinMember(m, value, name) ?? unknownValue(`"${name}" of a list of rows`);
    case 'union': return unionMember(m, inner.options, name, location);
    case 'unknown': return inner;
    default: return builtinMember(m, value, name) ?? unknownValue(`a member "${name}"`);
  }
}

/** The library whose entity a row is. */
export function entityLibrary(m: Machine, { result }: { readonly result: Result }): Library | undefined {
  return result.entity && m.libraryNamed(result.entity.library);
}

/** Python's `type(value)`. */
export function classBehind(m: Machine, value: Value): Value | undefined {
  const inner = m.read(value);
  return inner.kind === 'instance' ? inner.class : inner.kind === 'row' ? entityLibrary(m, inner)?.rowMember?.(inner, '__class__', m) : undefined;
}

/** Rows that are held by a value, at any depth, are used by someone. */
export function useRows(m: Machine, value: Value, depth = 0): void {
  const inner = m.read(value);
  if (depth > 3) return;
  if (inner.kind === 'rowList') entityLibrary(m, inner)?.used?.(inner, m);
  else if (inner.kind === 'union') for (const option of inner.options) useRows(m, option.value, depth);
  else if (inner.kind === 'list') for (const item of inner.items) useRows(m, item.value, depth + 1);
  else if (inner.kind === 'object') for (const entry of inner.entries) useRows(m, entry.value, depth + 1);
}

/** `{ get name() { ... } }`: a getter gives what it returns. */
function gotten(m: Machine, self: Value, found: Value | undefined): Value | undefined {
  if (found?.kind === 'union') return joined(found.options.map(({ value, facts }) => ({ value: gotten(m, self, value) ?? value, facts })));
  return found?.kind === 'function' && found.function.form === 'getter' ? m.invoke({ ...found, self }, [], found.function.location) : found;
}

/** What was set under a name on a row or an input. */
function changedMember(m: Machine, value: RowValue | InputValue, name: string): Value | undefined {
  const changes = changesOf(m, value);
  const found = changes && objectMember(m, changes, name);
  if (found === undefined) return undefined;
  const isCertain = changes!.entries.some((entry) => entry.kind === 'property' && entry.key === name && !entry.maybe);
  if (isCertain) return found;
  const own = value.kind === 'input' ? inputMember(m, value, name) : ownMember(m, value, name);
  const set = found.kind === 'union' ? found.options.filter(({ value: each }) => !isUndefined(each)) : [{ value: found, facts: [] }];
  return joined([...set, { value: own, facts: [] }]);
}

/** What a row has under a name that nothing was set under: one that its table has nothing of is not there. */
function ownMember(m: Machine, row: RowValue, name: string): Value {
  const path = [...row.path, name];
  const own = entityLibrary(m, row)?.rowMember?.(row, name, m) ?? rowMember(m, row, name);
  return own.kind === 'field' && row.result.rows !== undefined && row.result.column(path) === undefined ? undefinedValue : own;
}

function fromLibrary(m: Machine, value: Value | undefined, name: string, location: Location | undefined): Value | undefined {
  return value?.kind === 'library' || value?.kind === 'external' ? libraryMember(m, value, name, location) : undefined;
}

function libraryMember(m: Machine, value: Extract<Value, { kind: 'external' | 'library' }>, name: string, location: Location = { file: m.file, start: 0, end: 0 }): Value {
  if (isSuper(value)) return superMember(m, value, name) ?? fromLibrary(m, superLibrary(m, value), name, location) ?? unknownValue(`a member "${name}" of super()`);
  const library = m.libraryBehind(value);
  const found = library?.member?.(value, name, location, m);
  if (found !== undefined) return found;
  if (value.kind === 'library') return unknownValue(`a member "${name}" of ${value.library}`);
  if (isGlobalObject(value)) return globalMember(m, value.path[0]!, name);
  const path = { ...value, path: [...value.path, name] };
  if (library === undefined && m.language === 'python') {
    // A folder of the project without an `__init__.py` is a package all the same.
    const file = m.program.resolver.pythonModule(m.file, [value.module, ...path.path].join('.'));
    if (file !== undefined) return { kind: 'namespace', file };
  }
  return library?.external?.(path, m) ?? path;
}

function isGlobalObject(value: Value): boolean {
  return isGlobalName(value) && /^(?:globalThis|global|window|self)$/.test(value.path[0]!);
}

/** A name that nothing declares: `db` where another file says `global.db = new PrismaClient()`. */
function isGlobalName(value: Value): value is ExternalValue {
  return value.kind === 'external' && value.module === 'global:javascript' && value.path.length === 1 && value.instance !== true;
}

/** `globalThis.prisma ?? new PrismaClient()`: a global of one's own is there the second time only; then it is what it was set to. */
function globalMember(m: Machine, object: string, name: string): Value {
  const other = m.input(`${object}.${name}`, 'unknown', { maybe: true });
  const set = globalSet(m, name);
  return set === undefined ? other : joined([{ value: set, facts: [] }, { value: other, facts: [] }]);
}

/** What was kept in a global of the program's own; undefined: nothing that is known. */
export function globalSet(m: Machine, name: string): Value | undefined {
  return m.language === 'javascript' ? globals(m).get(name) : undefined;
}

function globals(m: Machine): Map<string, Value> {
  return stored(m, 'globals', () => new Registry<string, Value>(m.journal));
}

/** Clients are kept in globals, so that there is one of them. */
export function setGlobal(m: Machine, name: string, to: Value): void {
  const value = m.read(to);
  if (value.kind === 'library') globals(m).set(name, value);
}

/** What of several values a member can be taken of. Where one is a library's, what is not known besides is the same by another way: `tx ?? prisma`, `globalThis.db ?? new Client()`. */
export function receivers(options: Extract<Value, { kind: 'union' }>['options']): Extract<Value, { kind: 'union' }>['options'] {
  const there = options.filter(({ value }) => !isNothing(value));
  const known = there.some(({ value }) => value.kind === 'library') ? there.filter(({ value }) => value.kind !== 'input' && value.kind !== 'unknown' && !isGlobalName(value)) : there;
  return known;
}

/** A member of one of several: those that have none (null, undefined) would have thrown. */
function unionMember(m: Machine, options: Extract<Value, { kind: 'union' }>['options'], name: string, location: Location | undefined): Value {
  return joined(receivers(options).map(({ value, facts }) => ({ value: memberOf(m, value, name, location), facts })));
}

/** What an object holds under a key; undefined when it certainly has no such key. */
export function objectMember(m: Machine, object: ObjectValue, name: string): Value | undefined {
  const options: { value: Value; facts: [] }[] = [];
  const isGiven = (): boolean => object.entries.some((entry) => entry.kind === 'property' && entry.key === name && !entry.maybe);
  for (const entry of [...object.entries].reverse()) {
    if (entry.kind === 'property') {
      if (entry.key !== name) continue;
      options.push({ value: entry.value, facts: [] });
      if (!entry.maybe) return joined(options);
    } else {
      if (entry.computed !== undefined) {
        options.push({ value: entry.computed.value, facts: [] });
        continue;
      }
      if (!mayHave(m, entry.value, name)) continue;
      const spread = m.member(entry.value, name);
      const inner = m.read(spread);
      // Nobody names what the options of a package would replace: `{ db, ...options }`.
      if (isUndefined(inner) || ((inner.kind === 'external' || (inner.kind === 'input' && inner.trust !== 'untrusted')) && isGiven())) continue;
      options.push({ value: spread, facts: [] });
      if (!entry.maybe && inner.kind !== 'unknown') return joined(options);
    }
  }
  return options.length === 0 ? undefined : joined([...options, { value: undefinedValue, facts: [] }]);
}

/** Whether an object that is spread may have a key, as its type says: `{ db, ...options }` with `options: { headers: Headers }` has the `db` that stands there. */
function mayHave(m: Machine, spread: Value, name: string): boolean {
  const inner = m.read(spread);
  return inner.kind !== 'input' || keysOf(m, inner)?.includes(name) !== false;
}

function inputMember(m: Machine, input: InputValue, name: string): Value {
  const typed = input.type && memberType(m, input.type, name);
  const known = typed && m.typed(typed.type);
  if (known !== undefined && m.read(known).kind !== 'input') return known;
  const method = builtinMember(m, input, name);
  if (method !== undefined && typed === undefined) return method;
  const inner = known === undefined ? undefined : m.read(known);
  const path = `${input.name}.${name}`;
  return {
    kind: 'input', key: `${input.key}.${name}`, name: path, trust: isUntrustedSource(m, path) ? 'untrusted' : input.trust,
    maybe: typed?.optional === true || (inner?.kind === 'input' && inner.maybe), ...(typed && { type: typed.type }), ...(input.environment === true && { environment: true }), ...(input.madeOf && { madeOf: input.madeOf }), ...signsOfMember(input, name),
  };
}

function rowMember(m: Machine, row: Extract<Value, { kind: 'row' }>, name: string): Value {
  const path = [...row.path, name];
  const written = row.path.length === 0 ? row.result.written?.get(name) : undefined;
  // What was put together for it (`${prefix}_${nanoid()}`) is said better by the row that has it.
  if (written !== undefined && (m.read(written).kind !== 'text' || row.result.rows === undefined)) return written;
  if (row.result.isLeftOut?.(path) === true) return undefinedValue;
  const relation = row.result.relation?.(path);
  if (relation === 'one') return { kind: 'row', result: row.result, path, maybe: true };
  if (relation === 'many') return { kind: 'rowList', result: row.result, path };
  // Reading a member of a row that is not there throws: from here on there is one.
  return { kind: 'field', result: row.result, path, many: false, maybe: false };
}

/** `value[index]`. */
export function indexOf(m: Machine, value: Value, index: Value): Value {
  const inner = m.read(value);
  const key = m.read(index);
  if (inner.kind === 'union') return joined(inner.options.map((option) => ({ value: indexOf(m, option.value, index), facts: option.facts })));
  if (inner.kind === 'object' && inner.factory !== undefined) {
    const made = firstOfKey(m, value, inner, index);
    if (made !== undefined) return made;
  }
  if (inner.kind === 'list' && key.kind === 'constant' && typeof key.value === 'number') return itemAt(inner, key.value);
  if (inner.kind === 'list') return joinedItems(inner) ?? unknownValue('an item of an empty list');
  if (inner.kind === 'rowList') return { kind: 'row', result: inner.result, path: inner.path, maybe: true };
  // `Annotated[int, ...]`: a generic of a package with its arguments.
  if (inner.kind === 'external' && key.kind === 'list') return { ...inner, arguments: [index] };
  const text = constantText(m, index);
  if (inner.kind === 'library') {
    const found = m.libraryNamed(inner.library)?.operator?.('[]', value, index, { file: m.file, start: 0, end: 0 }, m);
    if (found !== undefined) return found;
  }
  if (text !== undefined) return m.language === 'python' && inner.kind === 'object' ? withoutMissing(m, memberOf(m, value, text)) : memberOf(m, value, text);
  if (inner.kind === 'object') {
    const values = inner.entries.map((entry) => (entry.kind === 'property' ? entry.value : entry.computed?.value ?? unknownValue('an unknown property')));
    const found = unionOf([...values, undefinedValue].map((each) => ({ value: each, facts: [] })));
    return m.language === 'python' ? withoutMissing(m, found) : found;
  }
  if (inner.kind === 'input') return { kind: 'input', key: `${inner.key}[${keyText(m, index)}]`, name: `${inner.name}[...]`, trust: inner.trust, maybe: false };
  return unknownValue('an item that is not known');
}

/** Python's `d[key]` raises where there is no such key: code that goes on has read one that was there. */
function withoutMissing(m: Machine, value: Value): Value {
  const inner = m.read(value);
  const there = inner.kind === 'union' ? inner.options.filter((option) => option.value.kind !== 'constant' || option.value.value !== undefined) : [];
  return there.length === 0 ? value : joined(there);
}

function keyText(m: Machine, index: Value): string {
  const inner = m.read(index);
  return inner.kind === 'input' ? inner.key : inner.kind;
}

function itemAt(list: ListValue, index: number): Value {
  const at = index < 0 ? list.items.length + index : index;
  const before = index < 0 ? list.items.slice(at) : list.items.slice(0, at + 1);
  if (before.some((item) => item.maybe || item.repeated)) return joinedItems(list) ?? undefinedValue;
  return list.items[at]?.value ?? undefinedValue;
}

/** One of the items of a list. */
export function joinedItems(list: ListValue): Value | undefined {
  return list.items.length === 0 ? undefined : joined(list.items.map((item) => ({ value: item.value, facts: [] })));
}

/** `value.name = to`. */
export function setMember(m: Machine, value: Value, name: string, to: Value, location: Location): void {
  const inner = m.read(value);
  if (inner.kind === 'row' || inner.kind === 'union') assignToRow(m, value, name, to, location);
  if (m.language === 'javascript' && ['row', 'union', 'input', 'library'].includes(inner.kind)) return assignAll(m, value, [{ kind: 'property', key: name, value: to, maybe: inner.kind === 'union', location }], location);
  if (m.language === 'python' && (inner.kind === 'input' || inner.kind === 'library')) return assignAll(m, value, [{ kind: 'property', key: name, value: to, maybe: false, location }], location);
  if (isGlobalObject(inner)) return setGlobal(m, name, to);
  if (value.kind !== 'reference') return;
  if (inner.kind === 'object') {
    const others = inner.entries.filter((entry) => entry.kind !== 'property' || entry.key !== name);
    m.write(value, { ...inner, entries: [...others, { kind: 'property', key: name, value: to, maybe: false, location }] });
  } else if (inner.kind === 'instance') {
    m.write(value, withFields(inner, [{ kind: 'property', key: name, value: to, maybe: false, location }]));
  }
}

/** An attribute of a row that is an entity is set: its library may write it. `name`: undefined when it is not known which. */
export function assignToRow(m: Machine, value: Value, name: string | undefined, to: Value, location: Location): void {
  const inner = m.read(value);
  if (inner.kind === 'union') inner.options.forEach((option) => assignToRow(m, option.value, name, to, location));
  if (inner.kind === 'row') entityLibrary(m, inner)?.assigned?.(inner, name, to, location, m);
}

/** `value[index] = to`. */
export function setIndex(m: Machine, value: Value, index: Value, to: Value, location: Location): void {
  const text = constantText(m, index);
  const inner = m.read(value);
  if (inner.kind === 'object' && value.kind === 'reference' && text === undefined) {
    m.write(value, withComputed(inner, index, to, location));
  } else if (m.language === 'python' && inner.kind === 'input' && text !== undefined) assignAll(m, value, [{ kind: 'property', key: text, value: to, maybe: false, location }], location);
  else if (text !== undefined) setMember(m, value, text, to, location);
}

/** What is left of an object without some keys. */
export function restOf(m: Machine, value: Value, taken: readonly string[]): Value {
  const inner = m.read(value);
  if (inner.kind === 'object') {
    const kept = inner.entries.filter((entry) => entry.kind === 'spread' || !taken.includes(entry.key));
    const isOpen = (value: Value): boolean => ['input', 'row', 'object'].includes(m.read(value).kind);
    return m.allocate({ ...inner, entries: kept.map((entry) => (entry.kind === 'spread' && isOpen(entry.value) ? { ...entry, value: restOf(m, entry.value, taken) } : entry)) });
  }
  if (inner.kind === 'input') return { ...inner, key: `${inner.key}\\${taken.join()}`, name: inner.name, without: [...inner.without ?? [], ...taken] };
  return inner.kind === 'row' ? { ...inner, without: [...inner.without ?? [], ...taken] } : unknownValue('the rest of an object that is not known');
}

