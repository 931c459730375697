import type { Expression } from '../../../../facts/expression.js';
import type { ColumnDefault } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { constant } from '../build.js';
import { defaultOf } from '../column-text.js';
import { isNone } from '../sqlalchemy/given.js';
import { allowsEmpty, fieldType } from './field-types.js';
import { flag, isNullable, isToOne, type FieldData } from './fields.js';
import { expressionData } from './expressions.js';

/** `db_default`: what the database itself fills in. */
export function databaseDefault(field: FieldData, ctx: Context): ColumnDefault | undefined {
  const value = field.named.get('db_default');
  if (value === undefined) return undefined;
  const { location } = field;
  const expression = expressionData(value, ctx) ?? literal(value, field, ctx);
  return defaultOf(expression, location);
}

/** What a model says that Django fills in when a row is made. */
export function clientDefault(field: FieldData, ctx: Context): ColumnDefault | undefined {
  const value = field.named.get('default');
  if (value === undefined || isNone(value, ctx)) return undefined;
  return { ...defaultOf(literal(value, field, ctx), field.location), clientSide: true };
}

/**
 * The value that a new column is given for the rows that are there (`BaseDatabaseSchemaEditor._effective_default`): the default, an empty
 * string where the field may be blank, the time.
 */
export function effectiveDefault(field: FieldData, ctx: Context): Expression | undefined {
  const value = field.named.get('default');
  const { location } = field;
  if (value !== undefined && !isNone(value, ctx)) return literal(value, field, ctx);
  if (value !== undefined || field.type === 'GeneratedField') return undefined;
  if (!isNullable(field, ctx) && flag(field, 'blank', ctx) === true && allowsEmpty(field)) return constant('', location);
  return flag(field, 'auto_now', ctx) === true || flag(field, 'auto_now_add', ctx) === true ? { kind: 'call', name: ['now'], arguments: [], location } : undefined;
}

/** A value as a literal of the field's type. What a callable gives is one value for all rows. */
function literal(value: Value, field: FieldData, ctx: Context): Expression {
  const { location } = field;
  const known = ctx.read(value);
  if (known.kind === 'constant') return constant(known.value ?? null, location);
  const type = isToOne(field) ? 'int4' : fieldType(field, ctx).name;
  if (/^timestamp|^date$|^time/.test(type)) return { kind: 'call', name: ['now'], arguments: [], location };
  if (type === 'uuid') return constant('00000000-0000-4000-8000-000000000000', location);
  if (type === 'jsonb') return constant(known.kind === 'list' || (known.kind === 'external' && known.path.at(-1) === 'list') ? '[]' : '{}', location);
  if (fieldType(field, ctx).dimensions > 0 || type === 'hstore') return constant(type === 'hstore' ? '' : '{}', location);
  if (/^(?:varchar|text|citext|bpchar)$/.test(type)) return constant('computed', location);
  if (type === 'interval') return constant('00:00:00', location);
  return type === 'bool' ? constant(false, location) : constant(1, location);
}
