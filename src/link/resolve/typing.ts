import { entryOf } from '../../entry.js';
import type { SqlType } from '../../facts/expression.js';
import type { Catalog } from '../catalog/types.js';

/**
 * Groups of built-in types. Two known types of different groups have no common comparison operator and no implicit cast,
 * so PostgreSQL rejects comparing them (manual, section 10.2). Types that are not listed are never judged.
 */
export type TypeGroup = 'number' | 'string' | 'boolean' | 'date' | 'time' | 'uuid' | 'json' | 'jsonb' | 'bytea' | 'network' | 'array';

const groups = new Map<string, TypeGroup>([
  ...['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'].map((name) => [name, 'number'] as const),
  ...['text', 'varchar', 'bpchar', 'name'].map((name) => [name, 'string'] as const),
  ['bool', 'boolean'],
  ...['date', 'timestamp', 'timestamptz'].map((name) => [name, 'date'] as const),
  ...['time', 'timetz', 'interval'].map((name) => [name, 'time'] as const),
  ['uuid', 'uuid'], ['json', 'json'], ['jsonb', 'jsonb'], ['bytea', 'bytea'],
  ...['inet', 'cidr'].map((name) => [name, 'network'] as const),
]);

/** The letters of pg_type.typcategory for the groups, as far as COALESCE, CASE and UNION compare them. */
const categories: Record<TypeGroup, string> = {
  number: 'N', string: 'S', boolean: 'B', date: 'D', time: 'T', uuid: 'U', json: 'U', jsonb: 'U', bytea: 'U', network: 'I', array: 'A',
};

const displayNames: Record<string, string> = {
  int2: 'smallint', int4: 'integer', int8: 'bigint', float4: 'real', float8: 'double precision', bool: 'boolean', varchar: 'character varying',
  bpchar: 'character', timestamp: 'timestamp without time zone', timestamptz: 'timestamp with time zone', time: 'time without time zone',
  timetz: 'time with time zone',
};

/** A type as PostgreSQL's messages name it: `bigint`, `character varying`, `integer[]`. */
export function typeText(type: SqlType | undefined): string {
  if (!type) return 'unknown';
  return `${entryOf(displayNames, type.name) ?? type.name}${type.dimensions > 0 ? '[]' : ''}`;
}

/** A built-in scalar type. */
export function scalarType(name: string): SqlType {
  return { name, modifiers: [], dimensions: 0 };
}

/** An array of a type. */
export function arrayOf(type: SqlType): SqlType {
  return { ...type, dimensions: type.dimensions + 1 };
}

/**
 * The group of a type, looking through domains; undefined for enums, composites, types of extensions and whatever else is not known:
 * those have casts and operators of their own.
 */
export function groupOf(type: SqlType | undefined, catalog: Catalog, searchPath: readonly string[]): TypeGroup | undefined {
  const base = baseType(type, catalog, searchPath);
  if (!base) return undefined;
  if (base.dimensions > 0) return groups.has(base.name) ? 'array' : undefined;
  return groups.get(base.name);
}

/** A type with its domains taken away; undefined for a type of the catalog that is not a domain. */
export function baseType(type: SqlType | undefined, catalog: Catalog, searchPath: readonly string[], depth = 0): SqlType | undefined {
  if (!type || type.name === 'unknown' || depth > 20) return undefined;
  const schemas = type.schema === undefined ? searchPath : [type.schema];
  if (type.schema === 'pg_catalog') return type;
  const user = schemas.map((schema) => catalog.types.get(`${schema}.${type.name}`)).find((entry) => entry !== undefined);
  if (!user) return type.schema === undefined ? type : undefined;
  if (type.schema === undefined && groups.has(type.name)) return type;
  return user.form === 'domain' && type.dimensions === 0 ? baseType(user.baseType, catalog, searchPath, depth + 1) : undefined;
}

/** Whether values of two groups can be compared with `=`, `<` and the like. */
export function comparable(left: TypeGroup, right: TypeGroup): boolean {
  if (left === 'json' || right === 'json') return false;
  if ((left === 'date' && right === 'time') || (left === 'time' && right === 'date')) return false;
  return left === right;
}

/** Whether a value of one group may be stored in a column of the other without a cast (assignment casts of pg_cast). */
export function assignable(from: TypeGroup, to: TypeGroup): boolean {
  if (from === to || to === 'string') return true;
  return (from === 'json' && to === 'jsonb') || (from === 'jsonb' && to === 'json') || (from === 'date' && to === 'time');
}

/** Whether an explicit cast between two groups exists, whatever the value. */
export function castable(from: TypeGroup, to: TypeGroup, fromType: SqlType, toType: SqlType): boolean {
  if (assignable(from, to) || from === 'string') return true;
  if (from === 'boolean' && to === 'number') return toType.name === 'int4';
  if (from === 'number' && to === 'boolean') return fromType.name === 'int4';
  if (from === 'jsonb') return to === 'number' || to === 'boolean';
  return !(from === 'uuid' && ['number', 'boolean', 'date', 'json', 'jsonb', 'network', 'time'].includes(to))
    && !(from === 'number' && ['uuid', 'date', 'json', 'jsonb', 'network', 'time'].includes(to))
    && !(from === 'boolean' && ['uuid', 'date', 'json', 'jsonb', 'network', 'time'].includes(to))
    && !(from === 'date' && ['uuid', 'number', 'boolean', 'json', 'jsonb', 'network'].includes(to));
}

/** Whether COALESCE, CASE, UNION and VALUES find a common type: the categories of the types agree. */
export function sameCategory(left: TypeGroup, right: TypeGroup): boolean {
  return categories[left] === categories[right];
}
