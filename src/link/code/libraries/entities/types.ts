import type { Expression, SqlType } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ColumnDefault } from '../../../../facts/schema.js';
import { isConstant, isGenerator } from '../../../../parse/sql/ddl-column.js';
import { parseSqlText } from '../../../../parse/sql/index.js';

const known = new Map<string, SqlType>();
const nowhere = (): Location => ({ file: '', start: 0, end: 0 });

/** A plain type. */
export function plainType(name: string, dimensions = 0): SqlType {
  return { name, modifiers: [], dimensions };
}

/** The type that SQL text names, as PostgreSQL calls it; text for what is no type. */
export function typeOfText(text: string): SqlType {
  let found = known.get(text);
  if (found === undefined) {
    const operation = /^[\w\s(),."[\]]+$/.test(text) ? parseSqlText(`CREATE TABLE t (c ${text})`, nowhere).statements[0]?.operations[0] : undefined;
    found = (operation?.kind === 'createTable' ? operation.definition.columns[0]?.type : undefined) ?? plainType('text');
    known.set(text, found);
  }
  return found;
}

/** A default as the database has it. */
export function defaultOf(expression: Expression, location: Location): ColumnDefault {
  return { expression, constant: isConstant(expression), generator: isGenerator(expression), location };
}

/** A default that is written as SQL text. */
export function defaultOfText(text: string, location: Location): ColumnDefault {
  const operation = parseSqlText(`CREATE TABLE t (c text DEFAULT ${text})`, () => location).statements[0]?.operations[0];
  const parsed = operation?.kind === 'createTable' ? operation.definition.columns[0]?.default?.expression : undefined;
  return defaultOf(parsed ?? { kind: 'other', name: 'default', parts: [], location }, location);
}

/** A value that the database makes for each row. */
export function generated(name: 'nextval' | 'gen_random_uuid' | 'now', location: Location): ColumnDefault {
  return { expression: { kind: 'call', name: [name], arguments: [], location }, constant: false, generator: true, location };
}
