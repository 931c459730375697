import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';

const NAME = 'python regular expressions';
/** What is longer is no name of a table or class. */
const LONGEST = 128;

function textOf(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  return known?.kind === 'constant' && typeof known.value === 'string' && known.value.length <= LONGEST ? known.value : undefined;
}

/** The same expression in JavaScript; undefined for what differs there, and for a repeated group, which may take for ever. */
function expressionOf(pattern: string): RegExp | undefined {
  if (/\)[*+{]|\(\?[^:=!<]|\\[AZ]/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, 'gu');
  } catch {
    return undefined;
  }
}

function substituted(pattern: string, call: Call, ctx: Context): Value | undefined {
  const [by, text] = call.arguments.positional.slice(0, 2).map((each) => textOf(each, ctx));
  const expression = expressionOf(pattern);
  if (by === undefined || text === undefined || !expression || call.arguments.positional.length > 2 || call.arguments.named.size > 0) return undefined;
  const replacement = by.replaceAll('$', '$$$$').replaceAll(/\\(?:g<(\d+)>|(\d))/g, (_, named: string | undefined, plain: string) => `$${named ?? plain}`);
  return { kind: 'constant', value: text.replace(expression, replacement) };
}

function split(pattern: string, call: Call, ctx: Context): Value | undefined {
  const text = textOf(call.arguments.positional[0], ctx);
  const expression = expressionOf(pattern);
  if (text === undefined || !expression) return undefined;
  const items = text.split(expression).map((part) => ({ value: { kind: 'constant', value: part } as const, maybe: false, repeated: false }));
  return ctx.allocate({ kind: 'list', form: 'list', items, location: call.location });
}

function run(name: string | undefined, pattern: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'sub') return substituted(pattern, call, ctx);
  return name === 'split' ? split(pattern, call, ctx) : undefined;
}

function externalCall({ path }: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const pattern = textOf(call.arguments.positional[0], ctx);
  if (pattern === undefined) return undefined;
  if (path.at(-1) === 'compile') return call.arguments.positional.length === 1 ? { kind: 'library', library: NAME, type: 'pattern', data: pattern } satisfies LibraryValue : undefined;
  const { positional, locations } = call.arguments;
  return run(path.at(-1), pattern, { ...call, arguments: { ...call.arguments, positional: positional.slice(1), locations: locations.slice(1) } }, ctx);
}

/** `re.sub()` and `re.split()` of names that are known: a table that is called after its class. */
export const pythonRegexLibrary: Library = {
  name: NAME,
  modules: ['re'],
  incidental: true,
  leads: () => false,
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? run(name, object.data as string, call, ctx) : undefined),
};
