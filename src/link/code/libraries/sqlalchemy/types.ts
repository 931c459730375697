import { entryOf } from '../../../../entry.js';
import { flagOf } from '../entities/given.js';
import type { SqlType } from '../../../../facts/expression.js';
import type { Call, Context } from '../../library.js';
import type { ExternalValue, Value } from '../../values.js';
import type { TypeData } from './data.js';
import { dataOf, make } from './data.js';
import { Given, itemsOf, textOf } from './given.js';
import { classType } from './type-classes.js';

/**
 * Names of types, as SQLAlchemy's PostgreSQL dialect renders them: `sqlalchemy.types` and its upper-case twins, the dialect's own types,
 * and those of SQLModel and pgvector.
 */
const TYPES: Readonly<Record<string, string>> = {
  String: 'varchar', Unicode: 'varchar', VARCHAR: 'varchar', NVARCHAR: 'varchar', AutoString: 'varchar', Text: 'text', UnicodeText: 'text', TEXT: 'text', CLOB: 'text',
  CHAR: 'bpchar', NCHAR: 'bpchar', Integer: 'int4', INTEGER: 'int4', INT: 'int4', BigInteger: 'int8', BIGINT: 'int8', SmallInteger: 'int2', SMALLINT: 'int2',
  Boolean: 'bool', BOOLEAN: 'bool', DateTime: 'timestamp', DATETIME: 'timestamp', TIMESTAMP: 'timestamp', Date: 'date', DATE: 'date', Time: 'time', TIME: 'time',
  Interval: 'interval', INTERVAL: 'interval', Float: 'float8', FLOAT: 'float8', Double: 'float8', DOUBLE: 'float8', DOUBLE_PRECISION: 'float8', REAL: 'float4',
  Numeric: 'numeric', NUMERIC: 'numeric', DECIMAL: 'numeric', LargeBinary: 'bytea', BLOB: 'bytea', BINARY: 'bytea', VARBINARY: 'bytea', BYTEA: 'bytea', PickleType: 'bytea',
  JSON: 'json', JSONB: 'jsonb', JSONType: 'json', Uuid: 'uuid', UUID: 'uuid', GUID: 'uuid', UUIDType: 'uuid', INET: 'inet', CIDR: 'cidr', MACADDR: 'macaddr', MACADDR8: 'macaddr8',
  BIT: 'bit', MONEY: 'money', OID: 'oid', REGCLASS: 'regclass', REGCONFIG: 'regconfig', TSVECTOR: 'tsvector', TSVectorType: 'tsvector', TSQUERY: 'tsquery', HSTORE: 'hstore', CITEXT: 'citext',
  XML: 'xml', JSONPATH: 'jsonpath', INT4RANGE: 'int4range', INT8RANGE: 'int8range', NUMRANGE: 'numrange', DATERANGE: 'daterange', TSRANGE: 'tsrange', TSTZRANGE: 'tstzrange',
  Vector: 'vector', VECTOR: 'vector', HALFVEC: 'halfvec', SPARSEVEC: 'sparsevec', Geometry: 'geometry', Geography: 'geography', LtreeType: 'ltree', EmailType: 'varchar', URLType: 'text',
};

const WITH_ZONE: Readonly<Record<string, string>> = { timestamp: 'timestamptz', time: 'timetz' };

/** A plain type. */
export function sqlType(name: string, modifiers: readonly number[] = [], dimensions = 0): SqlType {
  return { name, modifiers, dimensions };
}

/** Whether a name of the package is that of a type. */
export function isTypeName(name: string): boolean {
  return Object.hasOwn(TYPES, name) || name === 'Enum' || name === 'ENUM' || name === 'ARRAY' || name === 'DOMAIN' || name === 'NullType' || name === 'Variant';
}

/** The type that a call of a type's class makes. */
export function typeCall(name: string, call: Call, ctx: Context): Value | undefined {
  if (name === 'Enum' || name === 'ENUM') return make('type', enumType(call, ctx));
  if (name === 'ARRAY') return make('type', arrayType(call, ctx));
  if (name === 'DOMAIN') return make('type', domainType(call, ctx));
  const base = entryOf(TYPES, name);
  return base === undefined ? undefined : make('type', { type: plainType(name, base, call, ctx) });
}

/** The type that a value stands for: made, named without a call, or a project's own class. */
export function typeOf(value: Value | undefined, ctx: Context): TypeData | undefined {
  const known = value && ctx.read(value);
  if (known === undefined) return undefined;
  const made = dataOf(known, 'type', ctx);
  if (made) return made;
  if (known.kind === 'external') return namedType(known);
  return known.kind === 'classValue' ? classType(known, ctx) : undefined;
}

function namedType({ path, module }: ExternalValue): TypeData | undefined {
  const base = entryOf(TYPES, path.at(-1) ?? module);
  return base === undefined ? undefined : { type: sqlType(base) };
}

