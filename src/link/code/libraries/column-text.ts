import { entryOf } from '../../../entry.js';
import type { Expression, SqlType } from '../../../facts/expression.js';
import type { Location } from '../../../facts/location.js';
import type { ColumnDefault, ColumnDefinition, ReferentialAction } from '../../../facts/schema.js';
import { isConstant, isGenerator } from '../../../parse/sql/ddl-column.js';
import { parseSqlText } from '../../../parse/sql/index.js';

const known = new Map<string, ColumnDefinition | undefined>();
const nowhere = (): Location => ({ file: '', start: 0, end: 0 });

/** A plain type. */
export function plainType(name: string, dimensions = 0): SqlType {
  return { name, modifiers: [], dimensions };
}

/**
 * A column of the type that is written as PostgreSQL writes it: `varchar(20)`, `text[]`, `bigserial`.
 * @returns undefined for what is no type
 */
export function columnOfType(text: string): ColumnDefinition | undefined {
  if (!known.has(text)) {
    const operation = /^[\w\s(),."[\]]+$/.test(text) ? parseSqlText(`CREATE TABLE t (c ${text})`, nowhere).statements[0]?.operations[0] : undefined;
    known.set(text, operation?.kind === 'createTable' ? operation.definition.columns[0] : undefined);
  }
  return known.get(text);
}

/** The type that SQL text names, as PostgreSQL calls it; text for what is no type. */
export function typeOfText(text: string): SqlType {
  return columnOfType(text)?.type ?? plainType('text');
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

const ACTIONS: Readonly<Record<string, ReferentialAction>> = { cascade: 'cascade', 'set null': 'setNull', 'set default': 'setDefault', restrict: 'restrict', 'no action': 'noAction' };

/** What a foreign key does on DELETE or UPDATE, as it is written; NO ACTION where nothing is. */
export function referentialAction(text: string | undefined): ReferentialAction {
  return entryOf(ACTIONS, text?.trim().toLowerCase() ?? '') ?? 'noAction';
}
