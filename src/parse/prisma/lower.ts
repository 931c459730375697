import { entryOf } from '../../entry.js';
import type { PrismaAttribute, PrismaBlock, PrismaField, PrismaFile } from '../../facts/prisma.js';
import type { ColumnDefinition, ConstraintDefinition, IndexDefinition, ModelRelation, ModelTable, ReferentialAction } from '../../facts/schema.js';
import { argument, attribute, columnNames, fieldNames, mappedName, tableName, textOf } from './attributes.js';
import { columnDefault } from './defaults.js';
import { joinTables, manyToMany } from './join-tables.js';
import { defaultName } from './names.js';
import { relationsOf, selectorsOf } from './relations.js';
import { columnType } from './types.js';

/** The declarations of one schema by name; of two with one name, the first. */
export interface Schema {
  readonly models: ReadonlyMap<string, PrismaBlock>;
  readonly enums: ReadonlyMap<string, PrismaBlock>;
  /** False: relations have no foreign keys in the database. */
  readonly enforced: boolean;
}

/** Lowers the files of one schema to tables with the database's names, in the order of the files. */
export function lowerSchema(files: readonly PrismaFile[]): ModelTable[] {
  const blocks = files.flatMap((file) => file.blocks);
  const named = (...kinds: PrismaBlock['kind'][]) => {
    const found = new Map<string, PrismaBlock>();
    for (const block of blocks) if (kinds.includes(block.kind) && !found.has(block.name)) found.set(block.name, block);
    return found;
  };
  const schema: Schema = {
    models: named('model', 'view'), enums: named('enum'), enforced: !files.some((file) => file.datasource?.relationMode === 'prisma'),
  };
  const joined = manyToMany(schema);
  const tables = [...schema.models.values()].map((model) => lowerModel(model, schema, joined));
  return [...tables, ...joinTables(schema)];
}

function lowerModel(model: PrismaBlock, schema: Schema, joined: ReadonlyMap<PrismaField, ModelRelation>): ModelTable {
  const columns = model.fields.flatMap((field): ColumnDefinition[] => lowerColumn(model, field, schema));
  const scalars = model.fields.filter((field) => columnType(field, schema.enums));
  const isView = model.kind === 'view';
  return {
    orm: 'prisma', modelName: model.name, name: tableName(model), location: model.location, columns,
    constraints: isView ? [] : [...keys(model), ...relations(model, schema)],
    indexes: isView ? [] : indexes(model),
    fields: Object.fromEntries(scalars.map((field) => [field.name, mappedName(field)])),
    relations: relationsOf(model, schema, joined), selectors: selectorsOf(model),
    isView, ignored: attribute(model, 'ignore') !== undefined, ...(model.comment !== undefined && { comment: model.comment }),
  };
}

function lowerColumn(model: PrismaBlock, field: PrismaField, schema: Schema): ColumnDefinition[] {
  const type = columnType(field, schema.enums);
  if (!type) return [];
  const standard = columnDefault(field, schema.enums);
  // Prisma writes lists without NOT NULL; the fields of a key are never NULL.
  const inKey = attribute(field, 'id') !== undefined || keyFields(model).includes(field.name);
  return [{
    name: mappedName(field), type, notNull: inKey || (!field.optional && !field.list), ...(standard && { default: standard }), location: field.location,
  }];
}

function keyFields(model: PrismaBlock): string[] {
  const key = attribute(model, 'id');
  return key ? fieldNames(argument(key, 'fields', true)) : [];
}

function mapOf(given: PrismaAttribute): string | undefined {
  return textOf(argument(given, 'map'));
}

