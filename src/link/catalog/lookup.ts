import type { Location } from '../../facts/location.js';
import type { Operation } from '../../facts/operation.js';
import type { QualifiedName } from '../../facts/query.js';
import type { ApplyEnvironment } from './environment.js';
import { isMissing, isPlatformSchema } from './environment.js';
import { creationSchema, displayName, findTable, keyOf, relationAt, searchedSchemas, tableKey, temporarySchema } from './names.js';
import { nameText, reject } from './rejection.js';
import { newTable } from './state.js';
import type { Catalog, Column, Origin, RelationKind, Table } from './types.js';

const kindWords: Record<RelationKind, string> = {
  table: 'table', view: 'view', materializedView: 'materialized view', foreignTable: 'foreign table',
};

/** The origin of a fact that has a more precise place than its operation. */
export function originAt(env: ApplyEnvironment, location: Location): Origin {
  return { ...env.origin, location };
}

/** "the table was created here" for a failure's evidence. */
export function createdHere(what: string, origin: Origin | undefined): { related: { location: Location; message: string }[] } {
  return { related: origin ? [{ location: origin.location, message: `${what} here` }] : [] };
}

/**
 * The relation that an operation works on. One that is not known is assumed to exist, unless it is certain that it does not.
 * @returns undefined when there is none and the operation says IF EXISTS
 * @throws Rejection 42P01
 */
export function useRelation(
  catalog: Catalog, name: QualifiedName, location: Location, env: ApplyEnvironment, ifExists = false,
): Table | undefined {
  const found = findTable(catalog, name, env.searchPath);
  if (found) return found;
  if (ifExists) return undefined;
  if (name.schema !== undefined && !catalog.schemas.has(name.schema) && isMissing(env, { name: name.schema }, 'schema')) {
    reject('3F000', `schema "${name.schema}" does not exist`, location);
  }
  rejectOtherRelation(catalog, name, location, env);
  if (isMissing(env, name, 'table')) reject('42P01', `relation "${nameText(name)}" does not exist`, location);
  return assumeTable(catalog, name, env);
}

/** Like `useRelation`, for operations that only tables (and foreign tables) can bear. @throws Rejection 42P01, 42809 */
export function useTable(
  catalog: Catalog, name: QualifiedName, location: Location, env: ApplyEnvironment, ifExists = false,
): Table | undefined {
  const table = useRelation(catalog, name, location, env, ifExists);
  if (table && table.kind !== 'table' && table.kind !== 'foreignTable') {
    reject('42809', `"${table.name}" is not a table`, location, createdHere(`the ${kindWords[table.kind]} was created`, table.created));
  }
  return table;
}

/** ALTER TABLE's sub-commands as PostgreSQL names them (alter_table_type_to_string, src/backend/commands/tablecmds.c). */
const actions: Partial<Record<Operation['kind'], string>> = {
  addColumn: 'ADD COLUMN', dropColumn: 'DROP COLUMN', setNotNull: 'ALTER COLUMN ... SET NOT NULL', dropNotNull: 'ALTER COLUMN ... DROP NOT NULL',
  setType: 'ALTER COLUMN ... SET DATA TYPE', addConstraint: 'ADD CONSTRAINT', validateConstraint: 'VALIDATE CONSTRAINT',
  dropConstraint: 'DROP CONSTRAINT', attachPartition: 'ATTACH PARTITION', detachPartition: 'DETACH PARTITION',
};

type AlterTable = Extract<Operation, { readonly table: QualifiedName }>;

/** The table that a sub-command of ALTER TABLE works on. @throws Rejection 42P01, 42809, 3F000 */
export function alteredTable(catalog: Catalog, operation: AlterTable, env: ApplyEnvironment): Table | undefined {
  const table = useRelation(catalog, operation.table, operation.location, env, operation.ifTableExists);
  if (!table || table.kind === 'table' || table.kind === 'foreignTable') return table;
  if (table.kind === 'view' && (operation.kind === 'setDefault' || operation.kind === 'dropDefault')) return table;
  const action = operation.kind === 'setRowSecurity' ? rowSecurityActions[operation.change] : actions[operation.kind];
  const message = action === undefined ? `"${table.name}" is not a table` : `ALTER action ${action} cannot be performed on relation "${table.name}"`;
  return reject('42809', message, operation.location, createdHere(`the ${kindWords[table.kind]} was created`, table.created));
}

