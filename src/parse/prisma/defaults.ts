import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { PrismaBlock, PrismaField, PrismaValue } from '../../facts/prisma.js';
import type { ColumnDefault } from '../../facts/schema.js';
import { argument, attribute, mappedName, textOf } from './attributes.js';

/** Made by Prisma's client: the database column has no default. */
const CLIENT: ReadonlySet<string> = new Set(['cuid', 'uuid', 'nanoid', 'ulid', 'auto']);

function call(name: string, location: Location): Expression {
  return { kind: 'call', name: [name], arguments: [], location };
}

/** The default of a field: what `@default` says, or that the client fills it (`@updatedAt`). */
export function columnDefault(field: PrismaField, enums: ReadonlyMap<string, PrismaBlock>): ColumnDefault | undefined {
  const given = attribute(field, 'default');
  const value = given && argument(given, 'value', true);
  if (given && value) return { ...fromValue(value, enums.get(field.type)), location: given.location };
  const updated = attribute(field, 'updatedAt');
  return updated && { expression: call('now', updated.location), constant: false, generator: true, clientSide: true, location: updated.location };
}

function fromValue(value: PrismaValue, enumeration: PrismaBlock | undefined): Omit<ColumnDefault, 'location'> {
  const { location } = value;
  if (value.kind === 'call') {
    if (value.name === 'dbgenerated') return databaseDefault(textOf(argument(value, 'value', true)), location);
    const name = { autoincrement: 'nextval', sequence: 'nextval' }[value.name] ?? value.name;
    return { expression: call(name, location), constant: false, generator: true, ...(CLIENT.has(value.name) && { clientSide: true }) };
  }
  return { expression: literal(value, enumeration), constant: true, generator: false };
}

function literal(value: PrismaValue, enumeration: PrismaBlock | undefined): Expression {
  const { location } = value;
  switch (value.kind) {
    case 'string':
      return { kind: 'constant', value: value.value, location };
    case 'number':
      return number(value.text, location);
    case 'list':
      return { kind: 'array', items: value.items.map((item) => literal(item, enumeration)), location };
    case 'name': {
      if (value.name === 'true' || value.name === 'false') return { kind: 'constant', value: value.name === 'true', location };
      const member = enumeration?.fields.find((field) => field.name === value.name);
      return { kind: 'constant', value: member ? mappedName(member) : value.name, location };
    }
    default:
      return { kind: 'other', name: value.kind, parts: [], location };
  }
}

function number(text: string, location: Location): Expression {
  const value = Number(text);
  return { kind: 'constant', value, ...(String(value) !== text && { text }), location };
}

const LITERAL = /^\(?\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(true|false|null))\s*(?:\)\s*)?(?:::\s*[\w".[\] ()]+)?$/i;
const CALL = /^\(?\s*([a-z_][\w$]*(?:\.[a-z_][\w$]*)*)\s*\(/i;
const GENERATOR = /\b(?:gen_random_uuid|uuid_generate_\w+|uuidv[47]|nextval|now|clock_timestamp|statement_timestamp|random|cuid|nanoid|ulid|gen_random_bytes|timezone|current_timestamp)\b/i;

/** The SQL text of `dbgenerated("...")`: a literal, or a call of which only the name matters here. */
function databaseDefault(sql: string | undefined, location: Location): Omit<ColumnDefault, 'location'> {
  if (sql === undefined || sql.trim() === '') return { expression: { kind: 'other', name: 'dbgenerated', parts: [], location }, constant: false, generator: false };
  const match = LITERAL.exec(sql.trim());
  if (match) return { expression: sqlLiteral(match, location), constant: true, generator: false };
  const name = CALL.exec(sql.trim())?.[1];
  return {
    expression: name === undefined ? { kind: 'other', name: sql.trim(), parts: [], location } : { kind: 'call', name: name.toLowerCase().split('.'), arguments: [], location },
    constant: false, generator: GENERATOR.test(sql),
  };
}

function sqlLiteral([, text, digits, word]: RegExpExecArray, location: Location): Expression {
  if (text !== undefined) return { kind: 'constant', value: text.replaceAll("''", "'"), location };
  if (digits !== undefined) return number(digits, location);
  return { kind: 'constant', value: word!.toLowerCase() === 'null' ? null : word!.toLowerCase() === 'true', location };
}
