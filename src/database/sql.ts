import { UNPRINTABLE } from '../facts/identifier.js';

/** The same statement for a terminal: names and texts with characters that it would obey are written with escapes (`U&"..."`). */
export function harmless(statement: string): string {
  return statement.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, (token) => (
    token.search(UNPRINTABLE) < 0 ? token : `U&${token.replaceAll('\\', '\\\\').replace(UNPRINTABLE, (character) => `\\${character.codePointAt(0)!.toString(16).padStart(4, '0')}`)}`
  ));
}

/** An identifier as SQL writes it, always quoted: no list of keywords is needed. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a string constant (standard_conforming_strings), null as NULL. */
export function literal(value: string | null): string {
  return value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}

/** A relation with its schema. */
export function relationName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quote(schema)}.${quote(name)}`;
}
