import { posix } from 'node:path';
import { attributeCall } from './attributes.js';
import { callValue } from './calls.js';
import { assignAll } from './changes.js';
import { asManyAs, collection, factsOf, failed, foundIn, ifNoneFailed, itemKeys, mapMethod, rowsThatPass, testOfRows } from './collections.js';
import { itemsOf, iterated, nextOf, zipped } from './comprehensions.js';
import { atComputed, keyOfEntry, valueOfEntry } from './computed.js';
import { awaited, conditionOf, spreadEntries, spreadItems } from './expressions.js';
import type { Call } from './library.js';
import { openFile } from './libraries/python-files/index.js';
import { COUNT, keyOfValue, short } from './lower.js';
import type { Machine } from './machine.js';
import { classBehind, joinedItems, memberOf, objectMember } from './members.js';
import { textParts } from './operators.js';
import { constantText } from './patterns.js';
import { firstResolved, promiseMade } from './promises.js';
import { foundAmong, quantified } from './quantified.js';
import { joined, UNCHANGED, unionOf } from './state.js';
import { formatBraces, joinTexts, startOfSlice } from './strings.js';
import { replaced, replacedParts } from './text-replace.js';
import type { Fact, FieldValue, InputValue, ListValue, ObjectEntryValue, ObjectValue, ReferenceValue, RowListValue, TextValue, Value } from './values.js';
import { nullValue, undefinedValue, unknownValue } from './values.js';

/** What a name means that nothing declares. */
export function globalName(m: Machine, name: string): Value {
  if (name === 'undefined') return undefinedValue;
  if (name === 'None') return nullValue;
  if (name === '__file__' || name === '__filename') return { kind: 'constant', value: m.file };
  if (name === '__dirname') return { kind: 'constant', value: posix.dirname(m.file) };
  if (name === 'process') return { kind: 'external', module: 'node:process', path: [] };
  return { kind: 'external', module: `global:${m.language}`, path: [name] };
}

/** A property of a plain value that the language itself gives; methods are answered by `callBuiltin`. */
export function builtinMember(m: Machine, value: Value, name: string): Value | undefined {
  const inner = m.read(value);
  if ((name === 'length' || (name === 'size' && m.language === 'javascript')) && inner.kind === 'list') return lengthOfList(m, inner);
  if (name === 'length' && inner.kind === 'constant' && typeof inner.value === 'string') return { kind: 'constant', value: inner.value.length };
  return undefined;
}

/** How many items there are; of any number of parts of what came from outside (`input.items.map(({ id }) => id)`): as many as of these. */
function lengthOfList(m: Machine, list: ListValue): Value {
  const outside = ifNoneFailed(list);
  // One of any number stands for them.
  if (outside !== undefined) return unionOf([{ value: { kind: 'constant', value: 0 }, facts: outside }, { value: { kind: 'constant', value: 1 }, facts: [] }]);
  if (!list.items.some((item) => item.maybe || item.repeated)) return { kind: 'constant', value: list.items.length };
  const keys = itemKeys(m, list);
  const [first] = list.items.map((item) => m.read(item.value));
  return keys.length > 0 && first?.kind === 'input' ? { ...first, key: short(`${keys.join('+')}.length`), name: `${first.name}.length`, maybe: false, counts: keys } : { ...unknownValue('a length'), least: list.items.filter((item) => !item.maybe && !item.repeated).length };
}

const SAME = new Set(['toString', 'trim', 'toLowerCase', 'toUpperCase', 'valueOf', 'strip', 'lower', 'upper', 'normalize']);

