import type { Call, Context, Library } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { derived, undefinedValue, unknownValue } from '../../values.js';
import { client, exportedPath, resultObject, runCallbacks, runText } from '../sql-client.js';

const NAME = 'pg';

/** Classes of node-postgres and of packages with the same interface. */
const clients = new Set(['Pool', 'Client', 'PoolClient', 'ClientBase', 'BoundPool', 'VercelPool', 'VercelClient', 'VercelPoolClient', 'NeonPool']);

/** node-postgres: `pool.query(text, values)`, `client.query({ text, values })`, and packages with the same interface. */
export const pgLibrary: Library = {
  name: NAME,
  modules: ['pg', 'pg-pool', 'pg-native', '@electric-sql/pglite', 'serverless-postgres', '@fastify/postgres'],
  call: (callee, call, ctx) => {
    if (callee.kind === 'library' && callee.type === 'query') return clientMethod(callee.data as LibraryValue, 'query', call, ctx);
    if (callee.kind !== 'external' || !call.isNew) return undefined;
    const name = exportedPath(callee).at(-1);
    return name === undefined || clients.has(name) || name === 'PGlite' ? client(NAME, name === 'PGlite' ? 'pglite' : 'client') : undefined;
  },
  typed: (type, _arguments, ctx) => {
    const name = exportedPath(type).at(-1) ?? '';
    if (name === 'PGlite') return client(NAME, 'pglite');
    return !clients.has(name) ? undefined : /Client$/.test(name) ? ctx.connections.own(client(NAME, 'client'), 'begun') : client(NAME, 'client');
  },
  instance: (_instance, base) => (clients.has(exportedPath(base).at(-1) ?? '') ? client(NAME, 'client') : undefined),
  member: (object, name) => (object.kind === 'library' && object.type === 'client' && name === 'query' ? client(NAME, 'query', object) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' ? clientMethod(object, name, call, ctx) : undefined),
};

/** A pool, as a plugin of a framework makes it. */
export function pool(): Value {
  return client(NAME, 'client');
}

/** What a method of a client does. Those that no query is sent by give nothing. */
export function clientMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const options = object.access && { access: object.access };
  switch (name) {
    case 'query': {
      const result = resultObject(runText(call, ctx, NAME, options), ctx, call.location);
      runCallbacks(call, ctx, [undefinedValue, result]);
      return result;
    }
    case 'exec':
      return object.type === 'pglite' ? resultObject(runText(call, ctx, NAME, options), ctx, call.location) : undefined;
    case 'connect': {
      const connected = ctx.connections.own(derived(object, 'client', undefined), 'begun');
      runCallbacks(call, ctx, [undefinedValue, connected, unknownValue('a callback')]);
      return connected;
    }
    case 'transaction': case 'transact': return runCallbacks(call, ctx, [ctx.connections.own(object, 'always')]);
    case 'release': case 'end': case 'on': case 'once': case 'removeListener': case 'off': return undefinedValue;
    default: return undefined;
  }
}