function plainType(name: string, base: string, call: Call, ctx: Context): SqlType {
  const { positional, named } = call.arguments;
  const numbers = positional.map((value) => numberOf(value, ctx));
  switch (base) {
    case 'varchar': case 'bpchar': case 'bit': {
      const length = numbers[0] ?? optionalNumber(named.get('length'), ctx);
      return sqlType(name === 'BIT' && flagOf(named.get('varying') ?? { kind: 'constant', value: false }, ctx) === true ? 'varbit' : base, length === undefined ? [] : [length]);
    }
    case 'text': return sqlType(base);
    case 'timestamp': case 'time': {
      const zone = named.get('timezone') ?? (positional[0] !== undefined && flagOf(positional[0], ctx) !== undefined ? positional[0] : undefined);
      return sqlType(zone !== undefined && flagOf(zone, ctx) === true ? WITH_ZONE[base]! : base);
    }
    case 'numeric': {
      const precision = numbers[0] ?? optionalNumber(named.get('precision'), ctx);
      const scale = numbers[1] ?? optionalNumber(named.get('scale'), ctx);
      return sqlType(base, [precision, scale].filter((each) => each !== undefined));
    }
    case 'float8': {
      const precision = numbers[0] ?? optionalNumber(named.get('precision'), ctx);
      return sqlType(name !== 'DOUBLE_PRECISION' && precision !== undefined && precision <= 24 ? 'float4' : base);
    }
    case 'vector': case 'halfvec': case 'sparsevec': {
      const dim = numbers[0] ?? optionalNumber(named.get('dim'), ctx);
      return sqlType(base, dim === undefined ? [] : [dim]);
    }
    default: return sqlType(base);
  }
}

function numberOf(value: Value, ctx: Context): number | undefined {
  const known = ctx.read(value);
  return known.kind === 'constant' && typeof known.value === 'number' ? known.value : undefined;
}

function optionalNumber(value: Value | undefined, ctx: Context): number | undefined {
  return value && numberOf(value, ctx);
}

/** `Enum('a', 'b', name='status')`, `Enum(Status)`: a type of the database, unless `native_enum=False` keeps it as text. */
function enumType(call: Call, ctx: Context): TypeData {
  const given = new Given(call, [], ctx);
  const first = call.arguments.positional[0];
  const texts = call.arguments.positional.map((value) => textOf(value, ctx));
  const isText = texts.length > 0 && texts.every((text) => text !== undefined);
  const members = isText ? texts : enumMembers(first, given.value('values_callable') !== undefined, ctx);
  const name = given.text('name') ?? (first && !isText ? ctx.nameOf(first)?.toLowerCase() : undefined);
  if (given.flag('native_enum') === false) {
    const length = given.value('length');
    const longest = length ? numberOf(length, ctx) : members.length > 0 ? Math.max(...members.map((label) => label.length)) : undefined;
    return {
      type: sqlType('varchar', longest === undefined ? [] : [longest]),
      ...(given.flag('create_constraint') === true && { checked: { ...(name !== undefined && { name }), labels: members } }),
    };
  }
  const schema = given.text('schema');
  return {
    type: { ...sqlType(name ?? 'unknown'), ...(schema !== undefined && { schema }) },
    enum: { ...(name !== undefined && { name }), ...(schema !== undefined && { schema }), labels: members, created: given.flag('create_type') !== false },
  };
}

/** The labels of a Python enumeration: names of its members, or their values (`values_callable`). */
function enumMembers(value: Value | undefined, values: boolean, ctx: Context): string[] {
  const known = value && ctx.read(value);
  if (known?.kind === 'list') return (itemsOf(known, ctx) ?? []).flatMap((item) => textOf(item, ctx) ?? []);
  if (known?.kind !== 'classValue') return [];
  return known.class.fields.filter(({ value: given }) => given !== undefined).map(({ name, value: given }) => (
    values && given?.kind === 'literal' && typeof given.value === 'string' ? given.value : name));
}

function arrayType(call: Call, ctx: Context): TypeData {
  const given = new Given(call, ['item_type', 'as_tuple', 'dimensions'], ctx);
  const item = typeOf(given.value('item_type'), ctx);
  const count = optionalNumber(given.value('dimensions'), ctx) ?? 1;
  const inner = item?.type ?? sqlType('unknown');
  return { ...item, type: { ...inner, dimensions: inner.dimensions + count } };
}

function domainType(call: Call, ctx: Context): TypeData {
  const name = new Given(call, ['name'], ctx).text('name');
  return { type: sqlType(name ?? 'unknown') };
}

/** `type.with_variant(JSONB, 'postgresql')`: PostgreSQL's own variant wins. */
export function withVariant(type: TypeData, call: Call, ctx: Context): Value {
  const given = new Given(call, ['type_'], ctx);
  const isPostgresql = given.rest.some(({ value }) => textOf(value, ctx) === 'postgresql');
  return make('type', (isPostgresql ? typeOf(given.value('type_'), ctx) : undefined) ?? type);
}

/** The type that a Python type stands for in `Mapped[...]` or a field of SQLModel. */
export const PYTHON_TYPES: Readonly<Record<string, string>> = {
  str: 'varchar', int: 'int4', float: 'float8', bool: 'bool', bytes: 'bytea', datetime: 'timestamp', date: 'date', time: 'time', timedelta: 'interval',
  Decimal: 'numeric', UUID: 'uuid', UUID4: 'uuid', EmailStr: 'varchar', HttpUrl: 'varchar', AnyUrl: 'varchar',
};
