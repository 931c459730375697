import { entryOf } from '../../../../entry.js';
import { flagOf } from '../entities/given.js';
import type { Location } from '../../../../facts/location.js';
import type { CheckDefinition, ReferentialAction } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { Value } from '../../values.js';
import type { ColumnData, ForeignKeyData } from './data.js';
import { dataOf, make } from './data.js';
import { Given, isNone, textOf } from './given.js';
import { defaultOf, sqlExpression } from './sql-expression.js';
import { qualifiedName } from './tables.js';
import { typeOf } from './types.js';

/** `Column('name', Type, ForeignKey(...), nullable=False)` and `mapped_column(...)`: name and type may each be left out. */
export function columnCall(call: Call, ctx: Context, mapped: boolean): Value {
  const given = new Given(call, [], ctx);
  const { location } = call;
  const items = [...call.arguments.positional];
  const name = items[0] && nameOf(items[0], ctx);
  if (name !== undefined) items.shift();
  else if (items[0] && isNone(items[0], ctx)) items.shift();
  const type = given.value('type_') ?? items.find((item) => typeOf(item, ctx) !== undefined);
  const declared = given.text('name') ?? name;
  const serverDefault = given.value('server_default');
  const flag = (key: string): boolean | undefined => given.flag(key);
  const computed = [...items, ...(serverDefault ? [serverDefault] : [])].map((item) => dataOf(item, 'computed', ctx)).find((each) => each !== undefined);
  const identity = [...items, ...(serverDefault ? [serverDefault] : [])].map((item) => dataOf(item, 'identity', ctx)).find((each) => each !== undefined);
  const known = type && typeOf(type, ctx);
  const value = serverDefault && !computed && !identity ? defaultOf(serverDefault, ctx, location) : undefined;
  const autoincrement = flag('autoincrement');
  const comment = given.text('comment');
  const data: ColumnData = {
    ...(declared !== undefined && { name: declared }), ...(known && { type: known }),
    ...optionalFlags({ nullable: flag('nullable'), unique: flag('unique'), index: flag('index'), autoincrement }),
    primaryKey: flag('primary_key') === true, clientDefault: ['default', 'default_factory', 'insert_default'].some((key) => given.has(key)),
    ...(value && { default: value }), ...(identity && { identity }), ...(computed && { computed }), ...(comment !== undefined && { comment }),
    foreignKeys: items.flatMap((item) => dataOf(item, 'foreignKey', ctx) ?? []),
    checks: items.flatMap((item) => dataOf(item, 'constraint', ctx)?.constraint ?? []),
    mapped, location,
  };
  return make('column', data);
}

type Flags = Partial<Pick<ColumnData, 'nullable' | 'unique' | 'index' | 'autoincrement'>>;

function optionalFlags(flags: { readonly [K in keyof Flags]: boolean | undefined }): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

/** A name is a string; a type that stands first is none. */
function nameOf(value: Value, ctx: Context): string | undefined {
  const known = ctx.read(value);
  return known.kind === 'constant' || known.kind === 'text' || (known.kind === 'library' && known.type === 'quotedName') ? textOf(known, ctx) : undefined;
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  CASCADE: 'cascade', RESTRICT: 'restrict', 'SET NULL': 'setNull', 'SET DEFAULT': 'setDefault', 'NO ACTION': 'noAction',
};

/** `ON DELETE` as SQLAlchemy takes it: text. */
export function actionOf(text: string | undefined): ReferentialAction {
  return text === undefined ? 'noAction' : entryOf(ACTIONS, text.trim().replace(/\s+/g, ' ').toUpperCase()) ?? 'noAction';
}

/** `ForeignKey('accounts.id', ondelete='CASCADE')`; the column may be an attribute of a model, or of a table. */
export function foreignKeyCall(call: Call, ctx: Context): Value {
  const given = new Given(call, ['column', '_constraint', 'use_alter', 'name'], ctx);
  const target = given.value('column');
  const name = given.text('name');
  return make('foreignKey', {
    ...(target && targetOf(target, ctx)), ...(name !== undefined && { name }), onDelete: actionOf(given.text('ondelete')), onUpdate: actionOf(given.text('onupdate')),
    enforced: true, ...(given.flag('use_alter') === true && { useAlter: true }), location: call.location,
  });
}

/** `schema.table.column`, a column of a table. */
export function targetOf(target: Value, ctx: Context): Pick<ForeignKeyData, 'references' | 'column' | 'attribute'> {
  const text = textOf(target, ctx);
  if (text === undefined) return { attribute: target };
  const parts = text.split('.');
  return parts.length === 1 ? { references: { name: parts[0]! } } : { references: qualifiedName(parts.slice(0, -1).join('.')), column: parts.at(-1)! };
}

/** `Identity(always=True)`. */
export function identityCall(call: Call, ctx: Context): Value {
  const first = call.arguments.positional[1] ?? call.arguments.named.get('always');
  return make('identity', { always: first !== undefined && flagOf(first, ctx) === true });
}

/** `Computed('a || b', persisted=True)`. */
export function computedCall(call: Call, ctx: Context): Value {
  const given = new Given(call, ['sqltext', 'persisted'], ctx);
  const text = given.value('sqltext');
  const expression = (text && sqlExpression(text, ctx, given.location('sqltext'), 'sql')) ?? { kind: 'hole', text: 'an expression', location: call.location } as const;
  return make('computed', { expression, stored: given.flag('persisted') !== false });
}

/** `CheckConstraint('a > 0', name='ck')`. */
export function checkOf(given: Given, location: Location, name: string | undefined): CheckDefinition {
  const text = given.value('sqltext') ?? given.value('condition');
  const expression = (text && sqlExpression(text, given.ctx, location, 'sql')) ?? { kind: 'hole', text: 'a condition', location } as const;
  return { kind: 'check', ...(name !== undefined && { name }), expression, notValid: given.flag('postgresql_not_valid') === true, location };
}
