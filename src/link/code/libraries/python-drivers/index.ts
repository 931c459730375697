import type { Call, Context, Library } from '../../library.js';
import { fragmentValue, identifierPiece, knownText, plainPiece, type SqlPiece } from '../../sql-pieces.js';
import { FIRST_COLUMN } from '../../sql-result.js';
import { boundOf, queriesOfText, type SqlTextOptions } from '../../sql-text.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { client, exportedPath, oneOf } from '../sql-client.js';

const NAME = 'python drivers';

/** What a driver makes: `asyncpg` has no cursors of this kind, its connections and pools give rows themselves. */
type Kind = 'connection' | 'pool' | 'cursor' | 'asyncpg' | 'asyncpg pool' | 'transaction';

/** A cursor keeps the rows of what it ran last. */
interface CursorData {
  rows?: Value;
}

/** `from`: what it is made of, with whose connection it is one. */
function make(kind: Kind, from?: LibraryValue): LibraryValue {
  return { ...client(NAME, kind, kind === 'cursor' ? ({} satisfies CursorData) : undefined), ...(from?.access && { access: from.access }) };
}

/** Connections of PEP 249 are in a transaction from their first statement on, unless they are told to commit each; asyncpg's are not. */
function connected(kind: Kind, ctx: Context, from?: LibraryValue, call?: Call): LibraryValue {
  const made = make(kind, from);
  if (kind !== 'connection' && kind !== 'asyncpg') return made;
  const autocommit = call?.arguments.named.get('autocommit');
  return ctx.connections.own(made, kind === 'asyncpg' || autocommit !== undefined ? 'begun' : 'always');
}

/** Which of them a class or a function of a package gives. */
function kindOf(value: ExternalValue): Kind | undefined {
  const name = exportedPath(value).at(-1) ?? '';
  if (value.module.startsWith('asyncpg')) return /^(?:create_pool|Pool)$/.test(name) ? 'asyncpg pool' : /^(?:connect|Connection|PoolConnectionProxy)$/.test(name) ? 'asyncpg' : undefined;
  if (/Pool$/.test(name) || name === 'create_pool') return 'pool';
  if (/Cursor$|^cursor$/.test(name)) return 'cursor';
  return /Connection$|^connection$|^connect$/.test(name) ? 'connection' : undefined;
}

/**
 * Drivers that are given SQL text in Python: psycopg 2 and 3 with their pools and aiopg (PEP 249: `cursor.execute(sql, parameters)`, `fetchone`,
 * `fetchall`), and asyncpg (`connection.fetch(sql, *args)`).
 */
export const pythonDriversLibrary: Library = {
  name: NAME,
  modules: ['psycopg', 'psycopg2', 'psycopg_pool', 'aiopg', 'asyncpg'],
  leads: (name) => !/^(?:rows|errors|types|extras|adapters|dict_row|Json|Jsonb|RealDictCursor|register_uuid|\w*(?:Error|Violation|Exception))$/.test(name),
  call(callee, call, ctx) {
    if (callee.kind !== 'external') return undefined;
    const kind = kindOf(callee);
    return composed(exportedPath(callee).at(-1) ?? '', call, ctx) ?? (kind && connected(kind, ctx, undefined, call));
  },
  typed(type, _arguments, ctx) {
    const kind = kindOf(type);
    return kind && connected(kind, ctx);
  },
  method: (object, name, call, ctx) => (object.kind === 'library' ? methodOf(object, name, call, ctx) : undefined),
  operator: (operator, left, _right, _location, ctx) => {
    const value = ctx.read(left);
    if (value.kind === 'library' && value.type === 'transaction' && (operator === 'with' || operator === 'exit')) ctx.connections.event(value, operator === 'with' ? 'begin' : 'end');
    return operator === 'iterate' ? rowsOf(value) : undefined;
  },
};

/**
 * What `psycopg.sql` composes: `SQL('...')` is text, the others stand in it quoted or are sent apart.
 * @see psycopg documentation, "sql – SQL string composition"
 */
