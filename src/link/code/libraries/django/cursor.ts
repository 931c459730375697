import type { Call, Context } from '../../library.js';
import { boundOf, queriesOfText } from '../../sql-text.js';
import type { LibraryValue, Value } from '../../values.js';
import { nullValue, unknownValue } from '../../values.js';
import { DJANGO } from './fields.js';

/** `connection.cursor()`; what else a connection has runs no queries of one's own. */
export function connectionMethod(name: string): LibraryValue | undefined {
  return name === 'cursor' ? { kind: 'library', library: DJANGO, type: 'cursor', data: undefined } : undefined;
}

/** `cursor.execute(sql, params)` (Django documentation, "Performing raw SQL queries"). */
export function cursorMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const [text, parameters] = call.arguments.positional;
  const sql = text ?? call.arguments.named.get('sql');
  if ((name === 'execute' || name === 'executemany') && sql) {
    ctx.store.set('django:cursor', queriesOfText(sql, boundOf(parameters ?? call.arguments.named.get('params'), ctx), ctx, call.location, DJANGO, {}));
    return nullValue;
  }
  const found = ctx.store.get('django:cursor') as Value | undefined;
  const rows = found && ctx.read(found);
  if (name === 'fetchone' && rows?.kind === 'rowList') return { kind: 'row', result: rows.result, path: [], maybe: true };
  if (name === 'fetchall' || name === 'fetchmany') return rows ?? unknownValue('rows');
  return undefined;
}
