import type { Location } from '../facts/location.js';
import type { Operation } from '../facts/operation.js';
import type { ModelTable } from '../facts/schema.js';
import { applyOperation, createCatalog, findTable } from './catalog/index.js';
import type { Catalog, ForeignKey, Table } from './catalog/types.js';

/**
 * Adds to a catalog what only the ORM models know: tables that no migration creates, and relations without a foreign key.
 * Tables that both know keep what the migrations say; they are marked with their model.
 */
export function mergeModels(catalog: Catalog, models: readonly ModelTable[]): void {
  const added = models.filter((model) => !model.ignored && !findTable(catalog, model.name, searchPath));
  for (const model of added) apply(catalog, createOperation(model));
  for (const model of added) for (const operation of afterCreation(model)) apply(catalog, operation);
  for (const model of models) {
    const table = findTable(catalog, model.name, searchPath);
    if (!table) continue;
    table.model = { location: model.location, name: model.modelName };
    if (!added.includes(model)) addRelations(catalog, table, model);
  }
}

/** A catalog made of models alone, to compare with another. */
export function catalogOfModels(models: readonly ModelTable[]): Catalog {
  const catalog = createCatalog();
  mergeModels(catalog, models);
  return catalog;
}

const searchPath = ['public'];

function apply(catalog: Catalog, operation: Operation): void {
  applyOperation(catalog, operation, { searchPath, origin: { location: operation.location }, inTransaction: false });
}

function createOperation(model: ModelTable): Operation {
  const constraints = model.constraints.filter((constraint) => constraint.kind !== 'foreignKey');
  return {
    kind: 'createTable', definition: { name: model.name, columns: model.columns, constraints, location: model.location },
    ifNotExists: true, temporary: false, like: [], inherits: [], partitioned: false, location: model.location,
  };
}

/** Foreign keys and indexes need every table to be there. */
function afterCreation(model: ModelTable): Operation[] {
  return [
    ...model.constraints.filter((constraint) => constraint.kind === 'foreignKey')
      .map((constraint): Operation => ({ kind: 'addConstraint', table: model.name, constraint, location: constraint.location })),
    ...model.indexes.map((index): Operation => ({ kind: 'createIndex', table: model.name, index, ifNotExists: true, location: index.location })),
  ];
}

function addRelations(catalog: Catalog, table: Table, model: ModelTable): void {
  for (const constraint of model.constraints) {
    if (constraint.kind !== 'foreignKey') continue;
    const target = findTable(catalog, constraint.references, searchPath);
    if (target) addReference(table, constraint.columns, target, constraint.referencedColumns, constraint.location);
  }
}

/** Declares a reference that the database does not enforce, unless it has a foreign key over the same columns. */
export function addReference(
  table: Table, columns: readonly string[], target: Table, referenced: readonly string[], location: Location,
): void {
  const key = `${target.schema}.${target.name}`;
  if (table.foreignKeys.some((each) => each.table === key && each.columns.join() === columns.join())) return;
  const reference: ForeignKey = {
    name: `${table.name}_${columns.join('_')}`, columns: [...columns], table: key,
    referencedColumns: referenced.length > 0 ? [...referenced] : target.primaryKey?.columns ?? [],
    onDelete: 'noAction', onUpdate: 'noAction', match: 'simple', enforced: false, validated: false, origin: { location },
  };
  table.foreignKeys.push(reference);
}
