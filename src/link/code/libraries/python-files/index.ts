import { posix } from 'node:path';
import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { nullValue } from '../../values.js';

const NAME = 'python-files';

/** A path of pathlib, or an open file: both by the path of a file of the project. */
function pathValue(type: 'path' | 'file', path: string): LibraryValue {
  return { kind: 'library', library: NAME, type, data: path };
}

/** The path that a value names, relative to the project's root. */
export function pathOf(value: Value | undefined, ctx: Context): string | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'library' && known.library === NAME) return known.data as string;
  if (known?.kind === 'constant') return typeof known.value === 'string' ? known.value : undefined;
  if (known?.kind !== 'text') return undefined;
  const parts = known.parts.map((part) => (part.kind === 'text' ? part.value : pathOf(part.value, ctx)));
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}

/** The text of a file of the project, with its place. */
export function contentOf(path: string, ctx: Context): Value | undefined {
  const file = posix.normalize(path);
  const text = ctx.text(file);
  if (text === undefined) return undefined;
  return { kind: 'constant', value: text, source: { location: { file, start: 0, end: text.length }, contentStart: 0 } };
}

/** `os.path.join(...)` and the like. */
export function pathCall(name: string, call: Call, ctx: Context): Value | undefined {
  const parts = call.arguments.positional.map((each) => pathOf(each, ctx));
  const [first] = parts;
  if (first === undefined || parts.some((part) => part === undefined)) return undefined;
  const known = (value: string | boolean): Value => ({ kind: 'constant', value });
  switch (name) {
    case 'join': return known(posix.join(...(parts as string[])));
    case 'dirname': return known(posix.dirname(first));
    case 'basename': return known(posix.basename(first));
    case 'abspath': case 'realpath': case 'normpath': return known(posix.normalize(first));
    case 'exists': case 'isfile': return contentOf(first, ctx) ? known(true) : undefined;
    default: return undefined;
  }
}

function externalCall({ module, path }: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const names = [...module.split('.'), ...path];
  const last = names.at(-1)!;
  if (names[0] === 'os' && names[1] === 'path') return pathCall(last, call, ctx);
  if (names[0] === 'pathlib') {
    const parts = call.arguments.positional.map((each) => pathOf(each, ctx));
    return parts.every((part) => part !== undefined) ? pathValue('path', posix.join(...(parts as string[]))) : undefined;
  }
  // Indentation means nothing to SQL.
  if (last === 'dedent' || last === 'cleandoc') return call.arguments.positional[0];
  return names[0] === 'io' && last === 'open' ? openFile(call, ctx) : undefined;
}

/** `open(path)`: a file of the project that is read. */
export function openFile(call: Call, ctx: Context): Value | undefined {
  const path = pathOf(call.arguments.positional[0] ?? call.arguments.named.get('file'), ctx);
  return path !== undefined && contentOf(path, ctx) ? pathValue('file', path) : undefined;
}

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const path = object.data as string;
  switch (name) {
    case 'read': case 'read_text': return contentOf(path, ctx);
    case 'open': return contentOf(path, ctx) && pathValue('file', path);
    case 'resolve': case 'absolute': case 'expanduser': return object;
    case 'exists': case 'is_file': return contentOf(path, ctx) ? { kind: 'constant', value: true } : undefined;
    case 'close': return nullValue;
    case 'joinpath': {
      const parts = call.arguments.positional.map((each) => pathOf(each, ctx));
      return parts.every((part) => part !== undefined) ? pathValue('path', posix.join(path, ...(parts as string[]))) : undefined;
    }
    case 'with_name': case 'with_suffix': {
      const text = pathOf(call.arguments.positional[0], ctx);
      if (text === undefined) return undefined;
      return pathValue('path', posix.join(posix.dirname(path), name === 'with_name' ? text : `${posix.parse(path).name}${text}`));
    }
    default: return undefined;
  }
}

function member(object: LibraryValue, name: string): Value | undefined {
  const path = object.data as string;
  if (name === 'parent') return pathValue('path', posix.dirname(path));
  if (name === 'name') return { kind: 'constant', value: posix.basename(path) };
  return name === 'stem' ? { kind: 'constant', value: posix.parse(path).name } : undefined;
}

/** Files of the project that its own code reads: SQL kept beside a migration. */
export const pythonFilesLibrary: Library = {
  name: NAME,
  modules: ['os', 'pathlib', 'io', 'textwrap', 'inspect'],
  call: (callee, call, ctx) => (callee.kind === 'external' ? externalCall(callee, call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : undefined),
  member: (object, name) => (object.kind === 'library' ? member(object, name) : undefined),
  operator: (operator, left, right, _location, ctx) => {
    const [base, rest] = [pathOf(left, ctx), pathOf(right, ctx)];
    return operator === '/' && base !== undefined && rest !== undefined ? pathValue('path', posix.join(base, rest)) : undefined;
  },
};
