import { entryOf } from '../../entry.js';
import type { SqlType } from '../../facts/expression.js';
import type { PrismaAttribute, PrismaBlock, PrismaField } from '../../facts/prisma.js';
import { mappedName, schemaName } from './attributes.js';

/** Prisma's default for each scalar type (Prisma manual, PostgreSQL connector, type mapping). */
const SCALARS: Readonly<Record<string, SqlType>> = {
  String: type('text'), Boolean: type('bool'), Int: type('int4'), BigInt: type('int8'), Float: type('float8'), Decimal: type('numeric', 65, 30),
  DateTime: type('timestamp', 3), Json: type('jsonb'), Bytes: type('bytea'),
};

/** `@db.X` → PostgreSQL's internal name; its arguments are the modifiers. */
const NATIVE: Readonly<Record<string, string>> = {
  Text: 'text', VarChar: 'varchar', Char: 'bpchar', Uuid: 'uuid', Xml: 'xml', Inet: 'inet', Citext: 'citext', Bit: 'bit', VarBit: 'varbit',
  Boolean: 'bool', Integer: 'int4', Int: 'int4', SmallInt: 'int2', BigInt: 'int8', Oid: 'oid', DoublePrecision: 'float8', Real: 'float4', Decimal: 'numeric',
  Money: 'money', Timestamp: 'timestamp', Timestamptz: 'timestamptz', Date: 'date', Time: 'time', Timetz: 'timetz', Json: 'json', JsonB: 'jsonb', ByteA: 'bytea',
};

function type(name: string, ...modifiers: number[]): SqlType {
  return { name, modifiers, dimensions: 0 };
}

/** The column type of a field; undefined for a field that is no column (a relation). */
export function columnType(field: PrismaField, enums: ReadonlyMap<string, PrismaBlock>): SqlType | undefined {
  const base = scalarType(field, enums);
  return base && { ...base, dimensions: base.dimensions + (field.list ? 1 : 0) };
}

function scalarType(field: PrismaField, enums: ReadonlyMap<string, PrismaBlock>): SqlType | undefined {
  if (field.type === 'Unsupported') return unsupportedType(field.unsupported ?? '');
  const found = enums.get(field.type);
  if (found) {
    const schema = schemaName(found);
    return { ...(schema !== undefined && { schema }), name: mappedName(found), modifiers: [], dimensions: 0 };
  }
  const scalar = entryOf(SCALARS, field.type);
  if (scalar === undefined) return undefined;
  const native = field.attributes.find((attribute) => attribute.name.startsWith('db.'));
  return native ? nativeType(native) : scalar;
}

function nativeType(attribute: PrismaAttribute): SqlType {
  const name = attribute.name.slice('db.'.length);
  const modifiers = attribute.arguments.flatMap(({ value }) => (value.kind === 'number' ? [Number(value.text)] : []));
  return type(entryOf(NATIVE, name) ?? name.toLowerCase(), ...modifiers);
}

/** `vector(1536)`, `geometry(Point, 4326)`, `auth.level`, `tsvector[]`. */
function unsupportedType(text: string): SqlType {
  const match = /^\s*(?:"?([\w$]+)"?\s*\.\s*)?(?:"([^"]+)"|([\w$]+(?: [\w$]+)*))\s*(?:\(([^)]*)\))?\s*((?:\[\d*\])*)/.exec(text);
  if (!match) return type(text);
  const modifiers = (match[4] ?? '').split(',').map((part) => part.trim()).filter((part) => /^\d+$/.test(part)).map(Number);
  return {
    ...(match[1] !== undefined && { schema: match[1] }), name: match[2] ?? match[3]!.toLowerCase(), modifiers,
    dimensions: match[5] === '' ? 0 : match[5]!.split('[').length - 1,
  };
}
