import { boundOf } from '../../sql-text.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { undefinedValue } from '../../values.js';
import { execute } from '../alembic/execute.js';
import { notUnderstood } from '../entities/migrations.js';
import { itemsOf } from '../sqlalchemy/given.js';
import type { OperationData } from './operation-data.js';

/** `RunSQL(sql)`: a text, or a list of texts and of pairs of a text and its parameters. */
export function runSql(operation: OperationData, ctx: Context): void {
  const { location } = operation;
  const sql = operation.named.get('sql');
  if (sql === undefined) return ctx.emit({ kind: 'operations', operations: [notUnderstood('the SQL is not known', location)], location });
  const known = ctx.read(sql);
  if (known.kind === 'external' && known.path.at(-1) === 'noop') return;
  const items = known.kind === 'list' ? itemsOf(known, ctx) ?? known.items.map(({ value }) => value) : [sql];
  for (const item of items) runOne(item, ctx, location);
}

function runOne(item: Value, ctx: Context, location: OperationData['location']): void {
  const pair = ctx.read(item).kind === 'list' ? itemsOf(item, ctx) : undefined;
  const [text = item, parameters] = pair ?? [];
  execute(text, ctx, location, boundOf(parameters, ctx));
}

/** `schema_editor.execute(sql, params)`, `schema_editor.connection.cursor()`. */
export function schemaEditorMethod(name: string, call: Call, ctx: Context): Value | undefined {
  const { positional, named } = call.arguments;
  const sql = positional[0] ?? named.get('sql');
  if (name !== 'execute' || !sql) return undefined;
  execute(sql, ctx, call.location, boundOf(positional[1] ?? named.get('params'), ctx));
  return undefinedValue;
}
