import type { Call, Context } from '../../library.js';
import type { Bound } from '../../sql-rewrite.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import type { SessionData } from './begun.js';
import { SQLALCHEMY } from './data.js';
import { dialectValue } from './dialect.js';
import { Given, itemsOf, libraryValue } from './given.js';
import { queryData, writtenBy } from './queries.js';
import { rowsOfStatement, type Rows } from './rows.js';
import { sessionMethod } from './session.js';
import { placeOf, statementData, stepped } from './statement.js';
import { run, runUnknown, type Site } from './run.js';
import { insertRows, rowsOfValue } from './writes.js';
import { isMigration } from './registry.js';
import { resultMethod, resultValue } from './results.js';
import { boundTo, textData } from './text.js';

/** A connection, or an engine that makes one. */
export function connectionValue(): LibraryValue {
  return libraryValue(SQLALCHEMY, 'connection', undefined);
}

/** A session on the same footing: what it executes reaches the database. */
export function sessionValue(): LibraryValue {
  return libraryValue(SQLALCHEMY, 'session', undefined);
}

/** Flask-SQLAlchemy's `db.session`: wherever it is named, a request has one. */
export function sharedSession(): LibraryValue {
  return { ...sessionValue(), access: { id: 0, transaction: 'always' } };
}

const EXECUTES: ReadonlySet<string> = new Set(['execute', 'scalar', 'scalars', 'stream', 'stream_scalars', 'exec', 'exec_driver_sql']);
const NOTHING: ReadonlySet<string> = new Set(['commit', 'rollback', 'close', 'flush', 'expunge_all', 'expire_all', 'detach', 'invalidate', 'dispose']);
const SAME: ReadonlySet<string> = new Set(['connect', 'begin', 'begin_nested', 'execution_options', 'connection', 'get_bind', 'engine', '__enter__', 'no_autoflush', 'get_transaction', 'session', 'begin_twophase', '__aenter__']);

/** A method of a connection, an engine or a session. */
export function connectionMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  if (EXECUTES.has(name)) return executed(object, name, call, ctx);
  if (name === 'commit' || name === 'rollback') ctx.connections.event(object, 'end');
  if (NOTHING.has(name)) return nullValue;
  if (object.type === 'session') {
    const found = sessionMethod(object, name, call, ctx);
    if (found !== undefined) return found;
  }
  if (name === 'execution_options' && isMigration(ctx.file, ctx) && new Given(call, [], ctx).text('isolation_level') === 'AUTOCOMMIT') leaveTransaction(call, ctx);
  if (object.type === 'connection' && (name === 'connect' || name === 'begin')) return ctx.connections.own(object, 'always');
  return SAME.has(name) ? object : undefined;
}

/** A member of a connection or session. */
export function connectionMember(object: LibraryValue, name: string): Value | undefined {
  if (name === 'dialect') return dialectValue();
  if (name === 'name') return { kind: 'constant', value: 'postgresql' };
  return name === 'engine' || name === 'bind' || name === 'connection' || name === 'sync_connection' || name === 'no_autoflush' || name === 'sync_session' || name === 'session' ? object : undefined;
}

/** In AUTOCOMMIT each statement is a transaction of its own. */
function leaveTransaction({ location }: Call, ctx: Context): void {
  ctx.emit({ kind: 'operations', operations: [{ kind: 'transaction', action: 'commit', location }], location });
}

function executed(object: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const given = new Given(call, ['statement', 'parameters'], ctx);
  const statement = given.value('statement') ?? given.value('clause');
  if (!statement) return unknownValue('a call without a statement');
  const parameters = given.value('parameters') ?? given.value('params');
  const raw = name === 'exec_driver_sql';
  const bound = boundBy(parameters, call, raw, ctx);
  const known = ctx.read(statement);
  const one = (value: Value): Value => {
    const rows = runStatement(withRows(value, parameters, ctx), bound, object, call, raw, ctx);
    // What SQLModel's exec() gives of one thing selected is that.
    const result = resultValue(rows, ctx, /scalars$/.test(name) || (name === 'exec' && 'tuples' in rows && rows.count === 1));
    return name === 'scalar' ? resultMethod(result, 'scalar', ctx) ?? result : result;
  };
  return known.kind === 'union' ? { kind: 'union', options: known.options.map((option) => ({ ...option, value: one(option.value) })) } : one(known);
}

/** `execute(insert(User), [{...}])`: the rows are given apart. */
function withRows(statement: Value, parameters: Value | undefined, ctx: Context): Value {
  const data = statementData(statement, ctx);
  if (!data || !parameters || data.query.kind !== 'insert' || data.query.source || statement.kind !== 'library') return statement;
  return stepped(statement, (before) => (before.query.kind === 'insert' ? { ...before, query: insertRows(before.query, rowsOfValue(parameters, before.last, ctx), ctx) } : before));
}

/** The first set of parameters stands for all of an executemany. */
function boundBy(parameters: Value | undefined, call: Call, positional: boolean, ctx: Context): Bound {
  const items = parameters && !positional ? itemsOf(parameters, ctx) : undefined;
  const bound = boundOf(items?.[0] ?? parameters, ctx);
  const named = [...call.arguments.named].filter(([key]) => !['parameters', 'params', 'execution_options', 'bind_arguments'].includes(key));
  return named.length > 0 && bound.named === undefined ? { ...bound, named: new Map(named) } : bound;
}

function runStatement(statement: Value, bound: Bound, object: LibraryValue, call: Call, raw: boolean, ctx: Context): Value | Rows {
  const known = ctx.read(statement);
  const access = object.access && { access: object.access };
  const query = queryData(known, ctx, object.type === 'session' ? object.data as SessionData | undefined : undefined);
  const data = statementData(known, ctx);
  const site: Site = { ...data ? placeOf(data, ctx) : { location: call.location }, ctx, ...access, begun: data?.begun, sender: data && call.location };
  if (query) {
    run(query, site);
    return rowsOfStatement(query, data?.selected ?? [], writtenBy(known, ctx), ctx);
  }
  if (data?.unknown !== undefined) return runUnknown(data.unknown, site);
  const text = textData(known, ctx);
  if (text) return queriesOfText(text.text, boundTo(text, bound.named), ctx, call.location, SQLALCHEMY, access ?? {});
  // Only exec_driver_sql() takes text that is not known to be SQL; anything else is a statement that was built elsewhere.
  if (known.kind === 'constant' || known.kind === 'text' || (known.kind === 'input' && raw)) return queriesOfText(known, bound, ctx, call.location, SQLALCHEMY, access ?? {});
  ctx.query({ kind: 'query', unknown: 'the statement is not known', location: call.location, library: SQLALCHEMY, ...access });
  return unknownValue('a statement that is not known');
}
