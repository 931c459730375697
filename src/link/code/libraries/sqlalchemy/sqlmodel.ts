import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import { actionOf, columnCall, targetOf } from './columns.js';
import { dataOf, make } from './data.js';
import { Given } from './given.js';

/** SQLModel's `Field(default=None, primary_key=True, foreign_key='users.id', sa_column=Column(...))`. */
export function fieldCall(call: Call, ctx: Context): Value {
  const given = new Given(call, ['default'], ctx);
  const whole = dataOf(given.value('sa_column'), 'column', ctx);
  // A column that is given whole is as nullable as Column() makes it, whatever the annotation says.
  if (whole) return make('column', { ...whole, nullable: whole.nullable ?? !whole.primaryKey, location: call.location });
  const args = given.value('sa_column_args');
  const kwargs = given.value('sa_column_kwargs');
  const inner = columnCall(merged(call, args, kwargs, ctx), ctx, true);
  const data = dataOf(inner, 'column', ctx)!;
  const target = given.value('foreign_key');
  const foreignKey = target && given.has('foreign_key') ? [{ ...targetOf(target, ctx), onDelete: actionOf(given.text('ondelete')), onUpdate: actionOf(undefined), enforced: true, location: call.location }] : [];
  const clientDefault = data.clientDefault || (call.arguments.positional.length > 0 && given.has('default'));
  return make('column', { ...data, foreignKeys: [...data.foreignKeys, ...foreignKey], clientDefault });
}

/** The call of Column() that a Field stands for. */
function merged(call: Call, args: Value | undefined, kwargs: Value | undefined, ctx: Context): Call {
  const list = args && ctx.read(args);
  const dict = kwargs && ctx.read(kwargs);
  const positional = list?.kind === 'list' ? list.items.map((item) => item.value) : [];
  const named = new Map(call.arguments.named);
  const type = named.get('sa_type');
  if (type) named.set('type_', type);
  if (dict?.kind === 'object') for (const entry of dict.entries) if (entry.kind === 'property') named.set(entry.key, entry.value);
  return { ...call, arguments: { ...call.arguments, positional, named, locations: positional.map(() => call.location) } };
}
