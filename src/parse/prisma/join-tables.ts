import type { SqlType } from '../../facts/expression.js';
import type { PrismaBlock, PrismaField } from '../../facts/prisma.js';
import type { QualifiedName } from '../../facts/query.js';
import type { ColumnDefinition, ForeignKeyDefinition, ModelRelation, ModelTable } from '../../facts/schema.js';
import { argument, attribute, fieldNames, mappedName, schemaName, tableName, textOf } from './attributes.js';
import type { Schema } from './lower.js';
import { columnType } from './types.js';

interface Side {
  readonly model: PrismaBlock;
  readonly field: PrismaField;
}

interface KeyedSide extends Side {
  readonly key: { readonly column: string; readonly type: SqlType };
}

/**
 * The tables of implicit many-to-many relations: `_AToB` (or `_name`) with the columns A and B,
 * A being the model first by name (Prisma manual, "Conventions for relation tables in implicit m-n relations").
 */
export function joinTables(schema: Schema): ModelTable[] {
  return joinPairs(schema).map(([a, b]) => joinTable(a, b, schema));
}

/** Relation fields of implicit many-to-many relations, by model name: each with its join table. */
export function manyToMany(schema: Schema): ReadonlyMap<PrismaField, ModelRelation> {
  const found = new Map<PrismaField, ModelRelation>();
  for (const [a, b] of joinPairs(schema)) {
    const table = joinTableName(a, b);
    const add = (side: KeyedSide, other: KeyedSide, [own, theirs]: readonly [string, string]) => found.set(side.field, {
      model: other.model.name, list: true, optional: false, owns: false, columns: [side.key.column], referencedColumns: [other.key.column],
      through: { table, columns: [own], referencedColumns: [theirs] },
    });
    add(a, b, ['A', 'B']);
    add(b, a, ['B', 'A']);
  }
  return found;
}

/** The two sides of each relation, A first. */
function joinPairs(schema: Schema): (readonly [KeyedSide, KeyedSide])[] {
  const sides = new Map<string, Side[]>();
  for (const model of schema.models.values()) {
    for (const field of model.fields) {
      const other = schema.models.get(field.type);
      if (!other || !field.list || model.kind !== 'model' || other.kind !== 'model') continue;
      const name = relationName(field);
      const key = [...[model.name, other.name].sort(), name ?? ''].join('\0');
      const known = sides.get(key);
      if (known) known.push({ model, field });
      else sides.set(key, [{ model, field }]);
    }
  }
  return [...sides.values()].flatMap((pair) => {
    if (pair.length !== 2) return [];
    const [a, b] = [...pair].sort((x, y) => compare(x.model.name, y.model.name) || compare(x.field.name, y.field.name));
    // Both lists of one model that point to another one are two relations, each with its other side missing.
    const areOpposite = a!.field.type === b!.model.name && b!.field.type === a!.model.name;
    const [keyA, keyB] = [key(a!.model, schema), key(b!.model, schema)];
    return areOpposite && keyA && keyB ? [[{ ...a!, key: keyA }, { ...b!, key: keyB }] as const] : [];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name that tells several relations between two models apart. */
export function relationName(field: PrismaField): string | undefined {
  const given = attribute(field, 'relation');
  return given && textOf(argument(given, 'name', true));
}

/** A model's single key column and its type. */
function key(model: PrismaBlock, schema: Schema): { column: string; type: SqlType } | undefined {
  const composite = attribute(model, 'id');
  const names = composite ? fieldNames(argument(composite, 'fields', true)) : [];
  const field = model.fields.find((candidate) => attribute(candidate, 'id') ?? (names.length === 1 && names[0] === candidate.name));
  const type = field && columnType(field, schema.enums);
  return type && { column: mappedName(field), type };
}

function joinTableName(a: Side, b: Side): QualifiedName {
  const schema = schemaName(a.model);
  return { ...(schema !== undefined && { schema }), name: `_${relationName(a.field) ?? `${a.model.name}To${b.model.name}`}` };
}

function joinTable(a: KeyedSide, b: KeyedSide, schema: Schema): ModelTable {
  const table = joinTableName(a, b);
  const { name } = table;
  const { location } = a.field;
  const column = (letter: string, type: SqlType): ColumnDefinition => ({ name: letter, type, notNull: true, location });
  const foreignKey = (letter: string, side: Side, referenced: string): ForeignKeyDefinition => ({
    kind: 'foreignKey', name: `${name}_${letter}_fkey`, columns: [letter], references: tableName(side.model), referencedColumns: [referenced],
    onDelete: 'cascade', onUpdate: 'cascade', match: 'simple', notValid: false, enforced: schema.enforced, location: side.field.location,
  });
  return {
    orm: 'prisma', modelName: name, name: table, location,
    columns: [column('A', a.key.type), column('B', b.key.type)],
    constraints: [
      { kind: 'primaryKey', name: `${name}_AB_pkey`, columns: ['A', 'B'], location },
      foreignKey('A', a, a.key.column), foreignKey('B', b, b.key.column),
    ],
    indexes: [{
      name: `${name}_B_index`, unique: false, keys: [{ column: 'B' }], include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location,
    }],
    fields: { A: 'A', B: 'B' }, isView: false, ignored: false,
  };
}
