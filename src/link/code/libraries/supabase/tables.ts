import type { QualifiedName } from '../../../../facts/query.js';
import { findTable } from '../../../catalog/index.js';
import type { Catalog, ForeignKey, Table } from '../../../catalog/types.js';
import type { Context } from '../../library.js';

/** How the rows of another table belong to a row: `this.columns = other.referencedColumns`, or by way of a third table. */
export interface Link {
  readonly table: Table;
  readonly columns: readonly string[];
  readonly referencedColumns: readonly string[];
  readonly many: boolean;
  readonly through?: { readonly table: Table; readonly columns: readonly string[]; readonly referencedColumns: readonly string[] };
}

/** A table of one of the project's databases. */
export interface Found {
  readonly table: Table;
  readonly catalog: Catalog;
}

/** The table of a name, in the catalog or among the models. */
export function tableNamed(name: QualifiedName, ctx: Context): Found | undefined {
  for (const catalog of ctx.catalogs) {
    const table = findTable(catalog, name, ['public']);
    if (table) return { table, catalog };
  }
  return undefined;
}

/**
 * The relation that an embedded name stands for: the other table by a foreign key of either side, the foreign key's own column or name, or a table in between.
 * @param hints columns or constraints that tell several apart
 */
export function linkOf({ table, catalog }: Found, name: string, hints: readonly string[]): Link | undefined {
  const fits = (key: ForeignKey) => hints.every((hint) => key.name === hint || key.columns.includes(hint) || catalog.tables.get(key.table)?.name === hint);
  const other = (key: ForeignKey) => catalog.tables.get(key.table);
  const own = table.foreignKeys.find((key) => other(key)?.name === name && fits(key)) ?? table.foreignKeys.find((key) => key.columns.join() === name || key.name === name);
  const target = own && other(own);
  if (own && target) return { table: target, columns: own.columns, referencedColumns: own.referencedColumns, many: false };
  const others = [...catalog.tables.values()];
  const theirs = others.find((each) => each.name === name);
  const back = theirs?.foreignKeys.find((key) => other(key) === table && fits(key)) ?? theirs?.foreignKeys.find((key) => other(key) === table);
  if (theirs && back) return { table: theirs, columns: back.referencedColumns, referencedColumns: back.columns, many: !isUnique(theirs, back.columns) };
  return theirs && between(table, theirs, others, catalog);
}

function isUnique(table: Table, columns: readonly string[]): boolean {
  return [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques].some((key) => key.columns.every((column) => columns.includes(column)));
}

function between(table: Table, theirs: Table, others: readonly Table[], catalog: Catalog): Link | undefined {
  for (const middle of others) {
    const here = middle.foreignKeys.find((key) => catalog.tables.get(key.table) === table);
    const there = middle.foreignKeys.find((key) => catalog.tables.get(key.table) === theirs);
    if (!here || !there) continue;
    return { table: theirs, columns: here.referencedColumns, referencedColumns: there.referencedColumns, many: true, through: { table: middle, columns: here.columns, referencedColumns: there.columns } };
  }
  return undefined;
}