/** A method of a plain value: strings, lists, objects, promises. */
export function callBuiltin(m: Machine, object: Value, name: string, call: Call): Value | undefined {
  const inner = m.read(object);
  switch (inner.kind) {
    case 'constant': case 'text': return textMethod(m, object, name, call);
    case 'list': return listMethod(m, object, inner, name, call);
    case 'object': return objectMethod(m, object, inner, name, call);
    case 'rowList': return rowsMethod(m, object, name, call);
    case 'row': return name === 'then' ? promised(m, object, call) : undefined;
    case 'field': return SAME.has(name) ? inner : inner.many ? rowsMethod(m, object, name, call) : itemTest(inner, name, call);
    case 'input':
      if (SAME.has(name)) return inner;
      // Doubling the quotes is how a literal is quoted.
      if (/^replace(All)?$/.test(name) && ["'", "''"].every((text, index) => call.arguments.positional[index] && constantText(m, call.arguments.positional[index]!) === text)) return { ...inner, key: `${inner.key}.quoted`, name: `quote_literal(${inner.name})` };
      if (name === 'map' || name === 'flatMap' || name === 'forEach' || name === 'filter') return repeatedOver(m, object, name, call);
      return inputMethod(m, inner, name, call);
    case 'function':
      if (name === 'bind') return { ...inner, ...(call.arguments.positional[0] && m.read(call.arguments.positional[0]).kind !== 'constant' && { self: call.arguments.positional[0] }), bound: call.arguments.positional.slice(1) };
      if (name === 'call') return callValue(m, inner, { ...call, arguments: { ...call.arguments, positional: call.arguments.positional.slice(1), locations: call.arguments.locations.slice(1) } });
      if (name === 'apply') return callValue(m, inner, { ...call, arguments: { ...call.arguments, positional: call.arguments.positional[1] ? spreadItems(m, call.arguments.positional[1]).map((item) => item.value) : [] } });
      return undefined;
    case 'external': return globalMethod(m, inner, name, call);
    default: return name === 'then' || name === 'catch' || name === 'finally' ? promised(m, object, call, name) : undefined;
  }
}

/** `user.roles.includes('x')`. */
function itemTest(items: Value, name: string, call: Call): Value | undefined {
  const [first] = call.arguments.positional;
  return first && (name === 'includes' || name === 'has' || name === '__contains__') ? { kind: 'condition', condition: { operator: 'in', left: first, right: items } } : undefined;
}

/** `then`, `catch` and `finally` of a value that is there: the callback runs with it. */
export function promised(m: Machine, value: Value, call: Call, name = 'then'): Value {
  const [callback] = call.arguments.positional;
  if (callback === undefined) return value;
  if (name === 'then') return callValue(m, callback, { ...call, arguments: { ...call.arguments, positional: [value], locations: [call.location] }, isNew: false });
  const path = m.path(() => {
    callValue(m, callback, { ...call, arguments: { ...call.arguments, positional: [unknownValue('an error')], locations: call.arguments.locations.slice(0, 1) } });
    return true;
  });
  m.emitAll(path.effects);
  return value;
}

