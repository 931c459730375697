import { entryOf } from '../../entry.js';
import type { SqlType } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing } from './environment.js';
import { findTable, searchedSchemas, tableKey } from './names.js';
import { nameText, reject } from './rejection.js';
import type { Catalog, UserType } from './types.js';

const numbers = ['int2', 'int4', 'int8', 'numeric'];
const strings = ['text', 'varchar', 'bpchar', 'name'];
const dates = ['date', 'timestamp', 'timestamptz'];

/** Referenced type → referencing types for which PostgreSQL finds an equality operator (tried out on PostgreSQL 18). */
const comparable: Readonly<Record<string, readonly string[]>> = {
  int2: numbers.slice(0, 3), int4: numbers.slice(0, 3), int8: numbers.slice(0, 3), numeric: numbers,
  float4: [...numbers, 'float4', 'float8'], float8: [...numbers, 'float4', 'float8'],
  text: strings, varchar: strings, bpchar: ['text', 'varchar', 'bpchar'], name: strings,
  date: dates, timestamp: dates, timestamptz: dates, time: ['time'], timetz: ['time', 'timetz'], interval: ['time', 'interval'],
  uuid: ['uuid'], bool: ['bool'], jsonb: ['jsonb'], bytea: ['bytea'], inet: ['inet', 'cidr'], cidr: ['inet', 'cidr'],
  oid: ['int2', 'int4', 'int8', 'oid'], money: ['money'], bit: ['bit', 'varbit'], varbit: ['bit', 'varbit'], macaddr: ['macaddr'],
};

/** Source type → target types it is cast to in an assignment (pg_cast of PostgreSQL 18); any type goes into a string type. */
const assignable: Readonly<Record<string, readonly string[]>> = {
  int2: ['int4', 'int8', 'oid', 'float4', 'float8', 'numeric'], int4: ['int2', 'int8', 'oid', 'float4', 'float8', 'numeric', 'money'],
  int8: ['int2', 'int4', 'oid', 'float4', 'float8', 'numeric', 'money'], numeric: ['int2', 'int4', 'int8', 'float4', 'float8', 'money'],
  float4: ['int2', 'int4', 'int8', 'numeric', 'float8'], float8: ['int2', 'int4', 'int8', 'numeric', 'float4'], oid: ['int4', 'int8'],
  money: ['numeric'], date: ['timestamp', 'timestamptz'], timestamp: ['date', 'time', 'timestamptz'],
  timestamptz: ['date', 'time', 'timetz', 'timestamp'], time: ['interval', 'timetz'], timetz: ['time'], interval: ['time'],
  json: ['jsonb'], jsonb: ['json'], inet: ['cidr'], cidr: ['inet'], bit: ['varbit'], varbit: ['bit'],
  text: [], varchar: [], bpchar: [], name: [], uuid: [], bool: [], bytea: [], macaddr: [], xml: [],
};

const displayNames: Readonly<Record<string, string>> = {
  int2: 'smallint', int4: 'integer', int8: 'bigint', float4: 'real', float8: 'double precision', bool: 'boolean', varchar: 'character varying',
  bpchar: 'character', timestamp: 'timestamp without time zone', timestamptz: 'timestamp with time zone', time: 'time without time zone',
  timetz: 'time with time zone', varbit: 'bit varying',
};

/** A type as PostgreSQL's messages name it, without its modifiers: `bigint`, `character varying`, `integer[]`. */
export function formatType(type: SqlType): string {
  const name = type.schema === undefined ? entryOf(displayNames, type.name) ?? type.name : `${type.schema}.${type.name}`;
  return type.dimensions > 0 ? `${name}[]` : name;
}

/** Whether a foreign key may compare a column with a referenced one. Types that are not built in are not judged, unless both are the same. */
export function canReference(from: SqlType, to: SqlType): boolean {
  if (!isJudged(from) || !isJudged(to)) return true;
  if (from.dimensions > 0 || to.dimensions > 0) return (from.dimensions > 0) === (to.dimensions > 0);
  return entryOf(comparable, to.name)!.includes(from.name);
}

function isJudged(type: SqlType): boolean {
  return type.schema === undefined && entryOf(comparable, type.name) !== undefined;
}

