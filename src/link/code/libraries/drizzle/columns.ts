import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault, ColumnDefinition } from '../../../../facts/schema.js';
import type { Call, Context } from '../../library.js';
import type { LibraryValue, Value } from '../../values.js';
import { property } from '../sql-client.js';
import { columnTypeOf, SERIALS } from './column-types.js';
import { made, textOf } from './data.js';
import { lowerValue } from './expressions.js';

/** A column as its builder's calls have made it. */
export interface ColumnBuilder {
  readonly type: SqlType;
  readonly given?: string;
  readonly location: Location;
  readonly notNull: boolean;
  readonly default?: (ctx: Context) => ColumnDefault;
  readonly generated?: 'stored' | 'identity';
  readonly identityAlways?: boolean;
  readonly primaryKey?: Location;
  readonly unique?: { readonly name?: string; readonly nullsNotDistinct: boolean; readonly location: Location };
  /** `.references(() => other.id, options)`. */
  readonly references?: { readonly target: Value; readonly options?: Value; readonly location: Location };
}

/** `text('name')`, `integer()`, `t.uuid('id')`; undefined for a function that makes no column. */
export function columnBuilder(name: string, call: Call, ctx: Context): LibraryValue | undefined {
  const [first, second] = call.arguments.positional;
  const given = textOf(first, ctx);
  const type = columnTypeOf(name, given === undefined ? first : second, ctx);
  return type && newColumn(type, given, call.location, SERIALS.has(name));
}

/** A column of a type: of an enum, a custom type. */
export function newColumn(type: SqlType, given: string | undefined, location: Location, isSerial = false): LibraryValue {
  const data: ColumnBuilder = {
    type, location, notNull: isSerial, ...(given !== undefined && { given }),
    ...(isSerial && { default: (): ColumnDefault => ({ expression: { kind: 'call', name: ['nextval'], arguments: [], location }, constant: false, generator: true, location }) }),
  };
  return made('columnBuilder', data);
}

/** A call that describes a column further. */
export function describeColumn(builder: ColumnBuilder, name: string, call: Call, ctx: Context): LibraryValue {
  return made('columnBuilder', { ...builder, ...described(builder, name, call, ctx) });
}

function described(builder: ColumnBuilder, name: string, call: Call, ctx: Context): Partial<ColumnBuilder> {
  const { location } = call;
  const [first, second] = call.arguments.positional;
  switch (name) {
    case 'notNull': return { notNull: true };
    case 'primaryKey': return { notNull: true, primaryKey: location, ...((isRowId(builder, call) || isAutoIncrement(first, ctx)) && { generated: 'identity' as const }) };
    case 'autoincrement': return { generated: 'identity' };
    case 'unique': return { unique: { ...nameGiven(first, ctx), nullsNotDistinct: isNotDistinct(second, ctx), location } };
    case 'references': return first ? { references: { target: first, ...(second && { options: second }), location } } : {};
    case 'array': return { type: { ...builder.type, dimensions: builder.type.dimensions + 1 } };
    case 'default': return first ? { default: (current) => databaseDefault(first, location, current) } : {};
    case 'defaultNow': return { default: () => generator('now', location) };
    case 'defaultRandom': return { default: () => generator('gen_random_uuid', location) };
    case '$default': case '$defaultFn': return { default: () => ({ ...generator('default', location), clientSide: true }) };
    case '$onUpdate': case '$onUpdateFn': return builder.default ? {} : { default: () => ({ ...generator('now', location), clientSide: true }) };
    case 'generatedAlwaysAsIdentity': return { generated: 'identity', identityAlways: true, notNull: true };
    case 'generatedByDefaultAsIdentity': return { generated: 'identity', notNull: true };
    case 'generatedAlwaysAs': return { generated: 'stored' };
    default: return {};
  }
}

function nameGiven(value: Value | undefined, ctx: Context): { name?: string } {
  const name = textOf(value, ctx);
  return name === undefined ? {} : { name };
}

/** `INTEGER PRIMARY KEY` of SQLite is the row's own number. */
function isRowId(builder: ColumnBuilder, call: Call): boolean {
  return builder.type.name === 'int4' && builder.default === undefined && call.arguments.positional.length === 0;
}

function flag(value: Value | undefined, key: string, ctx: Context): unknown {
  const inner = value && ctx.read(value);
  const found = inner?.kind === 'object' ? property(inner.entries, key) : undefined;
  const known = found && ctx.read(found);
  return known?.kind === 'constant' ? known.value : undefined;
}

function isAutoIncrement(value: Value | undefined, ctx: Context): boolean {
  return flag(value, 'autoIncrement', ctx) === true;
}

function isNotDistinct(value: Value | undefined, ctx: Context): boolean {
  return flag(value, 'nulls', ctx) === 'not distinct';
}

function generator(name: string, location: Location): ColumnDefault {
  return { expression: { kind: 'call', name: [name], arguments: [], location }, constant: false, generator: true, location };
}

const GENERATORS = /^(?:gen_random_uuid|uuid_generate_\w+|uuidv[47]|nextval|now|clock_timestamp|statement_timestamp|random|current_timestamp|current_date|current_time|unixepoch|strftime|nanoid|cuid|ulid|uuid|gen_random_bytes|timezone)$/i;

/** `.default(value)`, `.default(sql`...`)`. */
function databaseDefault(value: Value, location: Location, ctx: Context): ColumnDefault {
  const known = ctx.read(value);
  const expression = known.kind === 'object' ? ({ kind: 'constant', value: '{}', location } as const) : lowerValue(value, location, ctx);
  const constant = isConstant(expression);
  return { expression, constant, generator: !constant && callsGenerator(expression), location };
}

function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'constant': return true;
    case 'cast': return isConstant(expression.operand);
    case 'array': return expression.items.every(isConstant);
    default: return false;
  }
}

function callsGenerator(expression: Expression): boolean {
  if (expression.kind === 'cast') return callsGenerator(expression.operand);
  if (expression.kind === 'operator') return [expression.left, expression.right].some((each) => each !== undefined && callsGenerator(each));
  return expression.kind === 'call' && (GENERATORS.test(expression.name.at(-1)!) || expression.arguments.some(callsGenerator));
}

/** The column that a builder describes, under the name it has. */
export function columnDefinition(builder: ColumnBuilder, name: string, ctx: Context): ColumnDefinition {
  const { type, notNull, location, generated, identityAlways } = builder;
  return {
    name, type, notNull, location, ...(generated && { generated }), ...(identityAlways && { identityAlways }),
    ...(builder.default && generated === undefined && { default: builder.default(ctx) }),
  };
}
