import type { Operation } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { sparesScan } from '../backfill/names.js';
import { displayName, findTable, tableKey } from '../catalog/index.js';
import type { Catalog, Table } from '../catalog/types.js';
import type { TableSnapshot } from '../project.js';
import type { Resolution } from '../resolve/types.js';
import { walkTree } from './tree.js';

/** The table an operation changes, where it changes one. */
export function tableNameOf(operation: Operation): QualifiedName | undefined {
  switch (operation.kind) {
    case 'createTable': return operation.definition.name;
    case 'dropRelation': return operation.relation === 'index' || operation.relation === 'sequence' ? undefined : operation.name;
    case 'renameRelation': return operation.relation === 'sequence' ? undefined : operation.name;
    case 'setSchema': case 'createView': return operation.name;
    case 'query': {
      const { query } = operation;
      if (query.kind === 'insert' || query.kind === 'update' || query.kind === 'delete' || query.kind === 'merge') return query.target.name;
      return query.kind === 'select' ? query.intoTable : undefined;
    }
    default: return 'table' in operation ? operation.table : undefined;
  }
}

/** What the rules about locks need to know of a table before an operation. */
export function snapshot(table: Table, operation: Operation, migration: number): TableSnapshot {
  const createdInSameMigration = table.created.migration === migration && !table.assumed;
  const column = columnOf(operation);
  const known = column === undefined ? undefined : table.columns.get(column);
  return {
    key: tableKey(table.schema, table.name),
    createdInSameMigration,
    mayHoldRows: !createdInSameMigration || table.insertedIn.has(migration),
    ...(column === undefined ? {} : {
      column: { name: column, notNull: known?.notNull ?? false, validatedNotNullCheck: hasValidatedCheck(table, column) },
    }),
  };
}

function columnOf(operation: Operation): string | undefined {
  if (!('column' in operation)) return undefined;
  return typeof operation.column === 'string' ? operation.column : operation.column.name;
}

function hasValidatedCheck(table: Table, column: string): boolean {
  return table.checks.some((check) => check.validated && sparesScan(check.expression, column));
}

/** Display names of the tables an operation concerns, in order, each once. */
export function tablesOf(operation: Operation, resolution: Resolution | undefined, catalog: Catalog, searchPath: readonly string[]): string[] {
  const names = new Set<string>();
  const add = (name: QualifiedName) => {
    const table = findTable(catalog, name, searchPath);
    names.add(table ? displayName(table) : name.schema === undefined || name.schema === 'public' ? name.name : `${name.schema}.${name.name}`);
  };
  const own = tableNameOf(operation);
  if (own) add(own);
  if (operation.kind === 'notUnderstood') operation.tables.forEach(add);
  if (operation.kind === 'addConstraint' && operation.constraint.kind === 'foreignKey') add(operation.constraint.references);
  for (const table of resolution?.tables.values() ?? []) names.add(displayName(table));
  return [...names];
}

/** Names of everything that an operation makes, changes or takes away: what a later operation may depend on. */
export function touchedNames(operation: Operation): string[] {
  const names = new Set<string>();
  const own = tableNameOf(operation);
  if (own) names.add(own.name);
  switch (operation.kind) {
    case 'createIndex': if (operation.index.name !== undefined) names.add(operation.index.name); break;
    case 'renameIndex': names.add(operation.name.name).add(operation.to); break;
    case 'renameRelation': names.add(operation.to); break;
    case 'dropRelation': case 'createFunction': case 'alterFunction': case 'dropFunction': case 'createType': case 'dropType':
    case 'alterEnum': case 'alterDomain': case 'createSequence':
      names.add(operation.name.name);
      break;
    case 'createSchema': case 'dropSchema': names.add(operation.name); break;
    case 'harmless': for (const { name } of operation.routines ?? []) names.add(name); break;
    case 'notUnderstood': for (const { name } of operation.tables) names.add(name); break;
    default: break;
  }
  return [...names];
}

/** Names of the relations and functions that an operation reads or refers to. */
export function referencedNames(operation: Operation): string[] {
  const names = new Set(touchedNames(operation));
  walkTree(operation, (node) => {
    if (node.kind === 'table' && 'columnAliases' in node) names.add((node as unknown as { name: QualifiedName }).name.name);
    if (node.kind === 'call') names.add((node as unknown as { name: readonly string[] }).name.at(-1)!);
    if (node.kind === 'foreignKey') names.add((node as unknown as { references: QualifiedName }).references.name);
    return true;
  });
  return [...names];
}

/** Names of the tables into which an operation puts rows. */
export function insertedTables(operation: Operation): QualifiedName[] {
  const names: QualifiedName[] = [];
  if (operation.kind === 'createTable' && operation.asQuery && operation.withData !== false) names.push(operation.definition.name);
  if (operation.kind !== 'query') return names;
  walkTree(operation.query, (node) => {
    if ((node.kind === 'insert' || node.kind === 'merge') && 'target' in node) names.push((node as unknown as { target: { name: QualifiedName } }).target.name);
    if (node.kind === 'select' && 'intoTable' in node && node.intoTable) names.push(node.intoTable as QualifiedName);
    return true;
  });
  return names;
}
