import type { Arguments, Call } from './library.js';
import type { LibraryValue, Value } from './values.js';

const FUNCTOOLS = 'functools';

interface Partial {
  readonly callee: Value;
  readonly given: Arguments;
}

/** `functools.partial(f, 1, a=2)`: a function with arguments that every call of it has. */
export function partialOf({ arguments: { positional: [callee, ...positional], locations: [, ...locations], named } }: Call): LibraryValue | undefined {
  return callee && { kind: 'library', library: FUNCTOOLS, type: 'partial', data: { callee, given: { positional, locations, named, open: false } } satisfies Partial };
}

/** The function behind such a value, and the call with what was given before. */
export function completed(value: LibraryValue, call: Call): { readonly callee: Value; readonly call: Call } | undefined {
  if (value.library !== FUNCTOOLS) return undefined;
  const { callee, given } = value.data as Partial;
  const { arguments: own } = call;
  const whole: Arguments = { ...own, positional: [...given.positional, ...own.positional], locations: [...given.locations, ...own.locations], named: new Map([...given.named, ...own.named]) };
  return { callee, call: { ...call, arguments: whole } };
}