function textMethod(m: Machine, object: Value, name: string, call: Call): Value | undefined {
  const inner = m.read(object);
  const [first] = call.arguments.positional;
  if (name === 'format') return formatBraces(m, object, call.arguments, call.location);
  if (name === 'join' && first) return joinTexts(m, object, m.allocate({ kind: 'list', form: 'list', items: itemsOf(m, first), location: call.location }), call.location) ?? unknownValue('a text of items that are not known');
  if (name === 'concat') return { kind: 'text', parts: [object, ...call.arguments.positional].flatMap((each) => textParts(m, each, call.location)), location: call.location };
  if (/^(trim|strip|trimEnd|trimStart|rstrip|lstrip|toString|dedent|encode|decode)$/.test(name)) return inner;
  const text = inner.kind === 'constant' && typeof inner.value !== 'string' ? undefined : constantText(m, inner);
  if (text === undefined) return inner.kind === 'text' ? replacedIn(m, inner, name, call) : undefined;
  const known = (value: string | number | boolean): Value => ({ kind: 'constant', value });
  if (/^(toLowerCase|lower)$/.test(name)) return known(text.toLowerCase());
  if (/^(toUpperCase|upper)$/.test(name)) return known(text.toUpperCase());
  const from = name === 'slice' ? startOfSlice(m, call) : undefined;
  if (from !== undefined) return known(text.slice(from));
  const given = first && constantText(m, first);
  const by = /^replace/.test(name) && call.arguments.positional[1] ? constantText(m, call.arguments.positional[1]) : undefined;
  const pattern = first && plainPattern(m.read(first));
  if (pattern !== undefined && by !== undefined) return known(text.replace(pattern, by));
  if (given === undefined) return /^(replace|replaceAll|split|slice|substring)$/.test(name) ? unknownValue(`a text after ${name}`) : undefined;
  switch (name) {
    case 'startsWith': case 'startswith': return known(text.startsWith(given));
    case 'endsWith': case 'endswith': return known(text.endsWith(given));
    case 'includes': return known(text.includes(given));
    case 'indexOf': return known(text.indexOf(given));
    case 'split': return m.allocate({ kind: 'list', form: 'list', items: text.split(given).map((each) => ({ value: known(each), maybe: false, repeated: false })), location: call.location });
    case 'replace': case 'replaceAll': {
      if (by === undefined) return unknownValue('a text after replace');
      return { kind: 'constant', ...replaced({ value: text, ...(inner.kind === 'constant' && inner.source && { source: inner.source }) }, given, by, isOnce(m, name)) };
    }
    default: return undefined;
  }
}

/** `replace` in a text of which only parts are known. */
function replacedIn(m: Machine, text: TextValue, name: string, call: Call): Value | undefined {
  const [first, second, count] = call.arguments.positional;
  if (!/^replace(?:All)?$/.test(name) || count !== undefined) return undefined;
  const [given, by] = [first && constantText(m, first), second && constantText(m, second)];
  const parts = given === undefined || by === undefined ? undefined : replacedParts(text.parts, given, by, isOnce(m, name));
  return parts && { ...text, parts };
}

/** JavaScript's `replace` stops after the first. */
function isOnce(m: Machine, name: string): boolean {
  return name === 'replace' && m.language === 'javascript';
}

/** A regular expression that is one run of characters: whatever the text, it takes no more than going through it. */
function plainPattern(value: Value): RegExp | undefined {
  const written = value.kind === 'unknown' && value.pattern !== undefined ? /^\/((?:[^\\/()[\]{}.*+?^$|]|\\[^a-ce-rt-vx-zA-Z0-9])+\+?)\/(g?)$/.exec(value.pattern) : null;
  return written ? new RegExp(written[1]!, written[2]) : undefined;
}

/** Calls a function with one value; the rest of its parameters are not given. */
function call1(m: Machine, callback: Value, value: Value, call: Call, index?: number): Value {
  const positional: Value[] = index === undefined ? [value] : [value, { kind: 'constant', value: index }];
  return callValue(m, callback, { ...call, arguments: { positional, named: new Map(), open: false, locations: positional.map(() => call.location) }, isNew: false });
}

