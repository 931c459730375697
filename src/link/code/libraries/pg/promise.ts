import type { Call, Context, Library } from '../../library.js';
import { queriesOfText, boundOf } from '../../sql-text.js';
import type { Bound } from '../../sql-text.js';
import { fragmentValue, identifierPiece } from '../../sql-pieces.js';
import type { LibraryValue, Value } from '../../values.js';
import { nullValue, undefinedValue } from '../../values.js';
import { client, exportedPath, oneOf, property, resultObject, runCallbacks } from '../sql-client.js';

const NAME = 'pg-promise';

const databaseTypes = new Set(['IDatabase', 'ITask', 'IBaseProtocol', 'IConnected']);

/** pg-promise: `db.one(text, values)`, `db.any(...)`, `db.tx(t => ...)`; one value that is no list stands for `$1`. */
export const pgPromiseLibrary: Library = {
  name: NAME,
  modules: ['pg-promise'],
  call: (callee, call, ctx) => {
    if (callee.kind === 'external') return call.isNew ? preparedStatement(exportedPath(callee).at(-1), call, ctx) : exportedPath(callee).length === 0 ? client(NAME, 'root') : undefined;
    if (callee.type === 'query') return databaseMethod(callee.data as LibraryValue, 'query', call, ctx);
    return callee.type === 'root' ? client(NAME, 'database') : undefined;
  },
  typed: (type) => {
    const name = exportedPath(type).at(-1) ?? '';
    return databaseTypes.has(name) ? client(NAME, 'database') : name === 'IMain' ? client(NAME, 'root') : undefined;
  },
  member: (object, name) => (object.kind === 'library' && object.type === 'database' && name === 'query' ? client(NAME, 'query', object) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'library' && object.type === 'database' ? databaseMethod(object, name, call, ctx) : undefined),
};

function databaseMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (name) {
    case 'none': run(object, call, ctx); return nullValue;
    case 'one': return oneOf(run(object, call, ctx), false);
    case 'oneOrNone': return oneOf(run(object, call, ctx), true);
    case 'many': case 'any': case 'manyOrNone': case 'query': return run(object, call, ctx);
    case 'result': return resultObject(run(object, call, ctx), ctx, call.location);
    case 'multi': case 'multiResult': run(object, call, ctx); return { kind: 'unknown', reason: 'results of several queries' };
    case 'map': case 'each': return run(object, call, ctx);
    case 'tx': case 'txIf': return runCallbacks(call, ctx, [ctx.connections.own(object, 'always')]);
    case 'task': case 'taskIf': return runCallbacks(call, ctx, [ctx.connections.own(object, 'begun')]);
    case 'batch': return call.arguments.positional[0] ?? undefinedValue;
    case 'connect': return object;
    default: return undefined;
  }
}

function run(object: LibraryValue, call: Call, ctx: Context): Value {
  const [text = undefinedValue, values] = call.arguments.positional;
  const given = ctx.read(text);
  const config = given.kind === 'object' ? given.entries : undefined;
  const options = { dollarNames: true, ...(object.access && { access: object.access }) };
  return queriesOfText(config ? property(config, 'text') ?? undefinedValue : given, boundValues(values ?? (config && property(config, 'values')), ctx), ctx, call.location, NAME, options);
}

function boundValues(given: Value | undefined, ctx: Context): Bound {
  if (given === undefined) return {};
  const bound = boundOf(given, ctx);
  return bound.positional || bound.named ? bound : { positional: [given] };
}

/** `new PreparedStatement({ text, values })` is its options; `new TableName(...)` a name. */
function preparedStatement(name: string | undefined, call: Call, ctx: Context): Value | undefined {
  const [first] = call.arguments.positional;
  if (first === undefined) return undefined;
  if (name === 'PreparedStatement' || name === 'ParameterizedQuery') return first;
  const value = ctx.read(first);
  if (name === 'TableName' && value.kind === 'constant') return fragmentValue(NAME, [identifierPiece([String(value.value)], call.location)]);
  return undefined;
}