function composed(name: string, { arguments: { positional }, location }: Call, ctx: Context): Value | undefined {
  const [first] = positional;
  switch (name) {
    case 'SQL': return first;
    case 'Identifier': {
      const parts = positional.map((each) => knownText(each, ctx));
      const piece: SqlPiece = parts.every((part) => part !== undefined) ? identifierPiece(parts, location) : { kind: 'hole', written: 'an identifier', pasted: false, location };
      return fragmentValue(NAME, [piece]);
    }
    case 'Literal': return first && fragmentValue(NAME, [{ kind: 'value', value: first, location }]);
    case 'Placeholder': {
      const key = first && knownText(first, ctx);
      return fragmentValue(NAME, [first && key === undefined ? { kind: 'value', value: unknownValue('a value bound by its name'), location } : plainPiece(key === undefined ? '%s' : `%(${key})s`, location)]);
    }
    default: return undefined;
  }
}

function methodOf(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  switch (object.type as Kind) {
    case 'pool': return name === 'connection' || name === 'getconn' || name === 'acquire' ? connected('connection', ctx, object) : name === 'cursor' ? make('cursor', object) : undefined;
    case 'connection': return connectionMethod(object, name, call, ctx);
    case 'cursor': return cursorMethod(object, name, call, ctx);
    case 'asyncpg pool': return name === 'acquire' ? connected('asyncpg', ctx, object) : asyncpgMethod(object, name, call, ctx);
    case 'asyncpg': return asyncpgMethod(object, name, call, ctx);
    case 'transaction':
      if (name === 'start') ctx.connections.event(object, 'begin');
      if (name === 'commit' || name === 'rollback') ctx.connections.event(object, 'end');
      return nullValue;
  }
}

/** psycopg 3 lets a connection run a statement: it returns the cursor. */
function connectionMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'cursor') return make('cursor', object);
  if (name === 'commit' || name === 'rollback') ctx.connections.event(object, 'end');
  if (name === 'transaction') return make('transaction', object);
  if (name === 'pipeline') return object;
  return name === 'execute' ? cursorMethod(make('cursor', object), name, call, ctx) : undefined;
}

function cursorMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const data = object.data as CursorData;
  const { positional: [text, values], named } = call.arguments;
  switch (name) {
    case 'execute': case 'executemany': case 'stream': case 'mogrify':
      data.rows = runText(object, text ?? named.get('query'), values ?? named.get('vars') ?? named.get('params'), name === 'executemany', call, ctx);
      return name === 'stream' ? data.rows : object;
    case 'fetchone': return data.rows ? oneOf(ctx.read(data.rows), true) : nullValue;
    case 'fetchall': case 'fetchmany': return rowsOf(object) ?? unknownValue('rows of a cursor');
    default: return undefined;
  }
}

function rowsOf(value: Value): Value | undefined {
  return value.kind === 'library' && value.type === 'cursor' ? (value.data as CursorData).rows : undefined;
}

/** `fetch`, `fetchrow`, `fetchval`, `execute`: the values follow the text, for `$1` and so on. */
function asyncpgMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const { positional: [text, ...values], named } = call.arguments;
  const location = call.location;
  const run = (): Value => (text ?? named.get('query') ? queriesOfText((text ?? named.get('query'))!, { positional: values }, ctx, location, NAME, optionsOf(object)) : unread(call, ctx));
  switch (name) {
    case 'fetch': case 'execute': case 'cursor': case 'fetchmany': return run();
    case 'fetchrow': return oneOf(ctx.read(run()), true);
    case 'fetchval': {
      const rows = ctx.read(run());
      return rows.kind === 'rowList' ? { kind: 'field', result: rows.result, path: [FIRST_COLUMN], many: false, maybe: true } : unknownValue('a value that a query gives');
    }
    case 'executemany': return runText(object, text, values[0], true, call, ctx);
    case 'transaction': return make('transaction', object);
    default: return undefined;
  }
}

function optionsOf({ access }: LibraryValue): SqlTextOptions {
  return access ? { access } : {};
}

/** @param many the values are a list of those of each run */
function runText(object: LibraryValue, text: Value | undefined, values: Value | undefined, many: boolean, call: Call, ctx: Context): Value {
  return text ? queriesOfText(text, many ? {} : boundOf(values, ctx), ctx, call.location, NAME, { ...optionsOf(object), orQuestion: true }) : unread(call, ctx);
}

function unread(call: Call, ctx: Context): Value {
  ctx.query({ kind: 'query', unknown: 'The text of the query is not known', location: call.location, library: NAME });
  return unknownValue('rows of an unknown query');
}
