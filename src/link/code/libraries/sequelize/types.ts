import { entryOf } from '../../../../entry.js';
import type { SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { defaultOf, defaultOfText, generated, plainType, typeOfText } from '../column-text.js';
import { textOf } from '../entities/given.js';

export const SEQUELIZE = 'sequelize';

/** Names of `DataTypes`, as Sequelize's PostgreSQL dialect writes them. */
const TYPES: Readonly<Record<string, string>> = {
  STRING: 'varchar', CHAR: 'bpchar', TEXT: 'text', CITEXT: 'citext', INTEGER: 'int4', BIGINT: 'int8', SMALLINT: 'int2', TINYINT: 'int4', MEDIUMINT: 'int4', FLOAT: 'float8', DOUBLE: 'float8',
  REAL: 'float4', DECIMAL: 'numeric', NUMBER: 'numeric', BOOLEAN: 'bool', DATE: 'timestamptz', DATEONLY: 'date', TIME: 'time', NOW: 'timestamptz', BLOB: 'bytea', UUID: 'uuid', UUIDV4: 'uuid', UUIDV1: 'uuid',
  JSON: 'json', JSONB: 'jsonb', HSTORE: 'hstore', ENUM: 'text', INET: 'inet', CIDR: 'cidr', MACADDR: 'macaddr', GEOMETRY: 'geometry', GEOGRAPHY: 'geography', TSVECTOR: 'tsvector', RANGE: 'int4range',
  VIRTUAL: '', ARRAY: '',
};

/** A type with arguments: `DataTypes.STRING(255)`. */
export interface DataType {
  readonly name: string;
  readonly args: readonly Value[];
}

/** Whether a name is one of DataTypes. */
export function isTypeName(name: string): boolean {
  return Object.hasOwn(TYPES, name);
}

/** The name and arguments of a value that names a type. */
export function dataType(value: Value | undefined, ctx: Context): DataType | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'library' && known.type === 'dataType') return known.data as DataType;
  if (known?.kind === 'external') {
    const name = known.path.findLast((part) => isTypeName(part));
    return name === undefined ? undefined : { name, args: [] };
  }
  return undefined;
}

/** The type that `type` names: one of DataTypes, or SQL text. */
export function sqlType(value: Value | undefined, ctx: Context): SqlType {
  const given = dataType(value, ctx);
  if (given?.name === 'ARRAY') {
    const inner = sqlType(given.args[0], ctx);
    return { ...inner, dimensions: inner.dimensions + 1 };
  }
  if (given) return plainType(entryOf(TYPES, given.name) || 'text');
  const text = textOf(value, ctx);
  return text === undefined ? plainType('varchar') : typeOfText(text);
}

/** `defaultValue`: what the database has, not what only Sequelize makes (`UUIDV4`, functions). */
export function defaultValue(value: Value | undefined, location: Location, ctx: Context, inDatabase: boolean): ColumnDefault | undefined {
  const known = value && ctx.read(value);
  if (known === undefined || (known.kind === 'constant' && (known.value === undefined || known.value === null))) return undefined;
  const given = dataType(known, ctx);
  if (given) return given.name === 'NOW' ? generated('now', location) : inDatabase ? undefined : { ...generated('gen_random_uuid', location), clientSide: true };
  if (known.kind === 'constant') return defaultOf({ kind: 'constant', value: known.value ?? null, location }, location);
  if (known.kind === 'library' && (known.type === 'literal' || known.type === 'fn')) {
    const text = textOf(known.data as Value, ctx);
    return text === undefined ? defaultOf({ kind: 'other', name: 'default', parts: [], location }, location) : defaultOfText(known.type === 'fn' ? `${text}()` : text, location);
  }
  if (known.kind === 'object' || known.kind === 'list') return defaultOf({ kind: 'constant', value: '{}', location }, location);
  return { ...defaultOf({ kind: 'other', name: 'default', parts: [], location }, location), clientSide: known.kind === 'function' };
}
