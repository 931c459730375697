import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault } from '../../../../facts/schema.js';
import { isConstant, isGenerator } from '../../../../parse/sql/ddl-column.js';
import { parseSqlText } from '../../../../parse/sql/index.js';

/** PostgreSQL's types of the column methods of a table builder (Knex's manual, "Schema Builder"). */
const TYPES: Readonly<Record<string, string>> = {
  increments: 'int4', bigincrements: 'int8', bigIncrements: 'int8', integer: 'int4', int: 'int4', tinyint: 'int2', smallint: 'int2', mediumint: 'int4', bigint: 'int8', bigInteger: 'int8',
  text: 'text', string: 'varchar', float: 'float4', double: 'float8', decimal: 'numeric', numeric: 'numeric', boolean: 'bool', bool: 'bool', date: 'date', datetime: 'timestamptz',
  dateTime: 'timestamptz', timestamp: 'timestamptz', time: 'time', binary: 'bytea', enum: 'text', enu: 'text', json: 'json', jsonb: 'jsonb', uuid: 'uuid', geometry: 'geometry',
  geography: 'geography', point: 'point', specificType: '',
};

/** Whether a method of a table builder adds a column of that name's type. */
export function isColumnMethod(method: string): boolean {
  return Object.hasOwn(TYPES, method);
}

/** Whether a column method makes a column that numbers itself. */
export function isSerial(method: string): boolean {
  return /increments$/i.test(method);
}

/** The type that a column method names; `written` is that of `specificType`. */
export function columnType(method: string, written: string | undefined, withoutTimezone: boolean): SqlType {
  if (method === 'specificType') return (written === undefined ? undefined : typeOfText(written)) ?? plain('text');
  const name = TYPES[method]!;
  return plain(name === 'timestamptz' && withoutTimezone ? 'timestamp' : name);
}

function plain(name: string): SqlType {
  return { name, modifiers: [], dimensions: 0 };
}

function typeOfText(text: string): SqlType | undefined {
  const [operation] = parseSqlText(`CREATE TABLE t (c ${text})`, nowhere).statements[0]?.operations ?? [];
  return operation?.kind === 'createTable' ? operation.definition.columns[0]?.type : undefined;
}

const nowhere = (): Location => ({ file: '', start: 0, end: 0 });

/** A default as the database has it. */
export function defaultOf(expression: Expression, location: Location): ColumnDefault {
  return { expression, constant: isConstant(expression), generator: isGenerator(expression), location };
}
