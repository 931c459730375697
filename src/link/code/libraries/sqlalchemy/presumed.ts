import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { instanceOf } from './adding.js';
import { begunSession } from './begun.js';
import { sessionValue } from './connection.js';
import { SQLALCHEMY } from './data.js';
import { tableData } from './tables.js';

/** What a session is asked about a model, and what it is given to send. */
const OF_MODEL = /^(?:query|get|get_one|get_or_404)$/;
const SENDS = /^(?:execute|scalars?|stream|stream_scalars|exec|query)$/;
const OF_OBJECT = /^(?:add|add_all|merge|delete)$/;

/** The session that a parameter without a type has to be, or what a package gives that is not there: `db.query(Note)`, `db.execute(select(Note))`, `db.add(Note(...))`. */
export function presumedSession(name: string, { arguments: { positional } }: Call, ctx: Context): LibraryValue | undefined {
  const first = ctx.read(positional[0]!);
  const isSession = OF_MODEL.test(name) && first.kind === 'classValue' && tableData(first, ctx) !== undefined
    || SENDS.test(name) && first.kind === 'library' && first.library === SQLALCHEMY
    || OF_OBJECT.test(name) && (first.kind === 'list' ? first.items.some((item) => isObject(ctx.read(item.value), ctx)) : isObject(first, ctx));
  return isSession ? begunSession(ctx.connections.own(sessionValue(), 'always'), undefined, false, ctx) : undefined;
}

function isObject(value: Value, ctx: Context): boolean {
  return value.kind === 'row' ? value.result.entity?.library === SQLALCHEMY : value.kind === 'instance' && instanceOf(value, ctx) !== undefined;
}
