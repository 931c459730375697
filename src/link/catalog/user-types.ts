import type { AlterDomain, AlterEnum, CreateType, DropType } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import { removeColumn } from './drop.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing } from './environment.js';
import { createdHere, requireFreeRelation, schemaFor } from './lookup.js';
import { keyOf, searchedSchemas, tableKey } from './names.js';
import { nameText, reject } from './rejection.js';
import { editTable } from './state.js';
import { requireType } from './type-names.js';
import type { Catalog, Table, UserType } from './types.js';

/** CREATE TYPE | DOMAIN. @throws Rejection 42710, 42P07, 42704, 3F000 */
export function createType(catalog: Catalog, operation: CreateType, env: ApplyEnvironment): void {
  const { name, location, form } = operation;
  const schema = schemaFor(catalog, name, location, env);
  const key = tableKey(schema, name.name);
  const existing = catalog.types.get(key);
  const table = catalog.tables.get(key);
  if (existing || (table && !table.assumed)) {
    reject('42710', `type "${name.name}" already exists`, location, {
      ...createdHere('the type was created', existing?.origin ?? table?.created),
      suggestion: 'CREATE TYPE has no IF NOT EXISTS: guard it with DO ... EXCEPTION WHEN duplicate_object, or drop the first one.',
    });
  }
  if (form === 'composite') requireFreeRelation(catalog, schema, name.name, location);
  if (operation.baseType) requireType(catalog, operation.baseType, location, env);
  catalog.types.set(key, {
    schema, name: name.name, form, labels: [...operation.labels], checks: [...(operation.checks ?? [])], origin: env.origin,
    ...(operation.baseType && { baseType: operation.baseType }), ...(operation.notNull !== undefined && { notNull: operation.notNull }),
    ...(operation.hasDefault === true && { hasDefault: true }),
  });
}

function locateType(catalog: Catalog, name: QualifiedName, env: Pick<ApplyEnvironment, 'searchPath'>): string | undefined {
  return searchedSchemas(name, env.searchPath).map((schema) => tableKey(schema, name.name)).find((key) => catalog.types.has(key));
}

/** ALTER TYPE ... ADD VALUE | RENAME VALUE | RENAME TO. @throws Rejection 42704, 42710, 42809 */
export function alterEnum(catalog: Catalog, operation: AlterEnum, env: ApplyEnvironment): void {
  const { name, location } = operation;
  const key = locateType(catalog, name, env);
  if (key === undefined) {
    if (isMissing(env, name, 'type')) reject('42704', `type "${nameText(name)}" does not exist`, location);
    return;
  }
  const type = catalog.types.get(key)!;
  if (operation.renameTo !== undefined) return renameType(catalog, type, key, operation.renameTo, operation);
  if (type.form !== 'enum') reject('42809', `${type.name} is not an enum`, location);
  catalog.types.set(key, { ...type, labels: changedLabels(type, operation) });
}

function changedLabels(type: UserType, operation: AlterEnum): string[] {
  const { addLabel, renameLabel, location } = operation;
  if (addLabel !== undefined) {
    if (!type.labels.includes(addLabel)) return [...type.labels, addLabel];
    if (operation.ifNotExists) return type.labels;
    reject('42710', `enum label "${addLabel}" already exists`, location, {
      ...createdHere('the type was created', type.origin), suggestion: 'Write ADD VALUE IF NOT EXISTS.',
    });
  }
  if (!renameLabel) return type.labels;
  if (!type.labels.includes(renameLabel.from)) reject('22023', `"${renameLabel.from}" is not an existing enum label`, location);
  if (type.labels.includes(renameLabel.to)) reject('42710', `enum label "${renameLabel.to}" already exists`, location);
  return type.labels.map((label) => (label === renameLabel.from ? renameLabel.to : label));
}

/** Columns refer to types by name, so a rename is carried into them. */
function renameType(catalog: Catalog, type: UserType, key: string, to: string, operation: AlterEnum): void {
  const target = tableKey(type.schema, to);
  if (catalog.types.has(target) || catalog.tables.get(target)?.assumed === false) reject('42710', `type "${to}" already exists`, operation.location);
  catalog.types.delete(key);
  catalog.types.set(target, { ...type, name: to });
  for (const [tableName, table] of catalog.tables) {
    if (![...table.columns.values()].some((column) => isOf(column.type, type))) continue;
    for (const column of editTable(catalog, tableName).columns.values()) {
      if (isOf(column.type, type)) column.type = { ...column.type, name: to };
    }
  }
}

/** ALTER DOMAIN ... SET/DROP NOT NULL. @throws Rejection 42704, 42809 */
export function alterDomain(catalog: Catalog, { name, notNull, location }: AlterDomain, env: ApplyEnvironment): void {
  const key = locateType(catalog, name, env);
  if (key === undefined) {
    if (isMissing(env, name, 'type')) reject('42704', `type "${nameText(name)}" does not exist`, location);
    return;
  }
  const type = catalog.types.get(key)!;
  if (type.form !== 'domain') reject('42809', `${type.name} is not a domain`, location);
  catalog.types.set(key, { ...type, notNull });
}

/** The columns whose type is a domain. */
export function columnsOfDomain(catalog: Catalog, name: QualifiedName, searchPath: readonly string[]): readonly { readonly table: Table; readonly column: string }[] {
  const env = { searchPath };
  const key = locateType(catalog, name, env);
  return key === undefined ? [] : columnsOf(catalog, key, env);
}

function isOf(name: QualifiedName, type: UserType): boolean {
  return name.name === type.name && (name.schema === undefined || name.schema === type.schema);
}

/** DROP TYPE | DOMAIN: with CASCADE the columns of that type go. @throws Rejection 42704, 2BP01 */
export function dropType(catalog: Catalog, operation: DropType, env: ApplyEnvironment): void {
  const { name, location } = operation;
  const key = locateType(catalog, name, env);
  if (key === undefined) {
    if (!operation.ifExists && isMissing(env, name, 'type')) {
      reject('42704', `type "${nameText(name)}" does not exist`, location, { suggestion: 'Write DROP TYPE IF EXISTS, or correct the name.' });
    }
    return;
  }
  const [user] = columnsOf(catalog, key, env);
  if (user && !operation.cascade) {
    reject('2BP01', `cannot drop type ${nameText(name)} because other objects depend on it`, location, {
      suggestion: `Column "${user.column}" of table "${user.table.name}" has this type: change it first, or add CASCADE.`,
    });
  }
  removeType(catalog, key, env);
}

/** Takes a type out of the catalog, with the columns of that type. */
export function removeType(catalog: Catalog, key: string, env: ApplyEnvironment): void {
  for (const { table, column } of columnsOf(catalog, key, env)) removeColumn(catalog, catalog.tables.get(keyOf(table)) ?? table, column);
  catalog.types.delete(key);
}

function columnsOf(catalog: Catalog, key: string, env: Pick<ApplyEnvironment, 'searchPath'>): readonly { table: Table; column: string }[] {
  const type = catalog.types.get(key)!;
  return [...catalog.tables.values()].flatMap((table) => [...table.columns.values()]
    .filter((column) => isOf(column.type, type) && locateType(catalog, column.type, env) === key)
    .map((column) => ({ table, column: column.name })));
}
