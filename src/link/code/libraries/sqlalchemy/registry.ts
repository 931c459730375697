import { migrationFiles, modelsInCode, relatives, stored } from '../../store.js';
import type { ColumnDefinition, ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import type { PendingRelation } from './relationships.js';
import { relationBetween, reversed } from './relationships.js';

/** What of a model can only be known when others are: relationships, and types of columns that follow the column they refer to. */
interface Pending {
  readonly key: string;
  relations: readonly PendingRelation[];
  untyped: boolean;
}

/** Whether a file is a migration, whose classes and tables are no models. */
export function isMigration(file: string, ctx: Context): boolean {
  return migrationFiles(ctx).has(file);
}

/** The key of a model: where it is declared. */
export function modelKey({ location }: Pick<ModelTable, 'location'>): string {
  return `${location.file}:${location.start}`;
}

/** A model that was found, by its key. */
export function modelAt(key: string, ctx: Context): ModelTable | undefined {
  return modelsInCode(ctx).get(key) ?? modelsOfMigrations(ctx).get(key);
}

/** Classes that a migration declares for its own use stand for tables as they are at that time: they are no models of the project. */
function modelsOfMigrations(ctx: Context): Map<string, ModelTable> {
  return stored(ctx, 'sqlalchemy:models of migrations', () => new Map<string, ModelTable>());
}

/** Takes a model into the project's; what waits for it is settled. */
export function registerModel(model: ModelTable, relations: readonly PendingRelation[], ctx: Context): string {
  const { file } = model.location;
  const models = isMigration(file, ctx) ? modelsOfMigrations(ctx) : modelsInCode(ctx);
  const key = modelKey(model);
  models.set(key, model);
  const place = isMigration(file, ctx) ? `sqlalchemy:pending in ${file}` : 'sqlalchemy:pending';
  const pending = (ctx.store.get(place) ?? []) as Pending[];
  const own: Pending = { key, relations, untyped: model.columns.some(isUntyped) };
  const seen = (): readonly ModelTable[] => [...models.values()].filter((each) => place === 'sqlalchemy:pending' || each.location.file === file);
  const waiting = [...pending, own].filter((each) => !settle(each, models, seen()));
  ctx.store.set(place, waiting);
  if (place !== 'sqlalchemy:pending') for (const each of seen()) relatives(ctx).set(each, (name) => seen().find(({ modelName }) => modelName === name));
  return key;
}

function isUntyped({ type }: ColumnDefinition): boolean {
  return type.name === 'unknown';
}

/** @returns whether nothing is left to wait for */
function settle(pending: Pending, models: Map<string, ModelTable>, all: readonly ModelTable[]): boolean {
  let model = models.get(pending.key)!;
  const left: PendingRelation[] = [];
  const found: Record<string, NonNullable<ModelTable['relations']>[string]> = {};
  for (const each of pending.relations) {
    const relation = relationBetween(model, each, all);
    if (relation) found[each.name] = relation;
    else left.push(each);
    if (relation && each.data.backref) giveBack(model, relation, each.data.backref, models, all);
  }
  // Of a table with itself the other side is the same model.
  model = models.get(pending.key)!;
  if (Object.keys(found).length > 0) model = { ...model, relations: { ...model.relations, ...found } };
  if (pending.untyped) model = { ...model, columns: model.columns.map((column) => (isUntyped(column) ? typed(column, model, all) : column)) };
  pending.relations = left;
  pending.untyped = model.columns.some(isUntyped);
  models.set(pending.key, model);
  return left.length === 0 && !pending.untyped;
}

/** The other side of a relationship has it too, by the name that `backref` gives it. */
function giveBack(own: ModelTable, relation: ModelRelation, { name, list }: { readonly name: string; readonly list?: boolean }, models: Map<string, ModelTable>, all: readonly ModelTable[]): void {
  const other = all.find(({ modelName }) => modelName === relation.model);
  const key = other && modelKey(other);
  const known = key === undefined ? undefined : models.get(key);
  if (known) models.set(key!, { ...known, relations: { [name]: reversed(own, relation, list), ...known.relations } });
}

/** A column without a type has that of the column it refers to. */
function typed(column: ColumnDefinition, model: ModelTable, models: readonly ModelTable[]): ColumnDefinition {
  for (const constraint of model.constraints) {
    if (constraint.kind !== 'foreignKey' || !constraint.columns.includes(column.name)) continue;
    const other = models.find(({ name }) => name.name === constraint.references.name && name.schema === constraint.references.schema);
    const referenced = constraint.referencedColumns[constraint.columns.indexOf(column.name)];
    const type = other?.columns.find(({ name }) => name === referenced)?.type;
    if (type && type.name !== 'unknown') return { ...column, type };
  }
  return column;
}
