import type { Call } from './library.js';
import type { Machine } from './machine.js';
import type { FunctionValue, Value } from './values.js';

/** The call of a tenant callback (`queries.scopedCallbacks`): what the functions it is given are called with is the client that is scoped. */
export function handing(call: Call): Call {
  const positional = call.arguments.positional.map((value) => (value.kind === 'function' ? { ...value, handed: true as const } : value));
  return { ...call, arguments: { ...call.arguments, positional } };
}

/** A parameter's value: where a tenant callback gives its function a client, that client alone is scoped inside of it. */
export function handedTo(m: Machine, fn: FunctionValue, value: Value): Value {
  const inner = m.read(value);
  const frame = m.frames.at(-1);
  if (fn.handed === undefined || frame === undefined || inner.kind !== 'library' || inner.access !== undefined) return value;
  frame.handed = inner.library;
  return { ...inner, access: 'handed' };
}