/** Primary key and unique constraints; a partial one is an index. */
function keys(model: PrismaBlock): ConstraintDefinition[] {
  const table = mappedName(model);
  const found: ConstraintDefinition[] = [];
  const add = (given: PrismaAttribute, kind: 'primaryKey' | 'unique', fields: readonly string[]) => {
    const columns = columnNames(model, fields);
    if (columns.length === 0) return;
    const name = mapOf(given) ?? (kind === 'primaryKey' ? defaultName.primaryKey(table) : defaultName.unique(table, columns));
    found.push(kind === 'primaryKey'
      ? { kind, name, columns, location: given.location }
      : { kind, name, columns, nullsNotDistinct: false, location: given.location });
  };
  for (const field of model.fields) {
    for (const given of field.attributes) {
      if (given.name === 'id') add(given, 'primaryKey', [field.name]);
      if (given.name === 'unique' && !isPartial(given)) add(given, 'unique', [field.name]);
    }
  }
  for (const given of model.attributes) {
    if (given.name === 'id') add(given, 'primaryKey', fieldNames(argument(given, 'fields', true)));
    if (given.name === 'unique' && !isPartial(given)) add(given, 'unique', fieldNames(argument(given, 'fields', true)));
  }
  return found;
}

function isPartial(given: PrismaAttribute): boolean {
  return argument(given, 'where') !== undefined;
}

const METHODS: Readonly<Record<string, string>> = { BTree: 'btree', Hash: 'hash', Gin: 'gin', Gist: 'gist', SpGist: 'spgist', Brin: 'brin' };

function indexes(model: PrismaBlock): IndexDefinition[] {
  const table = mappedName(model);
  const own = model.attributes.map((given) => ({ given, fields: fieldNames(argument(given, 'fields', true)) }));
  const onFields = model.fields.flatMap((field) => field.attributes.filter((given) => given.name === 'unique' && isPartial(given)).map((given) => ({ given, fields: [field.name] })));
  return [...own, ...onFields].flatMap(({ given, fields }) => {
    const unique = given.name === 'unique';
    const columns = columnNames(model, fields);
    if (columns.length === 0 || !(given.name === 'index' || (unique && isPartial(given)))) return [];
    const method = argument(given, 'type');
    const where = argument(given, 'where');
    return [{
      name: mapOf(given) ?? (unique ? defaultName.unique(table, columns) : defaultName.index(table, columns)),
      unique, keys: columns.map((column) => ({ column })), include: [], nullsNotDistinct: false, concurrently: false, location: given.location,
      method: (method?.kind === 'name' && entryOf(METHODS, method.name)) || 'btree',
      ...(where && { where: { kind: 'other', name: 'where', parts: [], location: where.location } as const }),
    }];
  });
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  Cascade: 'cascade', Restrict: 'restrict', NoAction: 'noAction', SetNull: 'setNull', SetDefault: 'setDefault',
};

/** Foreign keys: relation fields that name their own columns (Prisma manual, relations and referential actions). */
function relations(model: PrismaBlock, schema: Schema): ConstraintDefinition[] {
  return model.fields.flatMap((field): ConstraintDefinition[] => {
    const given = attribute(field, 'relation');
    const target = schema.models.get(field.type);
    const fields = given ? fieldNames(argument(given, 'fields')) : [];
    if (!given || !target || fields.length === 0) return [];
    const columns = columnNames(model, fields);
    const isOptional = field.optional && fields.every((name) => model.fields.find((candidate) => candidate.name === name)?.optional !== false);
    const action = (name: string, standard: ReferentialAction) => {
      const value = argument(given, name);
      return (value?.kind === 'name' && entryOf(ACTIONS, value.name)) || standard;
    };
    return [{
      kind: 'foreignKey', name: mapOf(given) ?? defaultName.foreignKey(mappedName(model), columns), columns, references: tableName(target),
      referencedColumns: columnNames(target, fieldNames(argument(given, 'references'))),
      onDelete: action('onDelete', isOptional ? 'setNull' : 'restrict'), onUpdate: action('onUpdate', 'cascade'),
      match: 'simple', notValid: false, enforced: schema.enforced && target.kind === 'model', location: given.location,
    }];
  });
}