function listMethod(m: Machine, object: Value, list: ListValue, name: string, call: Call): Value | undefined {
  if (list.form === 'map') return mapMethod(m, object, list, name, call);
  const [first] = call.arguments.positional;
  const items = (values: ListValue['items'], form = list.form): Value => m.allocate({ ...list, form, items: values });
  const change = (values: ListValue['items']): Value => {
    const changed = { ...list, items: values };
    if (object.kind === 'reference') m.write(object as ReferenceValue, changed);
    return m.language === 'javascript' && (name === 'push' || name === 'unshift') ? lengthOfList(m, changed) : undefinedValue;
  };
  switch (name) {
    case 'push': case 'append': case 'add': return change([
      ...list.items, ...call.arguments.positional.map((value) => ({ value, maybe: false, repeated: false })),
      ...(call.arguments.open ? [{ value: unknownValue('items that are not known'), maybe: true, repeated: true }] : []),
    ]);
    case 'unshift': case 'insert': return change([...call.arguments.positional.slice(name === 'insert' ? 1 : 0).map((value) => ({ value, maybe: false, repeated: false })), ...list.items]);
    case 'extend': return change([...list.items, ...(first ? spreadItems(m, first) : [])]);
    case 'concat': return items([...list.items, ...call.arguments.positional.flatMap((each) => (m.read(each).kind === 'constant' ? [] : spreadItems(m, each)))]);
    case 'slice': case 'copy': case 'reverse': case 'sort': case 'toSorted': return items(list.items);
    case 'find': case 'findLast': return unionOf([...list.items.map((item) => ({ value: item.value, facts: first ? foundBy(m, first, item.value, call) : [] })), { value: undefinedValue, facts: [] }]);
    case 'pop': case 'shift': case 'at': return name === 'at' || name === 'pop' ? joinedItems(list) ?? undefinedValue : unionOf([...list.items.map((item) => ({ value: item.value, facts: [] })), { value: undefinedValue, facts: [] }]);
    case 'map': case 'flatMap': return first && items(mapped(m, list, name, first, call), 'list');
    case 'forEach': list.items.forEach((item) => first && call1(m, first, item.value, call)); return undefinedValue;
    case 'filter': return first && (failedOf(m, list, first, call) ?? items(list.items.flatMap((item) => filtered(m, item, first, call))));
    case 'join': return joinTexts(m, first ?? { kind: 'constant', value: ',' }, object, call.location) ?? unknownValue('a text of items that are not known');
    case 'includes': case 'has': return itemTest(object, name, call);
    case 'some': return first && list.items.length > 0 ? { kind: 'condition', condition: { operator: 'or', operands: list.items.map((item) => conditionOf(m, call1(m, first, item.value, call))) } } : unknownValue('a test of a list');
    case 'every': list.items.forEach((item) => first && call1(m, first, item.value, call)); return unknownValue('a test of a list');
    case 'reduce': return first && reduced(m, list, first, call);
    case 'entries': return items(list.items.map((item, index) => ({ ...item, value: m.allocate({ kind: 'list', form: 'tuple', items: [{ value: { kind: 'constant', value: index }, maybe: false, repeated: false }, { value: item.value, maybe: false, repeated: false }], location: list.location }) })));
    case 'values': case 'flat': return name === 'flat' ? items(list.items.flatMap((item) => (m.read(item.value).kind === 'list' ? spreadItems(m, item.value) : [item]))) : object;
    case 'then': return promised(m, object, call);
    default: return undefined;
  }
}

function mapped(m: Machine, list: ListValue, name: 'map' | 'flatMap', callback: Value, call: Call): ListValue['items'] {
  const items = list.items.flatMap((item, index) => {
    const isAt = m.language === 'javascript' && list.items.slice(0, index + 1).every(({ maybe, repeated }) => !maybe && !repeated);
    const value = call1(m, callback, item.value, call, isAt ? index : undefined);
    return name === 'map' ? [{ ...item, value }] : spreadItems(m, value).map((inner) => ({ ...inner, maybe: inner.maybe || item.maybe, repeated: inner.repeated || item.repeated }));
  });
  return name === 'map' ? asManyAs(list, items) : items;
}

function filtered(m: Machine, item: ListValue['items'][number], callback: Value, call: Call): ListValue['items'] {
  const inner = m.read(callback);
  if (inner.kind === 'external' && inner.path.at(-1) === 'Boolean') {
    const value = m.read(item.value);
    if (value.kind === 'constant') return value.value ? [item] : [];
    if (value.kind === 'union') {
      const truthy = value.options.filter(({ value: each }) => !(each.kind === 'constant' && !each.value));
      return truthy.length === 0 ? [] : [{ ...item, value: unionOf(truthy), maybe: item.maybe || truthy.length < value.options.length }];
    }
    return [{ ...item, maybe: item.maybe || value.kind === 'unknown' }];
  }
  const test = m.read(call1(m, callback, item.value, call));
  if (test.kind === 'constant') return test.value ? [item] : [];
  const found = item.repeated ? foundIn(m, item.value, test) : undefined;
  return [{ ...item, ...(found && { value: found }), maybe: true }];
}

