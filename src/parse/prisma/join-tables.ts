import type { SqlType } from '../../facts/expression.js';
import type { PrismaBlock, PrismaField } from '../../facts/prisma.js';
import type { ColumnDefinition, ForeignKeyDefinition, ModelTable } from '../../facts/schema.js';
import { argument, attribute, fieldNames, mappedName, schemaName, tableName, textOf } from './attributes.js';
import type { Schema } from './lower.js';
import { columnType } from './types.js';

interface Side {
  readonly model: PrismaBlock;
  readonly field: PrismaField;
}

/**
 * The tables of implicit many-to-many relations: `_AToB` (or `_name`) with the columns A and B,
 * A being the model first by name (Prisma manual, "Conventions for relation tables in implicit m-n relations").
 */
export function joinTables(schema: Schema): ModelTable[] {
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
    return areOpposite ? joinTable(a!, b!, schema) : [];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function relationName(field: PrismaField): string | undefined {
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

function joinTable(a: Side, b: Side, schema: Schema): ModelTable[] {
  const [keyA, keyB] = [key(a.model, schema), key(b.model, schema)];
  if (!keyA || !keyB) return [];
  const name = `_${relationName(a.field) ?? `${a.model.name}To${b.model.name}`}`;
  const { location } = a.field;
  const schemaOf = schemaName(a.model);
  const column = (letter: string, type: SqlType): ColumnDefinition => ({ name: letter, type, notNull: true, location });
  const foreignKey = (letter: string, side: Side, referenced: string): ForeignKeyDefinition => ({
    kind: 'foreignKey', name: `${name}_${letter}_fkey`, columns: [letter], references: tableName(side.model), referencedColumns: [referenced],
    onDelete: 'cascade', onUpdate: 'cascade', match: 'simple', notValid: false, enforced: schema.enforced, location: side.field.location,
  });
  return [{
    orm: 'prisma', modelName: name, name: { ...(schemaOf !== undefined && { schema: schemaOf }), name }, location,
    columns: [column('A', keyA.type), column('B', keyB.type)],
    constraints: [
      { kind: 'primaryKey', name: `${name}_AB_pkey`, columns: ['A', 'B'], location },
      foreignKey('A', a, keyA.column), foreignKey('B', b, keyB.column),
    ],
    indexes: [{
      name: `${name}_B_index`, unique: false, keys: [{ column: 'B' }], include: [], method: 'btree', nullsNotDistinct: false, concurrently: false, location,
    }],
    fields: { A: 'A', B: 'B' }, isView: false, ignored: false,
  }];
}
