import type { QualifiedName } from '../../facts/query.js';
import { constraintNamesOf, TableMap, type NameFinder } from './table-map.js';
import type { Catalog, Table } from './types.js';

/** Schema that stands for the session's temporary schema. */
export const temporarySchema = 'pg_temp';

/** The key of a table in `Catalog.tables`. */
export function tableKey(schema: string, name: string): string {
  return `${schema}.${name}`;
}

/** The key of a table that is at hand. */
export function keyOf(table: Table): string {
  return tableKey(table.schema, table.name);
}

/** The name people know a table by: bare in schema `public`, else with its schema; never quoted. */
export function displayName(table: Pick<Table, 'schema' | 'name'>): string {
  return table.schema === 'public' || table.schema === temporarySchema ? table.name : `${table.schema}.${table.name}`;
}

/**
 * The table, view or foreign table a name refers to: in its schema, or in the first schema of the search path that has it.
 * Temporary tables hide others (PostgreSQL manual, section 5.10.3).
 */
export function findTable(catalog: Catalog, name: QualifiedName, searchPath: readonly string[]): Table | undefined {
  for (const schema of searchedSchemas(name, searchPath)) {
    const table = catalog.tables.get(tableKey(schema, name.name));
    if (table) return table;
  }
  return undefined;
}

/** The tables of a name in any of the databases; of a name without a schema those of all schemas. */
export function tablesNamed(catalogs: readonly Catalog[], { schema, name }: QualifiedName): Table[] {
  return catalogs.flatMap(({ tables }) => [...tables.values()].filter((table) => table.name === name && (schema === undefined || schema === table.schema)));
}

/** The schemas in which a name is looked up, in order. */
export function searchedSchemas(name: QualifiedName, searchPath: readonly string[]): readonly string[] {
  return name.schema !== undefined ? [name.schema] : [temporarySchema, ...searchPath];
}

/** The schema in which an unqualified name is created: the first of the search path that exists, `public` when there is none. */
export function creationSchema(catalog: Catalog, searchPath: readonly string[]): string {
  return searchPath.find((schema) => catalog.schemas.has(schema) && schema !== 'pg_catalog') ?? 'public';
}

export type RelationType = 'table' | 'index' | 'sequence' | 'type';

/** What stands in a schema under a name: tables, views, indexes and sequences share one set of names. */
export function relationAt(catalog: Catalog, schema: string, name: string): RelationType | undefined {
  return keyedRelation(catalog, schema, name) ?? (findIndexTable(catalog, schema, name) ? 'index' : undefined);
}

/** The same, of those that are not an index. */
function keyedRelation(catalog: Catalog, schema: string, name: string): RelationType | undefined {
  const key = tableKey(schema, name);
  const table = catalog.tables.get(key);
  if (table && !table.assumed) return 'table';
  if (catalog.sequences.has(key)) return 'sequence';
  return catalog.types.get(key)?.form === 'composite' ? 'type' : undefined;
}

/** The table whose index has this name in this schema. */
export function findIndexTable(catalog: Catalog, schema: string, name: string): Table | undefined {
  return finder(catalog)(name, (table) => table.schema === schema && table.indexes.some((index) => index.name === name));
}

/** Tells, until something changes, whether any table of the schema has a constraint of a name. */
export function constraintNames(catalog: Catalog, schema: string): (name: string) => boolean {
  return namesHeld(catalog, schema, constraintNamesOf);
}

const indexNamesOf = ({ indexes }: Table): string[] => indexes.map(({ name }) => name);

function namesHeld(catalog: Catalog, schema: string, held: (table: Table) => Iterable<string>): (name: string) => boolean {
  const find = finder(catalog);
  const known = new Map<Table, ReadonlySet<string>>();
  const namesOf = (table: Table): ReadonlySet<string> => {
    if (!known.has(table)) known.set(table, new Set(held(table)));
    return known.get(table)!;
  };
  return (name) => find(name, (table) => table.schema === schema && namesOf(table).has(name)) !== undefined;
}

function finder({ tables }: Catalog): NameFinder {
  return tables instanceof TableMap ? tables.finder() : (_, isIt) => [...tables.values()].find(isIt);
}

/** Whether the table has a constraint of this name, of any kind. */
export function hasConstraint(table: Table, name: string): boolean {
  if (table.primaryKey?.name === name) return true;
  if ([table.uniques, table.foreignKeys, table.checks, table.exclusions].some((list) => list.some((item) => item.name === name))) return true;
  for (const column of table.columns.values()) if (column.notNullName === name) return true;
  return false;
}

const maximumLength = 63;

/** A name cut to what PostgreSQL stores: 63 bytes, whole characters. */
export function truncateName(name: string, bytes = maximumLength): string {
  if (name.length * 3 <= bytes || Buffer.byteLength(name) <= bytes) return name;
  let result = '';
  let length = 0;
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    result += character;
  }
  return result;
}

/** PostgreSQL's makeObjectName (src/backend/commands/indexcmds.c): `name1_name2_label`, the longer part shortened first. */
export function objectName(name1: string, name2: string | undefined, label: string): string {
  const available = maximumLength - 1 - label.length - (name2 === undefined ? 0 : 1);
  let length1 = Buffer.byteLength(name1);
  let length2 = name2 === undefined ? 0 : Buffer.byteLength(name2);
  while (length1 + length2 > available) {
    if (length1 > length2) length1--;
    else length2--;
  }
  const parts = [truncateName(name1, length1)];
  if (name2 !== undefined) parts.push(truncateName(name2, length2));
  return [...parts, label].join('_');
}

/** A free name for a relation: PostgreSQL's ChooseRelationName. Indexes of constraints must not meet a constraint's name either. */
export function chooseRelationName(
  catalog: Catalog, schema: string, name1: string, name2: string | undefined, label: string, isConstraint: boolean,
): string {
  const isConstraintName = isConstraint ? constraintNames(catalog, schema) : () => false;
  const isIndexName = namesHeld(catalog, schema, indexNamesOf);
  return firstFree(name1, name2, label, (name) => isIndexName(name) || keyedRelation(catalog, schema, name) !== undefined || isConstraintName(name));
}

/** A free name for a constraint without an index: PostgreSQL's ChooseConstraintName. `others` are names about to be used. */
export function chooseConstraintName(
  catalog: Catalog, schema: string, name1: string, name2: string | undefined, label: string, others: ReadonlySet<string> = new Set(),
): string {
  const isTaken = constraintNames(catalog, schema);
  return firstFree(name1, name2, label, (name) => others.has(name) || isTaken(name));
}

function firstFree(name1: string, name2: string | undefined, label: string, isUsed: (name: string) => boolean): string {
  let stem = '';
  for (let pass = 0; ; pass++) {
    const ending = pass === 0 ? label : `${label}${pass}`;
    // Only a longer ending leaves less of the names.
    if (pass === 0 || /^10*$/.test(String(pass))) stem = objectName(name1, name2, ending).slice(0, -ending.length);
    if (!isUsed(stem + ending)) return stem + ending;
  }
}

/** The middle part of a generated name: the columns joined, no longer than a name can be (ChooseIndexNameAddition). */
export function nameAddition(columns: readonly string[]): string {
  let result = '';
  for (const column of columns) {
    if (result !== '') result += '_';
    result += column;
    if (Buffer.byteLength(result) > maximumLength) break;
  }
  return result;
}