/** Of a list that is made of one input: the items that are outside of what was found. */
function failedOf(m: Machine, { items }: ListValue, test: Value, call: Call): Value | undefined {
  const [item, ...others] = items;
  if (item?.repeated !== true || others.length > 0 || m.read(item.value).kind !== 'input' || m.read(test).kind !== 'function') return undefined;
  return failed(m, [item], conditionOf(m, call1(m, test, item.value, call)), call.location);
}

function reduced(m: Machine, list: ListValue, callback: Value, call: Call): Value {
  let result = call.arguments.positional[1] ?? list.items[0]?.value ?? undefinedValue;
  for (const item of list.items.slice(call.arguments.positional[1] === undefined ? 1 : 0)) {
    result = callValue(m, callback, { ...call, arguments: { positional: [result, item.value], named: new Map(), open: false, locations: [call.location, call.location] } });
  }
  return result;
}

function objectMethod(m: Machine, object: Value, inner: ObjectValue, name: string, call: Call): Value | undefined {
  // The keys of a dict of Python are no attributes of it.
  const own = m.language === 'python' ? undefined : objectMember(m, inner, name);
  if (own !== undefined && m.read(own).kind !== 'unknown') return undefined;
  const [first, second] = call.arguments.positional;
  const list = (values: Value[], isMaybe = (entry: ObjectEntryValue): boolean => entry.maybe): Value => m.allocate({ kind: 'list', form: 'list', items: values.map((value, index) => ({ value, maybe: isMaybe(inner.entries[index]!), repeated: inner.entries[index]?.kind === 'spread' })), location: call.location });
  switch (name) {
    case 'items': return list(inner.entries.map((entry) => pair(m, entry, call)));
    case 'keys': return list(inner.entries.map((entry) => keyOfEntry(entry)), (entry) => mayBeMissing(m, entry));
    case 'values': return list(inner.entries.map(valueOfEntry));
    case 'get': case 'pop': case 'setdefault': {
      const key = first && constantText(m, first);
      if (key === undefined) return atComputed(m, object, inner, name, call);
      const found = objectMember(m, inner, key);
      return found ?? second ?? nullValue;
    }
    case 'update':
      if (object.kind === 'reference') {
        const added = [...(first ? spreadEntries(m, first, call.location) : []), ...[...call.arguments.named].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location: call.location }) as const)];
        assignAll(m, object, added, call.location);
      }
      return nullValue;
    case 'copy': return m.allocate(inner);
    default: return undefined;
  }
}

/** A key whose value may be undefined may as well not be there: an optional one of what a schema has read. */
function mayBeMissing(m: Machine, entry: ObjectEntryValue): boolean {
  const held = m.read(entry.value);
  return entry.maybe || (held.kind === 'input' && held.maybe === true);
}

function pair(m: Machine, entry: ObjectValue['entries'][number], call: Call): Value {
  return m.allocate({ kind: 'list', form: 'tuple', items: [keyOfEntry(entry), valueOfEntry(entry)].map((value) => ({ value, maybe: false, repeated: false })), location: call.location });
}

