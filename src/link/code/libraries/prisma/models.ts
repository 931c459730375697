import { entryOf } from '../../../../entry.js';
import { relatives, stored } from '../../store.js';
import { posix } from 'node:path';
import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { ModelRelation, ModelTable } from '../../../../facts/schema.js';
import type { Context } from '../../library.js';
import { column, type Names } from '../build.js';

/** A reference to a model's table in a query that is being made. */
export interface Place {
  readonly model: ModelTable;
  readonly alias: string;
  readonly names: Names;
}

/** The models of the project by the name of their delegate (`prisma.user` for `model User`), several where there are several schemas. */
function byDelegate(ctx: Context): ReadonlyMap<string, readonly ModelTable[]> {
  return stored(ctx, 'prisma models', () => {
    const found = new Map<string, ModelTable[]>();
    for (const model of ctx.models) if (model.orm === 'prisma') found.set(delegateName(model.modelName), [...found.get(delegateName(model.modelName)) ?? [], model]);
    return found;
  });
}

function delegateName(modelName: string): string {
  return modelName.charAt(0).toLowerCase() + modelName.slice(1);
}

/** Whether the project has any Prisma schema that is read. */
export function hasModels(ctx: Context): boolean {
  return byDelegate(ctx).size > 0;
}

/** The model of a delegate: of several, the one whose schema is nearest to the file that makes the client. */
export function modelOfDelegate(name: string, file: string, ctx: Context): ModelTable | undefined {
  return nearest(byDelegate(ctx).get(name) ?? [], file);
}

/** Another model of the same schema, or of the same ORM's classes, by its name. */
export function modelNamed(name: string, beside: ModelTable, ctx: Context): ModelTable | undefined {
  const own = relatives(ctx).get(beside);
  if (own) return own(name);
  if (beside.orm !== 'prisma') return nearest(ctx.models.filter(({ orm, modelName }) => orm === beside.orm && modelName === name), beside.location.file);
  return nearest(byDelegate(ctx).get(delegateName(name)) ?? [], beside.location.file);
}

function nearest(models: readonly ModelTable[], file: string): ModelTable | undefined {
  if (models.length < 2) return models[0];
  const way = posix.dirname(file).split('/');
  const shared = ({ location }: ModelTable) => {
    const other = posix.dirname(location.file).split('/');
    const length = way.findIndex((part, index) => part !== other[index]);
    return length < 0 ? way.length : length;
  };
  return [...models].sort((a, b) => shared(b) - shared(a) || a.location.file.length - b.location.file.length)[0];
}

/** The column of a scalar field; undefined for a name that is none. */
export function fieldColumn(place: Place, field: string, location: Location): Expression | undefined {
  const name = columnName(place.model, field);
  return name === undefined ? undefined : column(place.alias, name, location);
}

/** The name in the database of a scalar field. */
export function columnName(model: ModelTable, field: string): string | undefined {
  return Object.hasOwn(model.fields, field) ? entryOf(model.fields, field) : undefined;
}

/** A relation field. */
export function relationOf(model: ModelTable, field: string): ModelRelation | undefined {
  return model.relations && Object.hasOwn(model.relations, field) ? entryOf(model.relations, field) : undefined;
}

/** The column that a key of written data gives a value: a field's own, or that of a relation to one row. */
export function writtenColumn(model: ModelTable, key: string): string | undefined {
  const relation = relationOf(model, key);
  return columnName(model, key) ?? (relation?.owns === true ? relation.columns[0] : undefined);
}

/** The fields of a compound unique selector. */
export function selectorFields(model: ModelTable, name: string): readonly string[] | undefined {
  return model.selectors && Object.hasOwn(model.selectors, name) ? entryOf(model.selectors, name) : undefined;
}

/** Whether a field alone names one row. */
export function isUniqueField(model: ModelTable, field: string): boolean {
  const name = columnName(model, field);
  return model.constraints.some((constraint) => (constraint.kind === 'primaryKey' || constraint.kind === 'unique') && constraint.columns.length === 1 && constraint.columns[0] === name);
}

/** Whether the rows of a relation to one are always there: no column of its key may be NULL. */
export function isRequired(model: ModelTable, relation: ModelRelation): boolean {
  return relation.owns && !relation.optional && relation.columns.every((name) => model.columns.find((each) => each.name === name)?.notNull === true);
}
