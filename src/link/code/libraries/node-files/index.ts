import { posix } from 'node:path';
import type { Call, Context, Library } from '../../library.js';
import { modulesIn } from '../../resolve.js';
import type { Value } from '../../values.js';
import { contentOf, pathCall, pathOf } from '../python-files/index.js';

/** Paths and files of the project that JavaScript puts together and reads: `path.join(__dirname, ...)`, `fs.readdirSync(folder)`. */
export const nodeFilesLibrary: Library = {
  name: 'node-files',
  modules: ['fs', 'node:fs', 'fs/promises', 'node:fs/promises', 'path', 'node:path'],
  incidental: true,
  call: (callee, call, ctx) => (callee.kind === 'external' ? fileCall(callee.path.at(-1) ?? '', call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'external' ? fileCall(name, call, ctx) : undefined),
};

function fileCall(name: string, call: Call, ctx: Context): Value | undefined {
  const path = pathOf(call.arguments.positional[0], ctx);
  if (path === undefined) return undefined;
  switch (name) {
    case 'readdir': case 'readdirSync': return modulesOf(path, call, ctx);
    case 'readFile': case 'readFileSync': return contentOf(path, ctx);
    // The project's root is where paths begin.
    case 'resolve': return pathCall('join', call, ctx);
    case 'extname': return { kind: 'constant', value: posix.extname(path) };
    case 'normalize': return { kind: 'constant', value: posix.normalize(path) };
    default: return pathCall(name, call, ctx);
  }
}

/** The names of a folder's modules; other files are not known, and nothing is asked of them. */
function modulesOf(folder: string, { location }: Call, ctx: Context): Value {
  const path = posix.normalize(folder);
  ctx.journal.folders.add(path);
  const names = modulesIn(ctx.modules, path).map((file) => posix.basename(file));
  return ctx.allocate({ kind: 'list', form: 'list', items: names.map((value) => ({ value: { kind: 'constant', value }, maybe: false, repeated: false })), location });
}