/** Methods of the rows of a query: what each row gives, as if of one. */
function rowsMethod(m: Machine, object: Value, name: string, call: Call): Value | undefined {
  const inner = m.read(object);
  const [first] = call.arguments.positional;
  const isRows = inner.kind === 'rowList' || inner.kind === 'field';
  const one: Value = inner.kind === 'rowList' ? { kind: 'row', result: inner.result, path: inner.path, maybe: false } : inner.kind === 'field' ? { ...inner, many: false } : unknownValue('an item');
  switch (name) {
    case 'map': case 'flatMap': {
      if (first === undefined) return undefined;
      const value = m.read(call1(m, first, one, call));
      return value.kind === 'field' ? { ...value, many: true } : m.allocate({ kind: 'list', form: 'list', items: name === 'flatMap' ? spreadItems(m, value) : [{ value, maybe: true, repeated: true }], location: call.location });
    }
    case 'some': return first && isRows ? someRow(m, inner, first, one, call) : unknownValue(name);
    case 'forEach': case 'reduce': if (first) call1(m, first, name === 'reduce' ? unknownValue('an accumulator') : one, call); return unknownValue(name);
    case 'every': return first && isRows ? testOfRows(m, inner, conditionOf(m, call1(m, first, one, call)), name) : unknownValue(name);
    case 'filter': return first ? filteredRows(m, inner, first, one, call) : inner;
    case 'slice': case 'sort': case 'reverse': case 'concat': case 'toSorted': return inner;
    case 'find': case 'at': case 'pop': case 'shift': case 'first': {
      const test = first && name === 'find' && isRows ? someRow(m, inner, first, one, call) : undefined;
      const facts = test?.kind === 'condition' ? m.path(() => m.assume(test.condition, true)).snapshot.facts : [];
      if (facts.length > 0) return unionOf([{ value: one, facts }, { value: undefinedValue, facts: [] }]);
      return one.kind === 'row' ? { ...one, maybe: true } : one;
    }
    case 'includes': case 'has': return itemTest(object, name, call);
    case 'count': return inner.kind === 'rowList' ? { kind: 'field', result: inner.result, path: [...inner.path, COUNT], many: false, maybe: false } : undefined;
    case 'then': return promised(m, object, call);
    default: return undefined;
  }
}

/** `team.users.some((each) => each.userId === user.id)`: the user is among those of the rows. Other tests say what every row is where none passes. */
function someRow(m: Machine, rows: RowListValue | FieldValue, test: Value, row: Value, call: Call): Value {
  const condition = conditionOf(m, call1(m, test, row, call));
  const found = foundAmong(m, condition);
  return found === undefined ? testOfRows(m, rows, condition, 'some') : { kind: 'condition', condition: found };
}

function filteredRows(m: Machine, rows: Value, test: Value, row: Value, call: Call): Value {
  const value = call1(m, test, row, call);
  return rows.kind === 'rowList' ? rowsThatPass(m, rows, conditionOf(m, value)) : foundIn(m, row, value) ?? rows;
}

/** What a method of something from outside gives: `query.get('id')` is a part of it; a test of its items is a condition on them. */
function inputMethod(m: Machine, input: InputValue, name: string, call: Call): Value | undefined {
  const [first] = call.arguments.positional;
  if (name === 'then' || name === 'catch' || name === 'finally') return promised(m, input, call, name);
  const key = first && constantText(m, first);
  if (/^(?:get|getAll|getlist|header)$/.test(name) && key !== undefined && input.trust !== 'unknown') return memberOf(m, input, key);
  if (first === undefined || m.read(first).kind === 'object') return undefined;
  const test = itemTest(input, name, call);
  if (test !== undefined) return test;
  if (m.read(first).kind !== 'function' || (name !== 'some' && name !== 'every' && name !== 'find')) return undefined;
  const [item] = spreadItems(m, input);
  if (name !== 'find') return { kind: 'condition', condition: conditionOf(m, call1(m, first, item!.value, call)) };
  return unionOf([{ value: item!.value, facts: foundBy(m, first, item!.value, call) }, { value: undefinedValue, facts: [] }]);
}

/** What is known of an item that a test has found. */
function foundBy(m: Machine, test: Value, item: Value, call: Call): readonly Fact[] {
  return factsOf(m, conditionOf(m, call1(m, test, item, call)));
}

