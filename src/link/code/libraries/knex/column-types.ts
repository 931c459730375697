import { entryOf } from '../../../../entry.js';
import type { SqlType } from '../../../../facts/expression.js';
import { plainType, typeOfText } from '../column-text.js';

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
  if (method === 'specificType') return typeOfText(written ?? 'text');
  const name = entryOf(TYPES, method)!;
  return plainType(name === 'timestamptz' && withoutTimezone ? 'timestamp' : name);
}