const rowSecurityActions = {
  enable: 'ENABLE ROW SECURITY', disable: 'DISABLE ROW SECURITY', force: 'FORCE ROW SECURITY', noForce: 'NO FORCE ROW SECURITY',
} as const;

function rejectOtherRelation(catalog: Catalog, name: QualifiedName, location: Location, env: ApplyEnvironment): void {
  for (const schema of searchedSchemas(name, env.searchPath)) {
    const type = relationAt(catalog, schema, name.name);
    if (type === 'index' || type === 'sequence') reject('42809', `"${name.name}" is not a table`, location);
  }
}

/** Notes a table that is used but was never declared. Nothing fails on it. */
export function assumeTable(catalog: Catalog, name: QualifiedName, env: ApplyEnvironment): Table {
  const schema = name.schema ?? creationSchema(catalog, env.searchPath);
  const table = { ...newTable(schema, name.name, env.origin), assumed: true, open: true };
  catalog.tables.set(keyOf(table), table);
  return table;
}

/** A table whose columns are not all known: a name it lacks is no fault. */
export function isOpen(table: Table): boolean {
  return table.assumed || table.open;
}

const systemColumns = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** Whether PostgreSQL gives every table a column of this name (manual, section 5.6). */
export function isSystemColumn(name: string): boolean {
  return systemColumns.has(name);
}

/**
 * The column an operation works on; `table` is the caller's own copy. On a table that is not wholly known it is noted.
 * @throws Rejection 42703
 */
export function useColumn(table: Table, name: string, location: Location, env: ApplyEnvironment): Column {
  const column = table.columns.get(name);
  if (column) return column;
  if (!isOpen(table)) {
    reject('42703', `column "${name}" of relation "${table.name}" does not exist`, location, createdHere(`"${displayName(table)}" was created`, table.created));
  }
  return assumeColumn(table, name, env);
}

/** Notes a column that is used but was never declared. */
export function assumeColumn(table: Table, name: string, env: ApplyEnvironment): Column {
  const column: Column = { name, type: { name: 'unknown', modifiers: [], dimensions: 0 }, notNull: false, added: env.origin };
  table.columns.set(name, column);
  return column;
}

/**
 * The schema in which a relation is created.
 * @throws Rejection 3F000
 */
export function schemaFor(catalog: Catalog, name: QualifiedName, location: Location, env: ApplyEnvironment, temporary = false): string {
  if (temporary) return temporarySchema;
  if (name.schema === undefined) return creationSchema(catalog, env.searchPath);
  useSchema(catalog, name.schema, location, env);
  return name.schema;
}

/** Sees to it that a schema exists. @throws Rejection 3F000 */
export function useSchema(catalog: Catalog, schema: string, location: Location, env: ApplyEnvironment): void {
  if (catalog.schemas.has(schema) || isPlatformSchema(schema)) return;
  if (isMissing(env, { name: schema }, 'schema')) reject('3F000', `schema "${schema}" does not exist`, location);
  catalog.schemas.set(schema, env.origin);
}

/** Refuses a table's name that a type has: every table is a type too. @throws Rejection 42710 */
export function requireFreeType(catalog: Catalog, schema: string, name: string, location: Location): void {
  const type = catalog.types.get(tableKey(schema, name));
  if (type) reject('42710', `type "${name}" already exists`, location, createdHere('the type was created', type.origin));
}

/** Refuses a name that a table, view, index or sequence of the schema has. @throws Rejection 42P07 */
export function requireFreeRelation(catalog: Catalog, schema: string, name: string, location: Location, advice?: string): void {
  if (relationAt(catalog, schema, name) === undefined) return;
  const table = catalog.tables.get(tableKey(schema, name));
  reject('42P07', `relation "${name}" already exists`, location, {
    ...createdHere(`"${name}" was created`, table?.created), ...(advice === undefined ? {} : { suggestion: advice }),
  });
}