/** `map` over something that is not known: the callback runs any number of times. */
function repeatedOver(m: Machine, object: Value, name: string, call: Call): Value {
  const [first] = call.arguments.positional;
  const [item] = spreadItems(m, object);
  if (first === undefined || item === undefined) return unknownValue(name);
  let value: Value = undefinedValue;
  const path = m.path(() => {
    value = call1(m, first, item.value, call);
    return true;
  });
  if (path.effects.length > 0) m.emit({ kind: 'loop', body: path.effects, location: call.location });
  m.settle([path.snapshot, UNCHANGED]);
  if (name === 'filter') return foundIn(m, item.value, value) ?? failed(m, [item], conditionOf(m, value), call.location) ?? object;
  return m.allocate({ kind: 'list', form: 'list', items: name === 'flatMap' ? spreadItems(m, value) : [{ value, maybe: true, repeated: true }], location: call.location });
}

const IDENTITY = new Set(['String', 'Number', 'BigInt', 'parseInt', 'parseFloat', 'Boolean', 'str', 'int', 'float', 'UUID', 'encodeURIComponent', 'decodeURIComponent', 'structuredClone', 'bool', 'URL', 'URLSearchParams', 'Headers']);

/** A function that every program of the language has. */
export function callBuiltinFunction(m: Machine, name: string, call: Call): Value | undefined {
  const [first] = call.arguments.positional;
  if (IDENTITY.has(name) && first !== undefined) {
    if (name === 'Boolean' || name === 'bool') return { kind: 'condition', condition: conditionOf(m, first) };
    const inner = m.read(first);
    if (inner.kind === 'constant' && (name === 'str' || name === 'String')) return { kind: 'constant', value: String(inner.value), ...(inner.source && { source: inner.source }) };
    return inner;
  }
  switch (name) {
    case 'Promise': return promiseMade(m, call);
    case 'Proxy': return { kind: 'external', module: 'global:javascript', path: [name], instance: true, arguments: call.arguments.positional };
    case 'list': case 'tuple': case 'set': case 'sorted': case 'reversed': case 'frozenset': case 'iter':
      return m.allocate({ kind: 'list', form: name === 'tuple' ? 'tuple' : name === 'set' || name === 'frozenset' ? 'set' : 'list', items: first ? itemsOf(m, first) : [], location: call.location });
    case 'dict': return m.allocate({ kind: 'object', entries: [...(first ? spreadEntries(m, first, call.location) : []), ...[...call.arguments.named].map(([key, value]) => ({ kind: 'property', key, value, maybe: false, location: call.location }) as const)], location: call.location });
    case 'len': return lengthOf(m, first);
    case 'enumerate': return first && m.allocate({ kind: 'list', form: 'list', items: itemsOf(m, first).map((item, index) => ({ ...item, value: m.allocate({ kind: 'list', form: 'tuple', items: [{ value: { kind: 'constant', value: index }, maybe: false, repeated: false }, { value: item.value, maybe: false, repeated: false }], location: call.location }) })), location: call.location });
    case 'zip': return zipped(m, call);
    case 'getattr': case 'hasattr': case 'isinstance': case 'setattr': return attributeCall(m, name, call);
    case 'any': case 'all': return first ? quantified(m, first, name) : unknownValue(name);
    case 'open': return openFile(call, m);
    case '__import__': {
      const module = first && constantText(m, first);
      return module === undefined ? undefined : m.program.resolver.imported(m, m.file, { module, imported: '*' });
    }
    case 'print': m.emit({ kind: 'raise', level: 'log', location: call.location }); return nullValue;
    case 'Set': case 'Map': return collection(m, name, call);
    case 'next': return first && nextOf(m, first, call.arguments.positional[1]);
    case 'filter': case 'map': return overItems(m, name, call);
    case 'type': return first && classBehind(m, first);
    default: return undefined;
  }
}

/** Python's `filter(test, items)` and `map(work, items)`. */
function overItems(m: Machine, name: string, call: Call): Value | undefined {
  const [work, items, ...others] = call.arguments.positional;
  if (m.language !== 'python' || work === undefined || items === undefined || others.length > 0) return undefined;
  return callBuiltin(m, iterated(m, items), name, { ...call, arguments: { ...call.arguments, positional: [work] } });
}

