import type { Operation } from '../../../../facts/operation.js';
import type { Location } from '../../../../facts/location.js';
import type { QualifiedName } from '../../../../facts/query.js';
import type { ColumnDefault, ColumnDefinition, ConstraintDefinition, ForeignKeyDefinition, IndexDefinition } from '../../../../facts/schema.js';
import type { ColumnData, ConstraintData, ForeignKeyData, TypeData } from './data.js';
import { indexName, withName } from './naming.js';
import type { NamingConvention } from './naming.js';
import { sqlType } from './types.js';

/** Where a column stands, and so what it means. */
export interface Place {
  readonly table: QualifiedName;
  readonly naming: NamingConvention;
  /** A model: defaults that the program sets are facts of it. DDL does not know them. */
  readonly isModel: boolean;
}

/** A column with the constraints and indexes that it declares itself. */
export interface LoweredColumn {
  readonly column: ColumnDefinition;
  readonly constraints: readonly ConstraintDefinition[];
  readonly indexes: readonly IndexDefinition[];
}

/**
 * @param primaryKey the columns of the table's primary key; a lone integer column among them is a serial
 * @see SQLAlchemy manual, `Column.autoincrement`
 */
export function lowerColumn(name: string, data: ColumnData, place: Place, primaryKey: readonly string[] = [], location: Location = data.location): LoweredColumn {
  const isKey = data.primaryKey || primaryKey.includes(name);
  const value = data.default ?? serialDefault(name, data, primaryKey.length > 0 ? primaryKey : isKey ? [name] : [], location) ?? clientDefault(data, place, location);
  const column: ColumnDefinition = {
    name, type: data.type?.type ?? sqlType('unknown'), notNull: data.nullable === false || (isKey && data.nullable !== true) || data.identity !== undefined,
    ...(value && { default: value }), ...(data.identity && { generated: 'identity' as const }),
    ...(data.computed && { generated: data.computed.stored ? 'stored' as const : 'virtual' as const, generation: data.computed.expression }),
    ...(data.identity?.always === true && { identityAlways: true }), location,
  };
  return { column, constraints: columnConstraints(name, data, place, location), indexes: columnIndexes(name, data, place, location) };
}

function serialDefault(name: string, data: ColumnData, primaryKey: readonly string[], location: Location): ColumnDefault | undefined {
  if (!['int2', 'int4', 'int8'].includes(data.type?.type.name ?? '') || data.type!.type.dimensions > 0 || data.identity || data.computed || data.autoincrement === false) return undefined;
  const isSerial = data.autoincrement === true ? primaryKey.includes(name) : primaryKey.length === 1 && primaryKey[0] === name && data.foreignKeys.length === 0 && !data.clientDefault;
  return isSerial ? { expression: { kind: 'call', name: ['nextval'], arguments: [], location }, constant: false, generator: true, location } : undefined;
}

function clientDefault(data: ColumnData, { isModel }: Place, location: Location): ColumnDefault | undefined {
  if (!isModel || !data.clientDefault) return undefined;
  return { expression: { kind: 'other', name: 'a default of the model', parts: [], location }, constant: false, generator: false, clientSide: true, location };
}

function columnConstraints(name: string, data: ColumnData, { table, naming }: Place, location: Location): ConstraintDefinition[] {
  const own: ConstraintDefinition[] = [
    ...data.foreignKeys.flatMap((key) => foreignKeyOf([name], key) ?? []),
    ...data.checks,
    ...(data.unique === true && data.index !== true ? [{ kind: 'unique' as const, columns: [name], nullsNotDistinct: false, location }] : []),
    ...(data.type?.checked ? [checkedLabels(name, data.type.checked, location)] : []),
  ];
  return own.map((constraint) => withName(constraint, table, naming));
}

/** A reference whose table is known. */
export function foreignKeyOf(columns: readonly string[], key: ForeignKeyData): ForeignKeyDefinition | undefined {
  if (key.references === undefined) return undefined;
  return {
    kind: 'foreignKey', ...(key.name !== undefined && { name: key.name }), columns, references: key.references, referencedColumns: key.column === undefined ? [] : [key.column],
    onDelete: key.onDelete, onUpdate: key.onUpdate, match: 'simple', notValid: false, enforced: key.enforced, location: key.location,
  };
}

function checkedLabels(column: string, { name, labels }: NonNullable<TypeData['checked']>, location: Location): ConstraintDefinition {
  const list = labels.map((value) => ({ kind: 'constant' as const, value, location }));
  return { kind: 'check', ...(name !== undefined && { name }), expression: { kind: 'inList', operand: { kind: 'column', path: [column], location }, list, negated: false, location }, notValid: false, location };
}

function columnIndexes(name: string, data: ColumnData, { table, naming }: Place, location: Location): IndexDefinition[] {
  if (data.index !== true) return [];
  const named = indexName(table, [name], naming);
  return [{
    ...(named !== undefined && { name: named }), unique: data.unique === true, keys: [{ column: name }], include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location,
  }];
}

/** The constraints of a table's own list, named. */
export function tableConstraints(given: readonly ConstraintData[], { table, naming }: Place): ConstraintDefinition[] {
  return given.map(({ constraint, final }) => withName(constraint, table, naming, final));
}

/** The types that are made with a table's columns. */
export function enumTypes(columns: readonly ColumnData[], location: Location): Operation[] {
  const made = new Map<string, Operation>();
  for (const { type } of columns) {
    const data = type?.enum;
    if (!data?.created || data.name === undefined || made.has(data.name)) continue;
    made.set(data.name, createEnum(data, location));
  }
  return [...made.values()];
}

/** CREATE TYPE ... AS ENUM. */
export function createEnum({ name = 'unknown', schema, labels }: NonNullable<TypeData['enum']>, location: Location): Operation {
  return { kind: 'createType', name: { ...(schema !== undefined && { schema }), name }, form: 'enum', labels, location };
}
