import type { CodeFunction, CodeType } from '../../facts/code.js';
import type { Machine } from './machine.js';
import { stored } from './store.js';
import { memberType, typeBehind } from './types.js';
import type { FunctionValue, TypeInScope, Value } from './values.js';

/** Literals further inside of each other, and longer lists, are not gone through. */
const DEEPEST = 5;
const MOST_ITEMS = 200;

/**
 * Takes note of what the functions in a value are expected to be, where it stands in the place of something of a type: parameters without a type of
 * their own have that of the place (`const tool: Tool = { run: (args, ctx) => ... }`).
 * @see TypeScript Handbook, "Type Inference", contextual typing
 */
export function noteExpected(m: Machine, value: Value, type: TypeInScope | undefined, depth = 0): void {
  if (type === undefined || m.language !== 'javascript' || !holdsUntyped(m, value, depth)) return;
  const inner = m.read(value);
  if (inner.kind === 'function') noteFunction(m, inner, type);
  else if (inner.kind === 'object') {
    for (const entry of inner.entries) if (entry.kind === 'property' && holdsUntyped(m, entry.value, depth + 1)) noteExpected(m, entry.value, memberOf(m, type, entry.key), depth + 1);
  } else if (inner.kind === 'list') {
    const element = elementOf(m, type);
    for (const item of inner.items.slice(0, MOST_ITEMS)) noteExpected(m, item.value, element, depth + 1);
  }
}

/** What a parameter of a function is expected to be, at its place. */
export function expectedParameter(m: Machine, { function: code }: FunctionValue, index: number): TypeInScope | undefined {
  const expected = expectations(m).get(code);
  const type = expected?.type.kind === 'function' ? expected.type.parameters[index] : undefined;
  return type && { type, scope: expected!.scope };
}

/** Whether a function in a value takes anything without a type of its own: most values hold none, and no type is looked up for them. */
function holdsUntyped(m: Machine, value: Value, depth: number): boolean {
  const inner = m.read(value);
  if (depth > DEEPEST) return false;
  if (inner.kind === 'function') return inner.function.parameters.some((parameter) => parameter.type === undefined);
  if (inner.kind === 'object') return inner.entries.some((entry) => entry.kind === 'property' && holdsUntyped(m, entry.value, depth + 1));
  return inner.kind === 'list' && inner.items.slice(0, MOST_ITEMS).some((item) => holdsUntyped(m, item.value, depth + 1));
}

function noteFunction(m: Machine, { function: code }: FunctionValue, type: TypeInScope): void {
  if (expectations(m).has(code)) return;
  const found = typeBehind(m, type, (each) => each.kind === 'function');
  if (found === undefined) return;
  expectations(m).set(code, found);
  m.traces.touch(code.location.file);
}

/** The type of what stands under a key; of a `Record<string, T>` each. */
function memberOf(m: Machine, type: TypeInScope, key: string): TypeInScope | undefined {
  const found = memberType(m, type, key)?.type;
  if (found !== undefined) return found;
  const record = typeBehind(m, type, (each) => isNamed(each, 'Record'));
  return record && argumentOf(record, 1);
}

function elementOf(m: Machine, type: TypeInScope): TypeInScope | undefined {
  const list = typeBehind(m, type, (each) => each.kind === 'array' || isNamed(each, 'Array') || isNamed(each, 'ReadonlyArray'));
  return list?.type.kind === 'array' ? { type: list.type.element, scope: list.scope } : list && argumentOf(list, 0);
}

function isNamed(type: CodeType, name: string): boolean {
  return type.kind === 'named' && type.path.length === 1 && type.path[0] === name;
}

function argumentOf({ type, scope }: TypeInScope, index: number): TypeInScope | undefined {
  const given = type.kind === 'named' ? type.arguments[index] : undefined;
  return given && { type: given, scope };
}

function expectations(m: Machine): WeakMap<CodeFunction, TypeInScope> {
  return stored(m, 'expected functions', () => new WeakMap<CodeFunction, TypeInScope>());
}