function lengthOf(m: Machine, first: Value | undefined): Value {
  const inner = first && m.read(first);
  if (inner?.kind === 'union') return joined(inner.options.map(({ value, facts }) => ({ value: lengthOf(m, value), facts })));
  return inner?.kind === 'rowList' ? { kind: 'field', result: inner.result, path: [...inner.path, COUNT], many: false, maybe: false } : inner?.kind === 'list' && inner.items.every((item) => !item.maybe && !item.repeated) ? { kind: 'constant', value: inner.items.length } : unknownValue('a length');
}

/** Static methods of the language's own objects: `Object.entries`, `Promise.all`, `Array.from`, `console.log`. */
function globalMethod(m: Machine, owner: Extract<Value, { kind: 'external' }>, name: string, call: Call): Value | undefined {
  if (!owner.module.startsWith('global:')) return undefined;
  const [first, second] = call.arguments.positional;
  const inner = first && m.read(first);
  switch (`${owner.path.join('.')}.${name}`) {
    case 'Object.entries': return inner?.kind === 'object' ? objectMethod(m, first!, { ...inner, entries: inner.entries }, 'items', call) : undefined;
    case 'Object.keys': return inner?.kind === 'object' ? objectMethod(m, first!, inner, 'keys', call) : undefined;
    case 'Object.values': return inner?.kind === 'object' ? objectMethod(m, first!, inner, 'values', call) : undefined;
    case 'Object.freeze': case 'Number.parseInt': case 'Number.parseFloat': return first;
    case 'Object.assign': return assigned(m, call);
    case 'Object.fromEntries': return inner?.kind === 'input' ? inner : unknownValue('an object of computed keys');
    case 'Promise.all': case 'Promise.allSettled': return first && awaitedItems(m, first, call);
    case 'Promise.race': case 'Promise.any': return first && firstResolved(m, awaitedItems(m, first, call));
    case 'Reflect.get': return first && second && constantText(m, second) !== undefined ? memberOf(m, first, constantText(m, second)!, call.nameLocation) : undefined;
    case 'Promise.resolve': case 'Array.from': return second && name === 'from' ? callMapped(m, first!, second, call) : first;
    case 'Array.isArray': return inner?.kind === 'list' || inner?.kind === 'rowList' ? { kind: 'constant', value: true } : inner?.kind === 'constant' ? { kind: 'constant', value: false } : undefined;
    case 'JSON.stringify': case 'JSON.parse': return inner?.kind === 'input' ? inner : unknownValue('JSON');
    case 'console.log': case 'console.error': case 'console.warn': case 'console.info': m.emit({ kind: 'raise', level: 'log', location: call.location }); return undefinedValue;
    case 'crypto.randomUUID': case 'Date.now': case 'Math.random': return m.input(`${owner.path.join('.')}.${name}()`, 'unknown', { key: `${call.location.file}:${call.location.start} ${keyOfValue(m, owner)}`, environment: true });
    default: return undefined;
  }
}

function awaitedItems(m: Machine, list: Value, call: Call): Value {
  const inner = m.read(list);
  return inner.kind === 'list' ? m.allocate({ ...inner, items: inner.items.map((item) => ({ ...item, value: awaited(m, item.value, call.location) })) }) : list;
}

function callMapped(m: Machine, list: Value, callback: Value, call: Call): Value {
  return m.allocate({ kind: 'list', form: 'list', items: spreadItems(m, list).map((item) => ({ ...item, value: call1(m, callback, item.value, call) })), location: call.location });
}

function assigned(m: Machine, call: Call): Value {
  const [target, ...sources] = call.arguments.positional;
  if (target === undefined) return undefinedValue;
  assignAll(m, target, sources.flatMap((each) => spreadEntries(m, each, call.location)), call.location);
  return target;
}
