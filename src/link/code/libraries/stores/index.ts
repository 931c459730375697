import type { CodeExpression, Parameter } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import { nodes } from '../../../queries/nodes.js';
import type { Call, Context, Library } from '../../library.js';
import { joined } from '../../state.js';
import { stored } from '../../store.js';
import type { ExternalValue, FunctionValue, LibraryValue, ObjectEntryValue, UnionValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { constantText } from '../objects.js';
import { nameOf, REQUEST_NAME, requestFor } from '../frameworks/routes.js';
import { collected, functionsWhere, isSetByName, literally, runForRequest } from '../searched.js';
import { exportedPath } from '../sql-client.js';

const NAME = 'stores';

/** A store of a request: the variable or field that it was made for. */
interface StoreData {
  readonly key: string;
  readonly name: string;
  /** A reader takes it that something was put there. */
  readonly isFilled?: true;
}

/** What is put into a store, with what is known by then. */
type Option = UnionValue['options'][number];

/**
 * Node's AsyncLocalStorage, Python's ContextVar, the ClsService of nestjs-cls: what a middleware puts into it is what its readers are given.
 * @see Node.js documentation, "Asynchronous context tracking"; Python documentation, `contextvars.ContextVar`
 */
export const storesLibrary: Library = {
  name: NAME,
  modules: ['async_hooks', 'node:async_hooks', 'contextvars', 'nestjs-cls'],
  typed: ({ module, path }) => (module === 'nestjs-cls' && path.at(-1) === 'ClsService' ? { kind: 'library', library: NAME, type: 'cls', data: undefined } : undefined),
  call: (callee, call, ctx) => (callee.kind === 'external' && isStore(callee, call) ? storeMade(call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind !== 'library' ? undefined : object.type === 'cls' ? clsMethod(name, call, ctx) : storeMethod(object, name, call, ctx)),
};

function isStore(callee: ExternalValue, { isNew }: Call): boolean {
  const name = exportedPath(callee).at(-1);
  return (isNew && name === 'AsyncLocalStorage') || name === 'ContextVar';
}

function storeMade({ location }: Call, ctx: Context): LibraryValue {
  const before = ctx.text(location.file)?.slice(0, location.start) ?? '';
  const name = /([\w$]+)\s*(?::[^=;\n{}]*)?=\s*$/.exec(before)?.[1] ?? '';
  return { kind: 'library', library: NAME, type: 'store', data: { key: `${location.file}:${location.start}`, name } satisfies StoreData };
}

function storeMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as StoreData;
  const [first = undefinedValue, ...rest] = call.arguments.positional;
  switch (name) {
    case 'run': return run(data, first, rest, call.location, ctx);
    case 'enterWith': case 'set': note(data, first, ctx); return undefinedValue;
    case 'getStore': case 'get': return running(ctx).get(data.key)?.at(-1) ?? putIn(data, ctx);
    default: return undefined;
  }
}

/** `cls.set('tenant', tenant)`, `cls.get('tenant')`: each key is a store of its own. */
function clsMethod(name: string, { arguments: { positional: [first, value] } }: Call, ctx: Context): Value | undefined {
  const key = constantText(first, ctx);
  if (key === undefined) return undefined;
  const data: StoreData = { key: `cls ${key}`, name: key, isFilled: true };
  if (name === 'set' && value !== undefined) {
    note(data, value, ctx);
    return undefinedValue;
  }
  return name === 'get' ? putIn(data, ctx, settersOf) ?? ctx.input(`cls.${key}`, 'unknown') : undefined;
}

/** The functions and methods that set a key. */
function settersOf({ name }: StoreData, ctx: Context): FunctionValue[] {
  return functionsWhere('javascript', new RegExp(`\\.set\\(\\s*['"\`]${literally(name)}['"\`]`), ctx, true).filter(({ function: { body } }) => nodes(body).some((node) => isSetByName(node, name, () => true)));
}

/** `store.run(value, work, ...args)`: while the work runs, the store holds the value. */
function run(data: StoreData, value: Value, [work, ...args]: readonly Value[], location: Location, ctx: Context): Value {
  note(data, value, ctx);
  const held = running(ctx);
  held.set(data.key, [...held.get(data.key) ?? [], whole(value, ctx)]);
  try {
    return work === undefined ? undefinedValue : ctx.invoke(work, args, location);
  } finally {
    held.set(data.key, held.get(data.key)!.slice(0, -1));
  }
}

/** What stores hold on the path that is followed, the innermost last. */
function running(ctx: Context): Map<string, readonly Value[]> {
  return stored(ctx, 'running in stores', () => new Map<string, readonly Value[]>());
}

function note({ key }: StoreData, value: Value, ctx: Context): void {
  put(ctx).get(key)?.push({ value: whole(value, ctx), facts: ctx.facts });
}

function put(ctx: Context): Map<string, Option[]> {
  return stored(ctx, 'put into stores', () => new Map<string, Option[]>());
}

/** A value with its members as they are on the path reached: it is looked at on others. */
function whole(value: Value, ctx: Context): Value {
  const known = ctx.read(value);
  return known.kind === 'object' ? { ...known, entries: known.entries.map((entry) => ({ ...entry, value: ctx.read(entry.value) })) } : known;
}

/** What any code of the project puts into a store, or nothing; undefined where that is not known. */
function putIn(data: StoreData, ctx: Context, writers = writersOf): Value | undefined {
  const found = stored(ctx, 'values of stores', () => new Map<string, Value | undefined>());
  if (!found.has(data.key)) {
    found.set(data.key, undefined);
    found.set(data.key, search(data, ctx, writers));
  }
  return found.get(data.key);
}

function search(data: StoreData, ctx: Context, writers: typeof writersOf): Value | undefined {
  const options = collected(put(ctx), data.key, () => {
    for (const fn of writers(data, ctx)) ctx.apart(() => runForRequest(fn, (parameter, index) => (parameter.type && ctx.typed({ type: parameter.type, scope: fn.scope })) ?? requestOf(parameter, index), ctx));
  });
  const values = options.map(({ value, facts }) => ({ value: told(value, ctx), facts }));
  if (values.length === 0 || values.some(({ value }) => value === undefined)) return undefined;
  // Python's `get()` raises where nothing was set.
  return joined([...values as Option[], ...(ctx.language === 'python' || data.isFilled ? [] : [{ value: undefinedValue, facts: [] }])]);
}

/** The functions in which something is put into the store. */
function writersOf({ name }: StoreData, ctx: Context): FunctionValue[] {
  if (name === '') return [];
  return functionsWhere(ctx.language, new RegExp(`^(?=[^]*\\.(?:run|enterWith|set)\\()[^]*${literally(name)}`), ctx).filter(({ function: { body } }) => nodes(body).some((node) => isPut(node as CodeExpression, name)));
}

function isPut(node: CodeExpression, name: string): boolean {
  if (node.kind !== 'call' || node.callee.kind !== 'member' || !/^(?:run|enterWith|set)$/.test(node.callee.property)) return false;
  const { object } = node.callee;
  return object.kind === 'name' ? object.name === name : object.kind === 'member' && object.property === name;
}

/** A middleware is given a request: first, or in Python by its name. */
function requestOf(parameter: Parameter, index: number): Value | undefined {
  const name = nameOf(parameter);
  if (name === 'request' || (index === 0 && REQUEST_NAME.test(name))) return requestFor(parameter, 'request');
  return index === 0 && /^(?:c|ctx|context)$/.test(name) ? requestFor(parameter, 'context') : undefined;
}

/** What is known of a value that was put: its members, where each is what the caller sent, a session's, or a row's; undefined otherwise. */
function told(value: Value, ctx: Context): Value | undefined {
  if (isTold(value)) return value;
  if (value.kind !== 'object' || value.entries.some((entry) => entry.kind !== 'property')) return undefined;
  return { ...value, entries: value.entries.map((entry): ObjectEntryValue => (entry.kind === 'property' && !isTold(entry.value) ? { ...entry, value: ctx.input(entry.key, 'unknown') } : entry)) };
}

function isTold(value: Value): boolean {
  return value.kind === 'row' || value.kind === 'field' || value.kind === 'constant' || (value.kind === 'input' && value.trust !== 'unknown');
}
