import type { PrismaBlock, PrismaField } from '../../facts/prisma.js';
import type { ModelRelation } from '../../facts/schema.js';
import { argument, attribute, columnNames, fieldNames, textOf } from './attributes.js';
import { relationName } from './join-tables.js';
import type { Schema } from './lower.js';

/** The relation fields of a model: own foreign keys, their other sides, and those by way of a join table. */
export function relationsOf(model: PrismaBlock, schema: Schema, joined: ReadonlyMap<PrismaField, ModelRelation>): Record<string, ModelRelation> {
  return Object.fromEntries(model.fields.flatMap((field) => {
    const target = schema.models.get(field.type);
    const relation = target && (forward(model, field, target) ?? backward(model, field, target) ?? joined.get(field));
    return relation ? [[field.name, relation] as const] : [];
  }));
}

/** The key columns of a relation field that names its own columns. */
function ownColumns(model: PrismaBlock, field: PrismaField, target: PrismaBlock): Pick<ModelRelation, 'columns' | 'referencedColumns'> | undefined {
  const given = attribute(field, 'relation');
  const fields = given ? fieldNames(argument(given, 'fields')) : [];
  if (!given || fields.length === 0) return undefined;
  return { columns: columnNames(model, fields), referencedColumns: columnNames(target, fieldNames(argument(given, 'references'))) };
}

function forward(model: PrismaBlock, field: PrismaField, target: PrismaBlock): ModelRelation | undefined {
  const own = ownColumns(model, field, target);
  return own && { model: target.name, list: false, optional: field.optional, owns: true, ...own };
}

/** The other side of a relation: of several between two models, the one of the same name. */
function backward(model: PrismaBlock, field: PrismaField, target: PrismaBlock): ModelRelation | undefined {
  for (const other of target.fields) {
    if (other === field || other.type !== model.name || relationName(other) !== relationName(field)) continue;
    const own = ownColumns(target, other, model);
    if (own) return { model: target.name, list: field.list, optional: field.optional, owns: false, columns: own.referencedColumns, referencedColumns: own.columns };
  }
  return undefined;
}

/** Names of compound unique selectors: the fields joined by `_`, unless `name` says otherwise (Prisma reference, `@@unique`). */
export function selectorsOf(model: PrismaBlock): Record<string, readonly string[]> {
  return Object.fromEntries(model.attributes.flatMap((given) => {
    const fields = fieldNames(argument(given, 'fields', true));
    if ((given.name !== 'id' && given.name !== 'unique') || fields.length < 2) return [];
    return [[textOf(argument(given, 'name')) ?? fields.join('_'), fields] as const];
  }));
}
