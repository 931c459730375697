import type { Call, Context, Library } from '../../library.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { client, exportedPath, resultObject, runCallbacks } from '../sql-client.js';
import { rawFragment, tagQuery } from '../sql-tag.js';
import { clientMethod } from '../pg/index.js';

const NAME = 'vercel-neon';

/** @vercel/postgres and @neondatabase/serverless: a `sql` tag that sends its text, beside clients like those of node-postgres. */
export const vercelLibrary: Library = {
  name: NAME,
  modules: ['@vercel/postgres', '@neondatabase/serverless', '@prisma/ppg', 'bun'],
  external: (value) => {
    if (value.instance) return undefined;
    const name = exportedPath(value).join('.');
    if (value.module === 'bun') return name === 'sql' ? client(NAME, 'rows') : undefined;
    return name === 'sql' ? client(NAME, 'result') : name === 'db' ? client(NAME, 'client') : undefined;
  },
  call: (callee, call, ctx) => {
    if (callee.kind === 'library') return callee.type === 'rows' || callee.type === 'result' ? callText(callee, call, ctx) : undefined;
    const name = exportedPath(callee).at(-1);
    if (callee.module === 'bun') return call.isNew && name === 'SQL' ? client(NAME, 'rows') : undefined;
    if (name === 'neon') return client(NAME, 'rows');
    return name !== undefined && /^(?:create)?(?:Vercel)?(?:Pool|Client)$/.test(name) ? client(NAME, 'client') : undefined;
  },
  typed: (type) => {
    const name = exportedPath(type).at(-1) ?? '';
    return name === 'NeonQueryFunction' ? client(NAME, 'rows') : /^(?:Vercel)?(?:Pool|Client|PoolClient)$/.test(name) ? client(NAME, 'client') : undefined;
  },
  tag: (tag, call, ctx) => {
    if (tag.kind !== 'library' || (tag.type !== 'rows' && tag.type !== 'result')) return undefined;
    const rows = tagQuery(call, ctx, NAME, tag.access && { access: tag.access });
    return tag.type === 'rows' || rows.kind === 'library' ? rows : resultObject(rows, ctx, call.location);
  },
  member: (object, name) => (object.kind === 'library' && object.type === 'client' && name === 'sql' ? { ...object, type: 'result' } : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? method(object, name, call, ctx) : undefined),
};

function method(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const [first = undefinedValue] = call.arguments.positional;
  if (object.type === 'client') return clientMethod(object, name, call, ctx);
  switch (name) {
    case 'query': return object.type === 'rows' ? callText(object, call, ctx) : clientMethod(object, name, call, ctx);
    case 'transaction': case 'begin': return ctx.read(first).kind === 'function' ? runCallbacks(call, ctx, [object]) : first;
    case 'unsafe': return object.type === 'rows' && call.arguments.positional.length > 1 ? callText(object, call, ctx) : rawFragment(first, ctx, call.location, NAME);
    case 'connect': return { ...object, type: 'client' };
    default: return undefined;
  }
}

/** `sql(text, values)`, `sql.query(text, values)`. */
function callText(object: LibraryValue, call: Call, ctx: Context): Value {
  const [text = undefinedValue, values] = call.arguments.positional;
  return queriesOfText(text, boundOf(values, ctx), ctx, call.location, NAME, object.access && { access: object.access });
}
