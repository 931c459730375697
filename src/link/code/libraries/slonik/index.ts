import type { Call, Context, Library } from '../../library.js';
import { queriesOfText } from '../../sql-text.js';
import { FIRST_COLUMN } from '../../sql-result.js';
import { fragmentPieces, fragmentValue } from '../../sql-pieces.js';
import type { LibraryValue, Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { client, exportedPath, oneOf, resultObject, runCallbacks } from '../sql-client.js';
import { identifierFragment, joinFragment, rawFragment, tagFragment } from '../sql-tag.js';

const NAME = 'slonik';

const poolTypes = new Set([
  'DatabasePool', 'DatabaseConnection', 'DatabasePoolConnection', 'DatabaseTransactionConnection', 'CommonQueryMethods',
  'DatabasePoolType', 'CommonQueryMethodsType', 'DatabaseTransactionConnectionType', 'DatabasePoolConnectionType',
]);

/** What pools and connections send. */
const SENDS = /^(?:query|exists|(?:any|many|one|maybeOne)(?:First)?)$/;

function isFragment(value: Value): boolean {
  return value.kind === 'library' && value.library === NAME && fragmentPieces(value) !== undefined;
}

/** Slonik: sql.type(...)`...`, sql.fragment`...`; a pool's `any`, `one`, `maybeOne` and their kin send them. */
export const slonikLibrary: Library = {
  name: NAME,
  modules: ['slonik', '@slonik/', '@silverhand/slonik'],
  external: (value) => (exportedPath(value).join('.') === 'sql' && !value.instance ? client(NAME, 'sql') : undefined),
  call: (callee, call, ctx) => {
    if (callee.kind === 'library') return callee.type === 'sql' ? rawFragment(call.arguments.positional[0], ctx, call.location, NAME) : undefined;
    const name = exportedPath(callee).at(-1);
    return name === 'createPool' ? client(NAME, 'pool') : name === 'createSqlTag' ? client(NAME, 'sql') : undefined;
  },
  presumed: (name, { arguments: { positional } }, ctx) => (SENDS.test(name) && isFragment(ctx.read(positional[0]!)) ? client(NAME, 'pool') : undefined),
  typed: (type) => (poolTypes.has(exportedPath(type).at(-1) ?? '') ? client(NAME, 'pool') : undefined),
  tag: (tag, call, ctx) => (tag.kind === 'library' && (tag.type === 'sql' || tag.type === 'tag') ? tagFragment(call, ctx, NAME) : undefined),
  member: (object, name) => (object.kind === 'library' && object.type === 'sql' && ['fragment', 'unsafe', 'typeAlias', 'type'].includes(name) ? client(NAME, 'tag') : undefined),
  method: (object, name, call, ctx) => {
    if (object.kind !== 'library') return undefined;
    if (object.type === 'sql') return helper(name, call, ctx);
    return object.type === 'pool' ? poolMethod(object, name, call, ctx) : undefined;
  },
};

/** What the helpers of `sql` stand for in a text (Slonik's manual, "Query building"). */
function helper(name: string, call: Call, ctx: Context): Value | undefined {
  const [first, second] = call.arguments.positional;
  const { location } = call;
  switch (name) {
    case 'type': case 'typeAlias': return client(NAME, 'tag');
    case 'identifier': return identifierFragment(first, ctx, location, NAME);
    case 'join': return joinFragment(first, second, ctx, location, NAME);
    case 'literalValue': case 'array': case 'json': case 'jsonb': case 'date': case 'timestamp': case 'interval': case 'binary': case 'uuid':
      return fragmentValue(NAME, [{ kind: 'value', value: first ?? undefinedValue, location }]);
    case 'unnest': return fragmentValue(NAME, [{ kind: 'text', value: 'unnest(', location }, { kind: 'value', value: first ?? undefinedValue, location }, { kind: 'text', value: ')', location }]);
    default: return undefined;
  }
}

function poolMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const run = (): Value => send(object, call, ctx);
  switch (name) {
    case 'any': case 'many': return run();
    case 'one': return oneOf(run(), false);
    case 'maybeOne': return oneOf(run(), true);
    case 'anyFirst': case 'manyFirst': return firstColumn(run(), true, false);
    case 'oneFirst': return firstColumn(run(), false, false);
    case 'maybeOneFirst': return firstColumn(run(), false, true);
    case 'exists': return { kind: 'condition', condition: { operator: 'truthy', value: oneOf(run(), true) } };
    case 'query': return resultObject(run(), ctx, call.location);
    case 'stream': run(); return undefinedValue;
    case 'transaction': case 'connect': return runCallbacks(call, ctx, [ctx.connections.own(object, name === 'connect' ? 'begun' : 'always')]);
    case 'end': return undefinedValue;
    default: return undefined;
  }
}

function send(object: LibraryValue, call: Call, ctx: Context): Value {
  const [text = undefinedValue] = call.arguments.positional;
  return queriesOfText(text, {}, ctx, call.location, NAME, { tag: true, ...(object.access && { access: object.access }) });
}

/** The value of the first column of a row or of each row: the name it has in the select list. */
function firstColumn(rows: Value, many: boolean, maybe: boolean): Value {
  if (rows.kind === 'union') return { kind: 'union', options: rows.options.map(({ value, facts }) => ({ value: firstColumn(value, many, maybe), facts })) };
  return rows.kind === 'rowList' ? { kind: 'field', result: rows.result, path: [FIRST_COLUMN], many, maybe } : rows;
}

