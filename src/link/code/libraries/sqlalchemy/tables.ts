import type { CommonTableExpression, QualifiedName, Query } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { ClassValue, LibraryValue, Value } from '../../values.js';
import { SQLALCHEMY } from './data.js';
import { libraryData, libraryValue } from './given.js';
import { entityTable } from './mapped.js';

/** A table in a query: a Table, `table(...)`, a model, or an alias of one. */
export interface TableData {
  readonly name: QualifiedName;
  /** The name its columns are referred to by. */
  readonly alias: string;
  /** Attribute (or key) → column, where they differ. */
  readonly columns?: ReadonlyMap<string, string>;
  /** The key of the model that declares it. */
  readonly key?: string;
  /** Its columns in order, where they are declared. */
  readonly declared?: readonly string[];
  /** The class that is mapped to it: its rows are objects. */
  readonly entity?: ClassValue;
  /** `select(...).subquery()`, a CTE that is not recursive: the query it stands for. */
  readonly derived?: { readonly query: Query; readonly lateral: boolean };
  /** A recursive CTE: goes into WITH of the whole statement. */
  readonly common?: CommonTableExpression;
}

/** A table as a value. */
export function tableValue(data: TableData): LibraryValue {
  return libraryValue(SQLALCHEMY, 'table', data);
}

/** The table behind a value, if it is one. */
export function tableData(value: Value | undefined, ctx: Context): TableData | undefined {
  const known = value && ctx.read(value);
  if (known?.kind === 'classValue') return entityTable(known, ctx);
  return libraryData<TableData>(known, SQLALCHEMY, 'table', ctx) ?? libraryData<TableData>(known, SQLALCHEMY, 'entity', ctx);
}

/** A table known by its name alone. */
export function plainTable(name: QualifiedName): TableData {
  return { name, alias: name.name };
}

/** `schema.table`, as foreign keys and metadata write it. */
export function qualifiedName(text: string, schema?: string): QualifiedName {
  const parts = text.split('.');
  const own = parts.length > 1 ? parts.at(-2) : schema;
  return { ...(own !== undefined && { schema: own }), name: parts.at(-1)! };
}
