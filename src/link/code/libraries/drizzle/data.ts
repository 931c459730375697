import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { LibraryValue, ReferenceValue, Value } from '../../values.js';

export const DRIZZLE = 'drizzle';

/** A table, a view, a sub-query with a name or a CTE: what stands in FROM and has fields. */
export type Source = TableSource | DerivedSource;

export interface TableSource {
  readonly kind: 'table';
  /** File and offset of the declaration: two values of one id are the same table. */
  readonly id: string;
  readonly name: QualifiedName;
  readonly alias?: string;
  readonly columns: ReadonlyMap<string, ColumnInfo>;
  readonly model: ModelTable;
}

/** `select(...).as('x')` and `$with('x').as(...)`. */
export interface DerivedSource {
  readonly kind: 'derived' | 'cte';
  readonly name: string;
  /** The builder or SQL text it is made of. */
  readonly query: Value;
  /** Names of its fields that were declared: `$with('x', { id: ... })`. */
  readonly location: Location;
}

/** A column as its table declares it. */
export interface ColumnInfo {
  /** The property of the table object. */
  readonly key: string;
  /** The name in the database where one is given; else it follows from the property and the casing option. */
  readonly given?: string;
}

/** A column of a source, as a value. */
export interface ColumnData {
  readonly source?: Source;
  readonly qualifier: string;
  readonly info: ColumnInfo;
}

/** A condition, a function call, an ordering: made into SQL when the query that holds it is sent. */
export interface ExpressionData {
  readonly lower: (ctx: Context) => Expression;
  readonly alias?: string;
}

/** sql`...`, `sql.raw(...)` and the like. */
export interface SqlData {
  readonly text: Value;
  /** Holes of the text are parameters. */
  readonly tag: boolean;
  readonly location: Location;
  readonly alias?: string;
  /** Where what is appended later stands. */
  readonly tail?: Value;
}

/** Whether a package of Drizzle (`drizzle-orm/libsql`, `drizzle-orm/mysql-core`) is for another database than PostgreSQL. */
export function isForeign(module: string): boolean {
  return /^drizzle-orm\/.*(?:sqlite|libsql|d1|durable|sql-js|mysql|planetscale|tidb|singlestore|mssql)/.test(module);
}

/** A client or transaction. */
export interface ClientData {
  /** The tables and relations it was given. */
  readonly schema?: Value;
  /** The package it comes from: `drizzle-orm/node-postgres`. */
  readonly module: string;
  /** CTEs of `db.with(...)`. */
  readonly ctes?: readonly Value[];
}

/** One call on a query builder. */
export interface Step {
  readonly method: string;
  readonly args: readonly Value[];
  readonly location: Location;
}

/** A builder changes in place: its steps stand in a slot of the heap. */
export interface BuilderData {
  readonly state: ReferenceValue;
  readonly client: ClientData;
}

/** A value of this library, made of another one or by itself. */
export function made(type: string, data: unknown, from?: LibraryValue): LibraryValue {
  return { kind: 'library', library: DRIZZLE, type, data, ...(from?.access && { access: from.access }) };
}

/** An expression that is lowered where it is used. */
export function expressionValue(lower: ExpressionData['lower'], alias?: string): LibraryValue {
  return made('expression', { lower, ...(alias !== undefined && { alias }) } satisfies ExpressionData);
}

/** What a value of this library of a type holds. */
export function dataOf<T>(value: Value | undefined, type: string): T | undefined {
  return value?.kind === 'library' && value.library === DRIZZLE && value.type === type ? value.data as T : undefined;
}

/** What a value is as an item of FROM. */
export function sourceOf(value: Value | undefined): Source | undefined {
  return dataOf<Source>(value, 'table');
}

/** The name by which columns of a source are qualified. */
export function qualifierOf(source: Source): string {
  return source.kind === 'table' ? source.alias ?? source.name.name : source.name;
}

/** A column of a table or sub-query. */
export function columnValue(source: Source, info: ColumnInfo): LibraryValue {
  return made('column', { source, qualifier: qualifierOf(source), info } satisfies ColumnData);
}

const CASING = 'drizzle casing';

/** The casing option of the project's clients: names of columns that are not given follow from it. */
export function setCasing(casing: Value | undefined, ctx: Context): void {
  const value = casing && ctx.read(casing);
  if (value?.kind !== 'constant' || typeof value.value !== 'string') return;
  ctx.journal.changes++;
  ctx.store.set(CASING, value.value);
}

/** The name in the database of a column (Drizzle manual, "Camel and Snake casing"). */
export function columnName({ key, given }: ColumnInfo, ctx: Context): string {
  if (given !== undefined) return given;
  const casing = ctx.store.get(CASING);
  if (casing !== 'snake_case' && casing !== 'camelCase') return key;
  const words = key.replace(/['\u2019]/g, '').match(/[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g) ?? [key];
  if (casing === 'snake_case') return words.map((word) => word.toLowerCase()).join('_');
  return words.map((word, index) => (index === 0 ? word.toLowerCase() : word[0]!.toUpperCase() + word.slice(1))).join('');
}

/** The text of a constant, or of a template whose holes are constants. */
export function textOf(value: Value | undefined, ctx: Context): string | undefined {
  const inner = value && ctx.read(value);
  if (inner?.kind === 'text') {
    const parts = inner.parts.map((part) => (part.kind === 'text' ? part.value : textOf(part.value, ctx)));
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
  }
  return inner?.kind === 'constant' && typeof inner.value === 'string' ? inner.value : undefined;
}
