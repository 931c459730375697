import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import type { ModelTable } from '../facts/schema.js';
import { applyOperation, createCatalog, findTable, tableKey } from './catalog/index.js';
import type { Catalog, Column, Table } from './catalog/types.js';

const searchPath = ['public'];

/** The catalog that a set of models describes. */
export function catalogOfModels(models: readonly ModelTable[]): Catalog {
  const catalog = createCatalog();
  const managed = models.filter((model) => !model.ignored);
  for (const model of managed) apply(catalog, createOperation(model));
  // Foreign keys and indexes need every table to be there.
  for (const model of managed) for (const operation of afterCreation(model)) apply(catalog, operation);
  for (const model of managed) {
    const table = findTable(catalog, model.name, searchPath);
    if (!table) continue;
    table.model = { location: model.location, name: model.modelName, ...(model.rowSecurity !== undefined && { saysRowSecurity: true }), ...(model.otherDatabase === true && { otherDatabase: true }) };
    if (model.isView) table.kind = 'view';
  }
  return catalog;
}

/**
 * The models that count: those of SQLite or MySQL only in a project that has no table of PostgreSQL. Beside PostgreSQL they are what an
 * application keeps on a device or in a cache.
 * @param made the tables that migrations or DDL make, by name: they are of the database of the models that say the same
 */
export function countedModels(models: readonly ModelTable[], made: ReadonlySet<string>): { models: readonly ModelTable[]; other: boolean } {
  const own = models.filter(({ otherDatabase }) => otherDatabase !== true);
  const theirs = new Set(models.flatMap(({ otherDatabase, name }) => (otherDatabase === true ? [name.name] : [])));
  const shared = [...made].filter((name) => theirs.has(name)).length;
  const isPostgres = made.size > 0 && shared * 2 < Math.min(made.size, theirs.size);
  const other = theirs.size > 0 && !isPostgres && own.every(({ ignored }) => ignored);
  return { models: other ? models : own, other };
}

function apply(catalog: Catalog, operation: Operation): void {
  applyOperation(catalog, operation, { searchPath, origin: { location: operation.location }, inTransaction: false });
}

function createOperation(model: ModelTable): Operation {
  const constraints = model.constraints.filter((constraint) => constraint.kind !== 'foreignKey');
  return {
    kind: 'createTable', definition: { name: model.name, columns: distinctColumns(model), constraints, location: model.location },
    ifNotExists: true, temporary: false, like: [], inherits: [], partitioned: false, location: model.location,
  };
}

/** Two fields may name one column by mistake: the table is there all the same. */
function distinctColumns({ columns }: ModelTable): ModelTable['columns'] {
  return columns.filter(({ name }, index) => columns.findIndex((each) => each.name === name) === index);
}

function afterCreation(model: ModelTable): Operation[] {
  return [
    ...model.constraints.filter((constraint) => constraint.kind === 'foreignKey')
      .map((constraint): Operation => ({ kind: 'addConstraint', table: model.name, constraint, location: constraint.location })),
    ...(model.rowSecurity ? [{ kind: 'setRowSecurity' as const, table: model.name, change: 'enable' as const, location: model.location }] : []),
    ...(model.policies ?? []).map((policy): Operation => ({ kind: 'createPolicy', table: model.name, policy, location: policy.location })),
    ...model.indexes.map((index): Operation => ({ kind: 'createIndex', table: model.name, index, ifNotExists: true, location: index.location })),
  ];
}

/**
 * Adds to the replayed catalog what only the second source knows: tables that no migration creates, the rest of tables that the
 * migrations use but do not create, and relations without a foreign key. Where both speak, the migrations are right.
 */
export function mergeDeclared(catalog: Catalog, declared: Catalog): void {
  for (const [key, theirs] of declared.tables) {
    const ours = catalog.tables.get(key);
    if (!ours || ours.assumed) catalog.tables.set(key, ours ? completed(ours, theirs) : theirs);
    else {
      for (const { columns, table, referencedColumns, origin } of theirs.foreignKeys) {
        addReference(ours, columns, table, referencedColumns, origin.location);
      }
      if (theirs.model) ours.model = theirs.model;
    }
  }
  for (const [name, type] of declared.types) if (!catalog.types.has(name)) catalog.types.set(name, type);
}

/** A table that the migrations only alter: what they say of it, over what the second source declares. */
function completed(ours: Table, theirs: Table): Table {
  const isNew = (columns: readonly string[], known: readonly { readonly columns: readonly string[] }[]) =>
    !known.some((each) => each.columns.join() === columns.join());
  const primaryKey = ours.primaryKey ?? theirs.primaryKey;
  return {
    ...theirs,
    columns: new Map([...theirs.columns, ...[...ours.columns].map(([name, column]) => [name, knownColumn(column, theirs.columns.get(name))] as const)]),
    ...(primaryKey ? { primaryKey } : {}),
    uniques: [...ours.uniques, ...theirs.uniques.filter(({ columns }) => isNew(columns, ours.uniques))],
    foreignKeys: [...ours.foreignKeys, ...theirs.foreignKeys.filter(({ columns }) => isNew(columns, ours.foreignKeys))],
    checks: [...ours.checks, ...theirs.checks],
    indexes: [...ours.indexes, ...theirs.indexes.filter(({ name }) => !ours.indexes.some((each) => each.name === name))],
    policies: [...ours.policies, ...theirs.policies.filter(({ name }) => !ours.policies.some((each) => each.name === name))],
    triggers: ours.triggers,
    rowSecurity: ours.rowSecurity || (ours.rowSecurityOrigin === undefined && theirs.rowSecurity),
    forceRowSecurity: ours.forceRowSecurity,
    ...(ours.rowSecurityOrigin ? { rowSecurityOrigin: ours.rowSecurityOrigin } : {}),
    open: theirs.open,
    insertedIn: ours.insertedIn,
  };
}

/** A column that the migrations only tightened (its type is not known from them) is the declared one with their NOT NULL. */
function knownColumn(ours: Column, theirs: Column | undefined): Column {
  if (!theirs || ours.type.name !== 'unknown') return ours;
  return ours.notNull && !theirs.notNull ? { ...theirs, notNull: true, ...(ours.notNullOrigin ? { notNullOrigin: ours.notNullOrigin } : {}) } : theirs;
}

/** Declares a reference that the database does not enforce, unless the table has a foreign key over the same columns. */
export function addReference(
  table: Table, columns: readonly string[], target: string, referencedColumns: readonly string[], location: Location,
): void {
  if (table.foreignKeys.some((each) => each.table === target && each.columns.join() === columns.join())) return;
  table.foreignKeys = [...table.foreignKeys, {
    name: `${table.name}_${columns.join('_')}`, columns: [...columns], table: target, referencedColumns: [...referencedColumns],
    onDelete: 'noAction', onUpdate: 'noAction', match: 'simple', enforced: false, validated: false, origin: { location },
  }];
}

/** Like `addReference`, to a table as found in the catalog; its primary key when no columns are named. */
export function addReferenceTo(table: Table, columns: readonly string[], target: Table, referenced: readonly string[], location: Location): void {
  addReference(table, columns, tableKey(target.schema, target.name), referenced.length > 0 ? referenced : target.primaryKey?.columns ?? [], location);
}