/** Whether a value of one type can be stored in a column of another without an explicit cast. Only built-in types are judged. */
export function canAssign(from: SqlType, to: SqlType): boolean {
  if (from.schema !== undefined || to.schema !== undefined || !Object.hasOwn(assignable, from.name) || !Object.hasOwn(assignable, to.name)) return true;
  if (from.dimensions > 0 || to.dimensions > 0) {
    if (strings.includes(to.name) && to.dimensions === 0) return true;
    return (from.dimensions > 0) === (to.dimensions > 0);
  }
  return from.name === to.name || strings.includes(to.name) || entryOf(assignable, from.name)!.includes(to.name);
}

/** Whether a type is one of the string types, whose values are not cast to other types unasked. */
export function isString(type: SqlType): boolean {
  return type.schema === undefined && type.dimensions === 0 && strings.includes(type.name);
}

const builtIn = new Set((
  'any anyarray anyelement bit bool box bpchar bytea char cid cidr circle cstring date datemultirange daterange float4 float8 inet int2 ' +
  'int2vector int4 int4multirange int4range int8 int8multirange int8range interval json jsonb jsonpath line lseg macaddr macaddr8 money ' +
  'name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point polygon record refcursor regclass regcollation ' +
  'regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype text tid time timestamp timestamptz ' +
  'timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void xid xid8 xml trigger ' +
  'event_trigger smallserial serial bigserial serial2 serial4 serial8'
).split(' '));

/** Whether a type is one of PostgreSQL's own, written as such. */
export function isBuiltIn(type: SqlType): boolean {
  return (type.schema === undefined || type.schema === 'pg_catalog') && builtIn.has(type.name);
}

/** Types of well-known extensions: they may have been installed outside of the recorded history. */
const extensionTypes = new Set((
  'citext hstore ltree lquery ltxtquery cube seg isbn isbn13 issn issn13 ismn ismn13 upc ean13 vector halfvec sparsevec geometry geography ' +
  'box2d box3d raster topogeometry earth ulid'
).split(' '));

/** The type of the catalog that a name refers to. */
export function findType(catalog: Catalog, type: { readonly schema?: string; readonly name: string }, searchPath: readonly string[]): UserType | undefined {
  for (const schema of searchedSchemas(type, searchPath)) {
    const found = catalog.types.get(tableKey(schema, type.name));
    if (found) return found;
  }
  return undefined;
}

/** Sees to it that a type exists. One that is not known passes, unless it is certain to be missing. @throws Rejection 42704 */
export function requireType(catalog: Catalog, type: SqlType, location: Location, env: ApplyEnvironment): void {
  if (isBuiltIn(type)) return;
  if (type.name.includes('%') || extensionTypes.has(type.name) || findType(catalog, type, env.searchPath) || findTable(catalog, type, env.searchPath)) return;
  if (hasUnknownExtension(catalog) || !isMissing(env, type, 'type')) return;
  if (type.schema !== undefined && !catalog.schemas.has(type.schema)) reject('3F000', `schema "${type.schema}" does not exist`, location);
  reject('42704', `type "${nameText(type)}${'[]'.repeat(type.dimensions)}" does not exist`, location, { suggestion: 'Create the type before this statement.' });
}

const typelessExtensions = new Set([
  'uuid-ossp', 'pgcrypto', 'pg_trgm', 'btree_gin', 'btree_gist', 'unaccent', 'pg_stat_statements', 'plpgsql', 'pgjwt', 'pg_cron', 'pg_net', 'moddatetime',
  'tablefunc', 'fuzzystrmatch', 'postgres_fdw', 'citext', 'hstore', 'ltree', 'vector',
]);

/** Whether an extension is installed of which it is not known what it brings. */
export function hasUnknownExtension(catalog: Catalog): boolean {
  return [...catalog.extensions.keys()].some((name) => !typelessExtensions.has(name));
}

const withoutBtree = new Set(['json', 'xml', 'point', 'lseg', 'path', 'box', 'polygon', 'line', 'circle', 'xid', 'cid', 'jsonpath']);

/** Refuses a B-tree over a type that has no order. @throws Rejection 42704 */
export function requireOperatorClass(type: SqlType | undefined, method: string, location: Location): void {
  if (method !== 'btree' || !type || type.schema !== undefined || type.dimensions > 0 || !withoutBtree.has(type.name)) return;
  reject('42704', `data type ${type.name} has no default operator class for access method "btree"`, location);
}
