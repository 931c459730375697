import type { SqlType } from '../../facts/expression.js';
import type { Answer } from '../../facts/location.js';
import type { FromItem, Query } from '../../facts/query.js';
import { keyOf } from '../catalog/names.js';
import type { Column, Table } from '../catalog/types.js';
import type { Sides } from './joined.js';
import type { Binding, OutputColumn } from './types.js';

/** A column of a FROM item as expressions see it. */
export interface RelationColumn {
  readonly name: string;
  readonly type?: SqlType;
  readonly nullable: Answer;
  readonly source?: OutputColumn['source'];
  readonly binding: Binding;
}

/** A FROM item with its columns. */
export interface Relation {
  readonly item: FromItem;
  readonly block: Query;
  /** The name that qualifies its columns; absent for a join or sub-select without an alias. */
  readonly name?: string;
  /** An alias hides the table's name and its schema. */
  readonly aliased: boolean;
  readonly table?: Table;
  readonly columns: readonly RelationColumn[];
  /** It may have columns that are not known. */
  readonly open: boolean;
  /** Of a join: what its columns are made of. */
  readonly sides?: Sides;
}

/** Whether a qualifier, with or without a schema, names the relation. */
export function isNamed(relation: Relation, name: string, schema?: string): boolean {
  if (relation.name !== name) return false;
  if (schema === undefined) return true;
  return !relation.aliased && relation.item.kind === 'table' && (relation.table?.schema ?? relation.item.name.schema ?? schema) === schema;
}

const systemColumns: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** Whether every table has this column without declaring it (PostgreSQL manual, section 5.6). */
export function isSystemColumn(name: string): boolean {
  return systemColumns.has(name);
}

/** The type of a column, unless it is not known. */
export function knownType(type: SqlType | undefined): SqlType | undefined {
  return type === undefined || type.name === 'unknown' ? undefined : type;
}

function columnNullability(table: Table, column: Column): Answer {
  if (column.notNull || column.generated === 'identity') return 'no';
  return table.kind === 'view' || table.kind === 'materializedView' ? 'unknown' : 'yes';
}

/** The columns of a catalog's table as one FROM item shows them. */
export function tableColumns(table: Table, item: FromItem, block: Query): RelationColumn[] {
  return [...table.columns.values()].map((column) => {
    const type = knownType(column.type);
    return {
      name: column.name,
      ...(type ? { type } : {}),
      nullable: columnNullability(table, column),
      source: { table: keyOf(table), column: column.name },
      binding: { item, block, table, column, name: column.name },
    };
  });
}

/** The columns of a sub-select, CTE or function as one FROM item shows them. */
export function outputColumns(columns: readonly OutputColumn[], item: FromItem, block: Query): RelationColumn[] {
  return columns.map((column) => ({ ...column, binding: { item, block, name: column.name } }));
}

/** Gives the first columns the names of a column alias list. Names beyond the known columns of an open relation become columns. */
export function renameColumns(
  columns: readonly RelationColumn[], aliases: readonly string[], open: boolean, item: FromItem, block: Query,
): RelationColumn[] {
  const renamed = columns.map((column, index) => {
    const name = aliases[index];
    return name === undefined ? column : { ...column, name, binding: { ...column.binding, name } };
  });
  if (!open) return renamed;
  return [...renamed, ...aliases.slice(columns.length).map((name): RelationColumn => ({ name, nullable: 'unknown', binding: { item, block, name } }))];
}

/** The relation on the null-supplied side of an outer join. */
export function nullSupplied(relation: Relation): Relation {
  return { ...relation, columns: relation.columns.map((column) => ({ ...column, nullable: 'yes' as const })) };
}
