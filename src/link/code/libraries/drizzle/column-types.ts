import { entryOf } from '../../../../entry.js';
import type { SqlType } from '../../../../facts/expression.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import { property } from '../sql-client.js';

/** Column functions whose type has another name in PostgreSQL's catalog; those of SQLite and MySQL are taken for the nearest. */
const NAMES: Readonly<Record<string, string>> = {
  integer: 'int4', int: 'int4', serial: 'int4', mediumint: 'int4', smallint: 'int2', smallserial: 'int2', tinyint: 'int2', year: 'int4',
  bigint: 'int8', bigserial: 'int8', boolean: 'bool', real: 'float4', float: 'float8', double: 'float8', doublePrecision: 'float8', decimal: 'numeric',
  char: 'bpchar', datetime: 'timestamp', binary: 'bytea', varbinary: 'bytea', blob: 'bytea', bytea: 'bytea', tinytext: 'text', mediumtext: 'text', longtext: 'text',
  mysqlEnum: 'text', singlestoreEnum: 'text',
};

const PLAIN = new Set([
  'text', 'varchar', 'uuid', 'numeric', 'timestamp', 'date', 'time', 'json', 'jsonb', 'interval', 'inet', 'cidr', 'macaddr', 'macaddr8', 'point', 'line', 'geometry',
  'vector', 'halfvec', 'sparsevec', 'bit',
]);

/** Columns that the database fills by itself. */
export const SERIALS = new Set(['serial', 'smallserial', 'bigserial']);

/** The type of a column function of Drizzle; undefined for any other function. */
export function columnTypeOf(name: string, config: Value | undefined, ctx: Context): SqlType | undefined {
  if (!PLAIN.has(name) && !Object.hasOwn(NAMES, name)) return undefined;
  const given = config && ctx.read(config);
  const entries = given?.kind === 'object' ? given.entries : [];
  const constant = (key: string): unknown => {
    const value = property(entries, key);
    const inner = value && ctx.read(value);
    return inner?.kind === 'constant' ? inner.value : undefined;
  };
  const zoned = (name === 'timestamp' || name === 'time') && constant('withTimezone') === true;
  const base = zoned ? `${name}tz` : entryOf(NAMES, name) ?? name;
  const modifiers = (base === 'varchar' || base === 'bpchar' ? ['length'] : base === 'numeric' ? ['precision', 'scale'] : ['precision', 'dimensions'])
    .map(constant).filter((value) => typeof value === 'number');
  return { name: sqliteMode(name, constant('mode')) ?? base, modifiers, dimensions: 0 };
}

/** `integer({ mode: 'boolean' })` and `integer({ mode: 'timestamp' })` of SQLite. */
function sqliteMode(name: string, mode: unknown): string | undefined {
  if (name !== 'integer') return undefined;
  return mode === 'boolean' ? 'bool' : mode === 'timestamp' || mode === 'timestamp_ms' ? 'timestamp' : undefined;
}

/** The type of `customType({ dataType() { return 'vector(3)'; } })`. */
export function typeOfText(text: string): SqlType {
  const [, name = text, modifiers = '', arrays = ''] = /^\s*"?([\w ]+?)"?\s*(?:\(([^)]*)\))?\s*((?:\[\d*\])*)\s*$/.exec(text) ?? [];
  return { name: entryOf(NAMES, name) ?? name.toLowerCase(), modifiers: modifiers.split(',').filter((part) => /^\s*\d+\s*$/.test(part)).map(Number), dimensions: arrays === '' ? 0 : arrays.split('[').length - 1 };
}
